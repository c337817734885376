"""The table pgproof.history: created when first needed, read by all, written by `migrate.execute`.

The functions that write say what is about to be done before it is, and what has been done after. None of them
begins or ends a transaction; whether intent and effect commit together is the caller's choice.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from importlib.resources import files

import psycopg
from psycopg.rows import DictRow, dict_row

from pgproof.database import failure
from pgproof.errors import DatabaseError, Problem
from pgproof.migrate.entry import Entry, History, State
from pgproof.migrate.migration import ALGORITHM, Migration

_INSUFFICIENT_PRIVILEGE = "42501"


def read(conn: psycopg.Connection) -> History:
    """What the database says of its migrations; an empty history where there is none. Writes nothing.

    Raises DatabaseError.
    """
    try:
        found = conn.execute("SELECT pg_catalog.to_regclass('pgproof.history') IS NOT NULL").fetchone()
        if not (found and found[0]):
            return History()
        with conn.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(_sql("read_history")).fetchall()
    except psycopg.Error as error:
        raise DatabaseError(_unreadable(error)) from error
    return History(entries=tuple(_entry(row) for row in rows), exists=True)


def texts(conn: psycopg.Connection, versions: Collection[int]) -> dict[int, str]:
    """The upgrades of `versions` as they were applied. Raises DatabaseError."""
    if not versions:
        return {}
    try:
        return dict(conn.execute(_sql("read_texts"), {"versions": list(versions)}).fetchall())
    except psycopg.Error as error:
        raise DatabaseError(_unreadable(error)) from error


def create(conn: psycopg.Connection) -> None:
    """Create schema and table where they are missing; in a transaction, safe for two at once.

    Raises psycopg.Error.
    """
    conn.execute(_sql("create_history"))


def begin_upgrade(conn: psycopg.Connection, migration: Migration, *, done: int, tool: str) -> bool:
    """Enter the version as being applied; False if somebody else came first. Raises psycopg.Error."""
    values = {
        "version": migration.version,
        "name": migration.name,
        "done": done,
        "total": len(migration.up.statements),
        "text": migration.text,
        "checksum": migration.checksum,
        "algorithm": ALGORITHM,
        "tool": tool,
    }
    return conn.execute(_sql("begin_upgrade"), values).fetchone() is not None


def begin_downgrade(conn: psycopg.Connection, version: int, *, done: int, total: int, tool: str) -> bool:
    """Enter the version as being reverted; False if somebody else came first. Raises psycopg.Error."""
    values = {"version": version, "done": done, "total": total, "tool": tool}
    return conn.execute(_sql("begin_downgrade"), values).fetchone() is not None


def note_progress(conn: psycopg.Connection, version: int, *, done: int, error: str = "") -> None:
    """Enter that `done` statements have landed, and what stopped the next one. Raises psycopg.Error."""
    conn.execute(_sql("note_progress"), {"version": version, "done": done, "error": error})


def end(conn: psycopg.Connection, version: int) -> float:
    """Enter the version as applied, or reverted; gives the seconds that it took. Raises psycopg.Error."""
    row = conn.execute(_sql("end_run"), {"version": version}).fetchone()
    return float(row[0]) if row else 0.0


def _entry(row: DictRow) -> Entry:
    return Entry(**{**row, "state": State(row["state"])})


@cache
def _sql(name: str) -> bytes:
    return files("pgproof.migrate").joinpath(f"{name}.sql").read_bytes()


def _unreadable(error: psycopg.Error) -> Problem:
    said = failure.problem(error)
    hint = said.hint
    if said.sqlstate == _INSUFFICIENT_PRIVILEGE:
        hint = "GRANT USAGE ON SCHEMA pgproof and SELECT ON pgproof.history to this user"
    return Problem(
        message=f"cannot read the table pgproof.history: {said.message}",
        detail=said.detail,
        hint=hint,
        sqlstate=said.sqlstate,
    )
