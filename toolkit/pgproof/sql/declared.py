"""What DDL in files declares: tables, columns, constraints and indexes as data, after all files are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from pgproof.place import Place
from pgproof.sql.name import qualified, quote
from pgproof.sql.statement import Statement

Item = TypeVar("Item")
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True, order=True)
class Relation:
    """A relation as a file names it; `schema` is "" where the file leaves it to the search path."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name

    @property
    def sql(self) -> str:
        """The name as SQL has it, quoted where it must be."""
        return qualified(self.schema, self.name) if self.schema else quote(self.name)


class ConstraintKind(StrEnum):
    """Kinds of constraints, in PostgreSQL's words."""

    PRIMARY_KEY = "primary key"
    UNIQUE = "unique constraint"
    CHECK = "check constraint"
    FOREIGN_KEY = "foreign key"
    EXCLUSION = "exclusion constraint"


@dataclass(frozen=True, slots=True)
class DeclaredTable:
    """CREATE TABLE of `relation`, written in the file with `path`."""

    relation: Relation
    place: Place
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredColumn:
    """A column of a table. `type` and `default` are SQL (canonical form of the grammar); "" is no default.

    `offset` is where its definition begins in its file. `computed` columns (serial, identity, generated) have
    a default that the server makes. What an `inherited` column says is added to what it has from a parent or a
    type (INHERITS, PARTITION OF, OF); its `type` may be "".
    """

    relation: Relation
    name: str
    type: str
    not_null: bool
    default: str
    computed: bool
    place: Place
    offset: int
    inherited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredConstraint:
    """A constraint of a table; `name` is "" where the server chooses it, which then is `implicit`.

    `expression` is a CHECK's condition; `references`, `referenced`, `on_delete` and `on_update` (in the
    words of the manual, "NO ACTION" by default) belong to a foreign key. `offset` is where it begins.
    """

    relation: Relation
    name: str
    kind: ConstraintKind
    columns: tuple[str, ...]
    place: Place
    offset: int
    implicit: str = ""
    expression: str = ""
    references: Relation | None = None
    referenced: tuple[str, ...] = ()
    on_delete: str = "NO ACTION"
    on_update: str = "NO ACTION"

    def __str__(self) -> str:
        columns = f" ({', '.join(self.columns)})" if self.columns else ""
        return f"{self.kind} {self.name}" if self.name else f"{self.kind}{columns}"


@dataclass(frozen=True, slots=True)
class Key:
    """A key of an index: a column by its bare name (`is_column`), or an expression in SQL; and its order."""

    expression: str
    is_column: bool
    descending: bool = False
    nulls_first: bool = False

    def __str__(self) -> str:
        order = " DESC" if self.descending else ""
        if self.nulls_first != self.descending:
            order += " NULLS FIRST" if self.nulls_first else " NULLS LAST"
        return self.expression + order


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredIndex:
    """CREATE INDEX; `name` is "" where the server chooses it (then `implicit`), `predicate` is "" if none is."""

    relation: Relation
    name: str
    method: str
    unique: bool
    keys: tuple[Key, ...]
    include: tuple[str, ...]
    predicate: str
    place: Place
    implicit: str = ""

    def __str__(self) -> str:
        return self.name or f"index on {self.relation} ({', '.join(map(str, self.keys))})"


@dataclass(frozen=True, slots=True)
class Opaque:
    """A statement whose effect on the schema the grammar does not tell (DO, CALL, SELECT f(), EXECUTE, IMPORT).

    `is_import` of one that creates foreign tables as another server has them.
    """

    statement: Statement
    reason: str
    is_import: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What remains declared after all files, in order: what was dropped again is gone.

    `ever` holds every name that any statement declared, also those dropped or renamed since. `opaque`
    statements may have changed anything.
    """

    tables: tuple[DeclaredTable, ...] = ()
    columns: tuple[DeclaredColumn, ...] = ()
    constraints: tuple[DeclaredConstraint, ...] = ()
    indexes: tuple[DeclaredIndex, ...] = ()
    opaque: tuple[Opaque, ...] = ()
    ever: frozenset[str] = field(default=frozenset())
    _tables: Mapping[str, list[DeclaredTable]] = field(init=False, repr=False, compare=False)
    _columns: Mapping[str, list[DeclaredColumn]] = field(init=False, repr=False, compare=False)
    _constraints: Mapping[str, list[DeclaredConstraint]] = field(init=False, repr=False, compare=False)
    _indexes: Mapping[str, list[DeclaredIndex]] = field(init=False, repr=False, compare=False)
    _unnamed: Mapping[str, list[DeclaredIndex]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        unnamed = [each for each in self.indexes if not each.name]
        object.__setattr__(self, "_tables", grouped(self.tables, lambda each: each.relation.name))
        object.__setattr__(self, "_columns", grouped(self.columns, lambda each: each.relation.name))
        object.__setattr__(self, "_constraints", grouped(self.constraints, lambda each: each.relation.name))
        object.__setattr__(self, "_indexes", grouped(self.indexes, lambda each: each.name or ""))
        object.__setattr__(self, "_unnamed", grouped(unnamed, lambda each: each.relation.name))

    def tables_called(self, name: str) -> Sequence[DeclaredTable]:
        """The tables of that name, in whatever schema."""
        return self._tables.get(name, ())

    def columns_of(self, table: str) -> Sequence[DeclaredColumn]:
        """The columns of tables of that name."""
        return self._columns.get(table, ())

    def constraints_of(self, table: str) -> Sequence[DeclaredConstraint]:
        """The constraints of tables of that name."""
        return self._constraints.get(table, ())

    def indexes_called(self, name: str) -> Sequence[DeclaredIndex]:
        """The indexes that were given that name."""
        return self._indexes.get(name, ())

    def unnamed_indexes_of(self, table: str) -> Sequence[DeclaredIndex]:
        """The indexes of tables of that name that were given none."""
        return self._unnamed.get(table, ())


def grouped(items: Iterable[Item], kind: Callable[[Item], Kind]) -> Mapping[Kind, list[Item]]:
    """The items of each kind, in their order."""
    groups: dict[Kind, list[Item]] = {}
    for item in items:
        groups.setdefault(kind(item), []).append(item)
    return groups
