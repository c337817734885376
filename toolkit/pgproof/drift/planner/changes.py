"""What differs between two databases, object by object: altered, made, dropped, or made anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cached_property, partial

from pgproof.catalog.fact import Key
from pgproof.drift.ddl import columns, guards, tables
from pgproof.drift.ddl.privileges import common, gets_privileges_of_owner
from pgproof.drift.ddl.strangers import moved_along
from pgproof.drift.ddl.types import retypes_attributes
from pgproof.drift.planner import domains
from pgproof.drift.planner.called import Otherwise
from pgproof.drift.planner.dependents import READ_COLUMNS, STILL_GOES, Closure, Dependents, has_columns
from pgproof.drift.planner.descendants import Descendants, amidst, held_by_others, outliving
from pgproof.drift.planner.family import Family, column_of_not_null
from pgproof.drift.planner.makers import column_default, depends, maker, only_common, why_not_anew
from pgproof.drift.planner.not_nulls import named
from pgproof.drift.planner.order import circles
from pgproof.drift.planner.row_functions import is_out_of_order, table_of_rows
from pgproof.drift.unit import Side, Unit, dotted
from pgproof.drift.words import label
from pgproof.sql.name import quote

HOLD_ROWS = frozenset({"table", "column"})
_FOLLOWS = frozenset({"operator classes", "collations"})


class Changes:
    """What has to happen to each object of `old`, so that there is what `new` has.

    `alters` are the statements that change an object as it stands; `fresh`, `gone` and `anew` are to be made, to
    be dropped, and both; of `lossy` ones the rows are lost. Of `anew`, `swapped` types have columns with rows,
    which are `converted` while the old type has another name. `before` has what is changed before something else,
    as what does not depend on a column any more before its type. `stuck` stay as they are, and `impossible` says
    why.
    """

    def __init__(self, old: Side, new: Side) -> None:
        self.old, self.new = old, new
        self.families = Family(old), Family(new)
        self.impossible: list[tuple[str, str]] = []
        self.alters: dict[Key, list[str]] = {}
        along = {key for both in moved_along(old, new) for key in both}
        gone = [key for key in old.units if key not in new.units and key not in along]
        self.gone = [key for key in gone if not self._goes_with_identity(key)]
        self.fresh = [key for key in new.units if key not in old.units and key not in along]
        self.anew: set[Key] = set()
        self.stuck: list[tuple[Key, str]] = []
        self.lossy, self.swapped, self.converted = set[Key](), set[Key](), set[Key]()
        self.before: dict[Key, frozenset[Key]] = {}
        otherwise = Otherwise(old, new)
        for key, unit in new.units.items():
            there = old.units.get(key)
            if there and (there.unplaced() != unit.unplaced() or gets_privileges_of_owner(there, unit)):
                if why := otherwise.why(there, unit):
                    self.impossible += [(each, why) for each in dict.fromkeys(map(label, unit.facts))]
                else:
                    self._change(there, unit)
        self.not_nulls = named(old, new)
        self.anew |= self.not_nulls.links | self.not_nulls.anew | set(outliving(old, new, self.families[0]))
        self._note_renamed_indexes()
        self._spread()
        domains.leave(self)
        self._rename()
        self._attach_indexes()
        self._follow()
        self._fill_identity()

    def _change(self, old: Unit, new: Unit) -> None:
        found = self._altered(old, new) if old.kind == new.kind else None
        if found is None and self._follows(old, new):
            found = []
        if found is not None:
            self.alters[new.key] = [*found, *common(old, new, self.old), *depends(old, new)]
        elif why := why_not_anew(old) or why_not_anew(new):
            self.stuck.append((new.key, why))
            self.impossible.append((label(new.main), why))
        else:
            self.anew.add(new.key)
        if new.kind == old.kind == "table" and old.say("partition bound") != new.say("partition bound"):
            both = self.new.units.keys() & self.old.units.keys()
            self.anew.update(key for key in both if key[0] == "pg_inherits" and key[1][:2] == new.name)

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
            key in self.old.units and key in self.new.units and self.is_retyped(key) for key in keys
        )

    def _altered(self, old: Unit, new: Unit) -> list[str] | None:
        if new.catalog == "pg_attribute":
            return columns.alter_column(old, new)
        if new.catalog == "pg_attrdef":
            return list(column_default(new))
        if new.catalog == "pg_inherits":
            words = [word for word in new.side.facts.words["pg_inherits"] if old.say(word) != new.say(word)]
            return [] if words == ["place among the parents"] else None
        if new.kind == "type" and retypes_attributes(old, new) and has_columns(self.old, new.key):
            return None  # ALTER ATTRIBUTE does not rewrite them
        found = maker(new)
        return found[1](old, new) if found else ([] if only_common(old, new) else None)

    def _spread(self) -> None:
        """With what is made anew, or changes its type, goes what depends on it, and comes back.

        Where something in the way holds rows, or cannot be made by us, neither is touched.
        """
        self._sort_row_functions()
        dependents = Dependents(self.old, self.new, self.anew)
        for key in self.gone:
            self.anew |= {each for each in dependents.of(key) if self._is_by_index(each)}
        roots = sorted(self.anew)
        self.anew = set()
        for root in roots:
            closure = dependents.closure(root)
            why = closure.why or self._why_not_moved(root, closure)
            self._decide(root, replace(closure, why=why))
        for key in sorted(key for key in self.alters if key[0] == "pg_attribute" and self.is_retyped(key)):
            kinds = READ_COLUMNS | ({"index"} if self._is_collated_anew(key) else set())
            closure = dependents.closure(key, partial(dependents.is_in_the_way, kinds))
            self.before[key] = frozenset(dependents.freed(key))
            why = closure.why or dependents.why_not_retyped(self.old.units[key])
            self._decide(key, Closure(closure.anew - {key}, why=why))
        for key in [key for key in self.alters if key[0] == "pg_attribute" and self.is_retyped(key)]:
            self.anew.update(held_by_others(self.new.units[key], self.families[1], self.is_attached))
        self.anew.update(amidst(self.old, self.new, self.families[1], self.is_attached))
        self._leave_circles()
        self._leave_partitions(stuck := {key for key, _ in self.stuck})
        self.gone = [key for key in self.gone if not (key in stuck or self._is_held(key, dependents, stuck))]

    def _sort_row_functions(self) -> None:
        """Functions that return rows of a table: those of columns that go are made anew, or cannot be made."""
        gone = {key for key in self.gone if key[0] == "pg_attribute"}
        for key in sorted(self._touched()):
            unit = self.new.units[key]
            if is_out_of_order(unit, self.old, self.new, self.anew):
                self._leave(key, "the columns of its rows come in another order")
            elif key in self.alters and table_of_rows(unit) and not gone.isdisjoint(self.old.needs.get(key, ())):
                self.anew.add(key)

    def _touched(self) -> set[Key]:
        return {*self.fresh, *self.anew, *(key for key, sql in self.alters.items() if sql)}

    def _leave(self, key: Key, why: str) -> None:
        """It stays as it is, and what needs it."""
        self.stuck.append((key, why))
        self.impossible.append((label(self.new.units[key].main), why))
        self.alters.pop(key, None)
        self.anew.discard(key)
        self.fresh = [each for each in self.fresh if each != key]
        for other in sorted(each for each in self._touched() if key in self.new.needs.get(each, ())):
            self._leave(other, f"it needs {label(self.new.units[key].main)}")

    def _why_not_moved(self, root: Key, closure: Closure) -> str:
        """Why a column cannot be made anew: it would come behind all others, in rows that a function returns."""
        if root[0] == "pg_attribute":
            for key in sorted(closure.anew):
                unit = self.new.units[key]
                if is_out_of_order(unit, self.old, self.new, closure.anew):
                    return f"{label(unit.main)} returns its table's rows, and it would be behind all other columns"
        return ""

    def _is_by_index(self, key: Key) -> bool:
        """True for a foreign key that stays, and may have to use another unique index from now on."""
        return key in self.new.units and key[0] == "pg_constraint" and self.old.units[key].say("contype") == "f"

    def _note_renamed_indexes(self) -> None:
        """An index of a partition that goes, or gets another parent, while the partition stays one.

        Nothing takes it from the parent that it has: the parent's is made anew, too.
        """
        for key, unit in self.old.units.items():
            family = self.families[0]
            if not (unit.kind == "index" or unit.of("pg_index")) or not (parent := family.parent(unit)):
                continue
            link, there = family.link(unit), self.new.units.get(key)
            if link not in self.old.units or link not in self.new.units:
                continue
            if there is None or self.families[1].parent(there) != parent:
                both = {each for each in (key, parent) if each in self.new.units}
                self.anew |= both
                for each in both:
                    self.alters.pop(each, None)

    def _attach_indexes(self) -> None:
        """What is made anew of an index that goes with its parent's is attached again."""
        for link in [key for key in self.old.units if key[0] == "pg_inherits" and key in self.new.units]:
            facts = self.new.facts.facts
            ends = [facts.get(("pg_class", name)) for name in (link[1][:2], link[1][2:])]
            if any(each and each.kind == "index" and self.new.unit_of(each) in self.anew for each in ends):
                self.anew.add(link)

    def _goes_with_identity(self, key: Key) -> bool:
        """True for the default of a column that becomes an identity column, which loses it first."""
        column = self.new.units.get(("pg_attribute", key[1])) if key[0] == "pg_attrdef" else None
        return column is not None and column.key in self.old.units and bool(column.say("identity"))

    def _leave_circles(self) -> None:
        """Views that select from each other have to be made, and dropped, by hand."""
        for side, keys in ((self.old, self.gone), (self.new, [*self.fresh, *self.alters])):
            views = [key for key in keys if side.units[key].kind == "view"]
            for key in sorted(circles(views, side.needs)):
                why = "it and other views select from each other"
                self.stuck.append((key, why))
                self.impossible.append((label(side.units[key].main), why))
                self.alters.pop(key, None)
                self.fresh = [each for each in self.fresh if each != key]

    def _leave_partitions(self, stuck: Collection[Key]) -> None:
        """Partitions of what stays partitioned as it is stay as they are."""
        for key in sorted(key for key in self.anew | set(self.fresh) if key[0] == "pg_inherits"):
            parent = "pg_class", key[1][2:]
            if parent in stuck:
                self.anew.discard(key)
                self.fresh = [each for each in self.fresh if each != key]
                for name in (key[1][:2], key[1]):
                    unit = self.new.units.get(("pg_class", name)) or self.new.units[key]
                    self.impossible.append(
                        (label(unit.main), f"{label(self.new.units[parent].main)} is as it was")
                    )

    def _follow(self) -> None:
        """What a statement about a column of a parent does to that of a child is not said again."""
        found = Descendants(self.new, self.families[1], self.is_attached)
        self.alters.update(found.followed(self.alters))
        for key, above in list(found.kept(self.alters)):
            if key in self.old.units and key not in self.anew:
                self.alters[key] = [*self.alters.get(key, ()), found.set_again(key)]
                self.before[key] = self.before.get(key, frozenset()) | {above}

    def _rename(self) -> None:
        """NOT NULL gets another name, where its table and column stay."""
        self.before.update(self.not_nulls.behind)
        for key, was in self.not_nulls.renamed.items():
            unit, old = self.new.units[key], self.old.units[was]
            if unit.main.of not in self.anew and column_of_not_null(unit) not in self.anew:
                sql = [] if key in self.not_nulls.led else [guards.rename(old, unit)]
                self.alters[key] = [*sql, *common(old, unit, self.old)]
                self.fresh.remove(key)
                self.gone.remove(was)

    def _decide(self, root: Key, closure: Closure) -> None:
        if closure.why:
            self.alters.pop(root, None)
            self.stuck.append((root, closure.why))
            self.impossible.append((label(self.new.units[root].main), closure.why))
            return
        self.anew |= closure.anew
        if root in closure.anew and self.old.units[root].kind in HOLD_ROWS:
            self.lossy |= {key for key in closure.anew if not self.old.units[key].say("generated")}
        for key in closure.anew:
            self.alters.pop(key, None)
        for key in closure.converted:
            old, new = self.old.units[key], self.new.units[key]
            found = columns.alter_column(old, new, is_converted=True) or []
            self.alters[key] = [*found, *common(old, new, self.old), *depends(old, new)]
        if closure.converted:
            self.swapped |= {key for key in closure.anew if key[0] == "pg_type"}
            self.converted |= closure.converted

    def _is_held(self, key: Key, dependents: Dependents, stuck: Collection[Key]) -> bool:
        """True for what nobody wants any more, but something depends on that stays as it is."""
        for other in dependents.of(key):
            if other in stuck or (other in self.new.units and key in self.new.needs.get(other, ())):
                unit = self.old.units[other]
                self.impossible.append((label(self.old.units[key].main), f"{label(unit.main)} depends on it"))
                return True
            if dependents.still_goes_with(self.old.units[other], key):
                why = f"{label(self.old.units[other].main)} goes with it: {STILL_GOES}"
                self.impossible.append((label(self.old.units[key].main), why))
                return True
        return False

    def keeps_type(self, key: Key) -> bool:
        """True for a column that stays, with its type."""
        is_kept = key in self.new.units and key not in self.anew and key not in self.gone
        return is_kept and not self.is_retyped(key)

    def is_retyped(self, key: Key) -> bool:
        old, new = self.old.units[key], self.new.units[key]
        was, now = ((each.say("type"), each.say("collation")) for each in (old, new))
        return was != now or key in self.converted

    def _is_collated_anew(self, key: Key) -> bool:
        """True where the server would build indexes anew by definitions that leave out what was the collation."""
        return self.old.units[key].say("collation") != self.new.units[key].say("collation")

    def is_attached(self, link: Key) -> bool:
        """True for a partition or child that is one all the time."""
        return link in self.old.units and link in self.new.units and link not in self.anew

    def is_without_parent(self, unit: Unit) -> bool:
        """True for a CHECK or NOT NULL of a child that stays, of which no parent stays one: it does not follow."""
        if unit.say("contype") not in ("c", "n") or not self.is_kept(unit):
            return False
        family = self.families[0 if unit.side is self.old else 1]
        return not any(self.is_attached(link) for link in family.links(unit))

    def is_from_parent(self, unit: Unit) -> bool:
        """True for a CHECK or NOT NULL that a partition gets with that of its parent."""
        return unit.say("contype") in ("c", "n") and self.comes_along(unit)

    def is_valid_alone(self, unit: Unit) -> bool:
        """True for a CHECK or NOT NULL that comes with the parent's, which is NOT VALID, and is to be valid."""
        if unit.say("contype") not in ("c", "n") or not (unit.say("validated") and self.comes_along(unit)):
            return False
        parent = self.families[1].parent(unit)
        return parent is not None and not self.new.units[parent].say("validated")

    def has_default(self, unit: Unit) -> bool:
        """True for a new column of a table with rows: it gets its default with it, for the rows that are there."""
        default = "pg_attrdef", unit.name
        is_made = unit.key not in self.old.units or unit.key in self.anew
        return (
            is_made
            and default in self.new.units
            and not (self.is_made_along(unit) or self.comes_along(unit))
            and self.is_kept(unit)
        )

    def not_null_along(self, unit: Unit) -> Key | None:
        """The NOT NULL, a constraint since 18, that a new column of a table with rows gets with itself."""
        return self._not_nulls.get(unit.key)

    @cached_property
    def _not_nulls(self) -> Mapping[Key, Key]:
        found: dict[Key, Key] = {}
        for key in self.fresh:
            unit = self.new.units[key]
            names = unit.say("columns")
            if key[0] != "pg_constraint" or unit.say("contype") != "n" or not isinstance(names, tuple):
                continue
            column = self.new.units.get(("pg_attribute", (*unit.name[:2], str(names[0]))))
            if column is None or not self.is_kept(column):
                continue
            if column.key in self.old.units and not self._becomes_identity(column.key):
                continue
            is_plain = unit.main.definition == f"NOT NULL {quote(str(names[0]))}" and unit.say("local")
            if is_plain and not (self.is_made_along(column) or self.comes_along(column)):
                found[column.key] = key
        return found

    def _becomes_identity(self, key: Key) -> bool:
        """True for a column that has to be NOT NULL first, so that it gets that by its own statements."""
        old, new = self.old.units[key], self.new.units[key]
        return (
            key in self.alters and bool(new.say("identity")) and not (old.say("identity") or old.say("not null"))
        )

    def is_of_identity(self, unit: Unit) -> bool:
        """True for the NOT NULL of a column that stays and is an identity column until it is changed."""
        key = column_of_not_null(unit)
        return key is not None and key in self.alters and bool(self.old.units[key].say("identity"))

    def _fill_identity(self) -> None:
        """The NOT NULL of such columns, before they become identity columns."""
        for key, constraint in self._not_nulls.items():
            if key in self.alters:
                table, name = dotted(key[1][:2]), quote(constraint[1][-1])
                sql = f"ALTER TABLE {table} ADD CONSTRAINT {name} NOT NULL {quote(key[1][-1])}"
                self.alters[key] = [
                    line
                    for each in self.alters[key]
                    for line in ([sql, each] if " ADD GENERATED " in each else [each])
                ]

    def is_made_with_column(self, key: Key) -> bool:
        """True for a NOT NULL that its column comes with."""
        return key in self._not_nulls.values()

    def is_kept(self, unit: Unit) -> bool:
        """True for what is on a table that was there, and stays."""
        table = unit.main.of
        return table in self.old.units and table in self.new.units and table not in self.anew

    def is_made_along(self, unit: Unit) -> bool:
        """True for a column that CREATE TABLE makes, or that the type of its table has."""
        return columns.is_typed(unit) if self.is_kept(unit) else tables.is_made_with_its_table(unit)

    def comes_along(self, unit: Unit) -> bool:
        """True for what a table has from a parent whose partition or child it was, and stays."""
        return (family := self.families[1]).parent(unit) is not None and self.is_attached(family.link(unit))
