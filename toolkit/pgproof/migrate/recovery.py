"""What became of a statement whose end nobody heard, found out by looking; and what it left to be cleared away.

Only statements that cannot run in a transaction need this. What was there before one is noted with the intent to
send it, so that afterwards what is new can be told from what is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from psycopg.rows import class_row

from pgproof.database.connection import Connection
from pgproof.migrate import history
from pgproof.sql.outside import Effect, Outside

_CREATED = frozenset({Effect.DATABASE_CREATED, Effect.TABLESPACE_CREATED, Effect.SUBSCRIPTION_CREATED})
_GONE = frozenset(
    {
        Effect.INDEX_DROPPED,
        Effect.DATABASE_DROPPED,
        Effect.TABLESPACE_DROPPED,
        Effect.SUBSCRIPTION_DROPPED,
        Effect.PREPARED_ENDED,
    }
)
_THERE = "there"


class Verdict(Enum):
    """The answer to: has it landed? HALF: it has, when the rest of it is done (`ending`)."""

    LANDED = auto()
    NOT_LANDED = auto()
    HALF = auto()
    UNSEEN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An index as it is on the server; `builder` is the backend that is building it just now."""

    id: str
    name: str
    qualified: str
    is_valid: bool
    builder: int | None


def before(conn: Connection, about: Outside) -> str:
    """What is there before a statement is sent, in words for `verdict` and `leftovers`. Raises psycopg.Error."""
    if about.effect in {Effect.INDEX_BUILT, Effect.REINDEXED}:
        return ",".join(each.id for each in _indexes(conn, about))
    if about.effect in _CREATED:
        return _THERE if _is_there(conn, about) else ""
    return ""


def verdict(conn: Connection, about: Outside, noted: str) -> Verdict:
    """Whether the statement has landed, `noted` being what was there before it. Raises psycopg.Error."""
    if about.effect is Effect.INDEX_BUILT:
        built = any(each.is_valid for each in _new(conn, about, noted))
        return Verdict.LANDED if built else Verdict.NOT_LANDED
    if about.effect in _CREATED:
        return Verdict.LANDED if not noted and _is_there(conn, about) else Verdict.NOT_LANDED
    if about.effect in _GONE:
        return Verdict.NOT_LANDED if _is_there(conn, about) else Verdict.LANDED
    if about.effect is Effect.PARTITION_DETACHED:
        values = {"name": about.name, "table": about.table}
        row = conn.execute(history.query("look_at_partition"), values).fetchone()
        if row is None:
            return Verdict.LANDED
        return Verdict.HALF if row[0] else Verdict.NOT_LANDED
    return Verdict.UNSEEN if about.effect is Effect.UNSEEN else Verdict.NOT_LANDED


def ending(about: Outside) -> str:
    """The statement that does the rest of what has half landed."""
    return f"ALTER TABLE {about.table} DETACH PARTITION {about.name} FINALIZE"


def leftovers(conn: Connection, about: Outside, noted: str | None) -> tuple[Index, ...]:
    """Indexes that no query uses, left behind by earlier attempts; they have to go before the next one.

    `noted` is what was there before the last attempt, None if there was none. An index of the very name that is
    to be built is one, whoever left it: IF NOT EXISTS would take it for done. Raises psycopg.Error.
    """
    if about.effect is Effect.INDEX_BUILT and about.name:
        found: Iterator[Index] = (each for each in _indexes(conn, about) if each.name == about.name)
    elif noted is not None and about.effect in {Effect.INDEX_BUILT, Effect.REINDEXED}:
        found = _new(conn, about, noted)
    else:
        return ()
    return tuple(each for each in found if not each.is_valid)


def _new(conn: Connection, about: Outside, noted: str) -> Iterator[Index]:
    """The indexes of that name, or of any, that were not there before."""
    known = set(noted.split(","))
    for each in _indexes(conn, about):
        if each.id not in known and (
            not about.name or about.effect is Effect.REINDEXED or each.name == about.name
        ):
            yield each


def _indexes(conn: Connection, about: Outside) -> list[Index]:
    with conn.cursor(row_factory=class_row(Index)) as cursor:
        if about.effect is Effect.REINDEXED:
            return cursor.execute(history.query("look_at_reindexed")).fetchall()
        return cursor.execute(history.query("look_at_indexes"), {"table": about.table}).fetchall()


def _is_there(conn: Connection, about: Outside) -> bool:
    row = conn.execute(history.query("look_for"), {"effect": about.effect, "name": about.name}).fetchone()
    return bool(row and row[0])
