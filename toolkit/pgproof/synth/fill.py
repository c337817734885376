"""Fills the tables of a scratch database with a few rows each. The same database gets the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

import psycopg

from pgproof.database import failure
from pgproof.errors import Problem
from pgproof.sql.name import quote
from pgproof.synth import circle
from pgproof.synth import shape as shapes
from pgproof.synth.attempt import attempt
from pgproof.synth.proposal import NoneFitsError, Part, insert, parts
from pgproof.synth.shape import Shape, Table

_ATTEMPTS = 40
"""For a row."""
PATIENCE = "5s"
"""For a statement, as PostgreSQL writes times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """How many rows were put into each table, and why none could be made for others; by `schema.table`.

    `stale` are materialized views that could not be refreshed, and why; `foreign` are tables of other servers.
    """

    rows: Mapping[str, int]
    refused: Mapping[str, Problem]
    stale: Mapping[str, Problem]
    foreign: tuple[str, ...]

    @property
    def remarks(self) -> tuple[str, ...]:
        """A line for each table without rows."""
        return (
            *(f"no rows could be made for {table}: {why.line}" for table, why in self.refused.items()),
            *(f"{view} could not be refreshed: {why.line}" for view, why in self.stale.items()),
            *(f"no rows were put into {table}: it is a foreign table" for table in self.foreign),
        )


def fill(conn: psycopg.Connection[Any], count: int) -> Filled:
    """Put `count` rows into each table that has fewer, or that has a column without any value.

    Values are proposed, and the server decides: constraints, domains, triggers, unique indexes and partitions
    refuse what does not fit, and something else is tried. Tables come after those that they refer to; materialized
    views are refreshed. `conn` is in autocommit, and a superuser or owner of the tables, on a scratch database.
    Raises DatabaseError where the catalog cannot be read, or the connection is lost.
    """
    rows: dict[str, int] = {}
    refused: dict[str, Problem] = {}
    with failure.told(), conn.transaction():
        conn.execute("SELECT pg_catalog.set_config('statement_timeout', %s, true)", (PATIENCE,))
        shape = shapes.read(conn)
        for table in ordered(shape):
            made, problem = supply(conn, table, shape, count)
            rows |= made
            if problem:
                refused[table.sql] = problem
        for table in shape.tables:
            _close_circles(conn, table)
        stale = _refresh(conn, shape.materialized)
    refused = {name: refused[name] for name in refused if name not in rows}
    return Filled(rows=rows, refused=refused, stale=stale, foreign=shape.foreign)


def supply(
    conn: psycopg.Connection[Any], table: Table, shape: Shape, count: int
) -> tuple[Mapping[str, int], Problem | None]:
    """Let a table have `count` rows, and a value in each column: how many were put into which tables (all those of
    its circle, if it is in one), and why none could be made where it has none.

    What it refers to has rows already. `conn` is in a transaction.
    """
    there = _number(conn, table)
    if there >= count and not _is_wanting(conn, table, there, count):
        return {}, None
    way = circle.circle(table, shape) if not there else ()
    if way and not any(_number(conn, link.table) for link in way):
        made = sum(circle.put(conn, way, shape, number) is None for number in range(count))
        if made:
            return {link.table.sql: made for link in way}, None
    made, problem = _fill(conn, table, shape, there, count)
    if made:
        return {table.sql: made}, None
    return {}, problem if not there else None


def _refresh(conn: psycopg.Connection[Any], views: Sequence[str]) -> dict[str, Problem]:
    """Let materialized views hold what they select now; those that cannot, and why."""
    stale: dict[str, Problem] = {}
    for view in views:
        try:
            with conn.transaction():
                conn.execute(f"REFRESH MATERIALIZED VIEW {view}".encode())
        except psycopg.Error as error:
            if conn.closed:
                raise
            stale[view] = failure.problem(error)
    return stale


def ordered(shape: Shape) -> Iterator[Table]:
    """All tables, behind those that they refer to; in a circle, first those that can do without."""
    left = dict(enumerate(shape.tables))
    places = {each.number: place for place, each in left.items()}
    wanted: dict[int, set[int]] = {place: set() for place in left}
    needed: dict[int, set[int]] = {place: set() for place in left}
    wanting: dict[int, set[int]] = {place: set() for place in left}
    for place, table in left.items():
        for key in table.foreign_keys:
            others = {places[number] for number in key.leaves if number in places} - {place}
            wanted[place] |= others
            needed[place] |= others if table.needs(key) else set()
            for each in others:
                wanting[each].add(place)
    free = [place for place in left if not wanted[place]]
    while left:
        able = heappop(free) if free else next((each for each in left if not needed[each]), next(iter(left)))
        yield left.pop(able)
        for each in wanting[able]:
            needed[each].discard(able)
            wanted[each].discard(able)
            if not wanted[each] and each in left:
                heappush(free, each)


