"""drift and diff where something is in the way: they are right, or say why they cannot tell, and never wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.cli.told import Pgproof
from tests.migrate.case import write

FILES = {
    "1-a.sql": "-- migrate:up\nCREATE TABLE a (b int PRIMARY KEY);\n"
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n"
}
GRANTS = "GRANT USAGE ON SCHEMA pgproof TO PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA pgproof TO PUBLIC"
LOCK = "LOCK TABLE pg_catalog.pg_policy IN ACCESS EXCLUSIVE MODE"
WAITING = """
SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
 WHERE datname = pg_catalog.current_database() AND wait_event_type = 'Lock'
"""


@pytest.fixture
def conn(pgproof: Pgproof, database: Conninfo) -> Iterator[psycopg.Connection]:
    """The database, as the files build it."""
    write(Path("migrations"), FILES)
    assert pgproof("upgrade").code == 0
    with closing(connect(database)) as opened:
        yield opened


@contextmanager
def nobody(conn: psycopg.Connection, database: Conninfo) -> Iterator[str]:
    """The address of a role that may connect, and nothing else."""
    name = f"nobody_{uuid4().hex[:12]}"
    conn.execute(f"CREATE ROLE {name} LOGIN".encode())
    try:
        yield Conninfo.of(**{**dict(database.parameters), "user": name}).secret
    finally:
        conn.execute(f"DROP OWNED BY {name}; DROP ROLE {name}".encode())


def test_whoever_may_only_connect(
    pgproof: Pgproof, conn: psycopg.Connection, database: Conninfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The history has to be readable; the catalog is, unless somebody has changed that."""
    with nobody(conn, database) as address:
        monkeypatch.setenv("DATABASE_URL", address)
        told = pgproof("drift")
        assert (told.code, told.out) == (3, "")
        assert "cannot read the table pgproof.history: permission denied for schema pgproof" in told.err
        assert "GRANT USAGE ON SCHEMA pgproof TO USER; GRANT SELECT ON ALL TABLES" in told.err
        conn.execute(GRANTS.encode())
        assert pgproof("drift").code == 0
        conn.execute("DROP FUNCTION f")
        told = pgproof("drift")
        assert (told.code, "- function public.f() is missing" in told.out) == (1, True)
        conn.execute("REVOKE SELECT ON pg_catalog.pg_proc FROM PUBLIC")
        told = pgproof("drift")
        assert (told.code, told.out) == (3, "")
        assert "permission denied for table pg_proc" in told.err


@pytest.mark.slow
def test_somebody_is_in_the_way_or_cuts_the_connection(
    pgproof: Pgproof, conn: psycopg.Connection, database: Conninfo
) -> None:
    conn.execute("DROP FUNCTION f")
    enough = threading.Event()
    cut: list[bool] = []

    def end() -> None:
        with closing(connect(database)) as other:
            while not cut and not enough.wait(0.02):
                cut.extend(is_cut for (is_cut,) in other.execute(WAITING.encode()))

    with conn.transaction():
        conn.execute(LOCK.encode())
        told = pgproof("drift", "--full")
        assert (told.code, told.out) == (4, ""), told.err
        assert "canceling statement due to lock timeout" in told.err
        thread = threading.Thread(target=end)
        thread.start()
        told = pgproof("drift", "--full")
        enough.set()
        thread.join()  # who has cut it may hear of that later than drift does
    assert cut == [True], (told.code, told.err)
    assert (told.code, told.out) == (3, "")
    assert "terminating connection due to administrator command" in told.err
    assert pgproof("drift").code == 1
