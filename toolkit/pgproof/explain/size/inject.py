"""Writes what ANALYZE would write of tables of production's size: pg_class, pg_statistic, its extended twin."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from psycopg.rows import dict_row

from pgproof.database import failure
from pgproof.errors import CannotTell, Problem
from pgproof.explain.size import combination
from pgproof.explain.size.combination import Combinations
from pgproof.explain.size.extended import COMBINATIONS, Statistics
from pgproof.explain.size.layout import Layout, Measured
from pgproof.explain.size.own import OwnDatabase, query
from pgproof.explain.size.statistic import Row

_AT_ONCE = 2000
"""Rows of statistics in a message: some 5 MB."""


def inject(own: OwnDatabase, layout: Layout) -> tuple[str, ...]:
    """Write pages, rows and statistics of the layout, after its files have their length. Raises psycopg.Error.

    Given back are sentences: of what values and lists of combinations are left out, with the reasons. The update
    of pg_class tells all sessions to forget what they had planned.
    """
    numbers = [each.relation.number for each in layout.relations]
    with own.conn.transaction():
        own.conn.execute(query("forget_statistics"), {"numbers": numbers})
        lost: list[str] = []
        names = {m.relation.number: f"{m.relation.schema}.{m.relation.name}" for m in layout.relations}
        for begin in range(0, len(layout.statistics), _AT_ONCE):
            part = layout.statistics[begin : begin + _AT_ONCE]
            lost += _written(own, "inject_statistics", part, lambda row: f"{names[row['relation']]}.{row['name']}")
        lost += _inject_extended(own, layout) if layout.extended else []
        own.conn.execute(query("inject_relations"), {"rows": json.dumps([_class(m) for m in layout.relations])})
    return tuple(lost)


def _written(own: OwnDatabase, name: str, rows: Sequence[Row], named: Callable[[Row], str]) -> list[str]:
    """Write rows of statistics, without values where the type does not take them; of what these are left out."""
    try:
        with own.conn.transaction():
            own.conn.execute(query(name), {"rows": json.dumps(rows)})
    except psycopg.DataError as error:
        if len(rows) > 1:
            middle = len(rows) // 2
            return _written(own, name, rows[:middle], named) + _written(own, name, rows[middle:], named)
        plain = [_without_values(rows[0])]
        if plain == list(rows):
            raise
        _written(own, name, plain, named)
        return [f"values are left out of {named(rows[0])}: {failure.problem(error).message}"]
    return []


def _without_values(row: Row) -> Row:
    slots = [place for place in "12345" if row.get(f"values{place}") is not None]
    return {key: value for key, value in row.items() if key[-1] not in slots}


def _inject_extended(own: OwnDatabase, layout: Layout) -> list[str]:
    """Write extended statistics, for which 14 has rows already; which lists could not be made."""
    tables = {m.relation.number: (m.relation.schema, m.relation.name) for m in layout.relations}
    rows: list[dict[str, Any]] = []
    lost: list[str] = []
    for each in layout.extended:
        row = {key: value for key, value in each.items() if key not in ("statistics", "listed", "expressions")}
        found: Statistics = each["statistics"]
        listed: Combinations = each["listed"]
        if COMBINATIONS in found.kinds and set(listed.parts) == set(found.texts):
            try:
                row["combinations"] = (
                    combination.packed(own.conn, tables[found.owner], found.texts, listed) or None
                )
            except psycopg.Error as error:
                if own.conn.closed:
                    raise
                what = f"statistics {found.schema}.{found.name}: {failure.problem(error).message}"
                lost.append(f"most common combinations are left out of {what}")
        rows.append(row)
    name = "inject_extended_14"
    if own.conn.info.server_version >= 150000:
        name = "inject_extended"
        own.conn.execute(query("forget_extended"), {"numbers": [each["number"] for each in layout.extended]})
    own.conn.execute(query("extended_casts"))
    own.conn.execute(query(name), {"rows": json.dumps(rows)})
    own.conn.execute(query("extended_uncast"))
    for each in layout.extended:
        expressions = [
            {**(one or {}), "number": each["number"], "place": place, "is_known": one is not None}
            for place, one in enumerate(each["expressions"])
        ]
        lost += _known(own, expressions, each["statistics"])
    return lost


def _known(own: OwnDatabase, expressions: list[Row], found: Statistics) -> list[str]:
    """Write what is known of the expressions of extended statistics; of which values are left out."""
    if not expressions:
        return []
    lost: list[str] = []
    try:
        with own.conn.transaction():
            own.conn.execute(query("inject_expressions"), {"rows": json.dumps(expressions)})
    except psycopg.DataError as error:
        lost = [f"values are left out of statistics {found.schema}.{found.name}: {failure.problem(error).message}"]
        plain = [_without_values(each) for each in expressions]
        own.conn.execute(query("inject_expressions"), {"rows": json.dumps(plain)})
    return lost


def redistribute(own: OwnDatabase, layout: Layout, distincts: Sequence[dict[str, Any]]) -> None:
    """Write other numbers of distinct values into the statistics of the layout. Raises psycopg.Error."""
    with own.conn.transaction():
        own.conn.execute(query("inject_distinct"), {"rows": json.dumps(distincts)})
        # a cached plan is forgotten when pg_class changes, not when pg_statistic does
        own.conn.execute(query("inject_relations"), {"rows": json.dumps([_class(m) for m in layout.relations])})


def verify(own: OwnDatabase, layout: Layout) -> None:
    """See that files and catalog are as the layout has them, before plans are asked for. Raises CannotTell."""
    extended: Counter[int] = Counter()
    for each in layout.extended:
        known = sum(each[kind] is not None for kind in ("distinct", "dependencies"))
        extended[each["statistics"].owner] += known + len(each["expressions"])
    rows = [
        {
            **_class(m),
            "name": m.relation.name,
            "bytes": m.pages * own.page,
            "columns": m.columns,
            "extended": extended[m.relation.number],
        }
        for m in layout.relations
    ]
    with own.conn.cursor(row_factory=dict_row) as cursor:
        unlike = cursor.execute(query("unlike"), {"rows": json.dumps(rows)}).fetchall()
    if unlike:
        first = unlike[0]
        raise CannotTell(
            Problem(
                message=f"{first['name']} is not of the size that it was given, and {len(unlike) - 1} others",
                detail=f"It has {first['bytes']} bytes, {first['pages']} pages and {first['rows']} rows.",
                hint="nothing is planned on it; report this, with the version of PostgreSQL and the file system",
            )
        )


def _class(measured: Measured) -> dict[str, Any]:
    return {
        "number": measured.relation.number,
        "pages": measured.pages,
        "rows": measured.rows,
        "visible": 0 if measured.relation.is_index else measured.pages,
        "file": measured.file,
    }
