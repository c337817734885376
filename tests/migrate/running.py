"""Migrations run on a real server, as the tests of execution do it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.lease import LeaseAttempts
from pgproof.database.mutex import Mutex, key_of
from pgproof.errors import DatabaseError
from pgproof.migrate import history
from pgproof.migrate.event import Event, Retried
from pgproof.migrate.execute import execute
from pgproof.migrate.library import Library
from pgproof.migrate.plan import Plan, plan_downgrade, plan_upgrade
from pgproof.migrate.session import Session
from tests.run import PACE, terms

Files = Callable[[dict[str, str]], Library]
OURS = ["pgproof.batch", "pgproof.history", "pgproof.journal", "pgproof.repeatable"]
ALONE = "-- migrate:up transaction:false\n"


def session(conn: psycopg.Connection) -> Session:
    """A session without a guard, which can connect again."""
    parameters = {**conn.info.get_parameters(), "password": conn.info.password}
    return Session(conn, Conninfo.of(**parameters), terms(lock_retries=0))


def up(conn: psycopg.Connection, library: Library, to: str | None = None) -> list[Event]:
    return ran(conn, plan_upgrade(library, history.read(conn), to))


def down(conn: psycopg.Connection, library: Library, to: str) -> list[Event]:
    return ran(conn, plan_downgrade(library, history.read(conn), to))


def ran(conn: psycopg.Connection, plan: Plan) -> list[Event]:
    used = session(conn)
    try:
        return list(execute(used, plan))
    finally:
        if used.conn is not conn:  # it was lost, and replaced
            used.close()


def refused(conn: psycopg.Connection, library: Library) -> str:
    with pytest.raises(DatabaseError) as caught:
        up(conn, library)
    assert conn.closed or conn.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    return str(caught.value)


def tables(conn: psycopg.Connection) -> list[str]:
    query = (
        "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname !~ '^(pg_|information_)' ORDER BY 1"
    )
    return [row[0] for row in conn.execute(query)]


def rows(conn: psycopg.Connection) -> list[tuple[int, str, int, int, str]]:
    return conn.execute("SELECT version, state, done, total, error FROM pgproof.history ORDER BY id").fetchall()


def second(database: Conninfo, plan: Plan) -> str:
    with closing(connect(database)) as conn, pytest.raises(DatabaseError) as caught:
        ran(conn, plan)
    return str(caught.value)


def leaseless(database: Conninfo, conn: psycopg.Connection, library: Library, then: Callable[[], object]) -> str:
    """Run what is pending under a lease, which somebody else gets when a statement is to be tried again.

    `then` opens the way for it. What the run is refused with.
    """

    def lease(by: psycopg.Connection) -> Mutex:
        found = LeaseAttempts(by, key=key_of(), holder=terms().holder, pace=PACE).once()
        assert found
        return found

    used = Session(conn, database, terms(lock_retries=3), mutex=lease(conn))
    with closing(connect(database)) as rival, pytest.raises(DatabaseError) as caught:
        for event in execute(used, plan_upgrade(library, history.read(conn))):
            if isinstance(event, Retried):
                rival.execute("UPDATE pgproof.lease SET expires_at = clock_timestamp() - interval '1 s'")
                lease(rival)
                then()
    assert used.conn is conn
    return str(caught.value)
