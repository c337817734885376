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
from pgproof.synth.probe.breakage import is_broken, refuses
from pgproof.synth.probe.change import BACK, Places, changed
from pgproof.synth.probe.fact import SQLSTATES, Guard, Outcome, Probe
from pgproof.synth.probe.guard import Domain
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Range:
    """Where rows are tried: what breaks a guard, in parts; those behind the first `fitting` ones are about it.

    The first `number` combinations of each part are passed over: rows that are there have them.
    """

    conn: psycopg.Connection[Any]
    table: Table
    guard: Guard
    parts: Sequence[Part]
    fitting: int
    number: int
    places: Places

    @property
    def broken(self) -> tuple[str, ...]:
        """The columns of those parts that are about the guard."""
        return tuple(name for part in self.parts[self.fitting :] for name in part.columns)


def trial(
    conn: psycopg.Connection[Any],
    table: Table,
    guard: Guard,
    shape: Shape,
    fitting: tuple[Part, ...],
    number: int,
    places: Places,
    domain: Domain | None = None,
) -> Probe:
    """What the server does with a row that breaks `guard` alone; if something else refuses it, without that.

    `fitting` is what fits the table; `number` of its combinations are passed over: rows that are there have them.
    `places` are the rows that UPDATE was tried with, for the next one. `domain` is that of a domain's guard.
    `conn` is in a transaction. Raises psycopg.Error if the connection is lost.
    """
    probe = Probe(guard=guard, outcome=Outcome.UNTRIED)
    for alone in (True, False):
        try:
            found = (
                breach.of_domain(conn, guard, shape, fitting, domain)
                if domain
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
        where = _Range(
            conn=conn, table=table, guard=guard, parts=found, fitting=len(fitting), number=number, places=places
        )
        probe = _tried(where)
        if probe.outcome is not Outcome.OTHERWISE:
            return probe
    return probe


def _tried(where: _Range) -> Probe:
    """What comes of these rows; of what INSERT does not take for other reasons, by UPDATE."""
    probe = _seek(where)
    if probe.outcome is Outcome.MENDED:
        return _unmended(where, probe)
    return _less(where, probe) if probe.outcome is Outcome.OTHERWISE else probe


def _unmended(where: _Range, probe: Probe) -> Probe:
    """Of a row that was stored and fits: whether it is refused where no trigger can mend it."""
    with _undone(where.conn):
        if _done(where.conn, f"ALTER TABLE {where.table.sql} DISABLE TRIGGER USER"):
            last = _seek(where)
            if last.outcome is Outcome.REFUSED:
                return replace(last, is_mended=True)
    return replace(probe, outcome=Outcome.UNTRIED, reason=_FITS)


def _less(where: _Range, first: Probe) -> Probe:
    """The same rows, while what refuses them first is taken away, one after the other."""
    gone: list[str] = []
    with _undone(where.conn):
        for _ in range(_FEWER):
            last = _seek(where, tries=1)
            if last.outcome is not Outcome.OTHERWISE:
                return replace(last, beside=tuple(gone))
            name = _take_away(where.conn, where.table, where.guard, last)
            if not name:
                break
            gone.append(name)
    return (
        first if first.changed is not Outcome.REFUSED else replace(first, outcome=Outcome.REFUSED, event="UPDATE")
    )


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


def _seek(where: _Range, tries: int = _ATTEMPTS) -> Probe:
    """Try rows until one is refused by the guard, or by nothing; that, or the last one, is tried by UPDATE."""
    conn, table, guard = where.conn, where.table, where.guard
    places = [where.number] * len(where.parts)
    probe, row, owed = Probe(guard=guard, outcome=Outcome.UNTRIED), dict[str, str | None](), ""
    for attempt in range(tries):
        row = {}
        for part, place in zip(where.parts, places, strict=True):
            row |= part.combinations[place % len(part.combinations)]
        shot = _shoot(conn, table, guard, row, owed)
        owed = BACK if shot.error is not None else ""
        probe = _told(guard, shot)
        if probe.outcome is not Outcome.OTHERWISE or isinstance(shot.error, psycopg.errors.QueryCanceled):
            break
        blamed = _blamed(table, shot.error)
        for index, part in enumerate(where.parts):
            if blamed & set(part.columns) or (not blamed and (attempt + index) % 3 != 0):
                places[index] += 1
    if probe.outcome not in (Outcome.REFUSED, Outcome.OTHERWISE) or guard.heir:
        if owed:
            conn.execute(owed)
        return probe
    probe = replace(probe, changed=changed(conn, table, guard, where.broken, row, where.places, owed))
    return probe if len(guard.columns) < 2 or guard.kind != "f" else _mixed(where, probe, row)


def _mixed(where: _Range, probe: Probe, row: Combination) -> Probe:
    """Of a foreign key of several columns: what it says to NULL in one of them."""
    free = {each.name for each in where.table.columns if not each.is_needed and not each.is_generated}
    passed: list[str] = []
    refused: list[str] = []
    owed = ""
    for name in (each for each in where.guard.columns if each in free):
        shot = _shoot(where.conn, where.table, where.guard, {**row, name: None}, owed)
        owed = BACK if shot.error is not None else ""
        if shot.kept:
            passed.append(name)
        elif shot.error is not None and refuses(where.guard, shot.error):
            refused.append(name)
    if owed:
        where.conn.execute(owed)
    return replace(probe, nulls=tuple(passed), mixed=tuple(refused))


def _shoot(conn: psycopg.Connection[Any], table: Table, guard: Guard, row: Combination, before: str) -> _Shot:
    """Put the row in, behind `before` in one message, and take it back; if it is refused, `BACK` is owed."""
    text = f"SAVEPOINT pgproof_shot; {insert(table, row)}; SET CONSTRAINTS ALL IMMEDIATE"
    try:
        cursor = conn.execute(f"{before}; {text}".encode() if before else text.encode())
        for _ in range(3 if before else 1):
            cursor.nextset()
        kept = cursor.rowcount
        breaks = bool(guard.domain) or is_broken(conn, table, guard)
    except psycopg.Error as error:
        if conn.closed:
            raise
        return _Shot(row=row, error=error)
    conn.execute(BACK)
    return _Shot(row=row, kept=kept, breaks=breaks)


def _told(guard: Guard, shot: _Shot) -> Probe:
    names = guard.columns or tuple(shot.row)
    values = tuple((name, literal(shot.row[name]).strip()) for name in names if name in shot.row)
    plain = Probe(guard=guard, outcome=Outcome.ACCEPTED, values=values)
    if shot.error is not None:
        if refuses(guard, shot.error):
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
