"""`drift`: whether a database is what the files build, up to the version that its history says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pgproof.catalog import read as catalog
from pgproof.catalog.extract import extract
from pgproof.catalog.fact import Facts
from pgproof.catalog.mark import Mark, look
from pgproof.database import failure
from pgproof.database.connection import Connection, connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions
from pgproof.drift.compare import compare, orderly
from pgproof.drift.outcome import Drift, Origin
from pgproof.drift.repair import NEEDED, repair
from pgproof.drift.scope import counts, without
from pgproof.errors import CannotTell, DatabaseError, InputError, Problem
from pgproof.flows.expectation import Memory, Seen, Wanted, digest, snapshot
from pgproof.flows.replay import Step, depends, replay
from pgproof.migrate import history, ledger, outline
from pgproof.migrate.baseline import effective, story
from pgproof.migrate.entry import History
from pgproof.migrate.glance import SNAPSHOT
from pgproof.migrate.library import Library, load
from pgproof.migrate.repetition import Repeated
from pgproof.migrate.standing import Condition, standings
from pgproof.sql.name import quote

_SETTINGS = {"lock_timeout": "5s"}
_AMISS = frozenset({Condition.EDITED, Condition.MISSING, Condition.STOPPED, Condition.INTERRUPTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to compare. `options` are those of the accounting: "roles", "positions".

    With `full`, what the files say is built whatever the snapshot beside them and the `memory` know. So it is
    where the way back is asked for (`repairs`): statements are made of more than is remembered.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a database says: what was run there, by whom; the tables of other tools; all roles.

    `version` is the server's, as it counts.
    """

    past: History
    repeated: Mapping[str, Repeated]
    foreign: frozenset[str]
    roles: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Expected:
    """What the files build, and whence that is known; a snapshot that cannot be read is told in `remarks`."""

    facts: Facts
    origin: Origin
    told: str
    remarks: tuple[str, ...] = ()


def drift(asked: Request) -> Drift:
    """Read the database, and compare it with what the files build on a server of the same major.

    Only what the history says was applied counts: pending files are no drift. Raises InputError where the files
    are wrong or the database has no history, CannotTell where what the files say cannot be built, DatabaseError.
    """
    more = NEEDED if asked.repairs else frozenset()
    request = replace(asked, options=asked.options | more, memory=None if asked.repairs else asked.memory)
    try:
        conn = connect(request.database)
    except DatabaseError:
        load(request.folder, request.variables, layout=request.layout)  # mistakes in files are told first
        raise
    with closing(conn), read_only(conn, _SETTINGS):
        past = history.read(conn)
        if not past.exists:
            raise InputError(_unknown(request.database))
        library = effective(_load(request, past, brief=True), past)
        found = _look(conn, past)
        run = _story(library, found)
        wanted = _wanted(request, found, run)
        context = (request.database.description, *sorted(found.foreign))
        seen = _seen(conn, request, wanted, context)
        with failure.told():
            actual = None if seen else extract(conn, options=request.options, marks=request.memory is not None)
    result = _standing(request, library, found, run)
    if actual is None:
        assert seen
        origin = Origin(seen.origin)
        return replace(result, origin=origin, expected=seen.expected, remarks=seen.remarks, is_unchanged=True)
    expected = _expected(request, found, wanted, actual)
    result = replace(result, **_compared(asked, expected, actual, found))
    if request.memory and actual.mark and result.is_plain and not expected.remarks:
        request.memory.note(wanted, context, _noted(actual.mark, result))
    return result


def _seen(conn: Connection, request: Request, wanted: Wanted, context: Sequence[str]) -> Seen | None:
    """That the database was found to be what the files build, if nothing in it has changed since."""
    seen = request.memory.seen(wanted, context) if request.memory and not request.full else None
    if seen is None:
        return None
    with failure.told():
        return seen if look(conn, seen.others, options=request.options) == seen.mark else None


def _noted(mark: Mark, result: Drift) -> Seen:
    return Seen(
        mark=mark.digest,
        others=mark.others,
        origin=str(result.origin),
        expected=result.expected,
        remarks=result.remarks,
    )


def _standing(request: Request, library: Library, found: _Found, run: Sequence[Step]) -> Drift:
    """What files and history say, as yet without a comparison."""
    judged = standings(library, found.past)
    return Drift(
        database=request.database.description,
        version=next((each.migration.label for each in reversed(run)), "before the first migration"),
        origin=Origin.BUILT,
        expected="",
        differences=(),
        standings=tuple(each for each in judged if each.condition in _AMISS),
        pending=sum(each.condition is Condition.PENDING for each in judged),
    )


