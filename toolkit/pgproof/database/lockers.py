"""Who keeps others from reading: the sessions that hold an ACCESS EXCLUSIVE lock on a relation of a database."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row

from pgproof.database.queries import query

_LONGEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Locker:
    """A session that has locked a relation; `query` is what it runs, or has run last, if we are shown that."""

    relation: str
    backend: int
    user: str
    application: str
    query: str

    def __str__(self) -> str:
        who = f"{self.user} (backend {self.backend}{f', {self.application}' if self.application else ''})"
        line = " ".join(self.query.split())
        return f"{self.relation} is locked by {who}: {line[:_LONGEST]}{'...' if len(line) > _LONGEST else ''}"


def lockers(conn: psycopg.Connection) -> list[Locker]:
    """Those of the database of the connection. Raises psycopg.Error."""
    with conn.cursor(row_factory=class_row(Locker)) as cursor:
        return cursor.execute(query("lockers")).fetchall()
