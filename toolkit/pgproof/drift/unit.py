"""Facts put together to what one statement makes: a table with its options, a constraint with its index."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property

from pgproof.catalog.fact import Fact, Facts, Key, Name, Value
from pgproof.sql.name import quote

_PARTS = {
    "pg_index": "pg_class",
    "pg_sequence": "pg_class",
    "pg_partitioned_table": "pg_class",
    "pg_foreign_table": "pg_class",
    "pg_range": "pg_type",
    "pg_enum": "pg_type",
    "pg_aggregate": "pg_proc",
    "pg_ts_config_map": "pg_ts_config",
}
"""Catalogs whose rows say more of an object of another, which has the same name, or the beginning of it."""
_LENGTHS = {"pg_enum": 2, "pg_ts_config_map": 2}
_NOTES = frozenset({"pg_description", "pg_seclabel", "pg_depend", "pg_shdescription", "pg_shseclabel"})
_CONSTRUCTORS = ("range_constructor", "multirange_constructor")
_INLINE = frozenset({"view", "materialized view", "index", "composite type"})
"""Relations whose columns are not made by statements of their own."""


def dotted(name: Sequence[str]) -> str:
    """A name in parts, each quoted where it must be."""
    return ".".join(quote(part) for part in name)


def named(value: Value) -> str:
    """A role, tablespace, server or access method in a statement: facts quote names already where they must be."""
    text = str(value)
    return text if text.startswith('"') else quote(text)


_GRANTEE = re.compile(r'("(?:[^"]|"")*"|[^:]*): ')


def grantee(line: str) -> tuple[str, str]:
    """Of what a fact says of privileges, "reader: SELECT", who, and what."""
    match = _GRANTEE.match(line)
    assert match is not None
    return match[1], line[match.end() :]


@dataclass(frozen=True, slots=True)
class Unit:
    """An object, the facts that tell of it, and what it needs. `side` is all that there is where it comes from."""

    key: Key
    facts: tuple[Fact, ...]
    side: Side = field(repr=False)

    @property
    def catalog(self) -> str:
        """The catalog of the object itself."""
        return self.key[0]

    @property
    def name(self) -> Name:
        """The object's name in parts."""
        return self.key[1]

    @property
    def main(self) -> Fact:
        """The fact of the object itself."""
        return self.side.facts.facts[self.key]

    @property
    def kind(self) -> str:
        """A word for it."""
        return self.main.kind

    def of(self, catalog: str) -> list[Fact]:
        """Its facts from that catalog."""
        return [fact for fact in self.facts if fact.catalog == catalog]

    def say(self, word: str, catalog: str = "") -> Value:
        """What its fact of that catalog (its own, if none is said) says under that word; None if it has none."""
        for fact in self.facts:
            if fact.catalog == (catalog or self.catalog) and (catalog or fact.key == self.key):
                return self.side.facts.value(fact, word)
        return None

    def contents(self) -> Mapping[Key, tuple[str, tuple[Value, ...]]]:
        """All that it says, to be compared."""
        return {fact.key: (fact.kind, fact.values) for fact in self.facts}

    def unplaced(self) -> Mapping[Key, tuple[str, tuple[Value, ...]]]:
        """The same, but for the place of a column."""
        words = self.side.facts.words.get("pg_attribute", ())
        found = dict(self.contents())
        for fact in self.of("pg_attribute") if "position" in words else ():
            values = (value for word, value in zip(words, fact.values, strict=True) if word != "position")
            found[fact.key] = fact.kind, tuple(values)
        return found