def _compared(asked: Request, expected: _Expected, actual: Facts, found: _Found) -> dict[str, Any]:
    """What the comparison comes to, as fields of the outcome."""
    differences = (
        each
        for each in compare(expected.facts, actual)
        if counts(expected.facts if each.expected else actual, each.fact, found.foreign)
        and ("positions" in asked.options or each.values.keys() != {"position"})
    )
    return {
        "origin": expected.origin,
        "expected": expected.told,
        "differences": orderly(differences, expected.facts, actual),
        "remarks": (*expected.remarks, *_remarks(actual)),
        "reasons": (*expected.facts.unmodelled, *actual.unmodelled, *actual.unread),
        "repair": repair(without(actual, found.foreign), without(expected.facts, found.foreign))
        if asked.repairs
        else None,
    }


def _load(request: Request, past: History, *, brief: bool) -> Library:
    """The files; in brief, those that are applied as they are without their statements."""
    applied = outline.applied(past) if brief else None
    return load(request.folder, request.variables, layout=request.layout, applied=applied)


def _look(conn: Connection, past: History) -> _Found:
    repeated = history.repeatables(conn, past)
    ledgers = ledger.find(conn, catalog.rows)
    with failure.told():
        roles = conn.execute("SELECT rolname FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_'").fetchall()
    return _Found(
        past=past,
        repeated=repeated,
        foreign=frozenset().union(*(each.relations for each in ledgers)),
        roles=tuple(name for (name,) in roles),
        version=conn.info.server_version,
    )


def _wanted(request: Request, found: _Found, run: list[Step]) -> Wanted:
    return Wanted(
        files=digest((each.migration for each in run), request.variables),
        by=[each.role for each in run],
        roles=found.roles,
        version=found.version,
        layout=request.layout,
        options=request.options,
    )


def _expected(request: Request, found: _Found, wanted: Wanted, actual: Facts) -> _Expected:
    """What the files build, from whoever knows it; else it is built, and remembered."""
    remarks: tuple[str, ...] = ()
    if not (request.full or request.repairs):
        path = request.folder / SNAPSHOT
        try:
            if kept := snapshot(path, wanted):
                return _Expected(facts=kept.facts, origin=Origin.SNAPSHOT, told=str(path))
        except InputError as error:
            remarks = tuple(f"{each.place}: {each.message}; it is not used" for each in error.problems)
        if request.memory and (known := request.memory.recall(wanted)):
            facts, server = known
            return _Expected(facts=facts, origin=Origin.MEMORY, told=server, remarks=remarks)
    run = _story(effective(_load(request, found.past, brief=False), found.past), found)
    options = replace(request.scratch, postgres=actual.major)
    try:
        built = replay(options, run, found.roles, request.options)
    except DatabaseError as error:
        raise CannotTell(*error.problems) from error
    lasts = "programs" not in depends([each.migration for each in run])
    if request.memory and built.is_own_cluster and lasts:
        request.memory.remember(wanted, built.facts, built.server)
    return _Expected(facts=built.facts, origin=Origin.BUILT, told=built.server, remarks=remarks)


def _unknown(database: Conninfo) -> Problem:
    return Problem(
        message=f"{database.description} has no history of pgproof",
        detail="Without it nobody knows which migrations it has had.",
        hint="if it has had some: pgproof adopt; else: pgproof upgrade",
    )


def _story(library: Library, found: _Found) -> list[Step]:
    """What was run, in its order, by whom; then the repeatable files that were."""
    by = {entry.version: entry.applied_by for entry in found.past.entries}
    versioned = [Step(migration=each, role=by.get(each.version, "")) for each in story(library, found.past)]
    repeated = [(each, found.repeated.get(each.name)) for each in library.repeatables]
    return [*versioned, *(Step(migration=each, role=past.applied_by) for each, past in repeated if past)]


def _remarks(actual: Facts) -> Iterator[str]:
    """What is wrong with the database, whatever the files say."""
    for fact in actual:
        if fact.catalog == "pg_index" and actual.value(fact, "valid") is False:
            yield f"index {'.'.join(map(quote, fact.name))} is invalid: no query uses it, every write pays for it"
        elif fact.catalog == "pg_constraint" and actual.value(fact, "validated") is False:
            name, of = quote(fact.name[-1]), ".".join(map(quote, fact.name[:-1]))
            yield f"constraint {name} of {of} was never validated: older rows may not satisfy it"
