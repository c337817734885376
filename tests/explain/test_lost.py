"""A server that is lost, or that cannot answer now, says nothing about a query or a declaration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from pgproof.catalog.read import read
from pgproof.contract.promise import Origin, Query
from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.errors import DatabaseError
from pgproof.explain import equivalence
from pgproof.explain.isolation import Hiding
from pgproof.explain.service import Bench
from pgproof.explain.study import studies
from pgproof.sql.source import Source

QUERY = Query(id="q", title="q", source=Source("q.sql", "SELECT * FROM t"), origin=Origin.FILE)


@contextmanager
def live(database: Conninfo) -> Iterator[tuple[Bench, psycopg.Connection]]:
    """A bench on a table, and another session beside it."""
    with connect(database) as other, connect(database) as conn:
        other.execute("CREATE TABLE t (id integer PRIMARY KEY)")
        with read_only(conn, {"lock_timeout": "20ms"}):
            yield Bench(conn, read(conn), Hiding.NONE), other


def lose(conn: psycopg.Connection, other: psycopg.Connection) -> None:
    other.execute("SELECT pg_terminate_backend(%s, 5000)", (conn.info.backend_pid,))


def test_a_lost_server_is_an_error_and_no_verdict(database: Conninfo) -> None:
    with live(database) as (bench, other):
        lose(bench.conn, other)
        with pytest.raises(DatabaseError, match="terminat"):
            equivalence.same(bench, [("1", "2")])
        with pytest.raises(DatabaseError):
            studies(bench, [QUERY], lambda: "none")


def test_a_lock_is_no_fault_of_the_query(database: Conninfo) -> None:
    with live(database) as (bench, other), other.transaction():
        other.execute("LOCK t IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(DatabaseError) as caught:
            studies(bench, [QUERY], lambda: "none")
    assert caught.value.problems[0].sqlstate == "55P03"
    assert caught.value.problems[0].place is None


def test_a_transaction_that_cannot_begin_or_end(database: Conninfo) -> None:
    with connect(database) as other, connect(database) as conn:
        with read_only(conn):
            lose(conn, other)
        with connect(database) as second:
            lose(second, other)
            with pytest.raises(DatabaseError), read_only(second):
                pass
