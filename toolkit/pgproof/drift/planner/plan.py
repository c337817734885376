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
    INDEX = "no other index begins with its columns"
    PRIVILEGES = "changes who may do what"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement, the object that it is about, and what it may cost.

    `transaction` is the number of the one it belongs to, from 1; None is outside of any, where the server wants it
    so (CREATE INDEX CONCURRENTLY).
    """

    sql: str
    about: str
    hazards: frozenset[Hazard] = frozenset()
    transaction: int | None = 1


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
