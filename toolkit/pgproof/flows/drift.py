"""`drift`: whether a database is what the files build, up to the version that its history says.

Where nothing has changed since the last time, no more is loaded than what is needed to see that.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pgproof.catalog.mark import Pulse, is_settled, pulse
from pgproof.database import failure
from pgproof.database.connection import Connection, connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions
from pgproof.drift.outcome import Drift, Origin
from pgproof.errors import DatabaseError, InputError, Problem
from pgproof.flows import status
from pgproof.flows.expectation import Known, Memory, Ran, Seen, Step, Wanted, digest
from pgproof.flows.shortcut import Shortcut, alike, unchanged
from pgproof.flows.steady import SETTINGS, Reading, twice
from pgproof.migrate import history, ledger, outline
from pgproof.migrate.baseline import effective, story
from pgproof.migrate.entry import History
from pgproof.migrate.migration import label
from pgproof.migrate.repetition import Repeated
from pgproof.migrate.standing import Condition, Standing, brief, from_brief, standings

if TYPE_CHECKING:
    from pgproof.catalog.fact import Facts
    from pgproof.flows.witness import Heard
    from pgproof.migrate.library import Library

_AMISS = frozenset({Condition.EDITED, Condition.MISSING, Condition.STOPPED, Condition.INTERRUPTED})
_SAYINGS = "version differences standings pending remarks reasons repair adoption".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to compare. `options` are those of the accounting: "roles", "positions".

    With `full`, what the files say is built whatever the snapshot beside them and the `memory` know. So it is
    where the way back is asked for (`repairs`), or both ways (`adopts`): statements are made of more than is
    remembered. With `witness`, pg_dump is asked about both sides, too. With `schemas`, what is in
    these counts alone. Acceptances of `checks` count, if they did not end before `today`.
    """

    database: Conninfo
    folder: Path
    scratch: ScratchOptions
    variables: Mapping[str, object] = field(default_factory=dict)
    layout: str | None = None
    options: frozenset[str] = frozenset()
    memory: Memory | None = None
    full: bool = False
    repairs: bool = False
    adopts: bool = False
    witness: bool = False
    schemas: tuple[str, ...] = ()
    checks: Path | None = None
    today: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a database says: what was run there, by whom; the tables of other tools; all roles.

    `version` is the server's, as it counts.
    """

    past: History
    repeated: Mapping[str, Repeated]
    foreign: frozenset[str]
    roles: tuple[str, ...]
    version: int


@contextmanager
def _without_collector() -> Iterator[None]:
    """No search for cycles: what is read stays, and to look through all of it again and again doubles the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_without_collector()
def drift(asked: Request) -> Drift:
    """Read the database, and compare it with what the files build on a server of the same major.

    Only what the history says was applied counts: pending files are no drift. Raises InputError where the files
    are wrong or the database has no history, CannotTell where what the files say cannot be built or the schema is
    being changed so that it cannot be read, DatabaseError.
    """
    asked = _meant(asked)
    found = twice(lambda: _once(asked), _is_same)
    if found.is_settled:
        return found.value
    return replace(found.value, is_stirred=True, repair=None, adoption=None)


