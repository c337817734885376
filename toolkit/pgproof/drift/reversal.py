"""Whether a migration can be taken back: what was there before it, behind it, and behind its downgrade."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pgproof.catalog.fact import Fact, Facts
from pgproof.drift.compare import ORDER, Difference, compare, leave, orderly
from pgproof.errors import Problem
from pgproof.migrate.migration import Migration

_HOLD_ROWS = frozenset({"table", "sequence"})


class Outcome(StrEnum):
    """How it ended."""

    BACK = "reversible"
    IRREVERSIBLE = "irreversible"
    DIFFERS = "differs"
    ONLY_EMPTY = "works only on empty tables"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """A migration, run up, down and up again on an empty database of that major, and one with rows.

    `left` is what the downgrade leaves unlike it was, `again` what the second upgrade does unlike the first.
    `lost` are the tables and columns that the downgrade drops with what they hold; `emptied` those that the
    upgrade drops, and that come back empty (`restored`: with values again). `moved` are tables whose columns come
    back in another order. `problem` is what the server refused, or where the downgrade is missing. With rows in
    the tables: `losses` are sentences about what becomes of them, `refused` is what the server refuses then, but
    not on empty tables, `unfilled` are tables for which no rows could be made, each with the reason, and `untold`
    is why nobody can tell what becomes of rows.
    """

    migration: Migration
    major: int
    outcome: Outcome
    left: tuple[Difference, ...] = ()
    again: tuple[Difference, ...] = ()
    lost: tuple[Fact, ...] = ()
    emptied: tuple[Fact, ...] = ()
    restored: tuple[Fact, ...] = ()
    moved: tuple[str, ...] = ()
    problem: Problem | None = None
    losses: tuple[str, ...] = ()
    refused: Problem | None = None
    unfilled: tuple[str, ...] = ()
    untold: Problem | None = None


def judge(migration: Migration, before: Facts, after: Facts, down: Facts, again: Facts) -> Reversal:
    """What the four states say; they were read with the positions of columns, whose order is only told. Pure."""
    left, moved = _without_order(orderly(compare(before, down), before, down))
    second, _ = _without_order(orderly(compare(after, again), after, again))
    return Reversal(
        migration=migration,
        major=before.major,
        outcome=Outcome.DIFFERS if left or second else Outcome.BACK,
        left=left,
        again=second,
        lost=_lone(after, down),
        emptied=tuple(each for each in _lone(before, after) if each.key in down.facts),
        moved=moved,
    )


def _without_order(found: tuple[Difference, ...]) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    """Differences that are more than another order of columns; and the tables that have another order."""
    tables = tuple(".".join(each.fact.name) for each in found if ORDER in each.values)
    more = (leave(each, lambda word: word != ORDER) for each in found)
    return tuple(each for each in more if each), tables


def _lone(one: Facts, other: Facts) -> tuple[Fact, ...]:
    """What holds rows of its own and is in one alone; of a whole table, the table."""
    gone = [fact for key, fact in one.facts.items() if key not in other.facts and _holds_rows(fact, one)]
    keys = {fact.key for fact in gone}
    return tuple(fact for fact in gone if fact.of not in keys and fact.kind != "sequence")


def _holds_rows(fact: Fact, among: Facts) -> bool:
    """False of views (materialized ones can be made anew), of foreign tables, and of their columns."""
    if fact.kind != "column":
        return fact.kind in _HOLD_ROWS
    of = among.facts.get(fact.of) if fact.of else None
    return of is not None and of.kind == "table"
