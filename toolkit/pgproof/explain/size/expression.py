"""Types of expressions of tables: what the server makes of a query that is parsed, and never run."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg.pq import ExecStatus

from pgproof.database.connection import Connection
from pgproof.sql.name import qualified

Name = tuple[str, str]
UNKNOWN = 0
"""The number of no type."""


def types(conn: Connection, asked: Sequence[tuple[Name, str]]) -> list[int]:
    """The types' numbers of expressions, each with its table (schema, name); `UNKNOWN` of one that is refused.

    `conn` is in a transaction. No privilege on the table is needed, but USAGE on its schema. Raises psycopg.Error
    where the server is lost.
    """
    by_table: dict[Name, list[str]] = {}
    for table, text in asked:
        by_table.setdefault(table, []).append(text)
    found: dict[tuple[Name, str], int] = {}
    for table, texts in by_table.items():
        kinds = _described(conn, table, texts)
        if not kinds:
            kinds = [next(iter(_described(conn, table, [text])), UNKNOWN) for text in texts]
        found |= {(table, text): kind for text, kind in zip(texts, kinds, strict=True)}
    return [found[each] for each in asked]


def _described(conn: Connection, table: Name, texts: Sequence[str]) -> list[int]:
    """The types of that table's expressions; [] where the server does not take one of them."""
    text = f"SELECT {', '.join(f'({each})' for each in texts)} FROM ONLY {qualified(*table)}"
    conn.execute("SAVEPOINT pgproof_expression")
    done = conn.pgconn.prepare(b"", text.encode())
    if done.status == ExecStatus.COMMAND_OK:
        done = conn.pgconn.describe_prepared(b"")
    numbers = [done.ftype(place) for place in range(done.nfields)] if done.status == ExecStatus.COMMAND_OK else []
    conn.execute("ROLLBACK TO SAVEPOINT pgproof_expression")
    conn.execute("RELEASE SAVEPOINT pgproof_expression")
    return numbers
