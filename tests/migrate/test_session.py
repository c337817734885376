"""The session that works: what limits of the role do to it, and its lock when it is replaced."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import psycopg
import pytest

import pgproof
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.lease import LeaseAttempts
from pgproof.database.mutex import key_of
from pgproof.migrate import history
from pgproof.migrate.event import Ended
from pgproof.migrate.execute import execute
from pgproof.migrate.plan import plan_upgrade
from pgproof.migrate.session import Session
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
