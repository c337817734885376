"""A second session that sees just what another one sees, so that a server with several processors works for both.

PostgreSQL's manual, 9.28.5 "Snapshot Synchronization Functions": what one transaction has exported, another one
takes over before its first query. Sessions of different servers cannot, as where an address names several.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager

import psycopg

from pgproof.database.connection import Connection, connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.errors import DatabaseError


@contextmanager
def beside(conn: Connection, conninfo: Conninfo, settings: Mapping[str, str]) -> Iterator[Connection | None]:
    """A session of its own in a READ ONLY transaction with the snapshot of that of `conn`, which has one.

    `settings` hold until its end (SET LOCAL). None where there can be no such session: the server has no place for
    it, or its address leads elsewhere. It ends with the context. Raises psycopg.Error where the transaction of
    `conn` cannot be asked.
    """
    with ExitStack() as stack:
        ((snapshot,),) = conn.execute("SELECT pg_catalog.pg_export_snapshot()").fetchall()
        try:
            other = stack.enter_context(closing(connect(conninfo)))
            stack.enter_context(read_only(other))
            other.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'".encode())
            for name, value in settings.items():
                other.execute("SELECT pg_catalog.set_config(%s, %s, true)", (name, value))
        except (psycopg.Error, DatabaseError):
            other = None
        yield other
