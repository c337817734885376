"""`plan --sql`: psql runs the script, and leaves what pgproof would."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.catalog.read import definitions
from pgproof.database.connection import Connection, connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.flows.plan import offline
from pgproof.flows.status import exit_code, status
from pgproof.flows.upgrade import upgrade
from pgproof.migrate.execute import build
from pgproof.migrate.library import load
from tests.migrate import psql
from tests.migrate.case import CASES, parts, write
from tests.run import terms

# what psql reads in its own way, and what lives on in its session
FILES = parts(CASES / "script" / "words-of-psql.txt")
COUNT = (
    "SELECT (SELECT count(*) FROM w), (SELECT array_agg(n ORDER BY n) FROM log), (SELECT count(*) FROM other.o)"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "m", FILES)


@pytest.fixture
def conn(database: Conninfo) -> Iterator[Connection]:
    with closing(connect(database)) as opened:
        yield opened


def script(folder: Path, to: str | None = None, after: str | None = None) -> str:
    return "".join(offline(folder, variables={}, to=to, after=after, tool="test"))


def catalog(conn: Connection) -> object:
    with read_only(conn):
        return definitions(conn)


def test_psql_leaves_what_the_files_build(
    conn: Connection, database: Conninfo, folder: Path, server: ScratchServer, tmp_path: Path
) -> None:
    ran = psql.run(script(folder), database, tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.split() == [name.removesuffix(".sql") for name in FILES]
    with server.database() as other, closing(connect(other)) as built:
        list(build(built, load(folder)))
        assert catalog(built) == catalog(conn)
        assert built.execute(COUNT).fetchone() == conn.execute(COUNT).fetchone()
        rows = "SELECT a, t FROM w ORDER BY a, t"
        assert built.execute(rows).fetchall() == conn.execute(rows).fetchall()


def test_what_is_applied_is_skipped(conn: Connection, database: Conninfo, folder: Path, tmp_path: Path) -> None:
    first = psql.run(script(folder, to="3"), database, tmp_path)
    assert (first.returncode, len(first.stdout.split())) == (0, 3)
    before = conn.execute("SELECT * FROM pgproof.history ORDER BY id").fetchall()
    again = psql.run(script(folder), database, tmp_path)
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.split() == ["04-alone", "05-last"]
    assert conn.execute("SELECT * FROM pgproof.history ORDER BY id").fetchall()[:3] == before
    assert psql.run(script(folder), database, tmp_path).stdout == ""
    counted = conn.execute(COUNT).fetchone()
    assert counted
    assert counted[1] == [2, 3, 4, 5, 6]


def test_pgproof_and_psql_take_turns(conn: Connection, database: Conninfo, folder: Path, tmp_path: Path) -> None:
    list(upgrade(database, folder, variables={}, to="2", terms=terms()))
    assert psql.run(script(folder, to="4"), database, tmp_path).stdout.split() == ["03-session", "04-alone"]
    list(upgrade(database, folder, variables={}, to=None, terms=terms()))
    assert exit_code(status(database, folder, variables={})) == 0
    outcomes = conn.execute("SELECT number, outcome FROM pgproof.journal ORDER BY id").fetchall()
    assert outcomes == [
        (1, "landed"),
        (2, "landed"),
        (3, "landed"),
        (4, "landed"),
        (5, "landed"),
        (6, "landed"),
        (7, "landed"),
    ]


def test_it_stops_at_the_first_error_and_pgproof_goes_on(
    conn: Connection, database: Conninfo, folder: Path, tmp_path: Path
) -> None:
    conn.execute("CREATE TABLE log (); CREATE SCHEMA other")
    ran = psql.run(script(folder), database, tmp_path)
    assert ran.returncode == 3
    assert 'ERROR:  relation "log" already exists' in ran.stderr
    assert ran.stdout.split() == ["01-words", "02-bodies"]
    conn.execute("DROP TABLE log; DROP SCHEMA other")
    conn.execute("CREATE TABLE i ()")
    ran = psql.run(script(folder), database, tmp_path)
    assert 'ERROR:  relation "i" already exists' in ran.stderr
    refused = psql.run(script(folder), database, tmp_path)
    assert "04-alone.sql was edited or is half done; ask pgproof status" in refused.stderr
    conn.execute("DROP TABLE i")
    list(upgrade(database, folder, variables={}, to=None, terms=terms()))
    counted = conn.execute(COUNT).fetchone()
    assert counted
    assert counted[1] == [2, 3, 4, 5, 6]
    assert exit_code(status(database, folder, variables={})) == 0


def test_an_edited_file_is_refused(database: Conninfo, folder: Path, tmp_path: Path) -> None:
    psql.run(script(folder, to="1"), database, tmp_path)
    write(folder, {"01-words.sql": "SELECT 1;\n"})
    ran = psql.run(script(folder), database, tmp_path)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "01-words.sql was edited or is half done; ask pgproof status" in ran.stderr


def test_the_same_files_give_the_same_script(folder: Path) -> None:
    assert script(folder) == script(folder)
    assert "01-words" not in script(folder, after="1")
    assert script(folder, after="0") == script(folder)
    assert "05-last" not in script(folder, to="04-alone")


@pytest.mark.slow
def test_on_every_major(major_database: Conninfo, folder: Path, tmp_path: Path) -> None:
    ran = psql.run(script(folder), major_database, tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert exit_code(status(major_database, folder, variables={})) == 0
