"""The statements that lead from one database to another, in an order in which they run.

Three sweeps: what stands in the way goes (views over a column whose type changes, constraints, triggers; the last
made first), then all is made and changed (what is needed first), then what nobody wants any more goes. Both orders
follow pg_depend. An object that no statement can change is made anew, and with it what depends on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from pgproof.catalog.fact import Facts, Key
from pgproof.drift.ddl import columns, guards, stored, tables, whole
from pgproof.drift.ddl.base_types import create_shell, is_base
from pgproof.drift.ddl.naming import clause
from pgproof.drift.ddl.privileges import common
from pgproof.drift.ddl.types import set_aside
from pgproof.drift.planner import hazards
from pgproof.drift.planner.changes import Changes
from pgproof.drift.planner.family import column_of_not_null, index_name
from pgproof.drift.planner.folded import Folded, fold
from pgproof.drift.planner.makers import (
    column_default,
    depends,
    drop,
    goes_by_itself,
    maker,
    why_not_anew,
    why_not_dropped,
)
from pgproof.drift.planner.online import How, Online, Step
from pgproof.drift.planner.order import Order, in_order
from pgproof.drift.planner.plan import Repair
from pgproof.drift.planner.remainder import remainder
from pgproof.drift.planner.row_functions import table_of_rows
from pgproof.drift.planner.shells import functions, straight
from pgproof.drift.planner.transactions import Planned, numbered
from pgproof.drift.unit import Side, Unit, dotted
from pgproof.drift.words import label
from pgproof.sql.name import quote

NEEDED = frozenset({"definitions", "dependencies", "positions"})
"""The options that facts have to be read with, to find the way between them."""
_LIGHT = frozenset(
    {
        "inheritance",
        "view",
        "rule",
        "trigger",
        "policy",
        "constraint",
        "statistics",
        "index",
        "event trigger",
        "publication",
        "published table",
    }
)
"""What goes first: it holds no rows, and stands in the way of others."""


def repair(current: Facts, wanted: Facts, *, online: bool = True) -> Repair:
    """What leads from `current` to `wanted`, both read with definitions, dependencies and positions. Pure.

    Unless it is to be `online`, all of it can run in one transaction, but for new values of enumerations.
    """
    before = Side(current)
    return Planner(Changes(before, Side(wanted, before)), online=online).repair()


class Planner:
    """The way from one side to the other; what it cannot do is noted while it is found out."""

    def __init__(self, changes: Changes, *, online: bool) -> None:
        self._todo = changes
        self._old, self._new = changes.old, changes.new
        self.new = changes.new
        self._families = changes.families
        self._impossible = changes.impossible
        self._before = straight(self._old, self._families[0].needs_of_drops())
        after = self._families[1].needs(changes.is_attached, changes.has_default)
        freed = changes.before
        after = {key: after.get(key, frozenset()) | freed.get(key, frozenset()) for key in {*after, *freed}}
        self._after = straight(self._new, after)
        self._of_types = functions(self._old, self._old.needs), functions(self._new, self._new.needs)
        self._folded = Folded(needs=self._after)
        self._place: Mapping[Key, int] = {}
        self._online = Online(changes, is_on=online)

    def repair(self) -> Repair:
        """The plan."""
        replaced, held = self._online.replaced, self._online.held
        away = {*self._todo.gone, *self._todo.anew} - replaced.keys() - held
        first = self._first(away)
        last = [key for key in (*self._todo.gone, *self._todo.swapped) if key in away and key not in first]
        drops = [*self._order_of_drops(first), *self._order_of_drops(last)]
        self._place = {key: number for number, key in enumerate(drops)}
        early, main, late = self._made()
        begin = [*self._dropped(first, away), *self._set_aside()]
        end = list(self._dropped(last, away))
        indexes = [*self._dropped_indexes()]
        if not (late or indexes):
            main, end = [*main, *end], []
        parts = (early, [*begin, *main], late, indexes, end)
        return Repair(statements=tuple(numbered(parts)), impossible=self.left_out())

    def _set_aside(self) -> Iterator[Planned]:
        """Indexes that are built anew, and types that columns are converted from, leave their names to the new."""
        for unit in (self._old.units[key] for key in self._order_of_drops(self._todo.swapped)):
            yield from (Planned(Step(sql), label(unit.main)) for sql in set_aside(unit, self._online.aside))
        for key, name in self._online.replaced.items():
            sql = f"ALTER INDEX {dotted(key[1])} RENAME TO {quote(name)}"
            yield Planned(Step(sql), label(self._old.units[key].main))

    def _dropped_indexes(self) -> Iterator[Planned]:
        """What is not used any more once the new indexes are there."""
        for key in (*self._online.replaced, *sorted(self._online.held)):
            unit = self._old.units[key]
            parent = self._families[0].parent(unit)
            if parent in self._online.replaced or parent in self._online.held:
                continue
            name = dotted((key[1][0], self._online.replaced.get(key, key[1][-1])))
            table = self._old.units[unit.main.of] if unit.main.of else unit
            is_alone = not table.of("pg_partitioned_table")
            sql = f"DROP INDEX {'CONCURRENTLY ' if is_alone else ''}{name}"
            how = How.OUTSIDE if is_alone else How.ALONE
            yield Planned(Step(sql, how), label(unit.main), hazards.of_dropping(self._todo, unit))

    def _first(self, away: set[Key]) -> list[Key]:
        """What goes before anything is made: what is light, what is made anew, and what depends on that.

        What something depends on that stays, and is changed so that it no longer does, waits until then. So that a
        table can become a partition or child of another, the columns go that it does not have, and those
        that are not in the rows that a function returns.
        """
        waits = self._waiting(away)
        left = away - self._todo.swapped
        retyped = {key for key in self._todo.alters if key[0] == "pg_attribute" and self._todo.is_retyped(key)}
        made = [self._new.units[key] for key in {*self._todo.fresh, *self._todo.anew}]
        narrowed = {unit.name[2:] for unit in made if unit.catalog == "pg_inherits"}
        narrowed |= {table[1] for table in map(table_of_rows, made) if table}
        found = {
            key
            for key in left - waits
            if self._old.units[key].kind in _LIGHT
            or key in self._todo.anew
            or not retyped.isdisjoint(self._old.needs.get(key, ()))
            or (key[0] == "pg_attribute" and key[1][:2] in narrowed)
        }
        while True:
            more = {key for key in left - found if not found.isdisjoint(self._old.needs.get(key, ()))}
            if not more:
                return list(found)
            found |= more

    def _waiting(self, away: set[Key]) -> set[Key]:
        """What something that stays needs until it is changed, and what that needs itself."""
        needed = {other for key in self._todo.alters if key not in away for other in self._old.needs.get(key, ())}
        gone = {key for key in self._todo.gone if key in away and key not in self._todo.anew}
        found = {key for key in gone & needed if self._old.units[key].kind not in ("constraint", "index")}
        found |= {key for key in gone if self._todo.is_of_identity(self._old.units[key])}
        while more := {other for key in found for other in self._old.needs.get(key, ())} & gone - found:
            found |= more
        return found

    def _is_counted(self, link: Unit) -> bool:
        """True for a partition that goes, while its parent stays, and may get another, or an index."""
        parent = "pg_class", link.name[2:]
        return parent in self._new.units and parent not in self._todo.anew

    def _dropped(self, keys: Collection[Key], away: Collection[Key]) -> Iterator[Planned]:
        for key in self._order_of_drops(keys):
            unit = self._old.units[key]
            if self._goes_along(unit, away) and not (
                self._is_in_the_way(unit, away) or self._gives_its_name(unit)
            ):
                continue
            sql = list(drop(unit, is_left=self._todo.is_without_parent(unit)))
            if key in self._todo.swapped:
                sql = [f"DROP {clause(unit, self._online.aside[unit.name])}"]
            if not sql and not goes_by_itself(unit) and not self._goes_with_attribute(unit):
                self._impossible.append((label(unit.main), why_not_dropped(unit)))
            cost = hazards.of_dropping(self._todo, unit)
            yield from (Planned(Step(each), label(unit.main), cost) for each in sql)

    def _goes_with_attribute(self, unit: Unit) -> bool:
        """True for a column of a table that stays one of its type: DROP ATTRIBUTE takes it along."""
        table = self._new.units.get(("pg_class", unit.name[:2]))
        was = self._old.units.get(("pg_class", unit.name[:2]))
        is_column = unit.catalog == "pg_attribute" and columns.is_typed(unit)
        return is_column and table is not None and was is not None and table.say("type") == was.say("type")

    def _gives_its_name(self, unit: Unit) -> bool:
        """True for an index that goes with its table, and whose name another one gets before."""
        if not (unit.kind == "index" or unit.of("pg_index")):
            return False
        fact = self._new.facts.facts.get(("pg_class", index_name(unit)))
        return fact is not None and self._new.unit_of(fact) != unit.key

    def _order_of_drops(self, keys: Collection[Key]) -> list[Key]:
        return list(reversed(in_order(keys, self._before, self._old.units)))

    def _is_in_the_way(self, unit: Unit, away: Collection[Key]) -> bool:
        """True for what goes with its table, but has to go before: what it needs goes before the table."""
        of = unit.main.of if unit.kind == "index" else None
        table, place = of or ("pg_class", unit.name[:2]), self._place
        needs = {
            ("pg_class", each[1][:2]) if self._goes_along(self._old.units[each], away) else each
            for each in self._before.get(unit.key, ())
        }
        return table in place and any(place.get(each, place[table]) < place[table] for each in needs - {table})

    def _goes_along(self, unit: Unit, away: Collection[Key]) -> bool:
        """True if dropping something else that goes drops it as well; a foreign key may be in others' way."""
        family = self._families[0]
        if unit.catalog == "pg_inherits" and self._is_counted(unit):
            return False
        if (
            unit.kind == "index"
            and unit.key in self._todo.anew
            and unit.main.of != self._new.units[unit.key].main.of
        ):
            return False  # another table has an index of its name
        if (parent := family.parent(unit)) and unit.main.of:
            is_detached = family.link(unit) in away and unit.main.of not in away
            if not is_detached and (parent in away or unit.say("contype") == "f"):
                return True
        if unit.say("contype") == "f":
            return False
        if self._of_types[0].get(unit.key) in away or column_of_not_null(unit) in away:
            return True
        above = unit.main.of
        while above:
            fact = self._old.facts.facts.get(above)
            if fact is None:
                return False
            owner = self._old.unit_of(fact)
            if (
                owner in away
                and owner != unit.key
                and owner not in self._todo.swapped
                and _takes_along(owner, unit)
            ):
                return True
            above = fact.of
        column = unit.say("goes with", "pg_depend") if unit.kind == "sequence" else None
        return bool(column) and any(
            key[0] in ("pg_attribute", "pg_class") and str(column).startswith(f"table column {dotted(key[1])}")
            for key in away
        )

    def _made(self) -> tuple[list[Planned], list[Planned], list[Planned]]:
        """What makes and changes: before all others, among them, and behind.

        What needs something that is ready only behind, is made behind.
        """
        early: list[Planned] = []
        main: list[Planned] = []
        late: list[Planned] = []
        owners: list[Planned] = []
        behind: set[Key] = set()
        for unit, sql in self.all_made():
            key = unit.key
            work = (self._online.altered if key in self._todo.alters else self._online.made)(unit, sql)
            steps = [Step(each) for each in work.main]
            is_behind = not behind.isdisjoint(self._folded.needs.get(key, ()))
            if is_behind or work.late:
                behind.add(key)
            late += self._planned(unit, [*work.early, *steps, *work.late] if is_behind else work.late)
            if not is_behind:
                early += self._planned(unit, work.early)
                main += self._planned(unit, steps)
            if unit.kind == "sequence" and unit.of("pg_depend") and key not in self._todo.alters:
                owners += self._planned(unit, [Step(str(stored.sequence_owner(unit)))])
        return early, [*main, *owners], late

    def _planned(self, unit: Unit, steps: Sequence[Step]) -> Iterator[Planned]:
        for each in steps:
            yield Planned(each, label(unit.main), hazards.of_making(self._todo, unit.key, each.sql))

    def gone(self) -> Iterator[str]:
        """What drops all that nobody wants."""
        away = set(self._todo.gone)
        yield from (each.step.sql for each in self._dropped(away, away))

    def left_out(self) -> tuple[tuple[str, str], ...]:
        """What no statement does, and why; when all others have been asked for."""
        return tuple(dict.fromkeys([*self._impossible, *remainder(self._todo)]))

    def all_made(self, order: Order = in_order) -> Iterator[tuple[Unit, list[str]]]:
        """The objects to be made and changed, what is needed first, each with its statements."""
        keys = self._makeable({*self._todo.fresh, *self._todo.anew, *self._todo.alters})
        self._folded = fold(self._new, keys, self._after, self._is_apart)
        parts = self._folded.parts(self._new.units)
        shells = {key for key in keys - self._todo.alters.keys() if is_base(self._new.units[key])}
        for key in order(keys - self._folded.table.keys(), self._folded.needs, self._new.units):
            unit = self._new.units[key]
            if key in self._todo.alters:
                yield unit, self._todo.alters[key]
                continue
            sql = [*self._shell(key, shells), *self._created(unit, parts.get(key, ()))]
            if sql or unit.catalog == "pg_attribute" or self._is_there(unit):
                sql += [*common(None, unit, self._old), *depends(None, unit)]
            yield unit, [*sql, *whole.finish(parts.get(key, ()), self._old)]

    def _shell(self, key: Key, left: set[Key]) -> Iterator[str]:
        """Before a base type, or the first of its functions: its name; `left` are those that have none yet."""
        base = self._of_types[1].get(key, key)
        if base in left:
            left.remove(base)
            yield create_shell(self._new.units[base])

    def _makeable(self, keys: Collection[Key]) -> set[Key]:
        """Those that are not impossible, by themselves or because of what they need; of the others it is noted."""
        types = frozenset(key for key, _ in self._todo.stuck if key[0] == "pg_type" or key not in self._old.units)
        failed: set[Key] = set()
        for key in in_order(keys, self._after, self._new.units):
            unit = self._new.units[key]
            needs = self._after if key[0] == "pg_inherits" else self._new.needs
            needed = needs.get(key, frozenset())
            if held := (types & needed) or (failed & needed if key not in self._todo.alters else frozenset()):
                self._impossible.append((label(unit.main), f"it needs {label(self._new.units[min(held)].main)}"))
                failed.add(key)
            elif key not in self._todo.alters and (why := why_not_anew(unit)):
                self._impossible.append((label(unit.main), why))
                failed.add(key)
        return set(keys) - failed

    def _is_apart(self, unit: Unit) -> bool:
        """True for what is not made, but changed, or has come with something else."""
        return unit.key in self._todo.alters or self._todo.comes_along(unit) or self._is_there(unit)

    def _is_there(self, unit: Unit) -> bool:
        """True for what has come with something else."""
        todo = self._todo
        is_along = goes_by_itself(unit) and not todo.is_without_parent(unit)
        return is_along or todo.is_from_parent(unit) or todo.is_made_with_column(unit.key)

    def _created(self, unit: Unit, parts: Sequence[Unit]) -> Iterator[str]:
        if unit.kind in ("table", "foreign table"):
            yield from tables.create_table(unit, parts)
        elif unit.catalog == "pg_attribute":
            if not (self._todo.is_made_along(unit) or self._todo.comes_along(unit)):
                word = "FOREIGN TABLE" if columns.is_foreign(unit) else "TABLE"
                default = self._new.units["pg_attrdef", unit.name] if self._todo.has_default(unit) else None
                said = f" DEFAULT {default.say('default')}" if default else ""
                if constraint := self._todo.not_null_along(unit):
                    said += f" CONSTRAINT {quote(constraint[1][-1])} NOT NULL"
                yield f"ALTER {word} {dotted(unit.name[:2])} ADD COLUMN {columns.column_definition(unit, said)}"
            yield from columns.finish_column(None, unit)
        elif unit.catalog == "pg_attrdef":
            column = self._new.units.get(("pg_attribute", unit.name))  # none where the view brings it
            if column is None or not self._todo.has_default(column):
                yield from column_default(unit)
        elif unit.catalog == "pg_inherits":
            yield from self._attached(unit)
        elif self._todo.is_valid_alone(unit):
            yield guards.validate(unit)
        elif not self._is_there(unit) and (found := maker(unit)):
            yield from found[0](unit)

    def _attached(self, unit: Unit) -> Iterator[str]:
        child, parent = unit.name[:2], unit.name[2:]
        if link := self._families[1].link_of_indexes(unit):
            if self._todo.is_attached(link):
                yield f"ALTER INDEX {dotted(parent)} ATTACH PARTITION {dotted(child)}"
            return
        table = self._new.units.get(("pg_class", child))
        if table is None or table.kind not in ("table", "foreign table"):
            return
        if bound := table.say("partition bound"):
            yield tables.attach(child, parent, bound)
        elif table.key in self._old.units and table.key not in self._todo.anew:
            yield f"ALTER TABLE {dotted(child)} INHERIT {dotted(parent)}"


def _takes_along(owner: Key, unit: Unit) -> bool:
    if owner[0] == "pg_type":
        return unit.kind == "constraint"
    return owner[0] in ("pg_class", "pg_attribute", "pg_publication", "pg_opfamily", "pg_opclass")
