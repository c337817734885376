"""`status`: what is applied, what is pending, and what is not as it should be."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.migrate import history
from pgproof.migrate.library import load
from pgproof.migrate.standing import Standing, standings


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a folder and a database stand to each other. `database` is a description without a password."""

    database: str
    folder: str
    standings: tuple[Standing, ...]


def status(conninfo: Conninfo, folder: Path, *, variables: Mapping[str, object]) -> Status:
    """Read files and history, the latter in a read-only transaction. Raises InputError and DatabaseError."""
    library = load(folder, variables)
    with closing(connect(conninfo)) as conn, read_only(conn):
        past = history.read(conn)
    return Status(database=conninfo.description, folder=library.folder, standings=standings(library, past))
