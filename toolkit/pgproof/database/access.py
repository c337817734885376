"""What a person may do on a database, and what stands between: asked before anything is wanted of it."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg.rows import dict_row

from pgproof.database.connection import Connection, read_only
from pgproof.database.failure import told
from pgproof.database.queries import query

_LIMITS = {"statement_timeout": "10s", "lock_timeout": "5s"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The rights of the session's `role` in its `database`, and what is there.

    `is_read_only`: transactions are so by default. `may_create`: schemas. `has_history`: pgproof has run files
    there. `tables` counts those of people, `unread_tables` those of them whose columns may not all be selected.
    `sees_sessions`: what others run (pg_read_all_stats). `has_statements`: the extension pg_stat_statements.
    """

    role: str
    database: str
    is_superuser: bool
    is_standby: bool
    is_read_only: bool
    may_create: bool
    has_history: bool
    reads_history: bool
    writes_history: bool
    tables: int
    unread_tables: int
    sees_sessions: bool
    has_user_mappings: bool
    has_statements: bool


def access(conn: Connection) -> Access:
    """One read-only transaction of an idle connection in autocommit. Raises DatabaseError."""
    with told(), read_only(conn, _LIMITS), conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query("access")).fetchone()
    assert row
    return Access(**row)


def client() -> tuple[str, str]:
    """The driver and how it was built ("psycopg 3.3.1, binary"), and the version of its libpq ("18.0")."""
    number = psycopg.pq.version()
    return f"psycopg {psycopg.__version__}, {psycopg.pq.__impl__}", f"{number // 10000}.{number % 10000}"
