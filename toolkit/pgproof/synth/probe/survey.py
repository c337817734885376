"""Tries every constraint of a scratch database whose tables have been filled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import psycopg

from pgproof.contract.promise import Query
from pgproof.database import failure
from pgproof.errors import Problem
from pgproof.sql.name import qualified, quote
from pgproof.synth import shape as shapes
from pgproof.synth.attempt import attempt
from pgproof.synth.fill import fill
from pgproof.synth.probe import guard as guards
from pgproof.synth.probe.action import actions
from pgproof.synth.probe.breakage import orphans
from pgproof.synth.probe.change import Places
from pgproof.synth.probe.fact import Guard, Outcome, Probe, Run, Survey
from pgproof.synth.probe.fired import fired
from pgproof.synth.probe.guard import Domain
from pgproof.synth.probe.race import races
from pgproof.synth.probe.statement import runs
from pgproof.synth.probe.trial import trial
from pgproof.synth.proposal import NoneFitsError, Part, parts
from pgproof.synth.shape import Bond, Column, Shape, Table

_ROWS = 2
_PATIENCE = "5s"


def survey(conn: psycopg.Connection[Any], other: psycopg.Connection[Any], queries: Sequence[Query] = ()) -> Survey:
    """Fill the tables, try each constraint of them, and run those of the documented queries that change rows.

    `conn` and `other` are in autocommit, of a superuser or the owner of the tables, on a scratch database that is
    thrown away: the rows remain. Raises DatabaseError if a connection is lost or the catalog cannot be read.
    """
    refused = fill(conn, _ROWS).refused
    with failure.told(), conn.transaction(force_rollback=True):
        conn.execute("SELECT pg_catalog.set_config('statement_timeout', %s, true)", (_PATIENCE,))
        shape = shapes.read(conn)
        room = _Room(conn, shape, refused)
        found = guards.read(conn)
        probes = (*_of_tables(room, found), *_of_domains(room))
        roots = {each.table: qualified(each.top_schema, each.top) for each in found}
        acted = actions(conn, shape, roots)
        ran = runs(conn, shape, queries, roots, room.fits)
    with failure.told():
        for each in (conn, other):
            each.execute("SELECT pg_catalog.set_config('statement_timeout', %s, false)", (_PATIENCE,))
        raced = races(conn, other, shape, queries, roots, room.fits)
    return Survey(probes=probes, actions=acted, runs=ran, races=raced, empty=room.empty)


def all_run(conn: psycopg.Connection[Any], queries: Sequence[Query]) -> tuple[Run, ...]:
    """What comes of those documented queries that change rows, on rows that fit; as `survey`, of nothing else."""
    refused = fill(conn, _ROWS).refused
    with failure.told(), conn.transaction(force_rollback=True):
        conn.execute("SELECT pg_catalog.set_config('statement_timeout', %s, true)", (_PATIENCE,))
        shape = shapes.read(conn)
        roots = {each.table: qualified(each.top_schema, each.top) for each in guards.read(conn)}
        return runs(conn, shape, queries, roots, _Room(conn, shape, refused).fits)


class _Room:
    """A session in which rows are tried: its connection, in a transaction, the tables, and what fits each."""

    def __init__(self, conn: psycopg.Connection[Any], shape: Shape, refused: Mapping[str, Problem]) -> None:
        self.conn = conn
        self.shape = shape
        self.tables = {each.number: each for each in shape.tables}
        self.empty: dict[tuple[str, str], str] = {}
        self._fitting: dict[int, tuple[Part, ...]] = {}
        self._places: Places = {}
        for table in shape.tables:
            why = _why_empty(conn, table, refused)
            if why:
                self.empty[table.schema, table.name] = why

    def tried(self, guard: Guard, domain: Domain | None = None, more: tuple[Bond, ...] = ()) -> Probe:
        """What comes of a row that breaks a guard; `more` are bonds of another table, to be broken in this one.

        Raises psycopg.Error if the connection is lost.
        """
        table = self.tables[guard.table]
        why = self.empty.get((table.schema, table.name), "")
        if why:
            return Probe(guard=guard, outcome=Outcome.UNTRIED, reason=why)
        table = replace(table, bonds=(*table.bonds, *more))
        try:
            if guard.kind == "t":
                return fired(self.conn, table, guard, self.shape, self.fits(table), _ROWS)
            probe = trial(self.conn, table, guard, self.shape, self.fits(table), _ROWS, self._places, domain)
            if guard.kind != "c" and guard.is_validated:
                return probe
            if guard.is_validated:  # nothing else may fail: it asks of NULLs alone
                return _more(self.conn, table, probe)
            with self.conn.transaction():
                return _more(self.conn, table, probe)
        except NoneFitsError as error:
            return Probe(guard=guard, outcome=Outcome.UNTRIED, reason=str(error))
        except psycopg.Error as error:  # a condition that cannot be asked of the rows, or too slow
            if self.conn.closed:
                raise
            return Probe(guard=guard, outcome=Outcome.UNTRIED, reason=failure.problem(error).line)

    def fits(self, table: Table) -> tuple[Part, ...]:
        """What may be in each part of its columns. Raises NoneFitsError, psycopg.Error."""
        if table.number not in self._fitting:
            with self.conn.transaction():
                self._fitting[table.number] = parts(self.conn, table, self.shape)
        return self._fitting[table.number]


def _why_empty(conn: psycopg.Connection[Any], table: Table, refused: Mapping[str, Problem]) -> str:
    """Why a table has no rows, or "" if it has some."""
    row = conn.execute(f"SELECT EXISTS (SELECT FROM ONLY {table.sql})".encode()).fetchone()
    if row and row[0]:
        return ""
    problem = refused.get(table.sql)
    return problem.line if problem else "no row could be made for it"


def _of_tables(room: _Room, found: Sequence[Guard]) -> Iterator[Probe]:
    """A probe of each constraint; of what partitions have from their root, in the first one that has rows."""
    bonds = {(bond.name, table.number): bond for table in room.shape.tables for bond in table.bonds}
    of = {(each.root, each.name): each.table for each in found}
    for guard in guards.gaps(room.conn, found):
        bond = bonds.get((guard.name, of[guard.root, guard.name]))  # a NOT NULL is none
        yield room.tried(guard, more=(bond,) if bond else ())
    for group in guards.by_root(found):
        guard = min(group, key=lambda each: ((each.schema, each.table_name) in room.empty, not each.off))
        yield room.tried(guard)


def _of_domains(room: _Room) -> Iterator[Probe]:
    for guard, domain in guards.of_domains(room.conn, room.shape):
        yield room.tried(guard, domain)


def _more(conn: psycopg.Connection[Any], table: Table, probe: Probe) -> Probe:
    """The probe with what the rows that are there say of its guard."""
    guard = probe.guard
    if guard.kind == "c" and not guard.domain:
        probe = replace(probe, nulls=_nulls(conn, table, guard))
    return probe if guard.is_validated else replace(probe, old=_old(conn, table, guard))


def _nulls(conn: psycopg.Connection[Any], table: Table, guard: Guard) -> tuple[str, ...]:
    """The nullable columns of a CHECK that makes it neither true nor false where they alone are NULL, in a row."""
    columns = [each for each in table.columns if each.name in guard.columns]
    asked = [each for each in columns if not each.is_needed and not each.is_generated]
    if not asked:
        return ()
    wanted = ", ".join(_null_passes(table, guard, columns, each) for each in asked)
    try:
        row = attempt(conn, f"SELECT {wanted}").fetchone()
    except psycopg.Error:  # a condition over the whole row, or one that fails
        if conn.closed:
            raise
        return _nulls_alone(conn, table, guard, columns, asked)
    return tuple(each.name for each, passes in zip(asked, row or (), strict=False) if passes)


def _nulls_alone(
    conn: psycopg.Connection[Any], table: Table, guard: Guard, columns: Sequence[Column], asked: Sequence[Column]
) -> tuple[str, ...]:
    """The same, one by one, without those for which it fails."""
    found: list[str] = []
    for column in asked:
        try:
            row = attempt(conn, f"SELECT {_null_passes(table, guard, columns, column)}").fetchone()
        except psycopg.Error:
            if conn.closed:
                raise
            continue
        found += [column.name] if row and row[0] else []
    return tuple(found)


def _null_passes(table: Table, guard: Guard, columns: Sequence[Column], null: Column) -> str:
    """SQL: whether NULL in a column makes the CHECK neither true nor false, in one of the rows that are there."""
    row = ", ".join(
        f"NULL::{each.type} AS {quote(each.name)}" if each is null else quote(each.name) for each in columns
    )
    rows = f"(SELECT {row} FROM ONLY {table.sql}) AS r"
    return f"(SELECT pg_catalog.bool_or(({guard.condition}) IS NULL) FROM {rows})"


def _old(conn: psycopg.Connection[Any], table: Table, guard: Guard) -> int:
    """How many rows that are there break a constraint that is not validated; those of ours break none."""
    if guard.kind == "c":
        rows = f"FROM ONLY {table.sql} WHERE ({guard.condition}) IS FALSE"
    elif guard.kind == "f":
        rows = orphans(table, next(each for each in table.bonds if each.name == guard.name and each.kind == "f"))
    elif guard.kind == "n":
        rows = f"FROM ONLY {table.sql} WHERE {quote(guard.name)} IS NULL"
    else:
        return 0
    row = conn.execute(f"SELECT pg_catalog.count(*) {rows}".encode()).fetchone()
    return int(row[0]) if row else 0
