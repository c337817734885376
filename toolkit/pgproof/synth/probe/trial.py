"""Tries rows that break a constraint, and says what the server did with them. All of it is rolled back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from pgproof.database import failure
from pgproof.sql.literal import literal
from pgproof.sql.name import qualified, quote
from pgproof.synth.probe import breach
from pgproof.synth.probe.breakage import is_broken
from pgproof.synth.probe.fact import SQLSTATES, Guard, Outcome, Probe
from pgproof.synth.proposal import Combination, NoneFitsError, Part, insert
from pgproof.synth.shape import Shape, Table

_ATTEMPTS = 12
_FEWER = 4
"""Constraints and triggers in the way that are taken away, at most."""
_FITS = "the rows that were tried do not break it once they are stored"
_IS_CONSTRAINT = "SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid = %s AND conname = %s"


@dataclass(frozen=True, slots=True)
class _Shot:
    """What became of one row: the refusal, or how many rows were stored, and whether the guard is broken now."""

    row: Combination
    error: psycopg.Error | None = None
    kept: int = 0
    breaks: bool = False


def trial(
    conn: psycopg.Connection[Any],
    table: Table,
    guard: Guard,
    shape: Shape,
    fitting: tuple[Part, ...],
    number: int,
    base: tuple[str, int] | None = None,
) -> Probe:
    """What the server does with a row that breaks `guard` alone; if something else refuses it, without that.

    `fitting` is what fits the table; `number` of its combinations are passed over: rows that are there have them.
    `base` is the type that a domain is over, and its number. `conn` is in a transaction. Raises psycopg.Error if
    the connection is lost.
    """
    probe = Probe(guard=guard, outcome=Outcome.UNTRIED)
    for alone in (True, False):
        try:
            with conn.transaction():
                found = (
                    breach.of_domain(conn, guard, shape, fitting, base)
                    if base
                    else breach.breaches(conn, table, guard, shape, fitting, alone=alone)
                )
        except NoneFitsError as error:
            probe = replace(probe, reason=probe.reason or str(error))
            continue
        except psycopg.Error as error:  # what cannot be asked of this table
            if conn.closed:
                raise
            probe = replace(probe, reason=failure.problem(error).line)
            continue
        probe = _seek(conn, table, guard, found, number)
        if probe.outcome is Outcome.MENDED:
            return _unmended(conn, table, guard, found, number, probe)
        if probe.outcome is not Outcome.OTHERWISE:
            return probe
        probe = _less(conn, table, guard, found, number, probe)
        if probe.outcome is not Outcome.OTHERWISE:
            return probe
    return probe


def _unmended(
    conn: psycopg.Connection[Any], table: Table, guard: Guard, found: Sequence[Part], number: int, probe: Probe
) -> Probe:
    """Of a row that was stored and fits: whether it is refused where no trigger can mend it."""
    with _undone(conn):
        if _done(conn, f"ALTER TABLE {table.sql} DISABLE TRIGGER USER"):
            last = _seek(conn, table, guard, found, number)
            if last.outcome is Outcome.REFUSED:
                return replace(last, is_mended=True)
    return replace(probe, outcome=Outcome.UNTRIED, reason=_FITS)


def _less(
    conn: psycopg.Connection[Any], table: Table, guard: Guard, found: Sequence[Part], number: int, probe: Probe
) -> Probe:
    """The same rows, while what refuses them first is taken away, one after the other."""
    gone: list[str] = []
    first = probe
    with _undone(conn):
        for _ in range(_FEWER):
            last = _seek(conn, table, guard, found, number, tries=1)
            if last.outcome is not Outcome.OTHERWISE:
                return replace(last, beside=tuple(gone))
            name = _take_away(conn, table, guard, last)
            if not name:
                break
            gone.append(name)
    return first


def _take_away(conn: psycopg.Connection[Any], table: Table, guard: Guard, last: Probe) -> str:
    """Drop what refused last, and say what it was; "" if it cannot be."""
    if last.sqlstate == SQLSTATES["n"] and any(each.name == last.other for each in table.columns):
        statement = f"ALTER TABLE {table.sql} ALTER COLUMN {quote(last.other)} DROP NOT NULL"
        said = f"NOT NULL of {last.other}"
    elif last.sqlstate == SQLSTATES["n"] and last.other.startswith("domain "):
        statement, said = f"ALTER {last.other} DROP NOT NULL", f"NOT NULL of {last.other}"
    elif last.sqlstate in SQLSTATES.values() and last.other not in ("", guard.name):
        row = conn.execute(_IS_CONSTRAINT, (table.number, last.other)).fetchone()
        constraint = f"ALTER TABLE {table.sql} DROP CONSTRAINT {quote(last.other)} CASCADE"
        statement = constraint if row else f"DROP INDEX {qualified(table.schema, last.other)}"
        said = last.other
    elif last.other:
        return ""
    else:
        statement, said = f"ALTER TABLE {table.sql} DISABLE TRIGGER USER", "its triggers"
    return said if _done(conn, statement) else ""


def _done(conn: psycopg.Connection[Any], statement: str) -> bool:
    """True if the server has done it."""
    try:
        with conn.transaction():
            conn.execute(statement.encode())
    except psycopg.Error:
        if conn.closed:
            raise
        return False
    return True


def _seek(
    conn: psycopg.Connection[Any],
    table: Table,
    guard: Guard,
    found: Sequence[Part],
    number: int,
    tries: int = _ATTEMPTS,
) -> Probe:
    """Try rows until one is refused by `guard`, or by nothing."""
    places = [number] * len(found)
    probe = Probe(guard=guard, outcome=Outcome.UNTRIED)
    for attempt in range(tries):
        row: dict[str, str | None] = {}
        for part, place in zip(found, places, strict=True):
            row |= part.combinations[place % len(part.combinations)]
        shot = _shoot(conn, table, guard, row)
        probe = _told(guard, shot)
        if probe.outcome is not Outcome.OTHERWISE:
            return probe
        blamed = _blamed(table, shot.error)
        for index, part in enumerate(found):
            if blamed & set(part.columns) or (not blamed and (attempt + index) % 3 != 0):
                places[index] += 1
    return probe


def _shoot(conn: psycopg.Connection[Any], table: Table, guard: Guard, row: Combination) -> _Shot:
    """Put the row in and take it back: two messages, where it is refused."""
    text = f"SAVEPOINT pgproof_shot; {insert(table, row)}; SET CONSTRAINTS ALL IMMEDIATE"
    try:
        cursor = conn.execute(text.encode())
        cursor.nextset()
        kept = cursor.rowcount
        breaks = bool(guard.domain) or is_broken(conn, table, guard)
    except psycopg.Error as error:
        if conn.closed:
            raise
        return _Shot(row=row, error=error)
    finally:
        if not conn.closed:
            conn.execute("ROLLBACK TO SAVEPOINT pgproof_shot; RELEASE SAVEPOINT pgproof_shot")
    return _Shot(row=row, kept=kept, breaks=breaks)


def _told(guard: Guard, shot: _Shot) -> Probe:
    names = guard.columns or tuple(shot.row)
    values = tuple((name, literal(shot.row[name]).strip()) for name in names if name in shot.row)
    plain = Probe(guard=guard, outcome=Outcome.ACCEPTED, values=values)
    if shot.error is not None:
        if _is_of(guard, shot.error):
            return replace(plain, outcome=Outcome.REFUSED, is_late=guard.is_deferred)
        problem = failure.problem(shot.error)
        said = shot.error.diag
        other = said.constraint_name or said.column_name or ""
        if said.datatype_name:
            other = f"domain {qualified(said.schema_name or 'public', said.datatype_name)}"
        return replace(
            plain, outcome=Outcome.OTHERWISE, sqlstate=problem.sqlstate, other=other, reason=problem.message
        )
    if not shot.kept:
        return replace(plain, outcome=Outcome.SWALLOWED)
    return plain if shot.breaks else replace(plain, outcome=Outcome.MENDED)


def _is_of(guard: Guard, error: psycopg.Error) -> bool:
    """True if the refusal has the SQLSTATE and the name that it must have."""
    if error.sqlstate != guard.sqlstate:
        return False
    if guard.domain and guard.kind == "n":
        return error.diag.datatype_name == guard.name
    if guard.kind == "n":
        return error.diag.column_name == guard.name and error.diag.table_name == guard.table_name
    return error.diag.constraint_name == guard.name


def _blamed(table: Table, error: psycopg.Error | None) -> frozenset[str]:
    """The columns that a refusal is about, if the server says so."""
    if error is None:
        return frozenset()
    if error.diag.column_name:
        return frozenset({error.diag.column_name})
    name = error.diag.constraint_name
    return frozenset(column for each in table.bonds if each.name == name for column in each.columns)


@contextmanager
def _undone(conn: psycopg.Connection[Any]) -> Iterator[None]:
    """A savepoint that is always rolled back."""
    with conn.transaction(force_rollback=True):
        yield
