"""The way that holds up nobody for long: what reads a whole table is done beside those who use it.

- An index is built CONCURRENTLY, and dropped CONCURRENTLY when what replaces it is there ("Building Indexes
  Concurrently", CREATE INDEX in PostgreSQL's manual).
- A CHECK or a foreign key comes NOT VALID and is validated in a transaction of its own, which lets others write
  (ALTER TABLE, Notes).
- A primary key or UNIQUE gets an index that was built before (ADD table_constraint_using_index).
- NOT NULL: a CHECK that says so is validated first, and SET NOT NULL reads no row then; as of 18 the constraint
  itself can be NOT VALID.
- A value of an enumeration is committed before anything uses it (ALTER TYPE, Notes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from pgproof.catalog.fact import Key
from pgproof.drift.ddl import columns, guards, stored
from pgproof.drift.planner.changes import Changes
from pgproof.drift.unit import Unit, dotted
from pgproof.sql.name import quote


class How(Enum):
    """With what a statement shares its transaction."""

    TOGETHER = "with those beside it"
    ALONE = "with none"
    OUTSIDE = "there is none"


@dataclass(frozen=True, slots=True)
class Step:
    """A statement, and how it is done."""

    sql: str
    how: How = How.TOGETHER


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What makes or changes an object: before all others, among them, and behind."""

    early: tuple[Step, ...] = ()
    main: tuple[str, ...] = ()
    late: tuple[Step, ...] = ()


