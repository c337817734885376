"""What history and files say, for `drift`: what was run, what should have been, and what is amiss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pgproof.drift.outcome import Drift, Origin
from pgproof.flows import status
from pgproof.flows.expectation import Ran, Step, Wanted, digest
from pgproof.migrate import history, outline
from pgproof.migrate.baseline import effective, story
from pgproof.migrate.entry import History
from pgproof.migrate.migration import label
from pgproof.migrate.repetition import Repeated
from pgproof.migrate.standing import Condition, Standing, brief, from_brief, standings

if TYPE_CHECKING:
    from pgproof.database.connection import Connection
    from pgproof.flows.drift import Request
    from pgproof.migrate.library import Library

_AMISS = frozenset({Condition.EDITED, Condition.MISSING, Condition.STOPPED, Condition.INTERRUPTED})


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was `found`, what has to be known of what the files build (`wanted`), and what follows without it."""

    found: Found
    wanted: Wanted
    standing: Drift


def found(conn: Connection, foreign: frozenset[str], roles: tuple[str, ...]) -> Found:
    """What the history says; the rest is known. Raises DatabaseError."""
    past = history.read(conn)
    return Found(
        past=past,
        repeated=history.repeatables(conn, past),
        foreign=foreign,
        roles=roles,
        version=conn.info.server_version,
    )


def look(request: Request, found: Found) -> Said:
    """What the files say of what was found. Raises InputError where they are wrong."""
    judged, run = _files(request, found)
    wanted = Wanted(
        files=digest(run, request.variables),
        by=[each.role for each in run],
        roles=found.roles,
        version=found.version,
        layout=request.layout,
        options=request.options,
    )
    standing = Drift(
        database=request.database.description,
        version=next((label(each.name) for each in reversed(run)), "before the first migration"),
        origin=Origin.BUILT,
        expected="",
        differences=(),
        standings=tuple(each for each in judged if each.condition in _AMISS),
        pending=sum(each.condition is Condition.PENDING for each in judged),
    )
    return Said(found=found, wanted=wanted, standing=standing)


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


def load_for(request: Request, past: History, *, brief: bool) -> Library:
    """The files; in brief, those that are applied as they are without their statements."""
    from pgproof.migrate.library import load  # it loads all that reads files

    applied = outline.applied(past) if brief else None
    return load(request.folder, request.variables, layout=request.layout, applied=applied)


def steps(library: Library, found: Found) -> list[Step]:
    """What was run, in its order, by whom; then the repeatable files that were."""
    by = {entry.version: entry.applied_by for entry in found.past.entries}
    versioned = [Step(migration=each, role=by.get(each.version, "")) for each in story(library, found.past)]
    repeated = [(each, found.repeated.get(each.name)) for each in library.repeatables]
    return [*versioned, *(Step(migration=each, role=past.applied_by) for each, past in repeated if past)]
