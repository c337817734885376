"""A database compared with what the files build: the part of `drift` that is left out if nothing changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from pgproof.catalog.fact import Facts
from pgproof.database.conninfo import Conninfo
from pgproof.database.dump import dump_schema
from pgproof.database.scratch import ScratchServer
from pgproof.drift.compare import compare, orderly
from pgproof.drift.outcome import Drift, Origin
from pgproof.drift.planner.repair import repair
from pgproof.drift.scope import counts, schema_of, without
from pgproof.errors import CannotTell, DatabaseError, InputError, Problem
from pgproof.flows.drift import Request
from pgproof.flows.expectation import snapshot
from pgproof.flows.replay import depends, replay
from pgproof.flows.said import Said, load_for, steps
from pgproof.flows.witness import Heard, objections
from pgproof.migrate.baseline import effective
from pgproof.migrate.glance import SNAPSHOT
from pgproof.sql.name import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class _Expected:
    """What the files build, and whence that is known; a snapshot that cannot be read is told in `remarks`.

    With `lasts`, the same files will build the same again; a program may not.
    """

    facts: Facts
    origin: Origin
    told: str
    remarks: tuple[str, ...] = ()
    lasts: bool = True
    dump: str = ""


def compared(asked: Request, said: Said, actual: Facts, heard: Heard | None = None) -> tuple[Drift, bool]:
    """The outcome with what the comparison comes to, and whether it will be the same as long as nothing changes.

    `said` is what history and files say, `heard` what pg_dump says of the database. Raises CannotTell where what
    the files say cannot be built.
    """
    foreign = said.found.foreign
    expected = _expected(asked, said, actual, heard)
    if unknown := [each for each in asked.schemas if not _has(each, expected.facts, actual)]:
        raise InputError(*map(_no_schema, unknown))
    differences = (
        each
        for each in compare(expected.facts, actual)
        if counts(expected.facts if each.expected else actual, each.fact, foreign)
        and ("positions" in asked.options or each.values.keys() != {"position"})
    )
    here, there = without(actual, foreign), without(expected.facts, foreign)
    told = orderly(differences, expected.facts, actual)
    inside = tuple(
        each
        for each in told
        if not asked.schemas or schema_of(expected.facts if each.expected else actual, each.fact) in asked.schemas
    )
    result = replace(
        said.standing,
        origin=expected.origin,
        expected=expected.told,
        differences=inside,
        schemas=asked.schemas,
        outside=len(told) - len(inside),
        remarks=(*expected.remarks, *_remarks(actual)),
        reasons=(*expected.facts.unmodelled, *actual.unmodelled, *actual.unread),
        repair=repair(here, there) if asked.repairs else None,
        adoption=repair(there, here) if asked.adopts else None,
    )
    if heard:
        positions = "positions" in asked.options
        objected = tuple(objections(heard, expected.dump, result.differences, positions=positions))
        witness = None if heard.problem else not objected
        result = replace(result, reasons=(*result.reasons, *objected), witness=witness)
    return result, expected.lasts and not expected.remarks


def _has(schema: str, *sides: Facts) -> bool:
    return any(("pg_namespace", (schema,)) in each.facts for each in sides)


def _no_schema(name: str) -> Problem:
    return Problem(
        message=f'there is no schema "{name}", neither in the database nor by the files',
        hint="name one of those that are: --schema NAME",
    )


def _expected(request: Request, said: Said, actual: Facts, heard: Heard | None) -> _Expected:
    """What the files build, from whoever knows it; else it is built, and remembered."""
    found, wanted = said.found, said.wanted
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
    run = steps(effective(load_for(request, found.past, brief=False), found.past), found)
    options = replace(request.scratch, postgres=actual.major)
    try:
        built = replay(options, run, found.roles, wanted.options, _dump(request, heard))
    except DatabaseError as error:
        raise CannotTell(*error.problems) from error
    lasts = "programs" not in depends([each.migration for each in run])
    if request.memory and not request.repairs and built.is_own_cluster and lasts:
        request.memory.remember(wanted, built.facts, built.server)
    return _Expected(
        facts=built.facts, origin=Origin.BUILT, told=built.server, remarks=remarks, lasts=lasts, dump=built.dump
    )


def _dump(request: Request, heard: Heard | None) -> Callable[[ScratchServer, Conninfo], str] | None:
    """What asks pg_dump about what the files build, if it could say anything of the database."""
    if heard is None or heard.problem:
        return None
    return lambda server, built: dump_schema(built, server.version.major, request.scratch, without=heard.without)


def _remarks(actual: Facts) -> Iterator[str]:
    """What is wrong with the database, whatever the files say."""
    for fact in actual:
        if fact.catalog == "pg_index" and actual.value(fact, "valid") is False:
            yield f"index {'.'.join(map(quote, fact.name))} is invalid: no query uses it, every write pays for it"
        elif fact.catalog == "pg_constraint" and actual.value(fact, "validated") is False:
            name, of = quote(fact.name[-1]), ".".join(map(quote, fact.name[:-1]))
            yield f"constraint {name} of {of} was never validated: older rows may not satisfy it"