class Online:
    """How each object of a change is made so.

    `replaced` are the indexes that are built anew beside the old one, with the name the old one has meanwhile;
    `held` those that are dropped when all new ones are there; `aside` are the names that types have while
    columns are converted.
    """

    def __init__(self, todo: Changes, *, is_on: bool = True) -> None:
        self._todo = todo
        self._is_on = is_on
        names = (key[1] for side in (todo.old, todo.new) for key in side.facts.facts)
        self._taken = {(name[0], name[-1]) for name in names if name}
        replaced = self._replaced() if is_on else set()
        held = {key for key in todo.gone if is_on and self._can_wait(key)}
        while alone := self._alone(replaced, held):
            replaced -= alone
            held -= alone
        self.held = frozenset(held)
        types = (fact.key[1] for key in sorted(todo.swapped) for fact in todo.old.units[key].of("pg_type"))
        self.aside = {name: self._unused(name[0], f"{name[-1]}_old") for name in types}
        self.replaced = {key: self._unused(key[1][0], f"{key[1][-1]}_old") for key in sorted(replaced)}

    def made(self, unit: Unit, sql: Sequence[str]) -> Work:
        """How what `sql` makes at once is made."""
        if not self._is_on or not sql or not self._is_on_kept(unit):
            return Work(main=tuple(sql))
        if unit.kind == "index":
            return self._index(unit, sql)
        if unit.kind == "constraint" and " VALIDATE CONSTRAINT " in sql[0]:
            return self.altered(unit, sql)
        if unit.kind == "constraint" and " ADD CONSTRAINT " in sql[0]:  # else it comes along, and has a comment
            return self._constraint(unit, sql)
        return Work(main=tuple(sql))

    def altered(self, unit: Unit, sql: Sequence[str]) -> Work:
        """How what `sql` changes at once is changed."""
        if unit.kind == "type":
            values = tuple(Step(each) for each in sql if " ADD VALUE " in each)
            return Work(early=values, main=tuple(each for each in sql if " ADD VALUE " not in each))
        if not self._is_on:
            return Work(main=tuple(sql))
        early: list[Step] = []
        main: list[str] = []
        late: list[Step] = []
        for each in sql:
            if unit.kind == "constraint" and " VALIDATE CONSTRAINT " in each:
                late.append(Step(each, How.ALONE))
            elif unit.kind == "index" and " SET TABLESPACE " in each and not self._is_partitioned(unit):
                late.append(_moved(unit, each))
            elif columns.what(unit, each) == "SET NOT NULL" and self._stays(unit.key):
                checked, dropped = self._not_null(unit, is_alone=columns.is_of_it_only(unit, each))
                early += checked
                main += [each, dropped]
            else:
                main.append(each)
        return Work(early=tuple(early), main=tuple(main), late=tuple(late))

    def _index(self, unit: Unit, sql: Sequence[str]) -> Work:
        if self._is_partitioned(unit):  # it is made of those of the partitions
            return Work(main=tuple(sql))
        first, *rest = sql
        steps = [Step(stored.built_concurrently(first), How.OUTSIDE)]
        steps += [_moved(unit, each) if " SET TABLESPACE " in each else Step(each) for each in rest]
        return Work(late=tuple(steps))

    def _constraint(self, unit: Unit, sql: Sequence[str]) -> Work:
        first, *rest = sql
        kind = unit.say("contype")
        is_domain = bool(unit.main.of and unit.main.of[0] == "pg_type")
        if kind in ("p", "u") and not self._is_partitioned(unit) and (found := self._key(unit, rest)):
            return found
        if not unit.say("validated") or self._is_of_foreign(unit) or unit.say("enforced") is False:
            return Work(main=tuple(sql))
        if kind == "c" or (kind == "f" and not (self._is_partitioned(unit) or guards.is_validated_at_once(unit))):
            late = Step(guards.validate(unit), How.ALONE)
            return Work(main=(f"{first} NOT VALID", *rest), late=(late,))
        if kind == "n" and not is_domain and self._is_nullable(unit):
            steps = (Step(f"{first} NOT VALID"), Step(guards.validate(unit), How.ALONE))
            return Work(early=steps, main=tuple(rest))
        return Work(main=tuple(sql))

    def _is_nullable(self, unit: Unit) -> bool:
        """True for a NOT NULL of a column that stays, and has none yet; nor is anything in its way."""
        names = unit.say("columns")
        key: Key = "pg_attribute", (*unit.name[:2], *(map(str, names) if isinstance(names, tuple) else ()))
        is_kept = self._stays(key) and unit.key not in self._todo.not_nulls.waiting
        return is_kept and not self._todo.old.units[key].say("not null")

    def _key(self, unit: Unit, rest: Sequence[str]) -> Work | None:
        """A key by an index that is built before, or behind if it is of columns that are new.

        As of 18 the primary key of a partition would get a NOT NULL of its own in that way
        (transformIndexConstraint, parse_utilcmd.c).
        """
        is_of_partition = self._todo.families[1].parent(unit) is not None
        if is_of_partition and unit.say("contype") == "p" and unit.side.facts.major >= 18:
            return None
        if unit.say("period") or (definition := stored.definition(unit)) is None:
            return None
        schema, name = unit.name[0], unit.name[-1]
        if ("pg_class", (schema, name)) in self._todo.old.facts.facts:
            name = self._unused(schema, f"{name}_new")
        built = Step(stored.built_concurrently(stored.renamed(definition, name)), How.OUTSIDE)
        added = guards.key_by_index(unit, name)
        needs = self._todo.new.needs.get(unit.key, ())
        if all(self._stays(key) for key in needs if key[0] == "pg_attribute"):
            return Work(early=(built,), main=(added, *rest))
        return Work(late=(built, Step(added), *(Step(each) for each in rest)))

    def _not_null(self, unit: Unit, *, is_alone: bool) -> tuple[list[Step], str]:
        """A CHECK that lets SET NOT NULL believe it, and the statement that drops it.

        If its table `is_alone`, not its children's.
        """
        own = " NO INHERIT" if is_alone else ""
        table = unit.name[:2]
        name = self._unused(table[0], f"{table[1]}_{unit.name[-1]}_not_null")
        on = f"ALTER TABLE {dotted(table)}"
        checked = f"{on} ADD CONSTRAINT {quote(name)} CHECK ({quote(unit.name[-1])} IS NOT NULL){own} NOT VALID"
        validated = f"{on} VALIDATE CONSTRAINT {quote(name)}"
        return [Step(checked), Step(validated, How.ALONE)], f"{on} DROP CONSTRAINT {quote(name)}"

    def _unused(self, schema: str, name: str) -> str:
        """A name that nothing has, of at most 63 bytes."""
        found, number = _fitting(name), 1
        while (schema, found) in self._taken:
            number += 1
            found = _fitting(name, f"_{number}")
        self._taken.add((schema, found))
        return found

    def _can_wait(self, key: Key) -> bool:
        """True for an index that is in nobody's way: it is dropped when those are there that replace it."""
        unit = self._todo.old.units[key]
        if unit.kind != "index" or not self._todo.is_kept(unit):
            return False
        return ("pg_class", unit.name) not in self._todo.new.facts.facts and self._is_untouched(unit)

    def _replaced(self) -> set[Key]:
        """Those that are made anew for their own sake."""
        return {
            key
            for key in self._todo.anew
            if self._todo.old.units[key].kind == self._todo.new.units[key].kind == "index"
            and self._todo.is_kept(self._todo.new.units[key])
            and self._todo.old.units[key].main.of == self._todo.new.units[key].main.of
            and self._is_untouched(self._todo.old.units[key])
        }

    def _alone(self, replaced: set[Key], held: set[Key]) -> set[Key]:
        """Of these, those of partitions whose parent's is not among them, and the other way round.

        A new one is attached to the new one of the parent.
        """
        families, units = self._todo.families, (self._todo.old.units, self._todo.new.units)
        found: set[Key] = set()
        for key, unit in units[0].items():
            parent = families[0].parent(unit) if unit.kind == "index" or unit.of("pg_index") else None
            if parent is None or not self._todo.is_attached(families[0].link(unit)):
                continue
            if (key in replaced or key in held) != (parent in replaced or parent in held):
                found |= {key, parent} & (replaced | held)
        for key in replaced:
            parent = families[1].parent(units[1][key])
            if parent in units[0] and parent not in replaced:
                found.add(key)
        return found

    def _is_untouched(self, unit: Unit) -> bool:
        """True if all that an index needs stays, or goes behind it; that of a parent's is looked at for itself."""
        units = self._todo.old.units
        if self._gets_parent(unit):
            return False
        needs = [key for key in self._todo.old.needs.get(unit.key, ()) if units[key].kind != "index"]
        return not any(key in self._todo.anew or self._is_retyped(key) for key in needs)

    def _gets_parent(self, unit: Unit) -> bool:
        """True if its table becomes a partition: an old index would be attached, if it is still there."""
        table = self._todo.new.units.get(unit.main.of) if unit.main.of else None
        if table is None:
            return False
        links = (key for key in self._todo.new.units if key[0] == "pg_inherits" and key[1][:2] == table.name)
        return any(not self._todo.is_attached(key) for key in links)

    def _stays(self, key: Key) -> bool:
        """True for what is there before, and is not made anew or of another type."""
        return (
            key in self._todo.old.units
            and key in self._todo.new.units
            and key not in self._todo.anew
            and not self._is_retyped(key)
        )

    def _is_retyped(self, key: Key) -> bool:
        both = key in self._todo.old.units and key in self._todo.new.units
        return both and key[0] == "pg_attribute" and self._todo.is_retyped(key)

    def _is_on_kept(self, unit: Unit) -> bool:
        return bool(unit.main.of) and self._todo.is_kept(unit)

    def _is_partitioned(self, unit: Unit) -> bool:
        table = unit.side.units.get(unit.main.of) if unit.main.of else None
        return table is not None and bool(table.of("pg_partitioned_table"))

    def _is_of_foreign(self, unit: Unit) -> bool:
        table = unit.side.units.get(unit.main.of) if unit.main.of else None
        return table is not None and table.kind == "foreign table"


def _moved(unit: Unit, sql: str) -> Step:
    """An index that goes to another tablespace while it is used (REINDEX)."""
    place = sql.rpartition(" SET TABLESPACE ")[2]
    return Step(f"REINDEX (TABLESPACE {place}) INDEX CONCURRENTLY {dotted(unit.name)}", How.OUTSIDE)


def _fitting(name: str, end: str = "") -> str:
    """A name cut to 63 bytes (NAMEDATALEN), with that end."""
    return name.encode()[: 63 - len(end)].decode(errors="ignore") + end
