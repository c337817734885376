"""Rows that fit, added to one table: with the rows that they refer to, and with values that somebody asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import psycopg
from psycopg.rows import dict_row

from pgproof.database import failure
from pgproof.errors import InputError, Problem
from pgproof.sql.literal import literal
from pgproof.sql.name import nearest, quote
from pgproof.synth import shape as shapes
from pgproof.synth.fill import PATIENCE, ordered, row, supply
from pgproof.synth.proposal import NoneFitsError, Part, parts
from pgproof.synth.shape import Bond, Shape, Table

Row = dict[str, Any]


def add(conn: psycopg.Connection[Any], name: str, count: int, given: Mapping[str, object]) -> list[Row]:
    """Put `count` rows into the table `name` ("jobs", "app.jobs"), and give them as they are in it then.

    Tables that it refers to get rows first, if they have none (as many as are asked for, if the rows cannot share
    one). `given` are values by column, as psycopg takes them. Of a partitioned table, the partitions that take the
    rows have them in turn. `conn` is in autocommit, on a scratch database, as a superuser or the owner; all rows
    are put in, or none. Raises InputError where there is no such table or column, or no such row fits, and
    DatabaseError.
    """
    with failure.told(), conn.transaction():
        conn.execute("SELECT pg_catalog.set_config('statement_timeout', %s, true)", (PATIENCE,))
        shape = shapes.read(conn)
        tables = _meant(conn, shape, name)
        wanted = _wanted(conn, tables[0], given)
        for parents in (1, count):
            _supply_parents(conn, tables, shape, parents)
            with conn.transaction() as attempt:
                rows, problem = _added(conn, tables, shape, count, wanted)
                if len(rows) < count:
                    raise psycopg.Rollback(attempt)
            if len(rows) == count:
                return rows
        raise InputError(_too_few(name, len(rows), count, problem))


def _meant(conn: psycopg.Connection[Any], shape: Shape, name: str) -> tuple[Table, ...]:
    """The tables that hold the rows of the one of that name."""
    query = files("pgproof.synth").joinpath("leaves.sql").read_bytes()
    numbers = {found[0] for found in conn.execute(query, {"name": name}).fetchall()}
    tables = tuple(each for each in shape.tables if each.number in numbers)
    if tables:
        return tables
    known = [word for each in shape.tables for word in (each.name, f"{each.schema}.{each.name}")]
    meant = nearest(name, known)
    raise InputError(
        Problem(
            message=f'there is no table "{name}" that rows can be put into',
            hint=f'did you mean "{meant}"?' if meant else "migrations make none in this database",
        )
    )


def _wanted(conn: psycopg.Connection[Any], table: Table, given: Mapping[str, object]) -> dict[str, str | None]:
    """The values as text, as the server writes them."""
    columns = {each.name: each for each in table.columns if not each.is_generated}
    unknown = [name for name in given if name not in columns]
    if unknown:
        meant = nearest(unknown[0], columns)
        hint = f'did you mean "{meant}"?' if meant else f"its columns: {', '.join(columns)}"
        problem = Problem(message=f'{table.sql} has no column "{unknown[0]}" that takes a value', hint=hint)
        raise InputError(problem)
    found: dict[str, str | None] = {}
    for name, value in given.items():
        try:
            written = conn.execute("SELECT %s::pg_catalog.text", (value,)).fetchone()
        except psycopg.ProgrammingError as error:
            if error.sqlstate is not None:
                raise
            problem = Problem(message=f"the value for {name} is not one that psycopg takes", detail=f"{error}.")
            raise InputError(problem) from error
        found[name] = written[0] if written else None
    return found


def _supply_parents(conn: psycopg.Connection[Any], tables: tuple[Table, ...], shape: Shape, count: int) -> None:
    """Rows for all that the rows of these tables refer to, however far away."""
    by_number = {each.number: each for each in shape.tables}
    own = {each.number for each in tables}
    seen: set[int] = set()
    ahead = list(tables)
    while ahead:
        for key in ahead.pop().foreign_keys:
            fresh = [each for each in key.leaves if each in by_number and each not in seen | own]
            seen |= set(fresh)
            ahead += [by_number[each] for each in fresh]
    for table in ordered(shape):
        if table.number in seen:
            supply(conn, table, shape, count)


def _added(
    conn: psycopg.Connection[Any],
    tables: tuple[Table, ...],
    shape: Shape,
    count: int,
    wanted: Mapping[str, str | None],
) -> tuple[list[Row], Problem | None]:
    """The rows, a table after the other in turn; what the last one that takes none says, where that is all."""
    makers = [_rows(conn, table, shape, wanted) for table in tables]
    rows: list[Row] = []
    problem: Problem | None = None
    while makers and len(rows) < count:
        for maker in tuple(makers):
            made = next(maker)
            if isinstance(made, Problem):
                problem = made
                makers.remove(maker)
            elif len(rows) < count:
                rows.append(made)
            if len(rows) == count:
                break
    return rows, problem


def _rows(
    conn: psycopg.Connection[Any], table: Table, shape: Shape, wanted: Mapping[str, str | None]
) -> Iterator[Row | Problem]:
    """Row after row of one table, each put in; at the end why there is no further one."""
    bound = tuple(_wish(table, column, value) for column, value in wanted.items())
    asked = Table(
        number=table.number,
        schema=table.schema,
        name=table.name,
        columns=table.columns,
        bonds=(*table.bonds, *bound),
    )
    refers_to_itself = any(key.target == table.sql for key in table.foreign_keys)
    number = (conn.execute(f"SELECT pg_catalog.count(*) FROM ONLY {table.sql}".encode()).fetchone() or (0,))[0]
    found: tuple[Part, ...] = ()
    cursor = conn.cursor(row_factory=dict_row)
    while True:
        if not found or refers_to_itself:
            try:
                with conn.transaction():
                    found = parts(conn, asked, shape, wanted)
            except NoneFitsError as error:
                yield Problem(message=str(error))
                return
        problem = row(cursor, table, found, number, returning=True)
        if problem:
            yield problem
            return
        yield cursor.fetchall()[0]
        number += 1


def _wish(table: Table, column: str, value: str | None) -> Bond:
    """That a column has this value; it decides among the rows that a foreign key could lead to."""
    of_type = next(each.type for each in table.columns if each.name == column)
    is_key = any(column in key.columns for key in table.foreign_keys)
    words = "IS NULL" if value is None else f"= {literal(value)}::{of_type}" if is_key else "IS NOT NULL"
    condition = f"{quote(column)} {words}"
    return Bond(name="what is asked for", kind="c", columns=(column,), condition=condition, made=True)


def _too_few(name: str, made: int, count: int, problem: Problem | None) -> Problem:
    return Problem(
        message=f"{made or 'none'} of {count} rows could be made for {name}, so that none is put in",
        detail=f"The last refusal: {problem.line.rstrip('.')}." if problem else "",
        hint="give other values, or put the rows in yourself",
    )
