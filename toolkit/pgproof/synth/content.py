"""What is in the tables, and what of it is not there any more: fewer rows, other values, none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import psycopg

from pgproof.database import failure
from pgproof.errors import Problem
from pgproof.sql.name import quote
from pgproof.synth import shape as shapes
from pgproof.synth.shape import Table

Values = Counter[str | None]
"""How often there is each value, as the server writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a table holds: the number of its rows, and the values of each of its columns.

    `name` is as in SQL. Columns are there by their numbers (pg_attribute.attnum): with their names as in SQL, and
    whether they are generated, which is whether their values are their own.
    """

    name: str
    rows: int
    columns: Mapping[int, tuple[str, bool, Values]]

    def like(self, number: int, name: str, *, is_same: bool) -> tuple[str, bool, Values] | None:
        """What that column is now: the one of the number, where the table `is_same`, or else of the name."""
        if is_same and number in self.columns:
            return self.columns[number]
        return next((each for each in self.columns.values() if each[0] == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What the tables of a database hold, by their numbers (OIDs), and why some cannot be read, by their names."""

    tables: Mapping[int, Held]
    unread: Mapping[str, Problem]


class How(StrEnum):
    """What became of values."""

    DELETES = "deletes"
    DROPS = "drops"
    EMPTIES = "empties"
    REWRITES = "rewrites"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What is not there any more: rows of a table (without a column), or values of a column; how many.

    `also_in` is what is new and holds the same as what is gone: a column, or tables.
    """

    how: How
    table: str
    column: str
    count: int
    also_in: str = ""

    def __str__(self) -> str:
        where = self.table.removeprefix("public.")
        things = ("value", "values") if self.column else ("row", "rows")
        what = f"{self.count} {things[self.count != 1]}"
        if self.column:
            where += f".{self.column}"
        if self.how is How.EMPTIES:
            return f"empties {where}"
        if self.how is How.DROPS:
            kept = f", also in {self.also_in.removeprefix('public.')}" if self.also_in else ""
            return f"drops {where} with {what}{kept}"
        return f"{self.how} {what} of {where}"


def content(conn: psycopg.Connection[Any]) -> Content:
    """What all tables hold now, of a scratch database. Raises DatabaseError where the catalog cannot be read."""
    tables: dict[int, Held] = {}
    unread: dict[str, Problem] = {}
    with failure.told(), conn.transaction():
        for table in shapes.read(conn).tables:
            try:
                with conn.transaction():
                    tables[table.number] = _held(conn, table)
            except psycopg.Error as error:  # a virtual generated column may divide by zero
                if conn.closed:
                    raise
                unread[table.sql] = failure.problem(error)
    return Content(tables=tables, unread=unread)


def _held(conn: psycopg.Connection[Any], table: Table) -> Held:
    selected = "".join(f", {quote(each.name)}::pg_catalog.text" for each in table.columns)
    rows = conn.execute(f"SELECT ''{selected} FROM ONLY {table.sql}".encode()).fetchall()
    return Held(
        name=table.sql,
        rows=len(rows),
        columns={
            column.number: (quote(column.name), column.is_generated, Counter(row[place] for row in rows))
            for place, column in enumerate(table.columns, 1)
        },
    )


def losses(before: Content, after: Content) -> tuple[Loss, ...]:
    """What is not held any more, by tables and columns that are still there, and by those that are gone. Pure.

    A table or column that has another name now is the same one (they have numbers), and one that was made anew
    under the same name stands for the old one. Of a table that cannot be read nothing is said.
    """
    found: list[Loss] = []
    by_name = {each.name: each for each in after.tables.values()}
    fresh = [held for number, held in after.tables.items() if number not in before.tables]
    columns = dict(_new(before, after))
    for number, held in sorted(before.tables.items(), key=lambda item: item[1].name):
        now = after.tables.get(number)
        other = now or by_name.get(held.name)
        if other is not None:
            found += _of_table(held, other, columns, is_same=now is not None)
        elif held.rows and held.name not in after.unread:
            twin = _elsewhere(held, fresh)
            found.append(Loss(how=How.DROPS, table=held.name, column="", count=held.rows, also_in=twin))
    return tuple(found)


def _of_table(one: Held, other: Held, new: Mapping[str, Values], *, is_same: bool) -> Iterator[Loss]:
    gone = max(one.rows - other.rows, 0)
    if gone:
        yield Loss(how=How.DELETES, table=one.name, column="", count=gone)
    for number, (column, is_generated, had) in sorted(one.columns.items(), key=lambda item: item[1][0]):
        values = _set(had)
        now = other.like(number, column, is_same=is_same)
        if now is None:
            if values and not is_generated:
                same = sorted(
                    (name for name in new if values <= new[name]), key=lambda n: not n.endswith(f".{column}")
                )
                twin = next(iter(same), "")
                yield Loss(how=How.DROPS, table=one.name, column=column, count=values.total(), also_in=twin)
            continue
        _, is_computed, has = now
        if is_generated and is_computed:
            continue  # its values follow from others
        count = (values - has).total() - gone
        if count > 0 and other.rows:
            how = How.REWRITES if _set(has) else How.EMPTIES
            yield Loss(how=how, table=one.name, column=column, count=count)


def _set(values: Values) -> Values:
    return Counter({each: count for each, count in values.items() if each is not None})


def _new(before: Content, after: Content) -> Iterator[tuple[str, Values]]:
    """The columns that were not there, each with what it holds."""
    for number, held in after.tables.items():
        known = before.tables[number].columns if number in before.tables else {}
        for place, (name, _, values) in held.columns.items():
            if place not in known:
                yield f"{held.name}.{name}", values


def _elsewhere(held: Held, fresh: list[Held]) -> str:
    """The new tables that hold all that a table held, between them, in columns of the same names; or ""."""
    there = {name: values for name, is_generated, values in held.columns.values() if not is_generated}
    having = [each for each in fresh if each.rows and there.keys() <= {c[0] for c in each.columns.values()}]
    for name, values in there.items():
        total = sum((v for each in having for n, _, v in each.columns.values() if n == name), Values())
        if not values <= total:
            return ""
    return ", ".join(each.name.removeprefix("public.") for each in having)
