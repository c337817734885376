"""Functions that return rows of a table: they are made when all columns of these are there, and no others.

A body that the server has parsed (BEGIN ATOMIC, CREATE FUNCTION) names the columns in their order; a column that
is new comes behind all others, wherever the files have it.
"""

from __future__ import annotations

from collections.abc import Collection

from pgproof.catalog.fact import Key
from pgproof.drift.unit import Side, Unit, dotted


def table_of_rows(unit: Unit) -> Key | None:
    """The table whose rows a function returns; None if it returns none, or for anything else."""
    if unit.kind != "function":
        return None
    returned = unit.say("returns")
    return next(
        (key for key in unit.side.needs.get(unit.key, ()) if key[0] == "pg_class" and dotted(key[1]) == returned),
        None,
    )


def is_out_of_order(function: Unit, old: Side, new: Side, anew: Collection[Key]) -> bool:
    """True if the columns of the rows of a new function will not be in the order that its body has. Pure.

    `anew` is what is made anew, new columns among it.
    """
    table = table_of_rows(function)
    if table is None or function.say("body") is None or table in anew or table not in old.units:
        return False
    wanted = _columns(new, table)
    kept = [key for key in _columns(old, table) if key in wanted and key not in anew]
    return [*kept, *(key for key in wanted if key not in kept)] != wanted


def _columns(side: Side, table: Key) -> list[Key]:
    found = [unit for unit in side.units.values() if unit.kind == "column" and unit.name[:2] == table[1]]
    return [unit.key for unit in sorted(found, key=lambda unit: int(str(unit.say("position") or 0)))]
