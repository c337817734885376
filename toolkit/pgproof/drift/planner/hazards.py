"""What a statement may cost, as far as the two schemas tell; locks and rewrites are measured (`flows.cost`)."""

from __future__ import annotations

import re

from pgproof.catalog.fact import GIVEN, OWNED, Key
from pgproof.drift.ddl import columns
from pgproof.drift.ddl.types import labels
from pgproof.drift.ddl.widening import keeps_all
from pgproof.drift.planner.changes import HOLD_ROWS, Changes
from pgproof.drift.planner.dependents import has_rows
from pgproof.drift.planner.plan import Hazard
from pgproof.drift.unit import Unit

_PRIVILEGES = re.compile(
    r"GRANT |REVOKE |ALTER ROLE |(?:CREATE|ALTER|DROP) POLICY |ALTER DEFAULT PRIVILEGES |ALTER .* OWNER TO "
    r"|ALTER .* (?:ENABLE|DISABLE|NO FORCE|FORCE) ROW LEVEL SECURITY\Z",
    re.DOTALL,
)

_GIVEN = frozenset({"membership", "parameter", GIVEN, OWNED})
"""What says who may do what with something that is there."""


def of_making(todo: Changes, key: Key, sql: str) -> frozenset[Hazard]:
    """Of a statement that makes or changes the object. Pure."""
    unit = todo.new.units[key]
    is_told = (
        key in todo.alters
        or (unit.kind or unit.catalog) in _GIVEN
        or (unit.kind == "policy" and todo.is_kept(unit))
    )
    found = {Hazard.PRIVILEGES} if is_told and _PRIVILEGES.match(sql) else set()
    is_out_of_rows = " DROP ATTRIBUTE " in sql and unit.kind == "type" and has_rows(todo.old, key)
    if key in todo.lossy or is_out_of_rows:
        found.add(Hazard.DATA_LOSS)
    elif unit.kind == "column" and key in todo.alters and todo.is_retyped(key) and _converts(unit, sql):
        was, now = (str(side.units[key].say("type")) for side in (todo.old, todo.new))
        found |= {Hazard.REWRITE} if keeps_all(was, now) else {Hazard.REWRITE, Hazard.DATA_LOSS}
        found |= _of_converting(todo, key) if key in todo.converted else set()
    if " ADD COLUMN " in sql and unit.kind == "column" and _wants_a_value(todo, unit):
        found.add(Hazard.ROWS)
    return frozenset(found)


def _converts(column: Unit, sql: str) -> bool:
    """True for ALTER COLUMN TYPE of a table that has rows of its own."""
    return " TYPE " in sql and not columns.is_foreign(column)


def _of_converting(todo: Changes, column: Key) -> set[Hazard]:
    """Of values of a type that become those of another of its name, by way of their text."""
    found: set[Hazard] = set()
    types, pending = set[Key](), [column]
    while pending:
        types |= (more := (todo.old.needs.get(pending.pop(), frozenset()) & todo.swapped) - types)
        pending += more
    for key in types:
        old, new = todo.old.units[key], todo.new.units[key]
        if set(labels(old)) - set(labels(new)):
            found.add(Hazard.VALUES)
        bases = [str(unit.say("base type")) for unit in (old, new)]
        is_same = old.contents() == new.contents() or old.say("typtype") == new.say("typtype") == "e"
        if not (is_same or (new.kind == old.kind == "domain" and keeps_all(*bases))):
            found.add(Hazard.DATA_LOSS)
    return found


def of_dropping(todo: Changes, unit: Unit) -> frozenset[Hazard]:
    """Of what drops an object of the old side. Pure."""
    holds = unit.kind in HOLD_ROWS or (unit.catalog == "pg_inherits" and unit.main.of in todo.gone)
    if holds or unit.key in todo.lossy:
        return frozenset({Hazard.DATA_LOSS})
    if (unit.kind or unit.catalog) in ("policy", *_GIVEN):
        return frozenset({Hazard.PRIVILEGES})
    if unit.kind == "index" and unit.key in todo.gone and _leaves_a_gap(todo, unit):
        return frozenset({Hazard.INDEX})
    return frozenset()


def _wants_a_value(todo: Changes, unit: Unit) -> bool:
    if not (unit.say("not null") and todo.is_kept(unit)):
        return False
    return not (unit.say("generated") or unit.say("identity") or ("pg_attrdef", unit.name) in todo.new.units)


def _leaves_a_gap(todo: Changes, unit: Unit) -> bool:
    """True if no index of the new side begins with its columns, under the same condition."""
    table = unit.main.of
    if table is None or table not in todo.new.units or table in todo.anew:
        return False
    return not any(_serves(todo.new.units[key], unit) for key in todo.families[1].indexes_of(table[1]))


def _serves(other: Unit, unit: Unit) -> bool:
    """True if an index begins with the columns of the one that goes, and has all of its rows."""
    if other.say("predicate", "pg_index") not in (None, unit.say("predicate", "pg_index")):
        return False
    if unit.say("expressions", "pg_index") is not None:
        return unit.say("expressions", "pg_index") == other.say("expressions", "pg_index")
    mine, others = _keys(unit), _keys(other)
    return others[: len(mine)] == mine


def _keys(unit: Unit) -> tuple[object, ...]:
    names, count = unit.say("columns", "pg_index"), unit.say("number of keys", "pg_index")
    return tuple(names[: int(str(count))]) if isinstance(names, tuple) else ()