def _is_same(one: Drift, other: Drift) -> bool:
    """True if both say the same of the database, however they know what the files build."""
    return all(getattr(one, each) == getattr(other, each) for each in _SAYINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What was read in one transaction: `actual`, if it is neither `seen` nor `known` without."""

    found: Found
    judged: tuple[Standing, ...]
    run: list[Ran]
    now: Pulse
    wanted: Wanted
    short: Shortcut | None
    seen: Seen | None
    fingerprint: str | None
    known: Known | None
    actual: Facts | None
    heard: Heard | None


def _once(asked: Request) -> Reading[Drift]:
    """Read history, files and database, compare them, and see whether the schema was changed meanwhile."""
    request = _with_more(asked) if asked.repairs else asked
    try:
        conn = connect(request.database)
    except DatabaseError:
        from pgproof.migrate.library import load

        load(request.folder, request.variables, layout=request.layout)  # mistakes in files are told first
        raise
    with closing(conn):
        with read_only(conn, SETTINGS):
            read = _read(conn, asked, request)
        is_settled = read.seen is not None or _is_settled(conn, request, read.now)
    result = _standing(request, read.judged, read.run)
    if read.seen:
        return Reading(value=unchanged(result, read.seen), is_settled=True)
    if read.known:
        result, is_sure = alike(result, read.known), True
    else:
        from pgproof.flows.comparison import compared

        assert read.actual
        result, is_sure = compared(asked, read.found, read.wanted, read.actual, result, read.heard)
    if read.short and result.is_plain and is_sure and is_settled:
        read.short.keep(result, read.now, read.fingerprint)
    return Reading(value=_accepted(_signed(result, request.database), request), is_settled=is_settled)


def _read(conn: Connection, asked: Request, request: Request) -> _Read:
    past = history.read(conn)
    if not past.exists:
        raise InputError(unknown(request.database))
    found = _look(conn, past)
    with ThreadPoolExecutor(1) as beside:
        beat = beside.submit(_pulse, conn, request)  # the server counts while we look at the files
        judged, run = _files(request, found)
    now, wanted = beat.result(), _wanted(request, found, run)
    short = _shortcut(request, wanted, found, (request.database.description, *sorted(found.foreign)))
    with failure.told():
        seen = short.seen(now) if short and not request.full else None
        fingerprint = short.fingerprint(conn) if short and not (seen or request.full) else None
        known = short.known(fingerprint) if short else None
        actual = None if seen or known else _facts(conn, request)
    heard = _hear(conn, asked, actual, found) if asked.witness and actual else None
    return _Read(
        found=found,
        judged=judged,
        run=run,
        now=now,
        wanted=wanted,
        short=short,
        seen=seen,
        fingerprint=fingerprint,
        known=known,
        actual=actual,
        heard=heard,
    )


def _is_settled(conn: Connection, request: Request, before: Pulse) -> bool:
    with read_only(conn, SETTINGS):
        return is_settled(before, _pulse(conn, request))


def _signed(result: Drift, database: Conninfo) -> Drift:
    if not result.differences:
        return result
    from pgproof.flows.watch import signed

    return signed(result, database)


def _meant(asked: Request) -> Request:
    """What is asked for, with what that takes."""
    if asked.witness:
        asked = replace(asked, full=True, memory=None)
    return replace(asked, repairs=True) if asked.adopts else asked


def _accepted(result: Drift, request: Request) -> Drift:
    if request.checks is None or request.today is None:
        return result
    from pgproof.flows.acceptance import applied

    return applied(result, request.checks, request.today)


def _with_more(asked: Request) -> Request:
    """What has to be read to find the way back, and is not remembered."""
    from pgproof.drift.planner.repair import NEEDED

    return replace(asked, options=asked.options | NEEDED, memory=None)


def _pulse(conn: Connection, request: Request) -> Pulse:
    with failure.told():
        return pulse(conn, options=request.options)


def _shortcut(request: Request, wanted: Wanted, found: Found, context: Sequence[str]) -> Shortcut | None:
    if request.memory is None or request.schemas:
        return None
    return Shortcut(memory=request.memory, wanted=wanted, context=context, foreign=bool(found.foreign))


def _facts(conn: Connection, request: Request) -> Facts:
    from pgproof.catalog.extract import extract

    return extract(conn, options=request.options)


def _hear(conn: Connection, request: Request, actual: Facts, found: Found) -> Heard:
    from pgproof.flows.witness import hear

    return hear(conn, request.database, request.scratch, actual, found.foreign)


def _files(request: Request, found: Found) -> tuple[tuple[Standing, ...], list[Ran]]:
    """How each version stands, and what was run; files that are known to be applied as they are are not read."""
    past, memory, known = found.past, None, outline.of_applied(found.past)
    if known and request.memory and not request.full and request.layout is None:
        memory = status.Memory(cache=request.memory.cache, tool=request.memory.tool)
    seen = memory.look(request.folder, request.variables) if memory else None
    if memory and known and seen and (words := memory.recall(seen, known)) is not None:
        judged = from_brief(words, past)
        called = {each.version: each.name for each in judged}
        ran = sorted(past.entries, key=lambda each: (each.started_at, each.version))
        return judged, [
            Ran(name=called[each.version], checksum=each.checksum, role=each.applied_by) for each in ran
        ]
    library = effective(load_for(request, past, brief=True), past)
    run = [
        Ran(name=each.migration.name, checksum=each.migration.checksum, role=each.role)
        for each in steps(library, found)
    ]
    judged = standings(library, past)
    if memory and known and seen and status.is_plain(library) and (words := brief(judged)) is not None:
        memory.remember(seen, known, words)
    return judged, run


def _standing(request: Request, judged: Sequence[Standing], run: Sequence[Ran]) -> Drift:
    """What files and history say, as yet without a comparison."""
    return Drift(
        database=request.database.description,
        version=next((label(each.name) for each in reversed(run)), "before the first migration"),
        origin=Origin.BUILT,
        expected="",
        differences=(),
        standings=tuple(each for each in judged if each.condition in _AMISS),
        pending=sum(each.condition is Condition.PENDING for each in judged),
    )


def load_for(request: Request, past: History, *, brief: bool) -> Library:
    """The files; in brief, those that are applied as they are without their statements."""
    from pgproof.migrate.library import load  # it loads all that reads files

    applied = outline.applied(past) if brief else None
    return load(request.folder, request.variables, layout=request.layout, applied=applied)


def _look(conn: Connection, past: History) -> Found:
    repeated = history.repeatables(conn, past)
    ledgers = ledger.find(conn, _rows)
    with failure.told():
        roles = conn.execute("SELECT rolname FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_'").fetchall()
    return Found(
        past=past,
        repeated=repeated,
        foreign=frozenset().union(*(each.relations for each in ledgers)),
        roles=tuple(name for (name,) in roles),
        version=conn.info.server_version,
    )


def _rows(conn: Connection, schema: str, table: str) -> list[dict[str, Any]]:
    from pgproof.catalog import read

    return read.rows(conn, schema, table)


def _wanted(request: Request, found: Found, run: Sequence[Ran]) -> Wanted:
    return Wanted(
        files=digest(run, request.variables),
        by=[each.role for each in run],
        roles=found.roles,
        version=found.version,
        layout=request.layout,
        options=request.options,
    )


def unknown(database: Conninfo) -> Problem:
    """That nobody knows what a database should be, because it has no history."""
    return Problem(
        message=f"{database.description} has no history of pgproof",
        detail="Without it nobody knows which migrations it has had.",
        hint="if it has had some: pgproof adopt; else: pgproof upgrade",
    )


def steps(library: Library, found: Found) -> list[Step]:
    """What was run, in its order, by whom; then the repeatable files that were."""
    by = {entry.version: entry.applied_by for entry in found.past.entries}
    versioned = [Step(migration=each, role=by.get(each.version, "")) for each in story(library, found.past)]
    repeated = [(each, found.repeated.get(each.name)) for each in library.repeatables]
    return [*versioned, *(Step(migration=each, role=past.applied_by) for each, past in repeated if past)]
