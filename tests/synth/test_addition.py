"""Rows that somebody asks for: with what they refer to, with the values that were said, all of them or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pgproof.database.connection import Connection, connect
from pgproof.database.conninfo import Conninfo
from pgproof.errors import InputError
from pgproof.synth.addition import add

TABLES = (Path(__file__).parent.parent / "cases" / "synth" / "tables.sql").read_bytes()
MORE = b"""
CREATE TABLE profile (usr_id int NOT NULL UNIQUE REFERENCES tenant, bio jsonb, seen timestamptz);
CREATE SCHEMA app; CREATE TABLE app.item (id int PRIMARY KEY);
"""


@pytest.fixture
def conn(database: Conninfo) -> Iterator[Connection]:
    """A connection to a database with odd tables."""
    with closing(connect(database)) as opened:
        opened.execute(TABLES)
        opened.execute(MORE)
        yield opened


def held(conn: Connection, table: str) -> list[tuple[Any, ...]]:
    return conn.execute(f"SELECT * FROM {table}").fetchall()


def test_rows_come_with_those_that_they_refer_to(conn: Connection) -> None:
    rows = add(conn, "post", 4, {})
    assert len(rows) == 4
    assert [tuple(each.values()) for each in rows] == held(conn, "post")
    assert len(held(conn, "usr")) == 1, "they share one"
    assert len(add(conn, "post", 2, {})) == 2
    assert len(held(conn, "post")) == 6


def test_there_are_as_many_parents_as_are_needed(conn: Connection) -> None:
    assert len({each["usr_id"] for each in add(conn, "profile", 5, {})}) == 5
    assert len(held(conn, "profile")) == 5


def test_values_that_were_said_are_there(conn: Connection) -> None:
    conn.execute("INSERT INTO tenant VALUES (7), (8), (9)")
    (row,) = add(conn, "profile", 1, {"usr_id": 8, "bio": None, "seen": "2026-02-03 04:05Z"})
    assert row["usr_id"] == 8
    assert row["bio"] is None
    assert row["seen"].isoformat().startswith("2026-02-03T04:05")
    assert {each["state"] for each in add(conn, "job", 3, {"state": "done"})} == {"done"}


@pytest.mark.parametrize("table", ["part", "hsh", "lst", "app.item", "we ird", "c2", "e3", "own", "tree"])
def test_of_any_kind_of_table(conn: Connection, table: str) -> None:
    assert len(add(conn, table, 2, {})) == 2


def test_partitions_have_them_in_turn(conn: Connection) -> None:
    add(conn, "part", 4, {})
    assert (len(held(conn, "part_1")), len(held(conn, "part_d"))) == (2, 2)
    add(conn, "part", 3, {"a": 1500})
    assert (len(held(conn, "part_1")), len(held(conn, "part_d"))) == (5, 2)


@pytest.mark.parametrize(
    ("table", "given", "said"),
    [
        ("jobb", {}, 'there is no table "jobb".*\n.*did you mean "job"'),
        ("job", {"sate": 1}, 'public.job has no column "sate".*\n.*did you mean "state"'),
        ("job", {"state": "closed"}, "none of 2 rows could be made for job.*\n.*state"),
        ("job", {"state": object()}, "the value for state is not one that psycopg takes"),
        ("never", {}, r"none of 2 rows could be made for never.*\n.*never_a_check"),
        ("refusing", {}, "P0001 not here"),
        ("profile", {"usr_id": 7}, "1 of 2 rows could be made for profile.*\n.*23505"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_put_in(
    conn: Connection, table: str, given: dict[str, object], said: str
) -> None:
    conn.execute("INSERT INTO tenant VALUES (7)")
    with pytest.raises(InputError, match=said):
        add(conn, table, 2, given)
    for name in ("job", "profile", "refusing", "never"):
        assert held(conn, name) == []