def _number(conn: psycopg.Connection[Any], table: Table) -> int:
    row = conn.execute(f"SELECT pg_catalog.count(*) FROM ONLY {table.sql}".encode()).fetchone()
    return int(row[0]) if row else 0


def _is_wanting(conn: psycopg.Connection[Any], table: Table, there: int, count: int) -> bool:
    """True if a column has no value in any row, and the table has not been tried for it over and over."""
    names = [quote(each.name) for each in table.columns if not each.is_generated]
    if not names or there > 4 * count:
        return False
    counts = ", ".join(f"pg_catalog.count({each})" for each in names)
    row = conn.execute(f"SELECT LEAST({counts}) FROM ONLY {table.sql}".encode()).fetchone()
    return row is not None and row[0] == 0


def _fill(
    conn: psycopg.Connection[Any], table: Table, shape: Shape, there: int, count: int
) -> tuple[int, Problem | None]:
    """How many rows were made, and the last refusal, where there is one."""
    made = 0
    problem: Problem | None = None
    refers_to_itself = any(key.target == table.sql for key in table.foreign_keys)
    found: tuple[Part, ...] = ()
    cursor = conn.cursor()
    for number in range(there, there + count):
        if not found or refers_to_itself:
            try:
                with conn.transaction():
                    found = parts(conn, table, shape)
            except NoneFitsError as error:
                return made, Problem(message=str(error))
            except psycopg.Error as error:  # too slow, or what cannot be asked: of this table, not of all
                if conn.closed:
                    raise
                return made, failure.problem(error)
        problem = row(cursor, table, found, number)
        if problem:
            break
        made += 1
    return made, problem


def row(
    cursor: psycopg.Cursor[Any], table: Table, found: tuple[Part, ...], number: int, *, returning: bool = False
) -> Problem | None:
    """Make one row; the last refusal if none of the attempts was taken.

    With `returning`, the cursor has the row then (which a table with rules may refuse to give).
    """
    conn = cursor.connection
    places = [number] * len(found)
    problem: Problem | None = None
    for turn in range(_ATTEMPTS):
        values: dict[str, str | None] = {}
        for part, place in zip(found, places, strict=True):
            values |= part.combinations[place % len(part.combinations)]
        try:
            with conn.transaction():
                cursor.execute(f"{insert(table, values)}{' RETURNING *' if returning else ''}".encode())
                kept = cursor.rowcount
                conn.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except psycopg.Error as error:
            if conn.closed:
                raise
            problem = failure.problem(error)
            if isinstance(error, psycopg.errors.QueryCanceled):  # one row takes too long: so do all
                return problem
            blamed = _blamed(table, error)
        else:
            if kept:
                return None
            problem = Problem(message="the server takes the row and keeps none: a rule or a trigger puts it aside")
            blamed = frozenset()
        for index, part in enumerate(found):
            if blamed & set(part.columns) or (not blamed and (turn + index) % 3 != 0):
                places[index] += 1
    return problem


def _blamed(table: Table, error: psycopg.Error) -> frozenset[str]:
    """The columns that a refusal is about, if the server says so."""
    if error.diag.column_name:
        return frozenset({error.diag.column_name})
    name = error.diag.constraint_name
    return frozenset(column for each in table.bonds if each.name == name for column in each.columns)


def _close_circles(conn: psycopg.Connection[Any], table: Table) -> None:
    """Where a table refers to one that had no rows yet, let a row refer to it now, if the server lets it."""
    for key in table.foreign_keys:
        if len(key.columns) != 1 or table.needs(key):
            continue
        column, referenced = quote(key.columns[0]), quote(key.referenced[0])
        text = (
            f"UPDATE ONLY {table.sql} SET {column} = (SELECT {referenced} FROM {key.target} ORDER BY 1 LIMIT 1)"
            f" WHERE ctid = (SELECT pg_catalog.max(ctid) FROM ONLY {table.sql}"
            f" HAVING pg_catalog.count({column}) = 0)"
        )
        try:
            attempt(conn, text, "SET CONSTRAINTS ALL IMMEDIATE")
        except psycopg.Error:
            continue
