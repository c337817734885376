"""What a statement about a parent's column does to those of its children, and of their children.

Before 18, SET and DROP NOT NULL go down to all of them, whatever they have by themselves or from others
(ATPrepSetNotNull and ATPrepDropNotNull in tablecmds.c, in 17). Where one is not to follow, it is said of the
parent ONLY; of a partitioned table it cannot be, so its partition is NOT NULL again behind it. As of 18 each has a
constraint, which knows where it comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pgproof.catalog.fact import Key
from pgproof.drift.ddl import columns
from pgproof.drift.planner.family import Family
from pgproof.drift.unit import Side, Unit, dotted
from pgproof.sql.name import quote

_NOT_NULL = {"SET NOT NULL": True, "DROP NOT NULL": False}
Alters = Mapping[Key, list[str]]


class Descendants:
    """The columns that follow others of their name: whose table `is_attached` to the other's all the time."""

    def __init__(self, new: Side, family: Family, is_attached: Callable[[Key], bool]) -> None:
        self._new = new
        self._above: dict[Key, list[Key]] = {}
        self._below: dict[Key, list[Key]] = {}
        for key, unit in new.units.items():
            if key[0] == "pg_attribute":
                for link, parent in family.parents_of(unit).items():
                    if is_attached(link):
                        self._above.setdefault(key, []).append(parent)
                        self._below.setdefault(parent, []).append(key)

    def followed(self, alters: Alters) -> Alters:
        """The statements about columns, but for those that a parent's does for its children. Pure."""
        told = {key: [self._told(key, each) for each in sql] for key, sql in alters.items()}
        return {key: list(self._left(key, sql, told)) for key, sql in told.items() if key[0] == "pg_attribute"}

    def kept(self, alters: Alters) -> Iterator[tuple[Key, Key]]:
        """Columns of partitions that stay NOT NULL, each with the one above that does not. Pure."""
        for key, sql in alters.items():
            if key[0] != "pg_attribute" or not self._is_partitioned(key):
                continue
            if any(columns.what(self._new.units[key], each) == "DROP NOT NULL" for each in sql):
                yield from ((each, key) for each in self._all_below(key) if self._is_not_null(each))

    def set_again(self, key: Key) -> str:
        """NOT NULL of a column that has lost it to its parent's."""
        return f"ALTER TABLE {dotted(key[1][:2])} ALTER COLUMN {quote(key[1][-1])} SET NOT NULL"

    def _told(self, key: Key, sql: str) -> str:
        """A statement, of the table ONLY where not all below are to follow."""
        unit = self._new.units[key]
        wanted = _NOT_NULL.get(columns.what(unit, sql)) if key[0] == "pg_attribute" else None
        if wanted is None or self._is_partitioned(key):
            return sql
        is_followed = all(self._is_not_null(each) is wanted for each in self._all_below(key))
        return sql if is_followed else columns.of_it_only(unit, sql)

    def _left(self, key: Key, sql: list[str], told: Alters) -> Iterator[str]:
        said = {
            columns.what(self._new.units[parent], each)
            for parent in self._above.get(key, ())
            for each in told.get(parent, ())
            if not columns.is_of_it_only(self._new.units[parent], each)
        }
        for each in sql:
            words = columns.what(self._new.units[key], each)
            if words not in said or not words.startswith(columns.CASCADES):
                yield each

    def _all_below(self, key: Key) -> list[Key]:
        found: dict[Key, None] = {}
        pending = [*self._below.get(key, ())]
        while pending:
            each = pending.pop()
            if each not in found:
                found[each] = None
                pending += self._below.get(each, ())
        return sorted(found)

    def _is_not_null(self, key: Key) -> bool:
        return bool(self._new.units[key].say("not null"))

    def _is_partitioned(self, key: Key) -> bool:
        table = self._new.units.get(("pg_class", key[1][:2]))
        return table is not None and bool(table.of("pg_partitioned_table"))


def outliving(old: Side, new: Side, family: Family) -> Iterator[Key]:
    """CHECKs that a child has from parents which lose it, and shall have: they go with those, and come anew.

    `family` is that of `old`. Pure.
    """
    for key, unit in new.units.items():
        was = old.units.get(key) if unit.say("contype") == "c" else None
        above = family.parents_of(was) if was and not was.say("local") else {}
        if above and all(link in new.units and parent not in new.units for link, parent in above.items()):
            yield key


def held_by_others(column: Unit, family: Family, is_attached: Callable[[Key], bool]) -> list[Key]:
    """That its table is a child of others beside the first: no type changes then.

    ATPrepAlterColumnType in tablecmds.c refuses it. `family` is that of the column. Pure.
    """
    links = [link for link in family.links(column) if is_attached(link)]
    return sorted(links, key=lambda link: int(str(column.side.units[link].say("place among the parents"))))[1:]


def amidst(old: Side, new: Side, family: Family, is_attached: Callable[[Key], bool]) -> set[Key]:
    """That a table is a child, and has children itself, where a column is not generated any more.

    DROP EXPRESSION goes down one step alone (ATPrepDropExpression, tablecmds.c). `family` is that of `new`. Pure.
    """
    above: dict[Key, list[Key]] = {}
    for key, unit in new.units.items():
        was = old.units.get(key) if key[0] == "pg_attribute" else None
        if was and was.say("generated") == "s" and not unit.say("generated"):
            above[key] = [link for link in family.parents_of(unit) if is_attached(link)]
    parents = {("pg_attribute", (*link[1][2:], key[1][-1])) for key, links in above.items() for link in links}
    return {link for key in parents for link in above.get(key, ())}
