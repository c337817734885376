"""What a constraint trigger does: whether it fires, and whether a row that fits everything else is refused by it.

What it refuses is said by its function alone. So rows are tried with the constants that stand in its text, and a
refusal is the trigger's if the same statement is taken where the trigger is disabled. All of it is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from pgproof.database import failure
from pgproof.sql.literal import literal
from pgproof.sql.name import quote
from pgproof.synth.candidate import candidates
from pgproof.synth.probe.fact import Guard, Outcome, Probe
from pgproof.synth.probe.guard import rows
from pgproof.synth.proposal import Combination, Part, insert
from pgproof.synth.shape import Shape, Table

_FITTING = 4
"""Rows that fit the table, before its columns are given other values."""
_VALUES = 12
"""For a column, at most."""
_MOST = 120
"""Statements for an event, at most."""
_CALLS = "SELECT calls FROM pg_catalog.pg_stat_xact_user_functions WHERE funcid = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trigger:
    """A constraint trigger as triggers.sql has it."""

    name: str
    events: Sequence[str]
    function: int
    function_name: str
    source: str


def fired(
    conn: psycopg.Connection[Any], table: Table, guard: Guard, shape: Shape, fitting: Sequence[Part], number: int
) -> Probe:
    """What comes of statements that the trigger fires for; REFUSED by the first one that it does not let pass.

    UNTRIED, with the reason, where it let all pass or did not fire. `fitting` is what fits the table; `number` of
    its combinations are there already. `conn` is in a transaction. Raises psycopg.Error if the connection is lost.
    """
    probe = Probe(guard=guard, outcome=Outcome.UNTRIED)
    found = rows(conn, "triggers", {"table": table.number, "name": guard.name})
    for trigger in (_Trigger(**each) for each in found):
        counts = _done(conn, "SET LOCAL track_functions = 'all'") is None
        before, passed = _calls(conn, trigger), 0
        for event in trigger.events:
            for values, statement in _statements(conn, table, trigger, event, shape, fitting, number):
                error = _done(conn, statement, undone=True)
                if error is None:
                    passed += 1
                elif _is_of(conn, table, trigger, statement, error):
                    problem = failure.problem(error)
                    return replace(
                        probe,
                        outcome=Outcome.REFUSED,
                        event=event,
                        is_late=guard.is_deferred,
                        values=values,
                        sqlstate=problem.sqlstate,
                        reason=problem.message,
                    )
        calls = _calls(conn, trigger) - before
        probe = replace(probe, reason=_reason(trigger, passed, calls if counts else None))
    return probe


def _reason(trigger: _Trigger, passed: int, calls: int | None) -> str:
    what = f"{passed} statements that fit ({', '.join(trigger.events)})"
    if calls is None:
        return f"what it refuses is said by {trigger.function_name} alone, which refused none of {what}"
    if not calls:
        return f"it did not fire for any of {what}"
    return f"it fires, and {trigger.function_name}, which alone says what it refuses, refused none of {what}"


def _statements(
    conn: psycopg.Connection[Any],
    table: Table,
    trigger: _Trigger,
    event: str,
    shape: Shape,
    fitting: Sequence[Part],
    number: int,
) -> Iterator[tuple[tuple[tuple[str, str], ...], str]]:
    """Statements for an event, each with what is written to which column."""
    places = conn.execute(f"SELECT ctid::pg_catalog.text FROM ONLY {table.sql} ORDER BY ctid DESC".encode())
    there = [row[0] for row in places.fetchmany(2)]
    if event == "DELETE":
        for place in there:
            yield (), f"DELETE FROM ONLY {table.sql} WHERE ctid = {literal(place)}"
        return
    fits = [_row(fitting, number + each) for each in range(_FITTING)]
    changes = [(name, value) for name, value in _changes(table, trigger, shape) if name in fits[0]]
    if event == "INSERT":
        for row in fits:
            yield _written(row), insert(table, row)
    for turn, (name, value) in enumerate(changes[:_MOST]):
        written = {name: value}
        if event == "INSERT":
            yield _written(written), insert(table, {**fits[turn % _FITTING], **written})
        elif there:
            set_ = f"{quote(name)} = {literal(value)}"
            yield _written(written), f"UPDATE ONLY {table.sql} SET {set_} WHERE ctid = {literal(there[0])}"


def _row(fitting: Sequence[Part], place: int) -> Combination:
    row: dict[str, str | None] = {}
    for part in fitting:
        row |= part.combinations[place % len(part.combinations)]
    return row


def _changes(table: Table, trigger: _Trigger, shape: Shape) -> list[tuple[str, str | None]]:
    """Values for one column after the other, the first ones of each before the second ones."""
    found: list[tuple[int, str, str | None]] = []
    for column in table.columns:
        if column.is_generated or column.is_identity:
            continue
        values: list[str | None] = [*candidates(column.type_number, shape.types, [trigger.source])[:_VALUES]]
        values += [] if column.is_needed else [None]
        found += [(place, column.name, value) for place, value in enumerate(values)]
    return [(name, value) for _, name, value in sorted(found, key=lambda each: each[0])]


def _written(row: Combination) -> tuple[tuple[str, str], ...]:
    return tuple((name, literal(value).strip()) for name, value in row.items())


def _calls(conn: psycopg.Connection[Any], trigger: _Trigger) -> int:
    row = conn.execute(_CALLS, (trigger.function,)).fetchone()
    return int(row[0]) if row else 0


def _is_of(
    conn: psycopg.Connection[Any], table: Table, trigger: _Trigger, statement: str, error: psycopg.Error
) -> bool:
    """True if it is the trigger that refuses: without it, the statement is taken."""
    if error.diag.constraint_name in {each.name for each in table.bonds}:
        return False
    disabled = f"ALTER TABLE {table.sql} DISABLE TRIGGER {quote(trigger.name)}"
    return _done(conn, f"{disabled}; {statement}", undone=True) is None


def _done(conn: psycopg.Connection[Any], statement: str, *, undone: bool = False) -> psycopg.Error | None:
    """Run it with what it defers, and take it back if asked; the error, if there is one."""
    end = "; SET CONSTRAINTS ALL IMMEDIATE" if undone else ""
    try:
        with conn.transaction(force_rollback=undone):
            conn.execute(f"{statement}{end}".encode())
    except psycopg.Error as error:
        if conn.closed:
            raise
        return error
    return None
