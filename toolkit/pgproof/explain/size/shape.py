"""What there is to inflate: relations with their files, columns with their types, as numbers of one database."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import psycopg
from psycopg.rows import class_row

from pgproof.database.connection import Connection
from pgproof.explain.size.extended import Statistics
from pgproof.explain.size.own import query
from pgproof.sql.name import qualified

_VIEW = "pgproof_expressions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """A type below domains: its kind and category as in pg_type, its operators "=" and "<" (0: none).

    `element` is the number of the type of what is in an array or a tsvector (0: none), with its "=" and labels;
    `range` that of the range type of a range or a multirange (0: it is none).
    """

    number: int
    name: str
    kind: str
    category: str
    equal: int
    less: int
    element: int
    labels: list[str]
    range: int = 0
    element_equal: int = 0
    element_labels: tuple[str, ...] = ()

    @property
    def is_range(self) -> bool:
        """A range, or a multirange."""
        return self.range != 0


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
    """The relations that are to have a size, tables before indexes; columns by the number of their relation.

    `expressions` are those of indexes by relation and position, and those of extended statistics by the number of
    these and their own from -1 down; their `name` is SQL.
    """

    relations: tuple[Relation, ...]
    attributes: Mapping[int, tuple[Attribute, ...]]
    types: Mapping[int, Type]
    extended: tuple[Statistics, ...] = ()
    expressions: Mapping[tuple[int, int], Attribute] = field(default_factory=dict)
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

    A part stands for its whole: where a partition is asked for, all partitions are there. Of expressions nothing
    is known: `read_expressed` has that. Raises psycopg.Error.
    """
    with conn.transaction(force_rollback=True):
        conn.execute("SET LOCAL search_path = pg_catalog")
        return _read(conn, tables)


def read_expressed(conn: Connection, tables: Collection[tuple[str, str]] | None = None) -> Shape:
    """As `read`, with expressions, of which the server makes the columns of a view that is rolled back."""
    with conn.transaction(force_rollback=True):
        conn.execute("SET LOCAL search_path = pg_catalog")
        found = _read(conn, tables)
        attributes = dict(_expressions(conn, found))
        numbers = {each.type for each in attributes.values()} - set(found.types)
        return replace(found, expressions=attributes, types={**found.types, **_with_elements(conn, numbers)})


def _expressions(conn: Connection, found: Shape) -> Iterator[tuple[tuple[int, int], Attribute]]:
    """All expressions with their types; those of a table of which the server does not take one are left out."""
    tables = {each.number: each for each in found.tables}
    texts: dict[int, dict[tuple[int, int], str]] = {}
    numbers = [each.number for each in found.relations if each.is_index and 0 in each.positions]
    for owner, number, position, text in (
        conn.execute(query("expressions"), {"numbers": numbers}) if numbers else ()
    ):
        texts.setdefault(owner, {})[number, position] = text
    for each in found.extended:
        own = {(each.number, -place): text for place, text in enumerate(each.expressions, 1)}
        texts.setdefault(each.owner, {}).update(own)
    collations = {(a.relation, a.position): a.collation for every in found.attributes.values() for a in every}
    for owner, named in texts.items():
        try:
            seen = _viewed(conn, tables[owner], tuple(named.values())) if named else []
        except psycopg.Error:
            if conn.closed:
                raise
            continue
        for (place, text), one in zip(named.items(), seen, strict=True):
            yield (
                place,
                replace(
                    one,
                    relation=place[0],
                    position=place[1],
                    name=text,
                    not_null=False,
                    collation=collations.get(place, one.collation),
                ),
            )


def _viewed(conn: Connection, table: Relation, texts: Sequence[str]) -> list[Attribute]:
    """The columns that a view of that table's expressions has. Raises psycopg.Error."""
    columns = ", ".join(f"({text}) AS c{number}" for number, text in enumerate(texts))
    source = f"SELECT {columns} FROM ONLY {qualified(table.schema, table.name)}"
    with conn.transaction(force_rollback=True):
        conn.execute(f"CREATE TEMPORARY VIEW {_VIEW} AS {source}".encode())
        row = conn.execute(f"SELECT 'pg_temp.{_VIEW}'::pg_catalog.regclass::oid::bigint").fetchone()
        assert row is not None
        with conn.cursor(row_factory=class_row(Attribute)) as cursor:
            return cursor.execute(query("attributes"), {"numbers": [row[0]]}).fetchall()


def _read(conn: Connection, tables: Collection[tuple[str, str]] | None) -> Shape:
    with conn.cursor(row_factory=class_row(Relation)) as cursor:
        found = cursor.execute(query("relations"), {}).fetchall()
    wanted = _wanted(found, tables)
    relations = tuple(sorted((r for r in found if (r.owner or r.number) in wanted), key=_tables_first))
    numbers = [r.number for r in relations]
    with conn.cursor(row_factory=class_row(Attribute)) as cursor:
        attributes = cursor.execute(query("attributes"), {"numbers": numbers}).fetchall()
    types = _with_elements(conn, {a.type for a in attributes})
    with conn.cursor(row_factory=class_row(Statistics)) as cursor:
        extended = cursor.execute(query("extended"), {"numbers": numbers}).fetchall()
    by_relation: dict[int, tuple[Attribute, ...]] = dict.fromkeys(numbers, ())
    for each in attributes:
        by_relation[each.relation] += (each,)
    return Shape(
        relations=relations,
        attributes=by_relation,
        types=types,
        extended=tuple(extended),
    )


def _with_elements(conn: Connection, numbers: Collection[int]) -> dict[int, Type]:
    types = _types(conn, numbers)
    elements = _types(conn, {each.element for each in types.values() if each.element})
    return {number: _with_element(each, elements.get(each.element)) for number, each in types.items()}


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
