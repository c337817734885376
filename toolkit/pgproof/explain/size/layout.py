"""What files and catalog have to say at one size: pages and rows of each relation, rows of pg_statistic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pgproof.explain.size import combination, pages, statistic
from pgproof.explain.size import extended as extended_statistics
from pgproof.explain.size.column import Column
from pgproof.explain.size.combination import Part
from pgproof.explain.size.model import Model
from pgproof.explain.size.shape import Relation, Shape
from pgproof.explain.size.statistic import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A relation with its pages and rows; of a partitioned one there are rows alone. `columns` have statistics.

    Of a btree there is the level of its root as `height`; `file` is the number of the file that it has got, or 0.
    """

    relation: Relation
    pages: int
    rows: float
    columns: int = 0
    height: int = 0
    file: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """All relations at one size, the statistics of their columns, and those that CREATE STATISTICS has made."""

    relations: tuple[Measured, ...]
    statistics: tuple[Row, ...]
    extended: tuple[Row, ...] = ()

    def segments(self, segment_pages: int) -> int:
        """How many files that takes."""
        return sum(each.pages // segment_pages + 1 for each in self.relations if each.relation.path)

    @property
    def pages(self) -> int:
        """How long all files are together."""
        return sum(each.pages for each in self.relations if each.relation.path)


def layout(
    model: Model,
    shape: Shape,
    size: int,
    page: int,
    now: datetime,
    *,
    shares: Mapping[int, float] | None = None,
) -> Layout:
    """The layout at the profile's size of that number. `shares` are of the rows that partial indexes hold."""
    relations: list[Measured] = []
    statistics: list[Row] = []
    extended: list[Row] = []
    indexes: dict[int, list[Relation]] = {}
    for each in shape.relations:
        indexes.setdefault(each.owner, []).append(each)
    for table in shape.tables:
        whole = shape.root(table)
        rows = model.rows.get((whole.schema, whole.name))
        if rows is None:
            continue
        parts = 1 if table.kind == "p" else max(1, len(shape.leaves(whole)))
        measured = _table(model, shape, table, rows[size] / parts, size, page)
        found = list(_statistics(model, shape, table, measured.rows, size, now))
        relations.append(replace(measured, columns=len(found)))
        statistics += found
        extended += _extended(model, shape, table, measured.rows, size, now)
        for index in indexes.get(table.number, ()):
            share = (shares or {}).get(index.number, 1.0)
            # ANALYZE does not look at the indexes of a partitioned table
            has_some = 0 in index.positions and index.kind == "i"
            found = list(_statistics(model, shape, index, measured.rows, size, now)) if has_some else []
            relations.append(replace(_index(model, shape, index, measured, share, size, page), columns=len(found)))
            statistics += found
    return Layout(relations=tuple(relations), statistics=tuple(statistics), extended=tuple(extended))


def other_distincts(model: Model, layout: Layout, size: int, factor: float) -> list[Row]:
    """The rows of statistics whose number of values changes where `factor` times as many are taken for right."""
    rows = {each.relation.number: each.rows for each in layout.relations}
    changed = []
    for each in layout.statistics:
        column = model.columns[each["relation"], each["position"]]
        if not column.is_certain:
            total = rows[each["relation"]]
            number = statistic.distinct(column, total, size, factor)
            stored = statistic.stored_distinct(column, number, total, size)
            keys = ("relation", "position", "inherited")
            changed.append({**{key: each[key] for key in keys}, "distinct": stored})
    return changed


def _table(model: Model, shape: Shape, table: Relation, rows: float, size: int, page: int) -> Measured:
    rows = float(max(1, round(rows)))
    if table.kind == "p":
        return Measured(relation=table, pages=0, rows=rows)
    columns = _columns(model, shape, table)
    found = pages.heap(rows, columns, size, page, table.fillfactor)
    return Measured(relation=table, pages=max(found, table.bytes // page), rows=rows)


def _index(
    model: Model, shape: Shape, index: Relation, table: Measured, share: float, size: int, page: int
) -> Measured:
    rows = float(max(1, round(table.rows * share)))
    if index.kind == "I":
        return Measured(relation=index, pages=0, rows=0.0)
    columns = _columns(model, shape, index)
    found = max(pages.index(index.method, rows, columns, size, page, table.pages), index.bytes // page)
    if index.method != "btree":
        return Measured(relation=index, pages=found, rows=rows)  # an empty one has some
    height = pages.height(found, columns, size, page)
    return Measured(relation=index, pages=max(found, 3), rows=rows, height=height)


def _extended(model: Model, shape: Shape, table: Relation, rows: float, size: int, now: datetime) -> Iterator[Row]:
    """Rows of pg_statistic_ext_data, with the combinations of which lists are to be made for them.

    Those of its expressions are in their order, None where nothing is known.
    """
    columns: dict[Part, Column | None] = {
        each.name: model.columns.get((table.number, each.position)) for each in shape.attributes[table.number]
    }
    for found, said in model.extended:
        if found.owner != table.number:
            continue
        own: dict[Part, Column | None] = {
            -n: model.expressions.get((found.number, -n)) for n in range(1, len(found.expressions) + 1)
        }
        every = columns | own
        lasting = frozenset(name for name, column in every.items() if column is not None and column.values)
        named = {part: every.get(part) for part in said.combinations.parts}
        common = {part: statistic.common(each, rows, size, now) for part, each in named.items() if each}
        row = extended_statistics.row(found, said, rows, lasting)
        yield {
            **row,
            "statistics": found,
            "listed": combination.filled(said.combinations, common),
            "expressions": [e and statistic.row(e, rows, size, 1.0, now) for e in own.values()]
            if any(own.values())
            else [],
        }


def _columns(model: Model, shape: Shape, relation: Relation) -> list[Column]:
    numbers = [(relation.number, each.position) for each in shape.attributes[relation.number]]
    return [model.columns[number] for number in numbers if number in model.columns]


def _statistics(
    model: Model, shape: Shape, relation: Relation, rows: float, size: int, now: datetime
) -> Iterator[Row]:
    """Rows for the columns of a table; of an index, for its expressions."""
    for place, attribute in enumerate(shape.attributes[relation.number]):
        column = model.columns.get((relation.number, attribute.position))
        if column is not None and not (relation.is_index and relation.positions[place]):
            yield statistic.row(column, rows, size, 1.0, now, inherited=relation.kind == "p")
