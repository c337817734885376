"""Files that are applied are not parsed again; what is to be run is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.database import mutex
from pgproof.database.connection import Connection, connect
from pgproof.database.conninfo import Conninfo
from pgproof.flows.status import status
from pgproof.flows.upgrade import upgrade
from pgproof.migrate import history, outline
from pgproof.migrate.event import Ended, Queued
from pgproof.migrate.library import load
from tests.migrate.case import write
from tests.run import terms

FILES = {
    "1-a.sql": "-- migrate:up\nCREATE TABLE a ();\n-- migrate:down\nDROP TABLE a;\n",
    "2-b.sql": "-- migrate:up\nCREATE TABLE b ();\n-- migrate:down\n-- nothing /* yet */\n/* or\n\never */\n",
    "3-c.sql": "-- pgproof: template\nCREATE TABLE c{{ n }} ();\n",
    "3-c.down.sql": "DROP TABLE c1;\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "m", FILES)


@pytest.fixture
def conn(database: Conninfo, folder: Path) -> Iterator[Connection]:
    list(upgrade(database, folder, variables={"n": 1}, to=None, terms=terms()))
    with closing(connect(database)) as opened:
        yield opened


def test_in_brief_and_whole_they_say_the_same(conn: Connection, folder: Path) -> None:
    known = outline.applied(history.read(conn))
    whole, brief = load(folder, {"n": 1}), load(folder, {"n": 1}, applied=known)
    assert [bool(each.brief) for each in brief.migrations] == [True, True, True]
    for one, other in zip(whole.migrations, brief.migrations, strict=True):
        assert (one.version, one.name, one.label, one.checksum) == (
            other.version,
            other.name,
            other.label,
            other.checksum,
        )
        assert (one.down is None) is (other.down is None)
        assert not other.up.statements


def test_an_edited_file_is_read_whole(conn: Connection, folder: Path) -> None:
    write(folder, {"1-a.sql": FILES["1-a.sql"].replace("a ();", "a (b int);")})
    known = outline.applied(history.read(conn))
    assert [bool(each.brief) for each in load(folder, {"n": 1}, applied=known).migrations] == [False, True, True]


def test_status_tells_what_is_reversible(conn: Connection, database: Conninfo, folder: Path) -> None:
    found = status(database, folder, variables={})  # the template is not rendered: it is applied
    assert [each.reversible for each in found.standings] == [True, False, True]


def test_what_was_reverted_meanwhile_is_run_from_its_text(
    conn: Connection, database: Conninfo, folder: Path
) -> None:
    write(folder, {"4-d.sql": "CREATE TABLE d ();\n"})
    with closing(connect(database)) as other:
        other.execute("BEGIN")
        other.execute("SELECT pg_advisory_xact_lock(%s)", [mutex.key_of()])
        events = upgrade(database, folder, variables={"n": 1}, to=None, terms=terms())
        assert isinstance(next(events), Queued)
        conn.execute("DROP TABLE a; UPDATE pgproof.history SET state = 'reverted' WHERE version = 1")
        conn.execute("DROP TABLE b; UPDATE pgproof.history SET state = 'reverted' WHERE version = 2")
        conn.execute("DROP TABLE c1; UPDATE pgproof.history SET state = 'reverted' WHERE version = 3")
        other.execute("COMMIT")
        ran = [event.step.migration.name for event in events if isinstance(event, Ended)]
    assert ran == ["1-a.sql", "2-b.sql", "3-c.sql", "4-d.sql"]
    assert conn.execute("SELECT to_regclass('a'), to_regclass('b'), to_regclass('c1')").fetchone() == (
        "a",
        "b",
        "c1",
    )
