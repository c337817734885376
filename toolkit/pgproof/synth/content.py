"""What is in the tables, and what of it is not there any more: fewer rows, other values, none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import psycopg

from pgproof.database import failure
from pgproof.sql.name import quote
from pgproof.synth import shape as shapes

Content = Mapping[str, Mapping[str, Counter[str | None]]]
"""For each table, for each column, how often it holds each value as the server writes it; by names as in SQL."""


class How(StrEnum):
    """What became of values."""

    DELETES = "deletes"
    EMPTIES = "empties"
    REWRITES = "rewrites"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What is not there any more: rows of a table (without a column), or values of a column; how many."""

    how: How
    table: str
    column: str
    count: int

    def __str__(self) -> str:
        where = self.table.removeprefix("public.")
        if self.how is How.DELETES:
            return f"deletes {self.count} {'row' if self.count == 1 else 'rows'} of {where}"
        if self.how is How.EMPTIES:
            return f"empties {where}.{self.column}"
        return f"rewrites {self.count} {'value' if self.count == 1 else 'values'} of {where}.{self.column}"


def content(conn: psycopg.Connection[Any]) -> Content:
    """What all tables hold now, of a scratch database. Raises DatabaseError."""
    with failure.told(), conn.transaction():
        return {
            table.sql: _columns(conn, table.sql, [each.name for each in table.columns])
            for table in shapes.read(conn).tables
        }


def _columns(conn: psycopg.Connection[Any], table: str, names: list[str]) -> dict[str, Counter[str | None]]:
    selected = "".join(f", {quote(name)}::pg_catalog.text" for name in names)
    rows = conn.execute(f"SELECT ''{selected} FROM ONLY {table}".encode()).fetchall()
    return {"": Counter([None] * len(rows))} | {
        quote(name): Counter(row[place] for row in rows) for place, name in enumerate(names, 1)
    }


def losses(before: Content, after: Content) -> tuple[Loss, ...]:
    """What tables and columns that are still there do not hold any more. Pure."""
    return tuple(
        loss for table in sorted(before.keys() & after.keys()) for loss in _of_table(table, before, after)
    )


def _of_table(table: str, before: Content, after: Content) -> Iterator[Loss]:
    one, other = before[table], after[table]
    gone = one[""].total() - other[""].total()
    if gone > 0:
        yield Loss(how=How.DELETES, table=table, column="", count=gone)
    for column in sorted(one.keys() & other.keys()) if other[""].total() else ():
        missing = one[column] - other[column]
        del missing[None]
        count = missing.total() - max(gone, 0)
        if count <= 0 or not column:
            continue
        is_empty = not other[column].keys() - {None}
        yield Loss(how=How.EMPTIES if is_empty else How.REWRITES, table=table, column=column, count=count)
