"""A whole schema as statements for people to read: what belongs together stands together, always in one order.

Each table comes with its indexes, constraints, triggers and comments, each partition behind its parent; foreign
keys come when all tables are there. What needs something that is made later is made behind that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any

from pgproof.catalog.fact import Facts, Key, Name
from pgproof.drift.ddl.stored import sequence_owner
from pgproof.drift.planner.changes import Changes
from pgproof.drift.planner.repair import Planner
from pgproof.drift.unit import Side, Unit
from pgproof.drift.words import label

_EXTENSIONS, _SCHEMAS, _TYPES, _FUNCTIONS, _SEQUENCES, _TABLES, _FOREIGN_KEYS, _VIEWS, _REST, _LAST = range(10)
_HEADINGS = {
    _EXTENSIONS: "extensions",
    _SCHEMAS: "schemas",
    _TYPES: "types",
    _FUNCTIONS: "functions",
    _SEQUENCES: "sequences",
    _FOREIGN_KEYS: "foreign keys",
    _VIEWS: "functions",
    _LAST: "what holds from now on",
}
_KINDS = {
    "extension": _EXTENSIONS,
    "language": _EXTENSIONS,
    "schema": _SCHEMAS,
    "type": _TYPES,
    "domain": _TYPES,
    "collation": _TYPES,
    "function": _FUNCTIONS,
    "procedure": _FUNCTIONS,
    "aggregate": _FUNCTIONS,
    "sequence": _SEQUENCES,
    "view": _VIEWS,
    "materialized view": _VIEWS,
    "publication": _REST,
    "published table": _REST,
    "published schema": _REST,
    "subscription": _REST,
    "default privileges": _LAST,
    "setting": _LAST,
    "event trigger": _LAST,
}
_RELATIONS = frozenset({"table", "foreign table", "view", "materialized view"})
_FIRST = ("sequence", "table", "foreign table", "view", "materialized view", "column", "constraint", "index")
_CODE = frozenset({_TYPES, _FUNCTIONS})
Place = Callable[[Key], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Statements about what belongs together, and what that is called."""

    heading: str
    statements: tuple[str, ...]


def chapters(nothing: Facts, wanted: Facts) -> tuple[tuple[Chapter, ...], tuple[tuple[str, str], ...]]:
    """What makes `wanted` of an empty database, and what no statement makes, with why.

    Both are read with the options that `repair` needs. Pure.
    """
    planner = Planner(Changes(Side(nothing), Side(wanted)), online=False)
    found: list[tuple[str, list[str]]] = []
    order = _Order(planner.new)
    owners = {order.column(unit): str(sequence_owner(unit)) for unit in planner.new.units.values() if _owned(unit)}
    _add(found, "what a new database has, and this one has not", list(planner.gone()))
    for unit, sql in planner.all_made(order):
        said = [owner for column, owner in owners.items() if unit.key == ("pg_class", column[1][:2])]
        _add(found, order.heading(unit), [*sql, *said])
    return tuple(Chapter(heading, tuple(each)) for heading, each in found), planner.left_out()


def _owned(unit: Unit) -> bool:
    return unit.kind == "sequence" and bool(unit.of("pg_depend"))


def _add(found: list[tuple[str, list[str]]], heading: str, sql: list[str]) -> None:
    if not sql:
        return
    if not found or found[-1][0] != heading:
        found.append((heading, []))
    found[-1][1].extend(sql)


class _Order:
    """Where everything stands."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._parents = {fact.name[:2]: fact.name[2:] for fact in side.facts if fact.catalog == "pg_inherits"}
        self._sections: dict[Key, int] = {}
        self._columns = {label(unit.main).removeprefix("column "): key for key, unit in side.units.items()}

    def __call__(
        self, keys: Collection[Key], needs: Mapping[Key, frozenset[Key]], units: Mapping[Key, Unit]
    ) -> list[Key]:
        """Of those whose needs are there, always the first by its place. A circle is cut at its first."""
        wanted = set(keys)
        left = {key: {each for each in needs.get(key, ()) if each in wanted} - {key} for key in wanted}
        for key in self._sorted(left, lambda key: (self._natural(units[key]), key)):
            self._sections[key] = self._section(units[key], left[key])
        return list(self._sorted(left, lambda key: self._place(units[key])))

    def _sorted(self, needs: Mapping[Key, set[Key]], place: Place) -> Iterator[Key]:
        """T. H. Cormen and others, Introduction to Algorithms, topological sort; A. B. Kahn, 1962, with a heap."""
        left = {key: set(needed) for key, needed in needs.items()}
        behind: dict[Key, list[Key]] = {}
        for key, needed in left.items():
            for each in needed:
                behind.setdefault(each, []).append(key)
        heap = [(place(key), key) for key, needed in left.items() if not needed]
        heapify(heap)
        while left:
            _, key = heappop(heap) if heap else min((place(key), key) for key in left)
            if left.pop(key, None) is None:
                continue
            yield key
            for each in behind.get(key, ()):
                if each in left:
                    left[each].discard(key)
                    if not left[each]:
                        heappush(heap, (place(each), each))

    def heading(self, unit: Unit) -> str:
        """What the chapter is called that it stands in."""
        section = self._sections[unit.key]
        relation = self._relation(unit)
        if relation is None or section == _FOREIGN_KEYS:
            return _HEADINGS.get(section, "more")
        return label(relation.main)

    def column(self, sequence: Unit) -> Key:
        """The column that owns a sequence."""
        name = str(sequence.say("goes with", "pg_depend")).removeprefix("table column ")
        return self._columns[name]

    def _relation(self, unit: Unit) -> Unit | None:
        """The table or view that something is of."""
        if _owned(unit):
            return self._side.units.get(("pg_class", self.column(unit)[1][:2]))
        found = unit if unit.kind in _RELATIONS else self._side.units.get(("pg_class", unit.name[:2]))
        if found is not None and found.kind not in _RELATIONS:
            found = self._side.units.get(found.main.of) if found.main.of else None
        return found if found is not None and found.kind in _RELATIONS else None

    def _natural(self, unit: Unit) -> int:
        if unit.say("contype") == "f":
            return _FOREIGN_KEYS
        if (relation := self._relation(unit)) is not None:
            return _VIEWS if "view" in relation.kind else _TABLES
        return _KINDS.get(unit.kind, _TYPES if unit.kind == "constraint" else _FUNCTIONS)

    def _section(self, unit: Unit, needs: Collection[Key]) -> int:
        natural = self._natural(unit)
        latest = max((self._sections.get(key, 0) for key in needs), default=0)
        if natural in _CODE and latest > _SEQUENCES:
            return max(_VIEWS, latest)
        return max(natural, latest)

    def _place(self, unit: Unit) -> tuple[object, ...]:
        section = self._sections[unit.key]
        relation = self._relation(unit)
        rank = _FIRST.index(unit.kind) if unit.kind in _FIRST else len(_FIRST)
        if relation is None or section == _FOREIGN_KEYS:
            return section, (), -1, _KINDS.get(unit.kind, 0), unit.key
        return section, tuple(self._path(relation.name)), rank, 0, unit.key

    def _path(self, name: Name) -> list[Name]:
        """A table behind all that it is a partition or child of."""
        above = self._parents.get(name)
        return [*(self._path(above) if above and above != name else []), name]
