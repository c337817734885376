"""What there is to inflate: relations with their files, columns with their types, as numbers of one database."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from psycopg.rows import class_row

from pgproof.database.connection import Connection
from pgproof.explain.size.extended import Statistics
from pgproof.explain.size.own import query


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """A type below domains: its kind and category as in pg_type, its operators "=" and "<" (0: none).

    `element` is the number of the type of what is in an array or a tsvector (0: none), with its "=" and labels.
    """

    number: int
    name: str
    kind: str
    category: str
    equal: int
    less: int
    element: int
    labels: list[str]
    element_equal: int = 0
    element_labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A column of a table or a key of an index. `length` is in bytes, -1 if it varies; `align` as in pg_type."""

    relation: int
    position: int
    name: str
    not_null: bool
    type: int
    modifier: int
    collation: int
    length: int
    align: str
    default: str
    is_identity: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A table, materialised view or index. `path` is its file below the data directory, "" of a partitioned one;
    `bytes` is how long that is now.

    Of an index: `owner` is its table, `keys` how many of the columns at `positions` are keys (0 is an expression),
    `predicate` its condition if it is partial. `parent` is the partitioned one that it is a part of, 0 if none.
    """

    number: int
    schema: str
    name: str
    kind: str
    path: str
    bytes: int
    parent: int
    owner: int
    method: str
    is_unique: bool
    keys: int
    predicate: str
    positions: list[int]
    fillfactor: int

    @property
    def is_index(self) -> bool:
        """An index, or a partitioned one."""
        return self.kind in ("i", "I")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The relations that are to have a size, tables before indexes; columns by the number of their relation."""

    relations: tuple[Relation, ...]
    attributes: Mapping[int, tuple[Attribute, ...]]
    types: Mapping[int, Type]
    extended: tuple[Statistics, ...] = ()
    _tables: Mapping[int, Relation] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        tables = {each.number: each for each in self.relations if not each.is_index}
        object.__setattr__(self, "_tables", tables)

    @property
    def tables(self) -> tuple[Relation, ...]:
        """Those that are no indexes."""
        return tuple(self._tables.values())

    def root(self, table: Relation) -> Relation:
        """The partitioned table at the top that a table is part of, else the table."""
        while table.parent in self._tables:
            table = self._tables[table.parent]
        return table

    def leaves(self, root: Relation) -> tuple[Relation, ...]:
        """The tables that hold the rows of `root`: itself, if it is not partitioned."""
        if root.kind != "p":
            return (root,)
        parts = [each for each in self.tables if each.parent == root.number]
        return tuple(leaf for part in parts for leaf in self.leaves(part))


def read(conn: Connection, tables: Collection[tuple[str, str]] | None = None) -> Shape:
    """What the catalog has of these tables (schema, name), their partitions and indexes; None is all tables.

    A part stands for its whole: where a partition is asked for, all partitions are there. Raises psycopg.Error.
    """
    with conn.cursor(row_factory=class_row(Relation)) as cursor:
        found = cursor.execute(query("relations"), {}).fetchall()
    wanted = _wanted(found, tables)
    relations = tuple(sorted((r for r in found if (r.owner or r.number) in wanted), key=_tables_first))
    numbers = [r.number for r in relations]
    with conn.cursor(row_factory=class_row(Attribute)) as cursor:
        attributes = cursor.execute(query("attributes"), {"numbers": numbers}).fetchall()
    types = _types(conn, {a.type for a in attributes})
    elements = _types(conn, {each.element for each in types.values() if each.element})
    with conn.cursor(row_factory=class_row(Statistics)) as cursor:
        extended = cursor.execute(query("extended"), {"numbers": numbers}).fetchall()
    by_relation: dict[int, tuple[Attribute, ...]] = dict.fromkeys(numbers, ())
    for each in attributes:
        by_relation[each.relation] += (each,)
    return Shape(
        relations=relations,
        attributes=by_relation,
        types={number: _with_element(each, elements.get(each.element)) for number, each in types.items()},
        extended=tuple(extended),
    )


def _types(conn: Connection, numbers: Collection[int]) -> dict[int, Type]:
    with conn.cursor(row_factory=class_row(Type)) as cursor:
        return {each.number: each for each in cursor.execute(query("types"), {"numbers": sorted(numbers)})}


def _with_element(found: Type, element: Type | None) -> Type:
    if element is None:
        return found
    return replace(found, element_equal=element.equal, element_labels=tuple(element.labels))


def _wanted(found: list[Relation], tables: Collection[tuple[str, str]] | None) -> set[int]:
    every = {r.number: r for r in found if not r.is_index}
    if tables is None:
        return set(every)
    wanted = {number for number, r in every.items() if (r.schema, r.name) in tables}
    while True:
        family = {every[n].parent for n in wanted} | {n for n, r in every.items() if r.parent in wanted}
        grown = wanted | (family & set(every))
        if grown == wanted:
            return wanted
        wanted = grown


def _tables_first(relation: Relation) -> tuple[bool, int]:
    return relation.is_index, relation.number
