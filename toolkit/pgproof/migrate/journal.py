"""The table pgproof.journal: what was tried of files that run without a transaction, and how each attempt ended.

What is written is SQL text, as in `history`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row

from pgproof.migrate import history
from pgproof.migrate.plan import Step
from pgproof.migrate.terms import Terms
from pgproof.sql.statement import Statement

LANDED, FAILED, CANCELLED = "landed", "failed", "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An attempt at a statement. `before` is what was there before it, as `recovery` noted it.

    `outcome` is empty if nobody has heard how it ended.
    """

    number: int
    hash: str
    before: str
    outcome: str
    run: str


def hash_of(statement: Statement) -> str:
    """The SHA-256 of a statement's text."""
    return hashlib.sha256(statement.text.encode()).hexdigest()


def last_attempt(conn: psycopg.Connection, step: Step) -> Attempt | None:
    """The last attempt at the statement behind `step.done`, if there was one. Raises psycopg.Error."""
    with conn.cursor(row_factory=class_row(Attempt)) as cursor:
        values = {
            "version": step.migration.version,
            "schema": step.schema,
            "direction": step.direction,
            "number": step.done + 1,
        }
        return cursor.execute(history.query("last_attempt"), values).fetchone()


def has_landed(conn: psycopg.Connection, step: Step, number: int, run: str) -> bool:
    """True if `run` has entered that statement `number` has landed. Raises psycopg.Error."""
    return _last(conn, step, number, run) == LANDED


def is_open(conn: psycopg.Connection, step: Step, number: int, run: str) -> bool:
    """True if `run` has entered that it is about to send statement `number`. Raises psycopg.Error."""
    return _last(conn, step, number, run) == ""


def has_outcome(conn: psycopg.Connection, step: Step, number: int, run: str) -> bool:
    """True if `run` has entered how statement `number` ended. Raises psycopg.Error."""
    return bool(_last(conn, step, number, run))


def landed(step: Step, terms: Terms, first: int, statements: tuple[Statement, ...]) -> Iterator[str]:
    """SQL that enters statements as landed, at the end of the transaction that they ran in."""
    for number, statement in enumerate(statements, first):
        yield _filled("note_landed", step, terms, number, statement)


def intent(step: Step, terms: Terms, number: int, statement: Statement, before: str) -> str:
    """SQL that enters that a statement is about to be sent; it returns the id of the entry."""
    return _filled("note_intent", step, terms, number, statement, before=before)


def outcome(step: Step, number: int, how: str, remark: str = "") -> str:
    """SQL that enters how the last attempt at statement `number` ended."""
    values: dict[str, str | int | None] = {
        "version": step.migration.version,
        "schema": step.schema,
        "direction": str(step.direction),
        "number": number,
        "outcome": how,
        "remark": remark,
    }
    return history.filled("note_outcome", values)


def _filled(name: str, step: Step, terms: Terms, number: int, statement: Statement, before: str = "") -> str:
    return history.filled(
        name,
        {
            "version": step.migration.version,
            "schema": step.schema,
            "run": str(terms.run),
            "direction": str(step.direction),
            "number": number,
            "hash": hash_of(statement),
            "before": before,
        },
    )


def _last(conn: psycopg.Connection, step: Step, number: int, run: str) -> str | None:
    values = {
        "version": step.migration.version,
        "schema": step.schema,
        "direction": step.direction,
        "number": number,
        "run": run,
    }
    row = conn.execute(history.query("last_outcome"), values).fetchone()
    return row[0] if row else None
