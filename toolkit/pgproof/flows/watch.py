"""`drift --watch`: from now on it is recorded who changes a database; and who made a difference, by what was."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.drift.outcome import Drift
from pgproof.drift.watch import deed, recorder
from pgproof.errors import DatabaseError, InputError
from pgproof.flows.drift import unknown

NOT_FIRING = (
    "who changes what is not recorded any more, the event triggers are missing or disabled: pgproof drift --watch"
)


def watch(database: Conninfo) -> recorder.Watched:
    """Install the recorder; where it is there already, its newest version.

    Raises InputError where there is no history (its schema belongs to whoever runs the migrations), DatabaseError.
    """
    with closing(connect(database)) as conn:
        before = recorder.state(conn)
        if not before.has_history:
            raise InputError(unknown(database))
        recorder.install(conn)
    return recorder.Watched(
        database=database.description, was_there=before.is_there and before.is_enabled, is_there=True
    )


def unwatch(database: Conninfo) -> recorder.Watched:
    """Take the recorder away, and what it has recorded. Raises DatabaseError."""
    with closing(connect(database)) as conn:
        before = recorder.state(conn)
        was_there = before.is_there or before.is_readable is not None
        if was_there:
            recorder.remove(conn)
    return recorder.Watched(database=database.description, was_there=was_there, is_there=False)


def script(name: str) -> str:
    """The SQL of "install" or "remove", to be run by somebody else, in one transaction."""
    return f"BEGIN;\n{recorder.sql(name).decode()}COMMIT;\n"


def signed(result: Drift, database: Conninfo) -> Drift:
    """The outcome with who made each difference, as far as it was recorded; a remark where that cannot be read."""
    try:
        with closing(connect(database)) as conn, read_only(conn, {"lock_timeout": "5s"}):
            state = recorder.state(conn)
            deeds = deed.read(conn) if state.is_readable else ()
    except DatabaseError as error:
        remark = f"who made the differences could not be read: {error.problems[0].message}"
        return replace(result, remarks=(*result.remarks, remark))
    if state.is_readable is None:
        return result
    remarks = []
    if not state.is_readable:
        remarks.append(
            f"who made the differences is recorded: GRANT SELECT ON TABLE pgproof.ddl TO {state.reader}"
        )
    if not (state.is_there and state.is_enabled):
        remarks.append(NOT_FIRING)
    return replace(result, remarks=(*result.remarks, *remarks), deeds=deed.done(result.differences, deeds))
