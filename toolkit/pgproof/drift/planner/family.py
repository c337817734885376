"""Whose partition, or child, something is: tables, their columns and constraints, and indexes.

What a partition has from its parent comes and goes with the parent's (5.12 of PostgreSQL's manual): an index or a
key is made for itself and attached, a foreign key is taken over by the parent's, a column follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pgproof.catalog.fact import Key, Name
from pgproof.drift.unit import Side, Unit, dotted

_HOLDERS = ("pg_class", "pg_attribute", "pg_type")
_ON_TABLES = frozenset({"index", "constraint", "column", "trigger"})


class Family:
    """Who is whose parent in a database."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._parents: dict[Name, list[Name]] = {}
        for fact in side.facts:
            if fact.catalog == "pg_inherits" and len(fact.name) == 4:
                self._parents.setdefault(fact.name[:2], []).append(fact.name[2:])
        self._not_null = {
            (key[1][:2], unit.say("columns")): key
            for key, unit in side.units.items()
            if key[0] == "pg_constraint" and unit.say("contype") == "n"
        }
        self._constraints = {dotted(key[1]): key for key in side.units if key[0] == "pg_constraint"}

    def parent(self, unit: Unit) -> Key | None:
        """The index, constraint or column of the parent that it comes from; None if it stands for itself."""
        if unit.kind == "column":
            keys = (("pg_attribute", (*above, unit.name[-1])) for above in self._parents.get(unit.name[:2], ()))
            found = next((key for key in keys if key in self._side.units), None)
            return found if unit.say("local") is False else None
        if unit.kind == "constraint" and not unit.of("pg_index"):
            return self._rule(unit) or self._constraints.get(str(unit.say("parent")))
        if unit.kind in ("index", "constraint"):
            above = next(iter(self._parents.get(index_name(unit), ())), None)
            fact = self._side.facts.facts.get(("pg_class", above)) if above else None
            return self._side.unit_of(fact) if fact else None
        return None

    def links(self, unit: Unit) -> Iterator[Key]:
        """That the table of a column, CHECK or NOT NULL is a child of others which have it as well."""
        yield from self.parents_of(unit)

    def parents_of(self, unit: Unit) -> Mapping[Key, Key]:
        """That its table is a child of others which have it as well, each with what the other has."""
        table = unit.name[:2]
        found = ((above, self._same(above, unit)) for above in self._parents.get(table, ()))
        return {("pg_inherits", (*table, *above)): key for above, key in found if key in self._side.units}

    def _same(self, table: Name, unit: Unit) -> Key:
        """What a table has of the name of its child's, or on the same column."""
        if unit.say("contype") == "n":
            return self._not_null.get((table, unit.say("columns")), ("", ()))
        return unit.catalog, (*table, unit.name[-1])

    def needs_of_drops(self) -> Mapping[Key, frozenset[Key]]:
        """What each object needs as long as it is there.

        What a child has both by itself and from its parent can be dropped when the parent's is gone (5.11 of
        PostgreSQL's manual).
        """
        found = {key: set(needed) for key, needed in self.needs(lambda _link: True).items()}
        for key, unit in self._side.units.items():
            if unit.say("local") and (unit.kind == "column" or unit.say("contype") in ("c", "n")):
                for parent in self.parents_of(unit).values():
                    found.setdefault(parent, set()).add(key)
        return {key: frozenset(needed) for key, needed in found.items()}

    def _rule(self, unit: Unit) -> Key | None:
        """Of a CHECK of a child: the parent's of that name; of a NOT NULL: that of the same column."""
        if unit.say("local") is not False or unit.say("contype") not in ("c", "n"):
            return None
        for above in self._parents.get(unit.name[:2], ()):
            if unit.say("contype") == "c":
                found = self._constraints.get(dotted((*above, unit.name[-1])))
            else:
                found = self._not_null.get((above, unit.say("columns")))
            if found:
                return found
        return None

    def _not_nulls(self, unit: Unit) -> Iterator[Key]:
        """Those of the columns of a primary key, which would give them others of its own."""
        names = unit.say("columns")
        for name in names if isinstance(names, tuple) else ():
            if key := self._not_null.get((unit.name[:2], (name,))):
                yield key

    def link(self, unit: Unit) -> Key:
        """That its table is a partition or child: the key of that."""
        table = unit.main.of[1] if unit.main.of else unit.name[:2]
        parent = self.parent(unit)
        of = self._side.units[parent].main.of if parent else None
        return "pg_inherits", (*table, *(of[1] if of else next(iter(self._parents.get(table, ())), ())))

    def link_of_indexes(self, unit: Unit) -> Key | None:
        """Of the attachment of an index: the key of that of its table."""
        fact = self._side.facts.facts.get(("pg_class", unit.name[:2]))
        if fact is None or fact.kind != "index":
            return None
        table = fact.of[1] if fact.of else ()
        return "pg_inherits", (*table, *next(iter(self._parents.get(table, ())), ()))

    def needs(
        self, is_attached: Callable[[Key], bool], has_default: Callable[[Unit], bool] = lambda _unit: False
    ) -> Mapping[Key, frozenset[Key]]:
        """What each object needs to be there before it.

        That is what pg_depend says, and what follows from how partitions are attached. `is_attached` tells whether
        a table is the partition of another all the time. Then a foreign key of it is made before that of its
        parent, which takes it over instead of reading all rows again. `has_default` tells whether a column is made
        with its default.
        """
        found = {key: set(needed) for key, needed in self._side.needs.items()}
        on = dict(self._on_tables())
        below: dict[Key, set[Key]] = {}
        above: dict[Key, set[Key]] = {}
        for key, unit in self._side.units.items():
            if unit.catalog == "pg_inherits":
                needed = found.setdefault(key, set())
                if (link := self.link_of_indexes(unit)) is not None:
                    ends = [self._index(unit.name[:2]), self._index(unit.name[2:])]
                    needed |= {each for each in (*ends, link) if each in self._side.units}
                    below.setdefault(ends[1], set()).add(key)
                    above.setdefault(ends[0], set()).add(key)
                else:
                    needed |= {each for table in (unit.name[:2], unit.name[2:]) for each in on.get(table, ())}
            elif unit.say("contype") == "p":
                found.setdefault(key, set()).update(self._not_nulls(unit))
            elif unit.kind == "column" or unit.say("contype") in ("c", "n"):
                if unit.kind == "column" and has_default(unit):
                    found.setdefault(key, set()).update(found.pop(("pg_attrdef", unit.name), ()))
                found.setdefault(key, set()).update(self._followed(unit, is_attached))
            elif unit.say("contype") == "f" and (parent := self.parent(unit)) and is_attached(self.link(unit)):
                found.setdefault(key, set()).discard(parent)
                found.setdefault(parent, set()).add(key)
        for index, links in below.items():
            for link in above.get(index, ()):
                found[link] |= links
        for key, unit in self._side.units.items():
            if unit.say("contype") == "f":
                found.setdefault(key, set()).update(
                    *(below[each] for each in set(found.get(key, ())) if each in below)
                )
        held = self._constrained(found)
        return {key: frozenset((needed | held.get(key, set())) - {key}) for key, needed in found.items()}

    def _constrained(self, needs: Mapping[Key, set[Key]]) -> Mapping[Key, set[Key]]:
        """What holds values of a domain, with the constraints of that, which have to be there before.

        A domain that arrays, rows or ranges hold takes none any more (get_rels_with_domain in typecmds.c).
        """
        found: dict[Key, set[Key]] = {}
        for key, unit in self._side.units.items():
            domain = unit.main.of
            if not domain or domain[0] != "pg_type" or unit.say("contype") not in ("c", "n"):
                continue
            first, left = {key}, [key]
            while left:
                more = needs.get(left.pop(), set()) - first
                first |= more
                left += more
            for holder, needed in needs.items():
                if domain in needed and holder not in first and holder[0] in _HOLDERS:
                    found.setdefault(holder, set()).add(key)
        return found

    def _followed(self, unit: Unit, is_attached: Callable[[Key], bool]) -> set[Key]:
        """The column of the parent that a column follows, and changes with; or its CHECK or NOT NULL."""
        parent = self.parent(unit)
        return {parent} if parent and is_attached(self.link(unit)) else set()

    def indexes_of(self, table: Name) -> Iterator[Key]:
        """The indexes, and constraints with one, of a table."""
        for key, unit in self._side.units.items():
            if unit.main.of == ("pg_class", table) and (unit.kind == "index" or unit.of("pg_index")):
                yield key

    def _on_tables(self) -> Iterator[tuple[Name, set[Key]]]:
        found: dict[Name, set[Key]] = {}
        for key, unit in self._side.units.items():
            if unit.kind in _ON_TABLES and unit.main.of:
                found.setdefault(unit.main.of[1], set()).add(key)
        yield from found.items()

    def _index(self, name: Name) -> Key:
        fact = self._side.facts.facts.get(("pg_class", name))
        return self._side.unit_of(fact) if fact else ("pg_class", name)


def index_name(unit: Unit) -> Name:
    """The name of an index, or of that of a constraint."""
    return unit.name if unit.kind == "index" else (unit.name[0], unit.name[-1])


def column_of_not_null(unit: Unit) -> Key | None:
    """The column of a NOT NULL of a table, which goes with it; None for everything else."""
    names = unit.say("columns") if unit.say("contype") == "n" else None
    return ("pg_attribute", (*unit.name[:2], str(names[0]))) if isinstance(names, tuple) and names else None
