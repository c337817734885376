"""The table pgproof.history: created when first needed, read by all, written by `migrate.execute`.

What is written is SQL text, to be sent in one message with what it speaks of: a migration and the row that says so
commit together, or not at all.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from importlib.resources import files

import psycopg
from psycopg.rows import DictRow, class_row, dict_row

from pgproof.database import failure
from pgproof.errors import DatabaseError, Problem
from pgproof.migrate.entry import Entry, History, State
from pgproof.migrate.migration import ALGORITHM
from pgproof.migrate.plan import Direction, Step
from pgproof.migrate.repetition import Repeated
from pgproof.migrate.terms import Terms
from pgproof.sql.literal import fill

_INSUFFICIENT_PRIVILEGE = "42501"


def read(conn: psycopg.Connection, schema: str = "") -> History:
    """What the database says of its migrations; an empty history where there is none. Writes nothing.

    One round trip. Where there is no history, a transaction that is open has failed. Raises DatabaseError.
    """
    try:
        with conn.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(query("read_history"), {"schema": schema}, binary=True).fetchall()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return History(schema=schema)
    except psycopg.Error as error:
        raise DatabaseError(unreadable(failure.problem(error))) from error
    return History(entries=tuple(_entry(row) for row in rows), exists=True, schema=schema)


def texts(conn: psycopg.Connection, versions: Collection[int], schema: str = "") -> dict[int, str]:
    """The upgrades of `versions` as they were applied. Raises DatabaseError."""
    if not versions:
        return {}
    try:
        return dict(conn.execute(query("read_texts"), {"versions": list(versions), "schema": schema}).fetchall())
    except psycopg.Error as error:
        raise DatabaseError(unreadable(failure.problem(error))) from error


def repeatables(conn: psycopg.Connection, past: History) -> dict[str, Repeated]:
    """What the database says of repeatable files, by name. Raises DatabaseError."""
    if not past.exists:
        return {}
    try:
        with conn.cursor(row_factory=class_row(Repeated)) as cursor:
            found = cursor.execute(query("read_repeatables"), {"schema": past.schema}, binary=True).fetchall()
    except psycopg.Error as error:
        raise DatabaseError(unreadable(failure.problem(error))) from error
    return {each.name: each for each in found}


def create(conn: psycopg.Connection) -> None:
    """Create schema and tables where they are missing; in a transaction, safe for two at once.

    Raises psycopg.Error.
    """
    conn.execute(query("create_history"))


def is_committed(conn: psycopg.Connection, step: Step, run: str) -> bool:
    """True if `run` has ended the step, as the history says. Raises psycopg.Error."""
    if step.migration.repeatable:
        found = conn.execute(
            query("find_repeated"), {"name": step.migration.name, "schema": step.schema, "run": run}
        )
        return found.fetchone() is not None
    state = State.APPLIED if step.direction is Direction.UP else State.REVERTED
    values = {"version": step.migration.version, "schema": step.schema, "state": state, "run": run}
    return conn.execute(query("find_run"), values).fetchone() is not None


def ran(step: Step, terms: Terms) -> str:
    """SQL that says of a transaction at its end that it applied, or reverted, the step.

    It returns the seconds that it took, and fails if somebody else came first.
    """
    if step.migration.repeatable:
        return _filled("note_repeated", step, terms)
    if step.resumes:
        return begun(step, terms) + ";\n" + ended(step, terms)
    if step.direction is Direction.DOWN:
        return _filled("note_reverted", step, terms)
    return _filled("note_applied", step, terms)


def begun(step: Step, terms: Terms) -> str:
    """SQL that enters that the step is about to be run behind its statement `done`, before it is.

    It fails with a division by zero if somebody else came first.
    """
    return _filled("begin_upgrade" if step.direction is Direction.UP else "begin_downgrade", step, terms)


def progress(step: Step, terms: Terms, done: int) -> str:
    """SQL that enters that `done` statements have landed; it fails if the step is not this run's any more."""
    return filled("note_progress", {**_whose(step), "run": str(terms.run), "done": done})


def stop(step: Step, done: int, error: str) -> str:
    """SQL that enters what stopped the statement behind `done`."""
    return filled("note_stop", {**_whose(step), "done": done, "error": error})


def ended(step: Step, terms: Terms) -> str:
    """SQL that enters a step that had begun as applied, or reverted; it returns the seconds that it took.

    It fails if the step is not this run's any more.
    """
    return filled("end_run", {**_whose(step), "run": str(terms.run)})


def _whose(step: Step) -> dict[str, str | int | None]:
    return {"schema": step.schema, "version": step.migration.version}


def _filled(name: str, step: Step, terms: Terms) -> str:
    migration = step.migration
    return filled(
        name,
        {
            **_whose(step),
            "name": migration.name,
            "done": step.done,
            "total": len(step.section.statements),
            "text": migration.text,
            "checksum": migration.checksum,
            "algorithm": ALGORITHM,
            "tool": terms.tool,
            "run": str(terms.run),
            "host": terms.holder.host,
        },
    )


def _entry(row: DictRow) -> Entry:
    return Entry(**{**row, "state": State(row["state"])})


def filled(name: str, values: dict[str, str | int | None]) -> str:
    """The one statement of `name`.sql of this room, its parameters filled in."""
    return fill(_text(name), values)


@cache
def query(name: str) -> bytes:
    """The text of `name`.sql of this room."""
    return files("pgproof.migrate").joinpath(f"{name}.sql").read_bytes()


@cache
def _text(name: str) -> str:
    """The one statement of a file, without the comment above it and the semicolon behind it."""
    lines = query(name).decode().splitlines()
    return "\n".join(line for line in lines if not line.startswith("--")).strip().removesuffix(";")


def unreadable(said: Problem) -> Problem:
    """The server's problem with reading the history, with what to do where a right is missing."""
    hint = said.hint
    if said.sqlstate == _INSUFFICIENT_PRIVILEGE:
        hint = (
            "let its owner run, with this user for USER: "
            "GRANT USAGE ON SCHEMA pgproof TO USER; GRANT SELECT ON ALL TABLES IN SCHEMA pgproof TO USER"
        )
    return Problem(
        message=f"cannot read the table pgproof.history: {said.message}",
        detail=said.detail,
        hint=hint,
        sqlstate=said.sqlstate,
    )
