"""`drift`: whether a database is what the files build, up to the version that its history says.

Where nothing has changed since the last time, no more is loaded than what is needed to see that.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pgproof.catalog.mark import Pulse, is_settled, pulse
from pgproof.database import failure
from pgproof.database.connection import Connection, connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.drift.outcome import Drift
from pgproof.errors import DatabaseError, InputError, Problem
from pgproof.flows.expectation import Known, Memory, Seen
from pgproof.flows.shortcut import (
    LARGE,
    MANY,
    Built,
    Digested,
    Glimpse,
    Partly,
    Sessions,
    Shortcut,
    alike,
    digested,
    newer,
    remembered,
    unchanged,
    untouched,
)
from pgproof.flows.stage import now
from pgproof.flows.steady import SETTINGS, Reading, twice
from pgproof.migrate import ledger, outline
from pgproof.migrate.glance import glance

if TYPE_CHECKING:
    from datetime import date

    from pgproof.catalog.fact import Facts
    from pgproof.catalog.strangers import Strange
    from pgproof.database.builder import Builder
    from pgproof.database.scratch import ScratchOptions
    from pgproof.flows.said import Found, Said
    from pgproof.flows.sides import Pair
    from pgproof.flows.witness import Heard

_FOR_READING = ("pgproof.flows.said", "pgproof.catalog.newer")
_FOR_DIFFERENCES = ("pgproof.flows.comparison", "pgproof.flows.watch")
_SAYINGS = "version differences standings pending remarks reasons".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to compare. `options` are those of the accounting: "roles", "positions".

    With `full`, what the files say is built whatever the snapshot beside them and the `memory` know. So it is
    where ways are to be planned between the two (`plans`): statements are made of more than is remembered. With
    `witness`, pg_dump is asked about both sides, too. With `schemas`, what is in these counts alone. Acceptances
    of `checks` count, if they did not end before `today`. With a `builder`, what its command builds up to the
    version that its tool has written down takes the place of the files and their history.
    """

    database: Conninfo
    folder: Path
    scratch: ScratchOptions
    variables: Mapping[str, object] = field(default_factory=dict)
    layout: str | None = None
    options: frozenset[str] = frozenset()
    memory: Memory | None = None
    full: bool = False
    plans: bool = False
    witness: bool = False
    schemas: tuple[str, ...] = ()
    checks: Path | None = None
    today: date | None = None
    builder: Builder | None = None


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


def drift(asked: Request) -> Drift:
    """Read the database, and compare it with what the files build on a server of the same major.

    Only what the history says was applied counts: pending files are no drift. Raises InputError where the files
    are wrong or the database has no history, CannotTell where what the files say cannot be built or the schema is
    being changed so that it cannot be read, DatabaseError.
    """
    with parted(asked) as (result, _):
        return result


@contextmanager
def parted(asked: Request) -> Iterator[tuple[Drift, Pair | None]]:
    """As `drift`, with both sides, if ways are to be planned between them: what is built is there until the end.

    There are none where the schema was changed each time while it was read.
    """
    if asked.witness:
        asked = replace(asked, full=True, memory=None)
    with ExitStack() as keep:
        with _without_collector():
            found = twice(asked.database, lambda: _once(asked, keep), _is_same)
        result, pair = found.value
        yield (result, pair) if found.is_settled else (replace(result, is_stirred=True), None)


