"""`history`: everything that was ever run in a database."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.migrate import chronicle
from pgproof.migrate.chronicle import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Chronicle:
    """What was run in a database, oldest first. `database` is a description without a password."""

    database: str
    runs: tuple[Run, ...]


def history(conninfo: Conninfo) -> Chronicle:
    """Read the history in a read-only transaction; no file is looked at. Raises DatabaseError."""
    with closing(connect(conninfo)) as conn, read_only(conn):
        return Chronicle(database=conninfo.description, runs=chronicle.read(conn))
