"""The short way to "nothing to do" is taken exactly where the long one says the same."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.database.connection import Connection, connect
from pgproof.database.conninfo import Conninfo
from pgproof.flows.settled import nothing_to_do
from pgproof.flows.upgrade import upgrade
from pgproof.migrate import outline
from pgproof.migrate.library import load
from tests.migrate.case import write
from tests.run import terms

FILES = {
    "01-a.sql": "-- migrate:up\nCREATE TABLE a ();\n-- migrate:down\nDROP TABLE a;\n",
    "2_b.up.sql": "-- pgproof: template\nCREATE TABLE b (c {{ type }});\n",
    "2_b.down.sql": "DROP TABLE b;\n",
    "10__c.sql": "\ufeff-- what it is for\r\n\r\nCREATE TABLE c ();",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "m", FILES)


@pytest.fixture
def conn(database: Conninfo) -> Iterator[Connection]:
    with closing(connect(database)) as opened:
        yield opened


def run(database: Conninfo, folder: Path) -> None:
    list(upgrade(database, folder, variables={"type": "int"}, to=None, terms=terms()))


def is_settled(conn: Connection, folder: Path, cache: Path | None = None) -> bool:
    return nothing_to_do(conn, folder, variables={"type": "int"}, terms=terms(), cache=cache) is not None


def test_files_server_and_library_compute_the_same(conn: Connection, database: Conninfo, folder: Path) -> None:
    assert outline.of_history(conn) is None
    run(database, folder)
    names = outline.names(folder)
    standing = outline.of_history(conn)
    assert names == ["01-a.sql", "2_b.up.sql", "10__c.sql"]
    assert standing
    assert standing.digest == outline.read(folder, names) == outline.of(load(folder, {"type": "int"}))
    assert (standing.count, standing.last.name) == (3, "10__c.sql")


def test_settled_and_not(conn: Connection, database: Conninfo, folder: Path) -> None:
    assert not is_settled(conn, folder)
    run(database, folder)
    assert is_settled(conn, folder)
    for text in (FILES["01-a.sql"].replace("a ();", "a ( );"), FILES["01-a.sql"]):
        write(folder, {"01-a.sql": text})
        assert is_settled(conn, folder) is (text == FILES["01-a.sql"])
    write(folder, {"11-d.sql": "SELECT 1;\n"})
    assert not is_settled(conn, folder)
    (folder / "11-d.sql").rename(folder / "notes.sql")
    assert not is_settled(conn, folder)
    (folder / "notes.sql").unlink()
    (folder / "01-a.sql").unlink()
    assert not is_settled(conn, folder)


@pytest.mark.parametrize("state", ["applying", "reverting", "reverted"])
def test_what_is_on_the_way_is_not_settled(conn: Connection, database: Conninfo, folder: Path, state: str) -> None:
    run(database, folder)
    conn.execute("UPDATE pgproof.history SET state = %s WHERE version = 2", [state])
    assert not is_settled(conn, folder)


def test_what_is_remembered_is_believed_for_this_history_only(
    conn: Connection, database: Conninfo, folder: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    run(database, folder)
    assert is_settled(conn, folder, cache)
    (file,) = (cache / "folders").iterdir()
    later = max(path.stat().st_ctime_ns for path in folder.iterdir()) + 3_000_000_000
    os.utime(file, ns=(later, later))
    unreadable = "SELECT 1;\n"
    assert is_settled(conn, folder, cache)
    conn.execute("UPDATE pgproof.history SET checksum = 'x' WHERE version = 2")
    assert not is_settled(conn, folder, cache)
    write(folder, {"01-a.sql": unreadable})
    assert not is_settled(conn, folder, cache)


def test_another_layout_is_left_to_the_library(conn: Connection, database: Conninfo, tmp_path: Path) -> None:
    folder = write(
        tmp_path / "g", {"1_a.sql": "-- +goose Up\nCREATE TABLE a ();\n-- +goose Down\nDROP TABLE a;\n"}
    )
    run(database, folder)
    assert outline.names(folder) is None
    assert not is_settled(conn, folder)
    run(database, folder)
