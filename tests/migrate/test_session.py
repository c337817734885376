"""The session that works: what limits of the role do to it, and its lock when it is replaced."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from threading import Timer

import psycopg
import pytest

import pgproof
from pgproof.database import watch
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.lease import LeaseAttempts
from pgproof.database.mutex import key_of
from pgproof.migrate import history
from pgproof.migrate.event import Ended
from pgproof.migrate.execute import execute
from pgproof.migrate.plan import plan_upgrade
from pgproof.migrate.session import Session
from tests.faults.cluster import until
from tests.migrate.case import write
from tests.migrate.running import ALONE, Files, rows
from tests.run import PACE, terms

LIMITS = {
    "idle_in_transaction_session_timeout": "200ms",
    "lock_timeout": "5s",
    "statement_timeout": "5s",
}
SLEEPS = "SELECT pg_sleep(0.4);\n"


@pytest.mark.slow
def test_limits_of_the_database_harm_neither_the_lock_nor_the_history(
    major_database: Conninfo, tmp_path: Path
) -> None:
    """The lock is idle in its transaction for longer than the limits allow."""
    with closing(connect(major_database)) as conn:
        limits = {**LIMITS, "transaction_timeout": "1200ms"} if conn.info.server_version >= 170000 else LIMITS
        for name, value in limits.items():
            conn.execute(f"ALTER DATABASE {major_database.database} SET {name} = '{value}'".encode())
    texts = {
        "1-a.sql": f"CREATE TABLE a (b int PRIMARY KEY);\nINSERT INTO a SELECT generate_series(1, 4);\n{SLEEPS}",
        "2-b.sql": f"{ALONE}{SLEEPS * 3}VACUUM a;\n",
        "3-c.sql": f"{ALONE}-- pgproof: batch 2 over a.b sleep 300ms\nDELETE FROM a WHERE b BETWEEN $1 AND $2;\n",
        "4-d.py": "def upgrade(conn):\n    conn.execute('CREATE TABLE d ()')\n",
    }
    done = pgproof.upgrade(major_database, write(tmp_path / "m", texts))
    assert done.migrations == tuple(texts)


def test_the_lease_follows_to_the_connection_that_replaces_a_lost_one(
    database: Conninfo, conn: psycopg.Connection, files: Files
) -> None:
    library = files({"1-a.sql": "CREATE TABLE a ();\n", "2-b.sql": f"{ALONE}VACUUM a;\nCREATE TABLE b ();\n"})
    lease = LeaseAttempts(conn, key=key_of(), holder=terms().holder, pace=PACE).once()
    assert lease
    used = Session(conn, database, terms(), mutex=lease)
    with closing(used):
        for event in execute(used, plan_upgrade(library, history.read(conn))):
            if isinstance(event, Ended) and used.conn is conn:
                conn.close()
                assert used.reconnect() is None
        assert used.conn is not conn
        assert rows(used.conn) == [(1, "applied", 1, 1, ""), (2, "applied", 2, 2, "")]
        lease.release()
        assert used.conn.execute("SELECT words FROM pgproof.lease").fetchone() == ("",)


@pytest.mark.parametrize("cancels", [True, False])
def test_what_a_lost_run_has_left_at_work_is_waited_for_or_cancelled(
    conn: psycopg.Connection, database: Conninfo, cancels: bool
) -> None:
    """A run whose person interrupts does not wait for a statement that somebody else holds up."""
    run = terms()
    conn.execute("CREATE TABLE held ()")
    with closing(connect(database)) as blocker, closing(connect(database)) as orphan:
        blocker.execute("BEGIN; LOCK TABLE held")
        orphan.pgconn.send_query(f"{watch.tag(str(run.run), '1')}ALTER TABLE held ADD c int".encode())
        waits = "SELECT 1 FROM pg_locks WHERE pid = %s AND NOT granted"
        until(lambda: conn.execute(waits, [orphan.info.backend_pid]).fetchone(), "it waits")
        with closing(Session(connect(database), database, run)) as session:
            if not cancels:
                Timer(0.5, blocker.execute, ["ROLLBACK"]).start()
            session.silence(str(run.run), cancels=cancels)
        there = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'held'::regclass AND attnum > 0"
        assert conn.execute(there).fetchone() == (0 if cancels else 1,)
