"""The rows of one catalog, as they were read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pgproof.catalog.accounting import Column, Form, Relation
from pgproof.catalog.query import FIXED

Row = tuple[Any, ...]
_PARTS = ("pg_attribute", "pg_enum")
"""Catalogs with rows that come and go with a relation or a type, besides those that accounting.toml calls parts.

The query of a view does, too: the rule _RETURN. What a user may add to a member of an extension does not.
"""
_NOTES = ("pg_description", "pg_seclabel")
"""Catalogs that accounting.toml calls parts, whose rows users add to members of extensions, too."""
Object = tuple[int, int]
"""OIDs of a catalog and of a row in it."""


@dataclass(frozen=True, slots=True)
class Others:
    """What is not the user's own: `members` of extensions, and what is in or of an object that is `temporary`."""

    members: frozenset[Object] = frozenset()
    temporary: frozenset[Object] = frozenset()


@dataclass(slots=True)
class Batch:
    """A relation, the columns that are read of it here, and its rows. `oid` is the relation's own.

    `types` are those of all its columns, as this server has them.
    """

    relation: Relation
    columns: tuple[Column, ...]
    oid: int
    types: Mapping[str, str]
    rows: list[Row] = field(default_factory=list)
    by_number: dict[int, Row] = field(default_factory=dict)
    aside: list[Row] = field(default_factory=list)
    """Rows that are part of members of extensions: no facts, but others may speak of them."""

    def place(self, name: str) -> int:
        """Where in a row that column is."""
        return FIXED + next(i for i, each in enumerate(self.columns) if each.name == name)

    def words(self) -> tuple[str, ...]:
        """What the values of its facts are called: those that are taken as they come first."""
        plain = [each.word for each in self.columns if each.word and self.is_plain(each)]
        return (*plain, *(each.word for each in self.columns if each.word and not self.is_plain(each)))

    def is_plain(self, column: Column) -> bool:
        """True if the value of a row is that of its fact."""
        return column.form is Form.PLAIN and not column.sql and not self.types[column.name].endswith("[]")

    def keep(self, rows: Iterable[Row], oids: Mapping[str, int], others: Others) -> None:
        """Take these rows, but for those of `others`. `oids` are those of all catalogs, by name."""
        self.rows = list(self._own(rows, oids, others))
        self.by_number = {row[0]: row for row in self.rows if row[0] is not None}

    def add(self, rows: Iterable[Row], oids: Mapping[str, int], others: Others) -> list[Row]:
        """Know these rows by their numbers, without taking them; gives those that are not of `others`."""
        added = list(self._own(rows, oids, others))
        self.by_number |= {row[0]: row for row in added}
        return added

    def _own(self, rows: Iterable[Row], oids: Mapping[str, int], others: Others) -> Iterator[Row]:
        for row in rows:
            if (self.oid, row[0]) in others.members:
                continue
            if others.temporary and others.temporary & {(self.oid, row[0]), *self._named(row, oids)}:
                continue
            if (
                others.members
                and self._is_part(row)
                and next(iter(self._named(row, oids)), None) in others.members
            ):
                self.aside.append(row)
                continue
            yield row

    def _is_part(self, row: Row) -> bool:
        """True if it comes and goes with the object that its name begins with."""
        name = self.relation.name
        if name in _NOTES:
            return False
        return self.relation.part or name in _PARTS or (name == "pg_rewrite" and "_RETURN" in row)

    def _named(self, row: Row, oids: Mapping[str, int]) -> Iterable[Object]:
        """The objects that the name of a row's object begins with, or is made of."""
        for place, column in enumerate(self.columns, FIXED):
            if not column.word and column.form is Form.OBJECT:
                yield tuple(row[place])
            elif not column.word and column.form is Form.NAMES and isinstance(row[place], int):
                yield oids[column.target], row[place]


def numbers(value: Any) -> Sequence[int]:
    """OIDs or numbers of columns: one, an array, or a vector, which comes as text."""
    if value is None:
        return ()
    if isinstance(value, int):
        return (value,)
    return [int(each) for each in value.split()] if isinstance(value, str) else value
