"""The recorder: two event triggers of the server's, and the table that they write to.

Event triggers fire for all DDL of one database but that of roles, databases and tablespaces ("Event Trigger Firing
Matrix" of PostgreSQL's manual), in the transaction of the command: what is rolled back is not recorded. Only
superusers may make them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pgproof.database import failure
from pgproof.database.connection import Connection
from pgproof.errors import DatabaseError, Problem

_INSUFFICIENT_PRIVILEGE = "42501"
_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"


@dataclass(frozen=True, slots=True)
class State:
    """What there is of the recorder in a database.

    With `is_there` it is whole; with `is_enabled` it fires in every session. `is_readable` says whether this user
    may read what was recorded; None if there is no table of it. `reader` is the user's name as SQL has it.
    """

    is_there: bool
    is_enabled: bool
    is_readable: bool | None
    reader: str
    has_history: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The recorder of a database, before and after."""

    database: str
    was_there: bool
    is_there: bool


def state(conn: Connection) -> State:
    """Look whether it is there. Raises DatabaseError."""
    with failure.told():
        row = conn.execute(sql("state")).fetchone()
    assert row
    return State(*row)


def install(conn: Connection) -> None:
    """Install it, or this version of it; what was recorded stays. One transaction. Raises DatabaseError."""
    _run(conn, "install")


def remove(conn: Connection) -> None:
    """Take it away with all that it has recorded. One transaction. Raises DatabaseError."""
    _run(conn, "remove")


@cache
def sql(name: str) -> bytes:
    """The text of `name`.sql of this room."""
    return files("pgproof.drift.watch").joinpath(f"{name}.sql").read_bytes()


def _run(conn: Connection, name: str) -> None:
    try:
        with failure.told(), conn.transaction():
            conn.execute(_LOCK_TIMEOUT)
            conn.execute(sql(name))
    except DatabaseError as error:
        if error.problems[0].sqlstate == _INSUFFICIENT_PRIVILEGE:
            raise DatabaseError(_not_allowed(error.problems[0], name)) from error
        raise


def _not_allowed(said: Problem, name: str) -> Problem:
    option = "--watch" if name == "install" else "--unwatch"
    return Problem(
        message=f"cannot {name} the recorder of DDL: {said.message}",
        detail="Event triggers are made by superusers alone, on every version of PostgreSQL up to 18.",
        hint=f"let a superuser run what this writes: pgproof drift {option} --sql",
        sqlstate=said.sqlstate,
    )
