"""The statements that lead from one database to another, in an order in which they run.

Three sweeps: what stands in the way goes (views over a column whose type changes, constraints, triggers; the last
made first), then all is made and changed (what is needed first), then what nobody wants any more goes. Both orders
follow pg_depend. An object that no statement can change is made anew, and with it what depends on it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from pgproof.catalog.fact import Facts, Key
from pgproof.drift.ddl import columns, stored, tables
from pgproof.drift.ddl.privileges import common
from pgproof.drift.ddl.widening import keeps_all
from pgproof.drift.planner.makers import (
    MAKERS,
    column_default,
    depends,
    drop,
    goes_by_itself,
    only_common,
    why_not_anew,
)
from pgproof.drift.planner.order import in_order
from pgproof.drift.planner.plan import Hazard, Repair, Statement
from pgproof.drift.unit import Side, Unit, dotted
from pgproof.drift.words import label

NEEDED = frozenset({"definitions", "dependencies", "positions"})
"""The options that facts have to be read with, to find the way between them."""
_LIGHT = frozenset(
    {"inheritance", "view", "rule", "trigger", "policy", "constraint", "statistics", "index", "event trigger"}
)
"""What goes first: it holds no rows, and stands in the way of others."""
_FOLLOWS = frozenset({"operator classes", "collations"})
_HOLD_ROWS = frozenset({"table", "column"})
_READ_COLUMNS = frozenset({"view", "materialized view", "rule", "policy", "trigger"})
"""What has to be out of the way of a column whose type changes."""


def repair(current: Facts, wanted: Facts) -> Repair:
    """What leads from `current` to `wanted`, both read with definitions, dependencies and positions. Pure."""
    return _Planner(Side(current), Side(wanted)).repair()


class _Planner:
    def __init__(self, old: Side, new: Side) -> None:
        self._old, self._new = old, new
        self._impossible: list[tuple[str, str]] = []
        self._alters: dict[Key, list[str]] = {}
        self._gone = [key for key in old.units if key not in new.units]
        self._fresh = [key for key in new.units if key not in old.units]
        self._anew: set[Key] = set()
        self._stuck: list[tuple[Key, str]] = []
        self._lossy: set[Key] = set()

    def repair(self) -> Repair:
        """The plan."""
        for key, unit in self._new.units.items():
            if key in self._old.units and _contents(self._old.units[key]) != _contents(unit):
                self._change(self._old.units[key], unit)
        self._spread()
        away = {*self._gone, *self._anew}
        first = self._first(away)
        last = [key for key in self._gone if key not in first]
        statements = [
            *self._dropped(first, away),
            *self._made(),
            *self._dropped(last, away),
        ]
        self._note_the_rest()
        self._note_orphans()
        return Repair(statements=tuple(statements), impossible=tuple(dict.fromkeys(self._impossible)))

    def _first(self, away: Collection[Key]) -> list[Key]:
        """What goes before anything is made: what is light, what is made anew, and what depends on that."""
        found = {key for key in away if self._old.units[key].kind in _LIGHT or key in self._anew}
        while more := {
            key
            for key in away
            if key not in found
            and any(
                other in self._anew or other in found - self._light() for other in self._old.needs.get(key, ())
            )
        }:
            found |= more
        return list(found)

    def _light(self) -> set[Key]:
        return {key for key, unit in self._old.units.items() if unit.kind in _LIGHT}

    def _change(self, old: Unit, new: Unit) -> None:
        found = self._altered(old, new) if old.kind == new.kind else None
        if found is None and self._follows(old, new):
            found = []
        if found is not None:
            self._alters[new.key] = [*found, *common(old, new), *depends(old, new)]
        elif why := why_not_anew(old) or why_not_anew(new):
            self._stuck.append((new.key, why))
            self._impossible.append((label(new.main), why))
        else:
            self._anew.add(new.key)
        if new.kind == old.kind == "table" and old.say("partition bound") != new.say("partition bound"):
            both = self._new.units.keys() & self._old.units.keys()
            self._anew.update(key for key in both if key[0] == "pg_inherits" and key[1][:2] == new.name)

    def _follows(self, old: Unit, new: Unit) -> bool:
        """True for an index, or the constraint with one, that only follows the new type of its columns."""
        if new.kind not in ("index", "constraint") or old.kind != new.kind:
            return False
        was, now = old.contents(), new.contents()
        if was.keys() != now.keys() or any(was[key] != now[key] for key in was if key[0] != "pg_index"):
            return False
        words = new.side.facts.words["pg_index"]
        unlike = {word for word in words if old.say(word, "pg_index") != new.say(word, "pg_index")}
        columns = new.say("columns", "pg_index")
        of = new.main.of[1] if new.main.of else ()
        keys = [("pg_attribute", (*of, str(each))) for each in columns] if isinstance(columns, tuple) else []
        return unlike <= _FOLLOWS and any(
            key in self._old.units and key in self._new.units and self._is_retyped(key) for key in keys
        )

    def _altered(self, old: Unit, new: Unit) -> list[str] | None:
        if new.catalog == "pg_attribute":
            return columns.alter_column(old, new)
        if new.catalog == "pg_attrdef":
            return list(column_default(new))
        if new.catalog == "pg_inherits":
            words = [word for word in new.side.facts.words["pg_inherits"] if old.say(word) != new.say(word)]
            return [] if words == ["place among the parents"] else None
        maker = MAKERS.get(new.kind)
        return maker[1](old, new) if maker else ([] if only_common(old, new) else None)

    def _spread(self) -> None:
        """With what is made anew, or changes its type, goes what depends on it, and comes back.

        Where something in the way holds rows, or cannot be made by us, neither is touched.
        """
        dependents: dict[Key, set[Key]] = {}
        for key, needed in self._old.needs.items():
            for other in needed:
                dependents.setdefault(other, set()).add(key)
        roots = sorted(self._anew)
        self._anew = set()
        for root in roots:
            found, why = self._closure(root, dependents, lambda _unit: True)
            self._decide(root, found, why)
        for key in sorted(key for key in self._alters if key[0] == "pg_attribute" and self._is_retyped(key)):
            kinds = _READ_COLUMNS | ({"index"} if self._is_collated_anew(key) else set())
            found, why = self._closure(key, dependents, lambda unit, kinds=kinds: unit.kind in kinds)  # type: ignore[misc]
            self._decide(key, found - {key}, why)
        for key in self._gone:
            if self._old.units[key].kind == "type" and self._old.units[key].say("typtype") in ("b", "p"):
                why = "it and its functions depend on each other: DROP TYPE ... CASCADE"
                self._stuck.append((key, why))
                self._impossible.append((label(self._old.units[key].main), why))
        stuck = {key for key, _ in self._stuck}
        self._gone = [key for key in self._gone if key not in stuck]
        self._gone = [key for key in self._gone if not self._is_held(key, dependents, stuck)]

    def _decide(self, root: Key, found: set[Key], why: str) -> None:
        if not why:
            self._anew |= found
            if self._old.units[root].kind in _HOLD_ROWS:
                self._lossy |= found
            for key in found:
                self._alters.pop(key, None)
            return
        self._alters.pop(root, None)
        self._stuck.append((root, why))
        self._impossible.append((label(self._new.units[root].main), why))

    def _closure(
        self, root: Key, dependents: Mapping[Key, set[Key]], counts: Callable[[Unit], bool]
    ) -> tuple[set[Key], str]:
        """What has to be made anew with `root`, and why that cannot be, if so."""
        found, pending = {root}, [root]
        while pending:
            for other in dependents.get(pending.pop(), ()):
                unit = self._old.units.get(other)
                if unit is None or other in found or other not in self._new.units or not counts(unit):
                    continue
                if unit.kind in ("table", "column") and not self._is_within(unit, found):
                    return found, f"{label(unit.main)} depends on it, and its rows would be lost"
                if why := why_not_anew(unit):
                    return found, f"{label(unit.main)} depends on it; {why}"
                found.add(other)
                pending.append(other)
        return found, ""

    def _is_within(self, unit: Unit, found: Collection[Key]) -> bool:
        """True for a column of a table that is made anew itself."""
        return ("pg_class", unit.name[:2]) in found

    def _is_held(self, key: Key, dependents: Mapping[Key, set[Key]], stuck: Collection[Key]) -> bool:
        """True for what nobody wants any more, but something depends on that stays as it is."""
        for other in dependents.get(key, ()):
            if other in stuck or (other in self._new.units and key in self._new.needs.get(other, ())):
                unit = self._old.units[other]
                self._impossible.append((label(self._old.units[key].main), f"{label(unit.main)} depends on it"))
                return True
        return False

    def _is_retyped(self, key: Key) -> bool:
        old, new = self._old.units[key], self._new.units[key]
        return (old.say("type"), old.say("collation")) != (new.say("type"), new.say("collation"))

    def _is_collated_anew(self, key: Key) -> bool:
        """True where the server would build indexes anew by definitions that leave out what was the collation."""
        return self._old.units[key].say("collation") != self._new.units[key].say("collation")

    def _dropped(self, keys: Collection[Key], away: Collection[Key]) -> Iterator[Statement]:
        order = list(reversed(in_order(keys, self._old.needs, self._old.units)))
        order.sort(key=lambda key: bool(self._old.units[key].say("inherited from")))  # behind that of the parent
        for key in order:
            unit = self._old.units[key]
            if self._goes_along(unit, away):
                continue
            sql = list(drop(unit))
            if not sql and not goes_by_itself(unit):
                self._impossible.append((label(unit.main), "pgproof does not drop such an object yet"))
            lost = {Hazard.DATA_LOSS} if unit.kind in _HOLD_ROWS or key in self._lossy else set()
            yield from (Statement(sql=each, about=label(unit.main), hazards=frozenset(lost)) for each in sql)

    def _goes_along(self, unit: Unit, away: Collection[Key]) -> bool:
        """True if dropping something else that goes drops it as well; a foreign key may be in others' way."""
        if unit.say("contype") == "f":
            return False
        above = unit.main.of
        while above:
            fact = self._old.facts.facts.get(above)
            if fact is None:
                return False
            owner = self._old.unit_of(fact)
            if owner in away and owner != unit.key and _takes_along(owner, unit):
                return True
            above = fact.of
        column = unit.say("goes with", "pg_depend") if unit.kind == "sequence" else None
        return bool(column) and any(
            key[0] in ("pg_attribute", "pg_class") and str(column).startswith(f"table column {dotted(key[1])}")
            for key in away
        )

    def _made(self) -> Iterator[Statement]:
        keys = {*self._fresh, *self._anew, *self._alters}
        late: list[Statement] = []
        types = frozenset(key for key, _ in self._stuck if key[0] == "pg_type")
        failed: set[Key] = set()
        for key in in_order(keys, self._new.needs, self._new.units):
            unit = self._new.units[key]
            needed = self._new.needs.get(key, frozenset())
            if held := (types & needed) or (failed & needed if key not in self._alters else frozenset()):
                self._impossible.append((label(unit.main), f"it needs {label(self._new.units[min(held)].main)}"))
                failed.add(key)
                continue
            if key not in self._alters and why_not_anew(unit):
                failed.add(key)
            if key in self._alters:
                sql = self._alters[key]
            else:
                sql = list(self._created(unit))
                if sql or unit.catalog == "pg_attribute" or goes_by_itself(unit):
                    sql += [*common(None, unit), *depends(None, unit)]
                if unit.kind == "sequence" and unit.of("pg_depend"):
                    late.append(Statement(sql=str(stored.sequence_owner(unit)), about=label(unit.main)))
            for each in sql:
                hazards = self._hazards(key, each)
                yield Statement(sql=each, about=label(unit.main), hazards=hazards)
        yield from late

    def _hazards(self, key: Key, sql: str) -> frozenset[Hazard]:
        if key in self._lossy:
            return frozenset({Hazard.DATA_LOSS})
        if key[0] != "pg_attribute" or key not in self._alters or not self._is_retyped(key) or " TYPE " not in sql:
            return frozenset()
        was, now = (str(side.units[key].say("type")) for side in (self._old, self._new))
        return frozenset({Hazard.REWRITE} if keeps_all(was, now) else {Hazard.REWRITE, Hazard.DATA_LOSS})

    def _created(self, unit: Unit) -> Iterator[str]:
        if unit.catalog == "pg_attribute":
            if not tables.is_made_with_its_table(unit):
                word = "FOREIGN TABLE" if columns.is_foreign(unit) else "TABLE"
                yield f"ALTER {word} {dotted(unit.name[:2])} ADD COLUMN {columns.column_definition(unit)}"
            yield from columns.finish_column(None, unit)
        elif unit.catalog == "pg_attrdef":
            yield from column_default(unit)
        elif unit.catalog == "pg_inherits":
            yield from self._attached(unit)
        elif why := why_not_anew(unit):
            self._impossible.append((label(unit.main), why))
        elif not goes_by_itself(unit):
            yield from MAKERS[unit.kind][0](unit)

    def _attached(self, unit: Unit) -> Iterator[str]:
        child, parent = unit.name[:2], unit.name[2:]
        table = self._new.units.get(("pg_class", child))
        if table is None or table.kind not in ("table", "foreign table"):
            return
        if bound := table.say("partition bound"):
            yield tables.attach(child, parent, bound)
        elif table.key in self._old.units and table.key not in self._anew:
            yield f"ALTER TABLE {dotted(child)} INHERIT {dotted(parent)}"

    def _note_the_rest(self) -> None:
        """What differs and no statement of ours says."""
        for key, unit in self._new.units.items():
            old = self._old.units.get(key)
            labels = [[(f.name, f.values) for f in each.of("pg_seclabel")] if each else [] for each in (old, unit)]
            if labels[0] != labels[1]:
                self._impossible.append(
                    (label(unit.main), "security labels are set by whoever has their provider")
                )
            if old and old.kind == unit.kind in ("column", "constraint") and old.say("local") != unit.say("local"):
                why = "whether it is inherited alone follows from how the table was made"
                self._impossible.append((label(unit.main), why))
            is_old_table = ("pg_class", unit.name[:2]) in self._old.units
            if unit.catalog == "pg_inherits" and is_old_table and not (old and old.contents() == unit.contents()):
                why = "the order of parents follows from how the table was made"
                self._impossible.append((label(unit.main), why))

    def _note_orphans(self) -> None:
        """Facts that tell of no object of the user's own (a comment on a member of an extension)."""
        for side, other in ((self._new, self._old), (self._old, self._new)):
            for key, fact in side.facts.facts.items():
                if side.unit_of(fact) not in side.units:
                    twin = other.facts.facts.get(key)
                    if twin is None or twin.values != fact.values:
                        self._impossible.append((label(fact), "it belongs to an object of somebody else"))


def _takes_along(owner: Key, unit: Unit) -> bool:
    if owner[0] == "pg_type":
        return unit.kind == "constraint"
    return owner[0] in ("pg_class", "pg_attribute", "pg_publication", "pg_opfamily", "pg_opclass")


def _contents(unit: Unit) -> Mapping[Key, object]:
    position = [i for i, word in enumerate(unit.side.facts.words.get("pg_attribute", ())) if word == "position"]
    found: dict[Key, object] = dict(unit.contents())
    for fact in unit.facts:
        if fact.catalog == "pg_attribute" and position:
            values = [value for i, value in enumerate(fact.values) if i != position[0]]
            found[fact.key] = fact.kind, tuple(values)
    return found
