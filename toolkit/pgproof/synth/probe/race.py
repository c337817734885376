"""Shows a race: a statement writes the start of its transaction, which may lie before the row that it changes.

now() and CURRENT_TIMESTAMP are the start of the transaction (9.9.5 of PostgreSQL's manual). A row that another one
inserts and commits meanwhile has a later time by its default, and a statement at READ COMMITTED sees it: a CHECK
that wants the one not before the other refuses. Two connections to a copy of the scratch database show that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg

from pgproof.contract.promise import Query
from pgproof.database import failure
from pgproof.sql.modification import Modification, is_moment, modification
from pgproof.sql.name import quote
from pgproof.synth.probe.fact import Race, Raced
from pgproof.synth.probe.statement import Fits, Scene, execution, holder, prepared, scene, stored
from pgproof.synth.proposal import NoneFitsError
from pgproof.synth.shape import Bond, Shape, Table

_ROWS = 8
_FEWER = 3
_CHECK_VIOLATION = "23514"
_DEFINED = (
    "SELECT pg_catalog.pg_get_constraintdef(c.oid) FROM pg_catalog.pg_constraint AS c"
    " WHERE c.conrelid = %s AND c.conname = %s AND c.contype = 'c' AND c.conislocal AND c.coninhcount = 0"
)


def races(
    conn: psycopg.Connection[Any],
    other: psycopg.Connection[Any],
    shape: Shape,
    queries: Iterable[Query],
    roots: Mapping[int, str],
    fits: Fits,
) -> tuple[Race, ...]:
    """What comes of each documented UPDATE whose time a CHECK compares with a time that is a default.

    `roots` are the partitioned tables, as SQL, by the numbers of their partitions, `fits` gives what fits
    a table. Both connections are in
    autocommit, to a database that is thrown away: rows are committed in it. Raises psycopg.Error if one is lost.
    """
    found: list[Race] = []
    for query in queries:
        says = modification(query.text)
        table = holder(conn, shape, says, roots) if says else None
        if says is None or table is None or says.kind != "UPDATE":
            continue
        for check, late, made in _candidates(says, table):
            race = Race(
                query=query.id,
                constraint=check.name,
                written=(late, dict(says.assigned)[late]),
                default=made,
                outcome=Raced.UNTRIED,
            )
            try:
                found.append(_unhindered(conn, other, _scene(conn, query, says, table, shape, check, fits), race))
            except NoneFitsError as error:
                found.append(replace(race, reason=str(error)))
            except psycopg.Error as error:
                if conn.closed or other.closed:
                    raise
                found.append(replace(race, reason=failure.problem(error).line))
    return tuple(found)


def _candidates(says: Modification, table: Table) -> Iterator[tuple[Bond, str, str]]:
    """Each CHECK about a column that gets the start of the transaction, and one that is a moment by default."""
    assigned = {name for name, _ in says.assigned}
    made = [each.name for each in table.columns if is_moment(each.default) and each.name not in assigned]
    for bond in table.bonds:
        late = [name for name in says.begun if name in bond.columns]
        early = [name for name in made if name in bond.columns]
        if bond.kind == "c" and late and early:
            yield bond, late[0], early[0]


def _scene(
    conn: psycopg.Connection[Any],
    query: Query,
    says: Modification,
    table: Table,
    shape: Shape,
    check: Bond,
    fits: Fits,
) -> Scene:
    """The statement with a fresh row: what else such CHECKs are about is NULL, where that may be."""
    moments = {each.name for each in table.columns if is_moment(each.default)}
    checks = [each for each in table.bonds if each.kind == "c" and (each is check or moments & set(each.columns))]
    about = {name for each in checks for name in each.columns}
    wishes = [
        ((each.name,), f"{quote(each.name)} IS NULL")
        for each in table.columns
        if each.name in about and not each.is_needed and not each.default
    ]
    with conn.transaction():
        try:
            with conn.transaction():
                return scene(conn, query, says, table, shape, fits(table), wishes)
        except (NoneFitsError, psycopg.Error):
            return scene(conn, query, says, table, shape, fits(table))


def _unhindered(conn: psycopg.Connection[Any], other: psycopg.Connection[Any], of: Scene, race: Race) -> Race:
    """Run the race; where another CHECK refuses, again without that."""
    gone: list[tuple[str, str]] = []
    first = race = _run(conn, other, of, race)
    try:
        while race.outcome is Raced.OTHERWISE and race.other and len(gone) < _FEWER:
            row = other.execute(_DEFINED, (of.table.number, race.other)).fetchone()
            if row is None:
                return first
            other.execute(f"ALTER TABLE {of.table.sql} DROP CONSTRAINT {quote(race.other)}".encode())
            gone.append((race.other, row[0]))
            race = replace(_run(conn, other, of, race), beside=tuple(name for name, _ in gone))
    finally:
        for name, definition in gone:
            other.execute(f"ALTER TABLE {of.table.sql} ADD CONSTRAINT {quote(name)} {definition}".encode())
    return race if race.outcome is Raced.SHOWN else first


def _run(conn: psycopg.Connection[Any], other: psycopg.Connection[Any], of: Scene, race: Race) -> Race:
    """Begin, let the other insert a row and commit, and run the statement for that row."""
    types = prepared(conn, of)
    conn.execute("BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED")
    try:
        conn.execute("SELECT pg_catalog.now()")
        with _row(other, of, race.default) as row:
            try:
                rows = conn.execute(execution(of, types, row).encode()).rowcount
                conn.execute("SET CONSTRAINTS ALL IMMEDIATE")
            except psycopg.Error as error:
                if conn.closed:
                    raise
                return _refused(race, error)
            finally:
                if not conn.closed:
                    conn.execute("ROLLBACK")  # before the row is deleted: this one may have locked it
        return replace(race, outcome=Raced.TAKEN if rows else Raced.UNTRIED, other="", reason="")
    finally:
        if not conn.closed:
            conn.execute("ROLLBACK; DEALLOCATE ALL")


def _refused(race: Race, error: psycopg.Error) -> Race:
    name = error.diag.constraint_name or ""
    is_it = (error.sqlstate, name) == (_CHECK_VIOLATION, race.constraint)
    outcome = Raced.SHOWN if is_it else Raced.OTHERWISE
    return replace(race, outcome=outcome, other=name, reason=failure.problem(error).message)


@contextmanager
def _row(other: psycopg.Connection[Any], of: Scene, default: str) -> Iterator[Mapping[str, str | None]]:
    """A row that is committed with the default of a column, and deleted afterwards."""
    for number in range(_ROWS):
        row = {name: value for name, value in of.proposed(number).items() if name != default}
        try:
            there = stored(other, of, row)
            break
        except psycopg.Error:
            if other.closed:
                raise
    else:
        raise NoneFitsError(f"no row with the default of {default} was taken by the server")
    try:
        yield there
    finally:
        if not other.closed:
            other.execute(f"DELETE FROM ONLY {of.table.sql} WHERE ctid = '{there['ctid']}'".encode())