class Side:
    """All units of a database; of one that is to be, with what is there `before`."""

    def __init__(self, facts: Facts, before: Side | None = None) -> None:
        self.facts = facts
        self.before = before
        self._owned: dict[Key, Key] = {}
        self._parents = {fact.name[2:] for fact in facts if fact.catalog == "pg_inherits"}
        self._constraints = {
            (fact.name[0], fact.name[-1]): fact.key
            for fact in facts
            if fact.catalog == "pg_constraint" and facts.value(fact, "contype") in ("p", "u", "x")
        }
        self._identities = {
            fact.name[1:]: facts.value(fact, "goes with")
            for fact in facts
            if fact.catalog == "pg_depend" and facts.value(fact, "how it goes") == "i"
        }
        self._multiranges = {
            str(facts.value(fact, "multirange type")): fact.name for fact in facts if fact.catalog == "pg_range"
        }
        self.storages = {
            dotted(fact.name): str(facts.value(fact, "storage")) for fact in facts if fact.catalog == "pg_type"
        }
        self._columns = {
            f"table column {'.'.join(map(quote, key[1]))}": key for key in facts.facts if key[0] == "pg_attribute"
        }
        grouped: dict[Key, list[Fact]] = {}
        for fact in facts:
            grouped.setdefault(self.unit_of(fact), []).append(fact)
        self.units: Mapping[Key, Unit] = {
            key: Unit(key, tuple(found), self) for key, found in grouped.items() if key in facts.facts
        }
        self.needs = dict(self._needs())

    def has_children(self, name: Name) -> bool:
        """True for a table that has partitions, or that others inherit from."""
        return name in self._parents

    def is_alone(self, constraint: Name) -> bool:
        """True for a constraint whose name no other one of its schema has, but those that children have of it.

        Nor has another table had it `before`: then the server would give it another name.
        """
        earlier = self.before.tables_of(constraint[0], constraint[-1]) if self.before else set()
        return self._names[constraint[0], constraint[-1]] == 1 and earlier <= {constraint[:-1]}

    def tables_of(self, schema: str, constraint: str) -> Set[Name]:
        """What has a constraint of that name."""
        return self._tables.get((schema, constraint), set())

    @cached_property
    def _tables(self) -> Mapping[tuple[str, str], set[Name]]:
        found: dict[tuple[str, str], set[Name]] = {}
        for catalog, name in self.facts.facts:
            if catalog == "pg_constraint":
                found.setdefault((name[0], name[-1]), set()).add(name[:-1])
        return found

    @cached_property
    def _names(self) -> Counter[tuple[str, str]]:
        partitions = {
            fact.key
            for fact in self.facts
            if fact.catalog == "pg_class" and self.facts.value(fact, "partition bound") is not None
        }
        return Counter(
            (fact.name[0], fact.name[-1])
            for fact in self.facts
            if fact.catalog == "pg_constraint"
            and (self.facts.value(fact, "local") is not False or fact.of in partitions)
        )

    def unit_of(self, fact: Fact) -> Key:
        """The object that a fact tells of."""
        key = fact.key
        if key not in self._owned:
            self._owned[key] = self._find(fact)
        return self._owned[key]

    def _find(self, fact: Fact) -> Key:
        catalog, name = fact.key
        above = self.facts.facts.get(fact.of) if fact.of else None
        if above and (catalog in _NOTES or (catalog == "pg_attribute" and above.kind in _INLINE)):
            return self.unit_of(above)
        if above and catalog == "pg_rewrite" and name[-1] == "_RETURN":
            return above.key
        if catalog in _PARTS:
            whole = _PARTS[catalog], name[: _LENGTHS.get(catalog, len(name))]
            found = self.facts.facts.get(whole)
            return self.unit_of(found) if found else whole
        if catalog == "pg_attrdef":
            column = self.facts.facts.get(("pg_attribute", name))
            return column.key if column and self.facts.value(column, "generated") else fact.key
        if catalog == "pg_class":
            return self._relation(fact)
        if catalog in ("pg_amop", "pg_amproc"):
            needed = self.facts.needs.get(fact.key, ())
            return next((key for key in needed if key[0] == "pg_opclass"), fact.key)
        return self._range(fact) or fact.key

    def _range(self, fact: Fact) -> Key | None:
        """The range type that a multirange, a function that makes one, or a cast between the two comes with."""
        catalog, name = fact.key
        found = None
        if catalog == "pg_type":
            found = self._multiranges.get(dotted(name))
        elif catalog == "pg_proc" and str(self.facts.value(fact, "source")).startswith(_CONSTRUCTORS):
            returned = str(self.facts.value(fact, "returns"))
            found = {**self._multiranges, **{dotted(each): each for each in self._multiranges.values()}}.get(
                returned
            )
        elif catalog == "pg_cast" and self._multiranges.get(dotted(name[2:])) == name[:2]:
            found = name[:2]
        return ("pg_type", found) if found else None

    def _relation(self, fact: Fact) -> Key:
        name = fact.name
        if fact.kind == "composite type":
            return "pg_type", name
        if fact.kind == "index" and (constraint := self._constraints.get((name[0], name[-1]))):
            return constraint
        if fact.kind == "sequence" and (column := self._identities.get(name)):
            return self._columns.get(str(column), fact.key)
        return fact.key

    def _needs(self) -> Iterator[tuple[Key, frozenset[Key]]]:
        found: dict[Key, set[Key]] = {}
        facts = self.facts.facts
        for key, others in self.facts.needs.items():
            if key not in facts:
                continue
            unit = self.unit_of(facts[key])
            for other in others:
                if other in facts and (needed := self.unit_of(facts[other])) != unit:
                    found.setdefault(unit, set()).add(needed)
        for fact in facts.values():
            unit = self.unit_of(fact)
            if fact.of and fact.of in facts and (above := self.unit_of(facts[fact.of])) != unit:
                found.setdefault(unit, set()).add(above)
        for key, needed_keys in found.items():
            yield key, frozenset(needed_keys)
