"""What has to be made anew with an object: all that depends on it.

A type may have columns with rows. Then it is called something else, a type of its name is made, each column is
converted by way of its text, and the old type goes: ALTER TYPE cannot take a value from an enumeration.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from pgproof.catalog.fact import Key
from pgproof.drift.ddl import columns
from pgproof.drift.planner.makers import why_not_anew
from pgproof.drift.unit import Side, Unit
from pgproof.drift.words import label
from pgproof.sql.name import quote

READ_COLUMNS = frozenset(
    {
        "view",
        "materialized view",
        "rule",
        "policy",
        "trigger",
        "statistics",
        "function",
        "procedure",
        "published table",
    }
)
"""What has to be out of the way of a column whose type changes."""
_SWAPPED = frozenset("edcr")
"""Types that columns can be converted to: enumerations, domains, composite types and ranges (pg_type.typtype)."""


@dataclass(frozen=True, slots=True)
class Closure:
    """What has to be made anew, and which columns are converted; or `why` that cannot be."""

    anew: frozenset[Key]
    converted: frozenset[Key] = frozenset()
    why: str = ""


class Dependents:
    """Who depends on what in `old`; `anew` is what is made anew for its own sake."""

    def __init__(self, old: Side, new: Side, anew: Collection[Key]) -> None:
        self._old, self._new, self._anew = old, new, frozenset(anew)
        self._of: dict[Key, set[Key]] = {}
        for key, needed in old.needs.items():
            for other in needed:
                self._of.setdefault(other, set()).add(key)

    def of(self, key: Key) -> Collection[Key]:
        """What depends on it."""
        return self._of.get(key, ())

    def closure(self, root: Key, counts: Callable[[Unit], bool] = lambda _unit: True) -> Closure:
        """What goes and comes back with `root`, of that which `counts`."""
        is_swapped = self._may_be_swapped(root)
        found, converted, pending = {root}, set[Key](), [root]
        while pending:
            key = pending.pop()
            for other in self.of(key):
                unit = self._old.units.get(other)
                if unit is None or other in found | converted or other not in self._new.units:
                    continue
                if not (self._reads(unit) if key in converted else counts(unit)):
                    continue
                if is_swapped and self._is_freed(unit):
                    continue
                pending.append(other)
                if not self._holds_rows(unit) or self._is_within(unit, found):
                    if why := why_not_anew(unit):
                        return Closure(frozenset(found), why=f"{label(unit.main)} depends on it; {why}")
                    found.add(other)
                elif why := self._why_not_converted(unit) if is_swapped else "its rows would be lost":
                    return Closure(frozenset(found), why=f"{label(unit.main)} depends on it, and {why}")
                else:
                    converted.add(other)
        return Closure(frozenset(found), frozenset(converted))

    def freed(self, key: Key) -> Iterator[Key]:
        """Columns that are generated from another one, and will have values of their own."""
        yield from (each for each in self.of(key) if self._is_freed(self._old.units[each]))

    def is_computed(self, unit: Unit) -> bool:
        """True for a generated column that has to be made anew with one that it is computed from."""
        return bool(unit.say("generated")) and not self._is_freed(unit)

    def _is_freed(self, unit: Unit) -> bool:
        new = self._new.units.get(unit.key)
        is_kept = new is not None and unit.key not in self._anew and not new.say("generated")
        return is_kept and unit.say("generated") == "s"

    def why_not_retyped(self, column: Unit) -> str:
        """Why the type of a column cannot change; empty if it can."""
        table = self._old.units.get(("pg_class", column.name[:2]))
        if table is None:
            return ""
        parted = table.say("partition columns", "pg_partitioned_table")
        by = str(table.say("partition expressions", "pg_partitioned_table") or "")
        if (isinstance(parted, tuple) and column.name[-1] in parted) or _mentions(by, column.name[-1]):
            return f"{label(table.main)} is partitioned by it"
        for key in sorted(self.of(table.key)):
            unit = self._old.units[key]
            if unit.kind == "column" and unit.name[:2] != table.name:
                return f"{label(unit.main)} holds rows of {label(table.main)}"
        return ""

    def _may_be_swapped(self, root: Key) -> bool:
        kinds = {str(side.units[root].say("typtype")) for side in (self._old, self._new)}
        return root[0] == "pg_type" and kinds <= _SWAPPED

    def _why_not_converted(self, unit: Unit) -> str:
        if unit.kind != "column":
            return "its rows would be lost"
        if columns.is_typed(unit):
            return "its table is of a type"
        return self.why_not_retyped(unit)

    def _reads(self, unit: Unit) -> bool:
        """True for what has to be made anew with a column that is converted. Indexes and CHECKs follow it."""
        is_read = unit.kind in READ_COLUMNS or unit.catalog == "pg_attrdef"
        return is_read or unit.say("contype") == "f" or self.is_computed(unit)

    def _holds_rows(self, unit: Unit) -> bool:
        """True for tables and columns, but for those that are lost anyway, or whose values follow from others."""
        is_computed = unit.kind == "column" and bool(unit.say("generated"))
        is_followed = is_computed and bool(self._new.units[unit.key].say("generated"))
        is_lost = unit.kind == "column" and unit.key in self._anew
        return unit.kind in ("table", "column") and not (is_followed or is_lost)

    def _is_within(self, unit: Unit, found: Collection[Key]) -> bool:
        """True for a column of a table that is made anew itself."""
        return ("pg_class", unit.name[:2]) in found


def _mentions(expression: str, name: str) -> bool:
    return bool(re.search(rf"(?<![\w$\"]){re.escape(quote(name))}(?![\w$\"])", expression))
