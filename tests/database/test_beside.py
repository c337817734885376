"""A second session beside one: it sees the same, and does without where there can be none."""

from __future__ import annotations

from contextlib import closing

from pgproof.catalog.ask import catalogs, settle
from pgproof.catalog.fingerprint import fingerprint, in_parts
from pgproof.catalog.mark import changed, mark, pulse
from pgproof.database.beside import beside
from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo

TABLES = "SELECT count(*) FROM pg_class WHERE relname LIKE 'made%' AND relkind = 'r'"


def test_it_sees_the_same_and_nothing_of_what_came_after(major_database: Conninfo) -> None:
    with closing(connect(major_database)) as conn, closing(connect(major_database)) as another:
        another.execute("CREATE TABLE made_before (a int PRIMARY KEY, b text DEFAULT 'x' CHECK (b > ''))")
        with read_only(conn):
            assert conn.execute(TABLES).fetchone() == (1,)
            another.execute("CREATE TABLE made_after ()")
            with beside(conn, major_database, {"lock_timeout": "5s"}) as other:
                assert other
                assert other.execute(TABLES).fetchone() == (1,)
                assert other.execute("SHOW lock_timeout").fetchone() == ("5s",)
                assert other.execute("SHOW transaction_read_only").fetchone() == ("on",)
            assert other.closed


def test_two_make_the_digest_of_one(major_database: Conninfo) -> None:
    with closing(connect(major_database)) as conn:
        conn.execute(
            "CREATE TABLE made (a int PRIMARY KEY, b text DEFAULT 'x' CHECK (b > '')); CREATE INDEX ON made (b)"
        )
        with read_only(conn), beside(conn, major_database, {}) as other:
            assert other
            settle(other)
            found = catalogs(conn, frozenset())
            alone = fingerprint(conn, found)
            assert alone
            assert fingerprint(conn, found, other) == alone
            parts = in_parts(conn, found, found.batches)
            assert sum(map(len, parts.values())) > 3
            assert in_parts(conn, found, found.batches, other) == parts
            for sessions in ((conn,), (conn, other)):
                together = fingerprint(sessions[0], found, *sessions[1:], by_part=True)
                assert together
                assert (together.whole, together.catalogs) == (alone.whole, alone.catalogs)
                assert together.parts == parts


def test_two_count_the_rows_of_one(major_database: Conninfo) -> None:
    with closing(connect(major_database)) as conn:
        conn.execute("CREATE TABLE made (a int PRIMARY KEY, b text)")
        with read_only(conn):
            alone = pulse(conn)
        conn.execute("CREATE TABLE made_after (a int PRIMARY KEY, b text)")
        with read_only(conn), beside(conn, major_database, {}) as other:
            assert other
            with closing(connect(major_database)) as another:
                another.execute("CREATE TABLE made_meanwhile ()")
            together, now = pulse(conn, other=other, sizes=alone.counts), pulse(conn)
        assert (together.counts, together.latest, together.rest) == (now.counts, now.latest, now.rest)
        before = mark(alone)
        assert before
        assert changed(before, together) == changed(before, now) != frozenset()
        assert max(now.latest.values()) >= before.oldest > max(alone.latest.values())


def test_without_a_place_on_the_server_there_is_none(database: Conninfo) -> None:
    with closing(connect(database)) as owner:
        owner.execute("DROP ROLE IF EXISTS only_one; CREATE ROLE only_one LOGIN CONNECTION LIMIT 1")
        address = Conninfo.parse(f"{database.secret} user=only_one")
        with closing(connect(address)) as conn, read_only(conn):
            with beside(conn, address, {}) as other:
                assert other is None
            assert conn.execute("SELECT 1").fetchone() == (1,)
        owner.execute("DROP ROLE only_one")


def test_another_server_has_no_such_snapshot(database: Conninfo, major_database: Conninfo) -> None:
    with closing(connect(database)) as conn, read_only(conn):
        conn.execute("SELECT 1")
        with beside(conn, major_database, {}) as other:
            assert other is None
