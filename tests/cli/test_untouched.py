"""No command writes to a database that is not ours, whoever asks and whatever becomes of it.

The server here is one that others have: with migrations in it, their history, rows, and its statements counted.
Nothing happens on it by itself, so that a command must leave no WAL, no number of a transaction, and not a byte in
its files.
"""

from __future__ import annotations

import hashlib
import re
import shlex
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer, cluster, open_cluster
from pgproof.errors import DatabaseError
from pgproof.flows.upgrade import upgrade
from tests.cli.told import Pgproof, Told
from tests.conftest import OPTIONS, majors
from tests.faults.cluster import until
from tests.flows.test_against import git
from tests.run import terms

ROOT = Path(__file__).parents[2]
LIFE = """
CREATE SCHEMA other;
CREATE EXTENSION pg_stat_statements SCHEMA other;
CREATE SEQUENCE other.numbers;
INSERT INTO agents (name) SELECT 'agent ' || n FROM generate_series(1, 20) AS n;
INSERT INTO jobs (job_id, agent_id, user_id)
SELECT a.name || ' ' || n, a.id, a.id FROM agents AS a, generate_series(1, 20) AS n;
DELETE FROM jobs WHERE job_id LIKE '%7';
SELECT nextval('other.numbers');
SELECT job_id FROM jobs WHERE status = 'pending' AND user_id = '00000000-0000-0000-0000-000000000000';
CREATE ROLE reader LOGIN;
GRANT pg_read_all_data, pg_read_all_stats TO reader;
CREATE ROLE nobody LOGIN;
CREATE ROLE careful LOGIN PASSWORD 'another';
"""
IN_PASSING = frozenset({"pg_wal", "pg_stat", "pg_stat_tmp"})
CHANGING = frozenset({"pg_internal.init", "pg_control", "postmaster.pid", "postmaster.opts"})
"""What a server writes when it is read: caches of the catalog, and what CHECKPOINT notes of itself."""
COMMANDS: tuple[tuple[str, int | None, int | None, int | None], ...] = (
    # what is typed, and how it ends for a superuser, for who may read everything, and for who may only connect;
    # None: it is the same for all of them, and run for one
    ("check --database URL --verbose", 0, 4, 4),
    ("check --database URL --strict --format markdown", 1, 1, 1),
    ("check --from-stat-statements URL --top 20 --against git:main", 1, 1, 4),  # other.numbers: no file makes it
    ("check --database URL --from-stat-statements --format json", 4, 4, 4),
    ("check --pg-bin BIN --format junit", 0, None, None),
    ("explain recent_jobs_of_user --database URL", 0, 0, 4),
    ("explain 'DELETE FROM jobs WHERE id = $1' --database URL", 0, 4, 4),
    ("explain recent_jobs_of_user --pg-bin BIN --at 1e8", 0, None, None),
    ("stats export --database URL", 0, 0, 0),
    ("stats export --database URL --schema public --values", 0, 0, 0),
    ("drift --database URL --full --positions", 1, 1, 3),
    ("drift --database URL", 1, None, None),
    ("drift --database URL --roles --pg-bin BIN --format sarif", 1, None, 3),
    ("drift --database URL --repair --prove", 1, 1, 3),
    ("drift --database URL --repair --offline --allow data-loss", 1, None, None),
    ("drift --database URL --watch --sql", 0, None, None),
    ("diff URL migrations --prove", 1, None, 1),
    ("diff migrations URL", 1, 1, None),
    ("diff URL URL", 0, None, None),
    ("snapshot --full", 0, None, None),
    ("snapshot --check", 0, None, None),
    ("snapshot --sql", 0, None, None),
    ("verify", 0, None, None),
    ("report --database URL --output page.html", 1, 1, 3),
    ("status --database URL", 0, 0, 3),
    ("history --database URL", 0, 0, 3),
    ("plan --database URL --scratch", 0, 0, 3),
    ("upgrade --database URL --dry-run", 0, 0, 3),
    ("downgrade --database URL --to 03 --dry-run", 0, 0, 3),
    ("adopt --database URL --dry-run", 2, None, None),  # it is pgproof's already
    ("drift --database URL --adopt by-hand", 1, 1, 3),
)