def _is_same(one: tuple[Drift, Pair | None], other: tuple[Drift, Pair | None]) -> bool:
    """True if both say the same of the database, however they know what the files build."""
    facts = [pair.live.facts if pair else None for _, pair in (one, other)]
    return facts[0] == facts[1] and all(getattr(one[0], each) == getattr(other[0], each) for each in _SAYINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _First:
    """What is looked at before anything is read: the `pulse` of the catalog, roles, the tables of other tools.

    If nothing has changed since then, `seen` is the last comparison in which nothing was found.
    """

    pulse: Pulse
    roles: tuple[str, ...]
    foreign: frozenset[str]
    glimpse: Glimpse | None
    seen: Seen | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What was read in one transaction: `actual`, if it is neither `seen` nor `known` without.

    If it is known in which parts it differs, no others were read.
    """

    said: Said
    seen: Seen | None
    short: Shortcut | None
    known: Known | None
    partly: Partly | None
    actual: Facts | None
    heard: Heard | None


def _once(asked: Request, keep: ExitStack) -> Reading[tuple[Drift, Pair | None]]:
    """Read history, files and database, compare them, and see whether the schema was changed meanwhile."""
    keep.close()  # what was built for another reading
    request = _with_more(asked) if asked.plans else asked
    pair = None
    now("reading the database")
    try:
        conn = connect(request.database)
    except DatabaseError:
        if request.builder is None:
            from pgproof.migrate.library import load

            load(request.folder, request.variables, layout=request.layout)  # mistakes in files are told first
        raise
    with closing(conn):
        with read_only(conn, SETTINGS):
            first = _first(conn, request)
            if first.seen and first.glimpse and first.glimpse.covers(first.seen):
                plain = untouched(request.database.description, first.seen)
                return Reading(value=(plain, None), is_settled=True)
            read = _read(conn, asked, request, first)
            if read.seen:
                return Reading(value=(unchanged(read.said.standing, read.seen), None), is_settled=True)
        is_settled = _is_settled(conn, request, first.pulse)
    if read.known:
        result, is_sure = alike(read.said.standing, read.known), True
    else:
        from pgproof.flows.comparison import compared

        assert read.actual
        found = compared(asked, read.said, read.actual, keep, heard=read.heard, partly=read.partly)
        result, is_sure, pair = found.result, found.lasts, found.pair
    if result.is_plain and is_sure and is_settled:
        if first.glimpse:
            is_as_built = read.short is not None and read.short.is_as_built()
            first.glimpse.keep(result, read.said.wanted, first.pulse, is_as_built=is_as_built)
        if read.short:
            read.short.keep(result)
    return Reading(value=(_accepted(_signed(result, request.database), request), pair), is_settled=is_settled)


def _first(conn: Connection, request: Request) -> _First:
    state = "" if request.builder else outline.whole(conn)
    if state is None:
        raise InputError(unknown(request.database))
    foreign: frozenset[str] = frozenset().union(*(each.relations for each in ledger.find(conn, _rows)))
    with failure.told():
        found = conn.execute("SELECT rolname FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_'").fetchall()
    roles = tuple(sorted(name for (name,) in found))
    memory = None if request.schemas or request.builder else request.memory
    context = _context(conn, request, state, foreign, roles)
    sizes = memory.sizes(context) if memory else {}
    glimpse = None
    with ThreadPoolExecutor(1) as beside:
        beat = beside.submit(_pulse, conn, request, sizes)  # the server counts while we look at the files
        if memory:
            folder = glance(request.folder, request.variables, memory.tool) if request.layout is None else None
            glimpse = Glimpse(memory=memory, folder=folder, context=context)
        if glimpse is None or not sizes or sum(sizes.values()) > LARGE:
            for each in _FOR_READING:  # they will be needed, or the server takes longer than to load them
                import_module(each)
    now = beat.result()
    seen = glimpse.seen(now) if glimpse and not request.full else None
    return _First(pulse=now, roles=roles, foreign=foreign, glimpse=glimpse, seen=seen)


def _context(
    conn: Connection, request: Request, state: str, foreign: frozenset[str], roles: tuple[str, ...]
) -> list[str]:
    """Which database it is, in which state, and what is left out of its comparison."""
    which = [request.database.description, str(conn.info.server_version), state]
    return [*which, *sorted(request.options), "", *sorted(foreign), "", *roles]


def _read(conn: Connection, asked: Request, request: Request, first: _First) -> _Read:
    if request.builder:
        return _read_all(conn, request, request.builder, first)
    from pgproof.flows import said

    found = said.found(conn, first.foreign, first.roles)
    # a digest knows nothing of what is left out besides pgproof's own
    memory = None if request.full or request.schemas or first.foreign else request.memory
    was = first.glimpse.built() if memory and first.glimpse and not first.seen else None
    if memory and was and (read := _newer(conn, request, first, found, was)):
        return read
    # what was as it should be, and is not as it was, will differ in some parts
    by_part = bool(first.glimpse and first.glimpse.is_known() and not first.seen)
    with ExitStack() as stack:
        at = _sessions(conn, request, first, stack) if memory else None
        with ThreadPoolExecutor(1) as early:
            digest = early.submit(_digested, at, request, by_part) if at and not first.seen else None
            told = said.look(request, found)  # while the server computes
        seen = first.seen if first.glimpse and first.glimpse.is_of(first.seen, told.wanted) else None
        short = None
        if memory and at and not seen:
            digested = digest.result() if digest else _digested(at, request, by_part)
            short = Shortcut(memory=memory, wanted=told.wanted, digested=digested)
        known = short.known() if short else None
        with failure.told():
            partly = short.partly() if short and not known else None
    with failure.told():
        actual = None if seen or known else _facts(conn, request, partly)
    heard = _hear(conn, asked, actual, first.foreign) if asked.witness and actual else None
    return _Read(said=told, seen=seen, short=short, known=known, partly=partly, actual=actual, heard=heard)


def _newer(conn: Connection, request: Request, first: _First, found: Found, was: Built) -> _Read | None:
    """What was read of a database of which little has changed, if that can be seen by the rows that are newer."""
    from pgproof.flows import said

    assert request.memory
    with ThreadPoolExecutor(2) as beside, failure.told():
        strange = beside.submit(_strange, conn, request)
        early = beside.submit(newer, conn, was, first.pulse, request.options)
        told = said.look(request, found)  # while the server counts
        parts = early.result()
        if parts is None or was.seen.wanted != request.memory.key(told.wanted):
            return None
        if (partly := remembered(request.memory, told.wanted, parts)) is None:
            return None
        reading = beside.submit(_facts, conn, request, partly, strange.result)
        for each in _FOR_DIFFERENCES:  # while it reads
            import_module(each)
        actual = reading.result()
    partly = replace(partly, by_rows=True)
    return _Read(said=told, seen=None, short=None, known=None, partly=partly, actual=actual, heard=None)


def _strange(conn: Connection, request: Request) -> Strange | None:
    """What is said of objects that are not the user's own, read by a session of its own, if there can be one."""
    from pgproof.catalog.strangers import read_strange
    from pgproof.database.beside import beside

    with beside(conn, request.database, SETTINGS) as other:
        return read_strange(other, request.options) if other else None


def _read_all(conn: Connection, request: Request, builder: Builder, first: _First) -> _Read:
    """The same where a command builds: there is no digest of what is left out, its tool's table."""
    from pgproof.flows.commanded import look

    told = look(conn, request, builder, first.roles)
    with failure.told():
        actual = _facts(conn, request, None)
    heard = _hear(conn, request, actual, first.foreign) if request.witness else None
    return _Read(said=told, seen=None, short=None, known=None, partly=None, actual=actual, heard=heard)


def _sessions(conn: Connection, request: Request, first: _First, stack: ExitStack) -> Sessions:
    """The session, and another one where there is much to compute and nothing was seen before."""
    other = None
    if sum(first.pulse.counts.values()) > LARGE and not first.seen:
        from pgproof.database.beside import beside

        with failure.told():
            other = stack.enter_context(beside(conn, request.database, SETTINGS))
    return Sessions(conn=conn, other=other)


def _digested(at: Sessions, request: Request, by_part: bool) -> Digested | None:
    with failure.told():
        return digested(at, request.options, by_part=by_part)


def _is_settled(conn: Connection, request: Request, before: Pulse) -> bool:
    with read_only(conn, SETTINGS):
        return is_settled(before, _pulse(conn, request))


def _signed(result: Drift, database: Conninfo) -> Drift:
    if not result.differences:
        return result
    from pgproof.flows.watch import signed

    return signed(result, database)


def _accepted(result: Drift, request: Request) -> Drift:
    if request.checks is None or request.today is None:
        return result
    from pgproof.flows.acceptance import applied

    return applied(result, request.checks, request.today)


def _with_more(asked: Request) -> Request:
    """What has to be read to find the way back, and is not remembered."""
    from pgproof.drift.planner.repair import NEEDED

    return replace(asked, options=asked.options | NEEDED, memory=None)


def _pulse(conn: Connection, request: Request, sizes: Mapping[str, int] | None = None) -> Pulse:
    """That of the database; where catalogs are known to be large, two sessions count their rows."""
    with failure.told(), ExitStack() as stack:
        other = None
        if sizes and sum(sizes.values()) > MANY:
            from pgproof.database.beside import beside

            other = stack.enter_context(beside(conn, request.database, SETTINGS))
        return pulse(conn, options=request.options, other=other, sizes=sizes)


def _facts(
    conn: Connection,
    request: Request,
    partly: Partly | None,
    strange: Callable[[], Strange | None] = lambda: None,
) -> Facts:
    from pgproof.catalog.extract import extract

    return extract(conn, options=request.options, parts=partly.parts if partly else None, strange=strange)


def _hear(conn: Connection, request: Request, actual: Facts, foreign: frozenset[str]) -> Heard:
    from pgproof.flows.witness import hear

    return hear(conn, request.database, request.scratch, actual, foreign)


def _rows(conn: Connection, schema: str, table: str) -> list[dict[str, Any]]:
    from pgproof.catalog import read

    return read.rows(conn, schema, table)


def unknown(database: Conninfo) -> Problem:
    """That nobody knows what a database should be, because it has no history."""
    return Problem(
        message=f"{database.description} has no history of pgproof",
        detail="Without it nobody knows which migrations it has had.",
        hint="if it has had some: pgproof adopt; else: pgproof upgrade",
    )
