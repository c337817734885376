"""The way from one database to another, as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby


class Hazard(StrEnum):
    """What a statement may cost."""

    DATA_LOSS = "data loss"
    REWRITE = "rewrites the table"
    ROWS = "fails if the table has rows"
    VALUES = "fails if a row has a value that is gone"
    INDEX = "no other index begins with its columns"
    PRIVILEGES = "changes who may do what"


_BLOCKS = {
    "AccessExclusiveLock": "reads and writes",
    "ExclusiveLock": "writes",
    "ShareRowExclusiveLock": "writes",
    "ShareLock": "writes",
}
"""What a lock of a table keeps others from (13.3.1 of PostgreSQL's manual)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """The strongest lock of a statement on a relation that was there before; `mode` as pg_locks writes it."""

    relation: str
    mode: str

    @property
    def blocks(self) -> str:
        """What others cannot do meanwhile: "reads and writes", "writes" or nothing."""
        return _BLOCKS.get(self.mode, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a statement did on a clone: what it locked, and of which relations it wrote or read all rows."""

    locks: tuple[Lock, ...] = ()
    rewrites: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement, the object that it is about, and what it may cost.

    `transaction` is the number of the one it belongs to, from 1; None is outside of any, where the server wants it
    so (CREATE INDEX CONCURRENTLY). `cost` is what was measured; None if nobody has.
    """

    sql: str
    about: str
    hazards: frozenset[Hazard] = frozenset()
    transaction: int | None = 1
    cost: Cost | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """The statements in order, and what none of them can bring about: the object, and why."""

    statements: tuple[Statement, ...]
    impossible: tuple[tuple[str, str], ...] = ()

    def transactions(self) -> Iterator[tuple[Statement, ...]]:
        """The statements that belong together; one outside of a transaction stands alone."""
        for number, found in groupby(self.statements, key=lambda each: each.transaction):
            if number is None:
                yield from ((each,) for each in found)
            else:
                yield tuple(found)

    @property
    def is_one_transaction(self) -> bool:
        """True if all of it can be done, or not done, at once."""
        return len({each.transaction for each in self.statements}) <= 1 and all(
            each.transaction is not None for each in self.statements
        )
