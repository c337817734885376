"""The schema as the statements so far have built it, and what each kind of change does to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from pgproof.sql import implicit_name
from pgproof.sql.declared import (
    ConstraintKind,
    Declared,
    DeclaredColumn,
    DeclaredConstraint,
    DeclaredIndex,
    DeclaredTable,
    Opaque,
    Relation,
)

_KEYS = (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE)
_Key = tuple[str, str]


@dataclass(slots=True)
class _Table:
    """All that is declared of one table; `partition` says that it goes when its parent does."""

    tables: list[DeclaredTable] = field(default_factory=list)
    columns: list[DeclaredColumn] = field(default_factory=list)
    constraints: list[DeclaredConstraint] = field(default_factory=list)
    indexes: list[DeclaredIndex] = field(default_factory=list)
    parents: set[_Key] = field(default_factory=set)
    partition: bool = False


def _key(relation: Relation) -> _Key:
    """One key for what two written names can mean: the search path is public unless a file says more."""
    return relation.schema or "public", relation.name


class Built:
    """Tables with all that belongs to them, by name. Changes of unknown tables change nothing."""

    def __init__(self) -> None:
        self._tables: dict[_Key, _Table] = {}
        self._heirs: dict[_Key, None] = {}  # tables that have, or had, a parent; in order
        self._referrers: dict[_Key, dict[_Key, None]] = {}  # which tables have a foreign key to one, or had it
        self.ever: set[str] = set()
        self.opaque: list[Opaque] = []

    def declared(self) -> Declared:
        """What is declared now."""
        tables = list(self._tables.values())
        return Declared(
            tables=tuple(item for table in tables for item in table.tables),
            columns=tuple(item for table in tables for item in table.columns),
            constraints=tuple(item for table in tables for item in table.constraints),
            indexes=tuple(item for table in tables for item in table.indexes),
            opaque=tuple(self.opaque),
            ever=frozenset(self.ever),
        )

    def knows(self, relation: Relation) -> bool:
        """Whether a statement created the table, or changed it."""
        return _key(relation) in self._tables

    def with_children(self, relation: Relation) -> list[Relation]:
        """The table and all that inherits from it, partitions too."""
        found = [relation]
        for parent in found:
            heirs = [key for key in self._heirs if key in self._tables]
            found += [Relation(*key) for key in heirs if _key(parent) in self._tables[key].parents]
        return found

    def _at(self, relation: Relation) -> _Table:
        return self._tables.setdefault(_key(relation), _Table())

    def add_table(self, table: DeclaredTable, parents: Iterable[Relation], *, partition: bool) -> None:
        self.ever.add(table.relation.name)
        found = self._at(table.relation)
        found.tables.append(table)
        for parent in parents:
            self.set_parent(table.relation, parent, partition=partition)

    def set_parent(self, child: Relation, parent: Relation, *, partition: bool) -> None:
        found = self._at(child)
        found.parents.add(_key(parent))
        found.partition = partition
        self._heirs[_key(child)] = None

    def is_partition(self, relation: Relation) -> bool:
        return self._at(relation).partition

    def drop_parent(self, child: Relation, parent: Relation) -> None:
        found = self._at(child)
        found.parents.discard(_key(parent))
        found.partition = False

    def add_column(self, column: DeclaredColumn) -> None:
        self.ever.add(column.name)
        self._at(column.relation).columns.append(column)

    def add_constraint(self, constraint: DeclaredConstraint, *, of_index: str = "") -> None:
        """`of_index` is an index that becomes the constraint's own, under the constraint's name."""
        found = self._at(constraint.relation)
        for index in [i for i in found.indexes if of_index and of_index in (i.name, i.implicit)]:
            found.indexes.remove(index)
            constraint = replace(constraint, columns=tuple(key.expression for key in index.keys))
        if of_index and not constraint.name:
            constraint = replace(constraint, name=of_index)
        if constraint.name:
            self.ever.add(constraint.name)
        else:
            taken = {c.name or c.implicit for c in found.constraints}
            constraint = replace(constraint, implicit=implicit_name.of_constraint(constraint, taken))
        if constraint.kind is ConstraintKind.PRIMARY_KEY:
            latest = {column.name: number for number, column in enumerate(found.columns)}
            for number in (latest[name] for name in constraint.columns if name in latest):
                found.columns[number] = replace(found.columns[number], not_null=True)
        found.constraints.append(constraint)
        if constraint.references is not None:
            self._note(constraint.references, constraint.relation)

    def add_index(self, index: DeclaredIndex) -> None:
        found = self._at(index.relation)
        if index.name:
            self.ever.add(index.name)
        else:
            taken = {i.name or i.implicit for i in found.indexes}
            index = replace(index, implicit=implicit_name.of_index(index, taken))
        found.indexes.append(index)

    def alter_column(self, relation: Relation, column: str, **changes: Any) -> None:
        found = self._at(relation)
        found.columns = [replace(c, **changes) if c.name == column else c for c in found.columns]

    def rename_column(self, relation: Relation, old: str, new: str) -> None:
        """Follow a renamed column in columns and keys; expressions that name it are dropped as unknowable."""
        self.ever.add(new)
        self.alter_column(relation, old, name=new)

        def renamed(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(new if name == old else name for name in names)

        found = self._at(relation)
        found.constraints = [
            replace(c, columns=renamed(c.columns))
            for c in found.constraints
            if not (c.kind is ConstraintKind.CHECK and old in _words(c.expression))
        ]
        found.indexes = [_with_key(i, old, new) for i in found.indexes if not _computes_with(i, old)]
        for table, key in self._references(relation):
            table.constraints[table.constraints.index(key)] = replace(key, referenced=renamed(key.referenced))

    def drop_column(self, relation: Relation, column: str, *, cascade: bool) -> None:
        found = self._at(relation)
        keys = [c for c in found.constraints if c.kind in _KEYS and column in c.columns]
        found.columns = [c for c in found.columns if c.name != column]
        found.constraints = [c for c in found.constraints if column not in {*c.columns, *_words(c.expression)}]
        found.indexes = [i for i in found.indexes if column not in _index_words(i)]
        if cascade:
            self._drop_references(relation, keys)

    def drop_constraint(self, relation: Relation, name: str, *, cascade: bool) -> None:
        found = self._at(relation)
        gone = [c for c in found.constraints if name == (c.name or c.implicit)]
        found.constraints = [c for c in found.constraints if c not in gone]
        if cascade:
            self._drop_references(relation, [c for c in gone if c.kind in _KEYS])

    def rename_constraint(self, relation: Relation, old: str, new: str) -> None:
        self.ever.add(new)
        found = self._at(relation)
        found.constraints = [
            replace(c, name=new) if old == (c.name or c.implicit) else c for c in found.constraints
        ]

    def drop_index(self, name: str) -> None:
        for table in self._tables.values():
            table.indexes = [i for i in table.indexes if name != (i.name or i.implicit)]

    def rename_index(self, old: str, new: str) -> None:
        self.ever.add(new)
        for table in self._tables.values():
            table.indexes = [replace(i, name=new) if old == (i.name or i.implicit) else i for i in table.indexes]
            table.constraints = [
                replace(c, name=new) if c.kind in _KEYS and old == (c.name or c.implicit) else c
                for c in table.constraints
            ]

    def rename_table(self, old: Relation, new: Relation) -> None:
        """Also SET SCHEMA. Constraints and indexes keep their names."""
        self.ever.add(new.name)
        for table, key in list(self._references(old)):
            table.constraints[table.constraints.index(key)] = replace(key, references=new)
        for table in self._tables.values():
            if _key(old) in table.parents:
                table.parents = table.parents - {_key(old)} | {_key(new)}
        self._referrers.setdefault(_key(new), {}).update(self._referrers.pop(_key(old), {}))
        found = self._tables.pop(_key(old), None)
        if found is None:
            return
        found.tables = [replace(t, relation=new) for t in found.tables]
        found.columns = [replace(c, relation=new) for c in found.columns]
        found.constraints = [replace(c, relation=new) for c in found.constraints]
        found.indexes = [replace(i, relation=new) for i in found.indexes]
        self._tables[_key(new)] = found
        for key in found.constraints:
            if key.references is not None:
                self._note(key.references, new)
        if found.parents:
            self._heirs[_key(new)] = None

    def drop_table(self, relation: Relation) -> None:
        """With what inherits from it: partitions go too, and other children only where CASCADE says so."""
        for gone in self.with_children(relation):
            for table, key in list(self._references(gone)):
                table.constraints.remove(key)
            self._tables.pop(_key(gone), None)

    def rename_schema(self, old: str, new: str) -> None:
        self.ever.add(new)
        for schema, name in list(self._tables):
            if schema == old:
                self.rename_table(Relation(schema, name), Relation(new, name))

    def drop_schema(self, schema: str) -> None:
        for key in list(self._tables):
            if key[0] == schema:
                self.drop_table(Relation(*key))

    def drop_users_of(self, name: str) -> None:
        """What goes with a type, function or sequence that is dropped with CASCADE."""
        for key, table in list(self._tables.items()):
            for column in [c for c in table.columns if name in _words(c.type)]:
                self.drop_column(Relation(*key), column.name, cascade=True)
            table.columns = [replace(c, default="") if name in _words(c.default) else c for c in table.columns]
            table.constraints = [c for c in table.constraints if name not in _words(c.expression)]
            table.indexes = [i for i in table.indexes if name not in _index_words(i)]

    def _note(self, target: Relation, referrer: Relation) -> None:
        self._referrers.setdefault(_key(target), {})[_key(referrer)] = None

    def _references(self, relation: Relation) -> Iterator[tuple[_Table, DeclaredConstraint]]:
        """The foreign keys that refer to a table, each with its own table."""
        referrers = self._referrers.get(_key(relation), {})
        for table in [self._tables[name] for name in referrers if name in self._tables]:
            for key in list(table.constraints):
                if key.references is not None and _key(key.references) == _key(relation):
                    yield table, key

    def _drop_references(self, relation: Relation, keys: list[DeclaredConstraint]) -> None:
        """Drop the foreign keys that rest on one of `keys` of the table."""
        for table, key in list(self._references(relation)):
            for target in keys:
                unsaid = not key.referenced and target.kind is ConstraintKind.PRIMARY_KEY
                if (unsaid or set(key.referenced) == set(target.columns)) and key in table.constraints:
                    table.constraints.remove(key)


def _with_key(index: DeclaredIndex, old: str, new: str) -> DeclaredIndex:
    rename: Callable[[str], str] = lambda name: new if name == old else name  # noqa: E731
    keys = tuple(replace(k, expression=rename(k.expression)) if k.is_column else k for k in index.keys)
    return replace(index, keys=keys, include=tuple(map(rename, index.include)))


def _computes_with(index: DeclaredIndex, column: str) -> bool:
    written = [index.predicate, *(k.expression for k in index.keys if not k.is_column)]
    return any(column in _words(text) for text in written)


def _index_words(index: DeclaredIndex) -> set[str]:
    """The names in an index: its columns as they are, and the words of its expressions."""
    columns = {key.expression for key in index.keys if key.is_column}
    computed = {word for key in index.keys if not key.is_column for word in _words(key.expression)}
    return columns | computed | {*index.include, *_words(index.predicate)}


def _words(expression: str) -> set[str]:
    return set(re.findall(r"[^\W\d][\w$]*", expression))
