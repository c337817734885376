"""A database that is read while somebody else changes its schema: what is said is right, or nobody can tell."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.flows import adopt, drift, sides, steady
from tests.cli.told import Pgproof
from tests.faults.cluster import until
from tests.migrate.case import write

FILES = {
    "1-a.sql": "CREATE TABLE a (b int, c int);\nCREATE VIEW v AS SELECT b FROM a;\nCREATE INDEX i ON a (b);\n"
}
OTHER = "CREATE OR REPLACE VIEW v AS SELECT c AS b FROM a"
OURS = "CREATE OR REPLACE VIEW v AS SELECT b FROM a"
Meanwhile = Callable[[Callable[[int], str]], None]


@pytest.fixture(autouse=True)
def _same_server(server: ScratchServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the files say is built on the server of the tests."""
    monkeypatch.setenv("PGPROOF_SCRATCH_URL", server.conninfo.secret)


@pytest.fixture
def conn(pgproof: Pgproof, database: Conninfo) -> Iterator[psycopg.Connection]:
    """Another session in the database, as the files build it."""
    write(Path("migrations"), FILES)
    assert pgproof("upgrade").code == 0
    with closing(connect(database)) as opened:
        opened.execute("SET lock_timeout = '5s'")
        yield opened


@pytest.fixture
def meanwhile(conn: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Lets the other session run, each time, what a function of the number of the reading (from 0) gives.

    It runs when the reading has its snapshot, and has not read yet.
    """
    readers = {module: vars(module)["_facts"] for module in (adopt, drift, sides)}

    def start(change: Callable[[int], str]) -> None:
        turns = count()
        for module, read in readers.items():
            monkeypatch.setattr(module, "_facts", partial(changed, read, change, turns))

    def changed(read: Any, change: Callable[[int], str], turns: count[int], *words: Any) -> object:
        if words[0].info.dbname == conn.info.dbname:
            conn.execute(change(next(turns)).encode())
        return read(*words)

    return start


def test_a_change_is_waited_for(pgproof: Pgproof, meanwhile: Meanwhile) -> None:
    """The first reading has the new definition beside the old rows; the second is of one state."""
    meanwhile(lambda turn: "" if turn else f"{OTHER}; COMMENT ON VIEW v IS 'new'")
    told = pgproof("drift", "--full")
    assert told.code == 1
    assert [line[:18] for line in told.found.splitlines()[2:]] == [
        "~ view public.v: d",
        "+ view public.v: c",
        "2 differences",
    ]


def test_changes_without_end(pgproof: Pgproof, meanwhile: Meanwhile, conn: psycopg.Connection) -> None:
    """What is as the files say in neither reading, and looks like it in one, is not remembered."""
    conn.execute(OTHER.encode())
    meanwhile(lambda turn: (OTHER if turn % 2 else OURS) + f"; COMMENT ON TABLE a IS '{turn}'")
    for words in (["--full"], ["--repair"], ["--repair", "--allow", "data-loss"]):
        told = pgproof("drift", *words)
        assert told.code == 4, words
        assert told.found.splitlines()[-2:] == [
            "cannot tell: the schema was changed while it was read, and again when it was read again: run again",
            "nobody can tell",
        ]
    meanwhile(lambda _: "")
    told = pgproof("drift")
    assert (told.code, told.found.splitlines()[-1]) == (1, "2 differences")


def test_nothing_is_written_of_what_never_was(pgproof: Pgproof, meanwhile: Meanwhile) -> None:
    """Neither a plan, nor a migration, nor an acceptance, nor a history."""
    kept = {path: path.read_text() for path in Path("migrations").iterdir()}
    write(Path(), {"to.sql": FILES["1-a.sql"]})
    for words in (
        "drift --adopt by-hand",
        "drift --full --accept DRF102:x --because it-is",
        "diff DATABASE to.sql --write by-hand",
        "diff to.sql DATABASE",
        "adopt --to 2",
    ):
        write(Path("migrations"), {"2-b.sql": "SELECT 1"} if "--to" in words else {})
        meanwhile(lambda turn: (OTHER if turn % 2 else OURS) + f"; COMMENT ON TABLE a IS '{turn}'")
        told = pgproof(*(os.environ["DATABASE_URL"] if each == "DATABASE" else each for each in words.split()))
        assert (told.code, told.out) == (4, ""), (words, told.err)
        assert "was changed while it was read, and again when it was read again\n" in told.err
        assert "HINT: wait until that is done, and run again\n" in told.err
    Path("migrations/2-b.sql").unlink()
    assert {path: path.read_text() for path in Path("migrations").iterdir()} == kept
    assert not Path("checks").exists()


def test_a_plan_is_of_the_second_reading(pgproof: Pgproof, meanwhile: Meanwhile) -> None:
    meanwhile(lambda turn: "" if turn else f"{OTHER}; COMMENT ON VIEW v IS 'new'")
    told = pgproof("drift", "--repair")
    assert (told.code, told.err.partition(";")[0]) == (1, "2 differences")
    write(Path(), {"to.sql": FILES["1-a.sql"]})
    meanwhile(lambda turn: "" if turn else f"{OURS}; COMMENT ON VIEW v IS NULL")
    told = pgproof("diff", os.environ["DATABASE_URL"], "to.sql", "--offline")
    assert (told.code, told.err) == (0, "no difference\n")


def test_what_is_dropped_meanwhile(pgproof: Pgproof, meanwhile: Meanwhile, conn: psycopg.Connection) -> None:
    meanwhile(lambda turn: "" if turn else "DROP VIEW v; DROP INDEX i; ALTER TABLE a DROP COLUMN c")
    told = pgproof("drift", "--full")
    assert told.code == 1
    assert {line.split(" is ")[0] for line in told.found.splitlines()[2:-1]} == {
        "- column public.a.c",
        "- index public.i",
        "- view public.v",
    }
    conn.execute(
        f"ALTER TABLE a ADD COLUMN c int; {OURS}; CREATE INDEX i ON a (b); CREATE VIEW w AS TABLE a".encode()
    )
    meanwhile(lambda turn: "DROP INDEX i; DROP VIEW v" if turn else "DROP VIEW w")
    told = pgproof("drift", "--full")
    assert told.code == 4
    assert "changed while it was read" in told.out or "being changed while it is read" in told.err


def test_what_changes_nothing_is_no_change(
    pgproof: Pgproof, meanwhile: Meanwhile, conn: psycopg.Connection, database: Conninfo
) -> None:
    """Temporary tables of others; and an old transaction that is still open, and changes since."""
    meanwhile(lambda turn: f"CREATE TEMPORARY TABLE t{turn} ()")
    assert pgproof("drift", "--full").code == 0
    meanwhile(lambda _: "")
    with closing(connect(database)) as old:
        old.execute(b"BEGIN; SELECT pg_catalog.pg_current_xact_id()")
        conn.execute(b"COMMENT ON TABLE a IS NULL; ALTER TABLE a ALTER b SET STATISTICS 5")
        told = pgproof("drift", "--full")
        assert (told.code, told.found.splitlines()[-1]) == (1, "1 difference")


def test_what_is_locked(
    pgproof: Pgproof, conn: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, database: Conninfo
) -> None:
    """It cannot be read, and who keeps it from that is told."""
    monkeypatch.setitem(steady.SETTINGS, "lock_timeout", "100ms")
    conn.execute(b"SET application_name = 'psql'; BEGIN; ALTER TABLE a\n  ADD d int")
    write(Path("migrations"), {"2-b.sql": "SELECT 1;\n"})
    for words in ("drift --full", "diff DATABASE migrations", "adopt --to 2"):
        told = pgproof(*(os.environ["DATABASE_URL"] if each == "DATABASE" else each for each in words.split()))
        assert (told.code, told.out) == (4, ""), words
        pid, user = conn.info.backend_pid, conn.info.user
        assert "is locked, so that it cannot be read: canceling statement due to lock timeout\n" in told.err
        assert f"  public.a is locked by {user} (backend {pid}, psql): " in told.err
        assert "ALTER TABLE a ADD d int\n" in told.err
    conn.execute(b"ROLLBACK")
    assert pgproof("drift").code == 0


@pytest.mark.parametrize("words", ["drift --full", "diff DATABASE migrations"])
def test_ctrl_c_while_it_waits(conn: psycopg.Connection, database: Conninfo, words: str) -> None:
    """The command ends at once, and so does what it runs on the server."""
    conn.execute(b"BEGIN; LOCK TABLE a IN ACCESS EXCLUSIVE MODE")
    command = [database.secret if each == "DATABASE" else each for each in words.split()]
    run = subprocess.Popen(
        [sys.executable, "-m", "pgproof", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    waiting = (
        "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = pg_catalog.current_database()"
        " AND application_name = 'pgproof' AND wait_event_type = 'Lock'"
    )
    try:
        with closing(connect(database, application_name="test")) as observer:
            until(lambda: observer.execute(waiting).fetchone() == (1,), "it waits for the lock")
            run.send_signal(signal.SIGINT)
            out, err = run.communicate(timeout=60)
            assert (run.returncode, out, err.strip()) == (130, "", "interrupted")
            until(lambda: observer.execute(waiting).fetchone() == (0,), "the server waits no more")
    finally:
        run.kill()
        conn.execute(b"ROLLBACK")