@dataclass(frozen=True, slots=True)
class Production:
    """A server of somebody else's, and a database there that the shipped migrations have built."""

    server: ScratchServer
    database: Conninfo

    def address(self, **changes: str) -> str:
        return Conninfo.of(**{**dict(self.database.parameters), **changes}).secret


@pytest.fixture(scope="module")
def production(server: ScratchServer) -> Iterator[Production]:
    """Of the major of the other server, which makes scratch databases here."""
    binaries = majors().get(server.version.major)
    if binaries is None:
        pytest.skip("no binaries; set PGPROOF_PG_DIR")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(cluster._SETTINGS, "shared_preload_libraries", "pg_stat_statements")
        with open_cluster(binaries, OPTIONS) as opened, opened.database() as database:
            for _ in upgrade(database, ROOT / "migrations", variables={}, to=None, terms=terms()):
                pass
            with closing(connect(database)) as conn:
                for statement in LIFE.split(";"):
                    conn.execute(statement.encode())
                conn.execute("ANALYZE")
            yield Production(opened, database)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped files in a repository of their own, and one more query since."""
    for name in ("migrations", "checks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "migrations", "checks")
    git(tmp_path, "commit", "-q", "-m", "before")
    (tmp_path / "checks" / "more.sql").write_text("-- name: more\nSELECT id FROM jobs WHERE status = @status;\n")
    return tmp_path


@pytest.fixture
def asked(
    pgproof: Pgproof, production: Production, server: ScratchServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Pgproof:
    """Runs a command; `URL` and DATABASE_URL are the address that is given. Scratch databases are elsewhere."""
    monkeypatch.setenv("PGPROOF_SCRATCH_URL", server.conninfo.secret)
    assert folder.is_dir()

    def told(address: str, line: str) -> Told:
        monkeypatch.setenv("DATABASE_URL", address)
        if "BIN" in line:
            monkeypatch.delenv("PGPROOF_SCRATCH_URL")
        words = {"URL": address, "BIN": str(majors()[server.version.major].directory)}
        told = pgproof(*(words.get(word, word) for word in shlex.split(line)))
        monkeypatch.setenv("PGPROOF_SCRATCH_URL", server.conninfo.secret)
        return told

    return told


def rows(conn: psycopg.Connection[Any], name: str) -> list[tuple[Any, ...]]:
    return conn.execute(files("tests.cli").joinpath(f"{name}.sql").read_bytes()).fetchall()


def contents(conn: psycopg.Connection[Any]) -> dict[str, object]:
    """A digest of everything that each relation holds."""
    return {name: conn.execute(question.encode()).fetchone() for name, question in rows(conn, "contents")}


def bytes_of(conn: psycopg.Connection[Any], data: Path | None) -> dict[str, str]:
    """A digest of each file of the server, when all is in them that it has."""
    assert data is not None
    conn.execute("CHECKPOINT")
    found = {path.relative_to(data): path for path in data.rglob("*") if path.is_file()}
    return {
        str(name): hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in sorted(found.items())
        if name.parts[0] not in IN_PASSING and name.name not in CHANGING
    }


def wal(conn: psycopg.Connection[Any]) -> object:
    return rows(conn, "traces")[0][:2]


@contextmanager
def untouched(production: Production) -> Iterator[psycopg.Connection[Any]]:
    """Fails if anything is not as it was."""
    data = production.server.data_directory
    alone = "SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'client backend'"
    with closing(connect(production.database)) as conn:
        conn.execute(
            "VACUUM (FREEZE)"
        )  # else reading would note which rows are dead, and which transactions are over
        before = bytes_of(conn, data), contents(conn)
        traces = rows(conn, "traces")
        yield conn
        until(lambda: conn.execute(alone.encode()).fetchone() == (True,), "no session stays")
        assert rows(conn, "traces") == traces
        held = contents(conn)
        assert {name for name, digest in held.items() if before[1].get(name) != digest} == set()
        assert bytes_of(conn, data) == before[0]


@pytest.mark.slow
@pytest.mark.parametrize(("user", "place"), [("postgres", 0), ("reader", 1), ("nobody", 2)])
def test_every_command_only_reads(asked: Pgproof, production: Production, user: str, place: int) -> None:
    address = production.address(user=user)
    with untouched(production) as conn:
        for line, *codes in COMMANDS:
            code = codes[place]
            if code is None:
                continue
            before = wal(conn)
            told = asked(address, line)
            assert told.code == code, (line, told.out, told.err)
            assert "Traceback" not in told.err
            assert wal(conn) == before, line
            if user == "nobody" and code in (3, 4):
                assert "permission denied for" in told.out + told.err, line
            if line == "check --database URL --verbose" and code == 4:
                assert "hint: grant the role SELECT and UPDATE on the tables" in told.out
                assert ("grant the role SELECT on the tables" in told.out) is (user == "nobody")
        if user == "nobody":
            told = asked(address, "stats export --database URL")
            assert "it takes: GRANT SELECT (id, name, created_at) ON public.agents TO nobody;" in told.err
            assert "pgproof" not in told.err  # its own tables are nobody's production


def test_a_write_would_be_seen(production: Production) -> None:
    """Even one that is taken back."""
    with pytest.raises(AssertionError), untouched(production) as conn, conn.transaction(force_rollback=True):
        conn.execute("UPDATE agents SET name = 'nobody' WHERE name = 'agent 1'")


@pytest.mark.parametrize(("user", "code"), [("postgres", 0), ("reader", 0), ("nobody", 1)])
def test_doctor_only_reads(asked: Pgproof, production: Production, user: str, code: int) -> None:
    with untouched(production) as conn:
        before = wal(conn)
        told = asked(production.address(user=user), "doctor --database URL")
        assert (told.code, told.err) == (code, ""), told.out
        assert wal(conn) == before


@contextmanager
def asking_for_passwords(production: Production, role: str) -> Iterator[None]:
    """The server lets the role in by its password alone."""
    data = production.server.data_directory
    assert data is not None
    hba = data / "pg_hba.conf"
    trusting = hba.read_text()
    with closing(connect(production.database)) as conn:

        def refuses() -> bool:
            conn.execute("SELECT pg_reload_conf()")
            try:
                connect(Conninfo.parse(production.address(user=role))).close()
            except DatabaseError:
                return True
            return False

        try:
            hba.write_text(f"local all {role} scram-sha-256\n{trusting}")
            until(refuses, "the server asks for passwords")
            yield
        finally:
            hba.write_text(trusting)
            until(lambda: not refuses(), "the server asks for none")


def test_a_wrong_password_is_told_as_one_and_not_told(asked: Pgproof, production: Production) -> None:
    """Neither a server that is not there nor one that refuses it gets a password printed."""
    lines = [
        line for line, *_ in COMMANDS if "URL" in line and "--sql" not in line and line != "diff migrations URL"
    ]
    nowhere = production.address(user="careful", host="localhost", port="1", password="s3cret")
    wrong = production.address(user="careful", password="s3cret")
    with asking_for_passwords(production, "careful"):
        for line in lines:
            told = asked(wrong, line)
            assert told.code == 3, (line, told.err)
            # in a format that is asked for, the error is put out as well
            for said in (told.err, told.out) if "--format" in line else (told.err,):
                assert "password authentication failed" in said, line
                assert "correct the password" in said, line
            assert told.out == "" or "--format" in line, line
            assert "s3cret" not in told.out + told.err, line
            told = asked(nowhere, line)
            assert (told.code, "s3cret" in told.out + told.err) == (3, False), (line, told.err)


def test_a_database_that_vanishes(asked: Pgproof, production: Production) -> None:
    """While a query is planned that waits for a lock, the database is dropped."""
    with closing(connect(production.server.conninfo)) as witness:
        name = "vanishing"
        production.server._create(name, None)
        address = production.address(dbname=name)
        holder = psycopg.connect(address, autocommit=True)
        holder.execute("CREATE TABLE jobs (id int, user_id uuid, created_at timestamptz)")
        holder.execute("BEGIN; LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE")
        drop = f"DROP DATABASE {name} WITH (FORCE)"
        waits = f"SELECT FROM pg_stat_activity WHERE datname = '{name}' AND wait_event_type = 'Lock'"

        def vanish() -> None:
            until(lambda: witness.execute(waits.encode()).fetchone() is not None, "somebody waits")
            witness.execute(drop.encode())

        thread = threading.Thread(target=vanish)
        thread.start()
        told = asked(address, "check --database URL")
        thread.join()
        holder.close()
        assert (told.code, told.out) == (3, ""), told.err
        assert "terminating connection due to administrator command" in told.err
        told = asked(address, "check --database URL")
    assert told.code == 3
    assert re.search("createdb .*vanishing\n", told.err)
