"""A schema read while somebody may be changing it: then it is read once more, and else nobody can tell.

All rows are of one snapshot, but what the server writes as SQL (pg_get_viewdef and the like) it makes of the
catalog as it is at that moment (GetCatalogSnapshot in src/backend/utils/time/snapmgr.c). So a schema that is
changed meanwhile is read as it never was. Whoever changes it leaves a row that is new, or one less
(`catalog.mark`): if a later snapshot has neither, there was one state all the while, and that was read.

Else all is read again. What is then the same as before is believed: an old transaction that is still open, and
temporary tables of other sessions, make rows look new and change nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Generic, TypeVar

from pgproof.catalog.mark import is_settled, pulse
from pgproof.database import failure
from pgproof.database.connection import Connection, connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.errors import CannotTell, DatabaseError, Problem

SETTINGS = {"lock_timeout": "5s"}
"""Those of a transaction in which a schema is read."""
_TORN = frozenset({"XX000", "42P01", "42703", "42704", "42883"})
"""What the server says where it is to write down an object that has just been dropped, or a part of one."""
_LOCKED = "55P03"
"""What the server says where somebody holds an object under a lock that keeps us from reading it."""
_HINT = "wait until that is done, and run again"
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Generic[Found]):
    """What was read, and whether nobody changed the schema meanwhile."""

    value: Found
    is_settled: bool


def twice(
    database: Conninfo, read: Callable[[], Reading[Found]], is_same: Callable[[Found, Found], bool]
) -> Reading[Found]:
    """Read once, or where that was disturbed twice; two readings that are the same are as good as a quiet one.

    Raises DatabaseError, and CannotTell where the server cannot write down what is being dropped under it, or
    somebody holds a lock for so long that it cannot be read.
    """
    try:
        return _twice(read, is_same)
    except DatabaseError as error:
        if error.problems[0].sqlstate != _LOCKED:
            raise
        raise CannotTell(_locked(error.problems[0], database)) from error


def _twice(read: Callable[[], Reading[Found]], is_same: Callable[[Found, Found], bool]) -> Reading[Found]:
    try:
        first = read()
        if first.is_settled:
            return first
    except DatabaseError as error:
        if error.problems[0].sqlstate not in _TORN:
            raise
        first = None
    try:
        again = read()
    except DatabaseError as error:
        if error.problems[0].sqlstate not in _TORN:
            raise
        raise CannotTell(*_torn(error)) from error
    is_sure = again.is_settled or (first is not None and is_same(first.value, again.value))
    return Reading(value=again.value, is_settled=is_sure)


def look(
    conn: Connection,
    read: Callable[[Connection], Found],
    database: Conninfo,
    *,
    options: frozenset[str] = frozenset(),
) -> Found:
    """What `read` sees of the schema, in a transaction that is made for it: REPEATABLE READ and READ ONLY.

    `database` is the address of `conn`, `options` are those of the accounting. Raises DatabaseError, what `read`
    raises, and CannotTell where the schema is changed each time, or locked.
    """

    def once() -> Reading[Found]:
        with read_only(conn, SETTINGS), failure.told():
            before = pulse(conn, options=options)
            value = read(conn)
        with read_only(conn, SETTINGS), failure.told():
            return Reading(value=value, is_settled=is_settled(before, pulse(conn, options=options)))

    found = twice(database, once, lambda first, again: first == again)
    if not found.is_settled:
        raise CannotTell(stirred(database.description))
    return found.value


def stirred(database: str) -> Problem:
    """That what was read of it may be of no one state."""
    return Problem(
        message=f"the schema of {database} was changed while it was read, and again when it was read again",
        hint=_HINT,
    )


def _locked(problem: Problem, database: Conninfo) -> Problem:
    """That it cannot be read, and who holds what just now."""
    from pgproof.database.lockers import lockers

    try:
        with closing(connect(database)) as conn, failure.told():
            found = lockers(conn)
    except DatabaseError:
        found = []
    return Problem(
        message=f"the schema of {database.description} is locked, so that it cannot be read: {problem.message}",
        hint=_HINT,
        sqlstate=problem.sqlstate,
        context=tuple(f"  {each}" for each in found),
    )


def _torn(error: DatabaseError) -> Iterator[Problem]:
    first, *rest = error.problems
    message = f"the schema is being changed while it is read: {first.message}"
    yield Problem(message=message, detail=first.detail, hint=_HINT, sqlstate=first.sqlstate)
    yield from rest
