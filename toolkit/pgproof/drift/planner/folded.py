"""New tables, each with what CREATE TABLE can say of it at once: columns, defaults, NOT NULL, keys and CHECKs.

What a table is made with has to be there before it, so not all can go in: a CHECK by a function that takes the
table's rows comes later. That is seen from the dependencies, with each table and what goes into it taken for one:
where they go round in a circle (a strongly connected component: R. Tarjan, Depth-first search and linear graph
algorithms, 1972), what leads along it stays outside. Foreign keys do so anyway: tables may come in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from pgproof.catalog.fact import Key, Value
from pgproof.drift.ddl import columns, guards
from pgproof.drift.unit import Side, Unit

Needs = Mapping[Key, frozenset[Key]]
_AT_ONCE = frozenset("cnpux")
"""What a constraint has to be to go in (pg_constraint.contype): CHECK, NOT NULL, keys, EXCLUDE."""
_BY_INDEX = frozenset("pux")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """What goes into which table, and what everything needs then.

    `table` has the table of each part. In `needs`, tables stand for their parts, and a new sequence does not need
    the column that owns it: OWNED BY is said later.
    """

    table: Mapping[Key, Key] = field(default_factory=dict)
    needs: Needs

    def parts(self, units: Mapping[Key, Unit]) -> dict[Key, list[Unit]]:
        """What goes into each table."""
        found: dict[Key, list[Unit]] = {}
        for part, table in self.table.items():
            found.setdefault(table, []).append(units[part])
        return found


def fold(side: Side, made: set[Key], needs: Needs, is_apart: Callable[[Unit], bool]) -> Folded:
    """What of `made`, all that is to be made, goes into the tables among it. Pure.

    `is_apart` tells of columns, defaults and constraints that come by other ways: with those of a parent.
    """
    sequences = {key for key in made if side.units[key].kind == "sequence" and not is_apart(side.units[key])}
    owners = ("pg_attribute", "pg_class")
    needs = {
        key: frozenset(each for each in needed if each[0] not in owners) if key in sequences else needed
        for key, needed in needs.items()
    }
    table = dict(_candidates(side, made, is_apart))
    while found := set(_circular(table, made, needs)):
        found = {part for part in found if not _is_needed(side.units[part], side.units[table[part]])}
        if not found:
            break
        table = {part: of for part, of in table.items() if part not in found}
    return Folded(table=table, needs=_joined(table, needs))


def _candidates(side: Side, made: Collection[Key], is_apart: Callable[[Unit], bool]) -> Iterator[tuple[Key, Key]]:
    into: set[Key] = set()
    indexed: set[tuple[Key, Value]] = set()
    for key in sorted(made, key=lambda key: key[0] != "pg_attribute"):  # columns first
        unit = side.units[key]
        table = ("pg_class", unit.name[:2])
        if table not in made or is_apart(unit) or is_apart(side.units[table]) or side.units[table].say("type"):
            continue
        match unit.catalog:
            case "pg_attribute":
                is_one = not columns.is_inherited(unit)
            case "pg_attrdef":
                is_one = ("pg_attribute", unit.name) in into
            case "pg_constraint":
                is_one = unit.main.of == table and unit.say("contype") in _AT_ONCE
                is_one = is_one and bool(unit.say("validated")) and not guards.is_inherited(unit)
                if is_one and unit.say("contype") in _BY_INDEX:
                    # of two that are alike, CREATE TABLE makes one (transformIndexConstraints in parse_utilcmd.c)
                    is_one = (table, unit.say("columns")) not in indexed
                    indexed.add((table, unit.say("columns")))
            case _:
                is_one = False
        if is_one:
            into.add(key)
            yield key, table


def _is_needed(part: Unit, table: Unit) -> bool:
    """True for columns of a partitioned table: how it is partitioned has to know them."""
    return part.catalog == "pg_attribute" and bool(table.of("pg_partitioned_table"))


def _joined(table: Mapping[Key, Key], needs: Needs) -> dict[Key, frozenset[Key]]:
    found: dict[Key, set[Key]] = {}
    for key, needed in needs.items():
        one = table.get(key, key)
        found.setdefault(one, set()).update(table.get(each, each) for each in needed)
    return {key: frozenset(needed - {key}) for key, needed in found.items()}


def _circular(table: Mapping[Key, Key], made: set[Key], needs: Needs) -> Iterator[Key]:
    """The parts that need something of a circle that their table is in."""
    joined = {key: needed & made for key, needed in _joined(table, needs).items() if key in made}
    component = _components(joined)
    for part, of in table.items():
        for each in needs.get(part, ()):
            other = table.get(each, each)
            if other != of and of in component and component[of] == component.get(other):
                yield part


def _components(needs: Mapping[Key, Collection[Key]]) -> dict[Key, int]:
    """Which circle something is in; the same number for all of one. What is in none has none."""
    number: dict[Key, int] = {}
    lowest: dict[Key, int] = {}
    open_: list[Key] = []
    is_open: set[Key] = set()
    found: dict[Key, int] = {}
    for start in needs:
        if start in number:
            continue
        stack = [(start, iter(needs.get(start, ())))]
        while stack:
            key, rest = stack[-1]
            if key not in number:
                number[key] = lowest[key] = len(number)
                open_.append(key)
                is_open.add(key)
            for other in rest:
                if other not in number:
                    stack.append((other, iter(needs.get(other, ()))))
                    break
                if other in is_open:
                    lowest[key] = min(lowest[key], number[other])
            else:
                stack.pop()
                if stack:
                    lowest[stack[-1][0]] = min(lowest[stack[-1][0]], lowest[key])
                if lowest[key] == number[key]:
                    circle = _closed(open_, key)
                    is_open.difference_update(circle)
                    found.update(dict.fromkeys(circle, number[key]) if len(circle) > 1 else {})
    return found


def _closed(open_: list[Key], last: Key) -> list[Key]:
    found: list[Key] = []
    while not found or found[-1] != last:
        found.append(open_.pop())
    return found
