"""The way from one database to another, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Hazard(StrEnum):
    """What a statement may cost."""

    DATA_LOSS = "data loss"
    REWRITE = "rewrites the table"
    OUTSIDE = "not in a transaction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement, the object that it is about, and what it may cost."""

    sql: str
    about: str
    hazards: frozenset[Hazard] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """The statements in order, and what none of them can bring about: the object, and why."""

    statements: tuple[Statement, ...]
    impossible: tuple[tuple[str, str], ...] = ()
