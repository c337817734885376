"""Everything that was ever run in a database, the reverted too: who, when, from where, how long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from pgproof.database import failure
from pgproof.database.connection import Connection
from pgproof.errors import DatabaseError
from pgproof.migrate.plan import Direction

_NO_TABLE = "42P01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt at statement `number` (from 1) of a file that runs without a transaction.

    `outcome` is "landed", "failed", "cancelled", or empty while nobody knows; `remark` is what the server said, or
    how it was found out.
    """

    number: int
    outcome: str
    remark: str
    started_at: datetime
    finished_at: datetime | None
    backend_pid: int

    @property
    def seconds(self) -> float | None:
        """How long it took, on the server's clock."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One way of one file: its upgrade or its downgrade.

    `schema` is the one of --schema, else empty. `host` is where the program ran, `tool` its version; None where
    that is not known any more (of upgrades that were reverted since, and of downgrades). `text` is the upgrade as
    it was applied. `attempts` are empty for a file that ran in one transaction.
    """

    direction: Direction
    schema: str
    version: int
    name: str
    state: str
    done: int
    total: int
    error: str
    started_at: datetime
    finished_at: datetime | None
    by: str | None
    host: str | None
    tool: str | None
    text: str | None
    attempts: tuple[Attempt, ...] = ()

    @property
    def seconds(self) -> float | None:
        """How long it took, on the server's clock."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


def read(conn: Connection) -> tuple[Run, ...]:
    """All runs, in the order in which they began; none where there is no history. Raises DatabaseError."""
    try:
        with failure.told():
            runs = list(_rows(conn, "read_chronicle"))
            attempts = list(_rows(conn, "read_journal"))
    except DatabaseError as error:
        if error.problems[0].sqlstate == _NO_TABLE:
            return ()
        from pgproof.migrate.history import unreadable

        raise DatabaseError(unreadable(error.problems[0])) from error.__cause__
    of: dict[tuple[int, str], list[Attempt]] = defaultdict(list)
    for row in attempts:
        key = row.pop("history_id"), row.pop("direction")
        of[key].append(Attempt(**row))
    return tuple(_run(row, tuple(of.get((row["id"], row["direction"]), ()))) for row in runs)


def _run(row: dict[str, Any], attempts: tuple[Attempt, ...]) -> Run:
    fields = {name: value for name, value in row.items() if name != "id"}
    return Run(**{**fields, "direction": Direction(row["direction"])}, attempts=attempts)


def _rows(conn: Connection, name: str) -> Iterator[dict[str, Any]]:
    cursor = conn.execute(_sql(name), binary=True)
    names = [column.name for column in cursor.description or ()]
    for row in cursor:
        yield dict(zip(names, row, strict=True))


@cache
def _sql(name: str) -> bytes:
    return files("pgproof.migrate").joinpath(f"{name}.sql").read_bytes()
