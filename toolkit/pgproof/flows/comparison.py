"""A database compared with what the files build: the part of `drift` that is left out if nothing changed.

What builds it is loaded where it is not known: to load that takes longer than to compare a few parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pgproof.catalog import fingerprint, packed
from pgproof.catalog.ask import catalogs
from pgproof.catalog.fact import Fact, Facts
from pgproof.database import failure
from pgproof.database.connection import connect, read_only
from pgproof.drift import roles
from pgproof.drift.compare import Difference, compare, orderly
from pgproof.drift.outcome import Drift, Origin
from pgproof.drift.recast import recast_values
from pgproof.drift.scope import counts, schema_of, without
from pgproof.errors import CannotTell, DatabaseError, InputError, Problem
from pgproof.flows.drift import Request
from pgproof.flows.expectation import snapshot
from pgproof.flows.said import Said, load_for, steps
from pgproof.flows.shortcut import Partly
from pgproof.flows.stage import now
from pgproof.migrate.baseline import effective
from pgproof.migrate.glance import SNAPSHOT
from pgproof.sql.name import quote

if TYPE_CHECKING:
    from pgproof.flows.replay import Built
    from pgproof.flows.sides import Pair
    from pgproof.flows.witness import Heard

FILES = "what the files say"
"""What the side is called that the files build."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Expected:
    """What the files build, and whence that is known; a snapshot that cannot be read is told in `remarks`.

    With `lasts`, the same files will build the same again; a program may not. `built` if it was for this.
    """

    facts: Facts
    origin: Origin
    told: str
    remarks: tuple[str, ...] = ()
    lasts: bool = True
    built: Built | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The outcome, and whether it will be the same as long as nothing changes; both sides, if ways are planned."""

    result: Drift
    lasts: bool
    pair: Pair | None = None


def compared(
    asked: Request,
    said: Said,
    actual: Facts,
    keep: ExitStack,
    *,
    heard: Heard | None = None,
    partly: Partly | None = None,
) -> Compared:
    """What the comparison comes to. What is built for it is there until `keep` ends.

    `said` is what history and files say, `heard` what pg_dump says of the database, `partly` what is to be
    compared of what the files build, if not all of it. Raises CannotTell where what the files say cannot be built.
    """
    expected = _part(partly) if partly else _expected(asked, said, actual.major, keep)
    if "roles" in asked.options:
        actual = roles.counted(expected.facts, actual, said.wanted.by)
    if unknown := [each for each in asked.schemas if not _has(each, expected.facts, actual)]:
        raise InputError(*map(_no_schema, unknown))
    seen = _differences(asked, said.found.foreign, expected.facts, actual)
    expected, told = _but_reworded(asked, said, expected, actual, seen, keep)
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
        remarks=(*expected.remarks, *(each for _, each in _remarks(actual))),
        by_parts=partly is not None and not partly.by_rows,
        by_rows=partly is not None and partly.by_rows,
        reasons=(*expected.facts.unmodelled, *actual.unmodelled, *actual.unread),
    )
    if heard:
        result = _witnessed(asked, heard, expected, seen, result)
    return Compared(
        result=result,
        lasts=expected.lasts and (partly is not None or not expected.remarks),
        pair=_pair(asked, said, expected, actual) if asked.plans else None,
    )


def _differences(
    asked: Request, foreign: frozenset[str], expected: Facts, actual: Facts
) -> tuple[Difference, ...]:
    """What the two do not have alike and is told, in order."""
    now("comparing")
    differences = (
        each
        for each in compare(expected, actual)
        if counts(expected if each.expected else actual, each.fact, foreign)
        and ("positions" in asked.options or each.values.keys() != {"position"})
    )
    return orderly(differences, expected, actual)


def _but_reworded(
    asked: Request,
    said: Said,
    expected: _Expected,
    actual: Facts,
    differences: tuple[Difference, ...],
    keep: ExitStack,
) -> tuple[_Expected, tuple[Difference, ...]]:
    """What the files build, in the words of the database where that is the same, and what differences are left."""
    if not any(map(recast_values, differences)):
        return expected, differences
    from pgproof.flows.reworded import reworded

    try:
        whole = expected
        if expected.built is None:
            whole = _expected(replace(asked, full=True, memory=None), said, actual.major, keep)
        assert whole.built
        with closing(connect(whole.built.database)) as conn:
            same = reworded(conn, differences)
    except (CannotTell, DatabaseError):
        return expected, differences  # without a server they are told as they are
    return replace(expected, facts=same.applied(expected.facts, actual)), same.without(differences)


def _pair(asked: Request, said: Said, expected: _Expected, actual: Facts) -> Pair:
    """Both sides, without what no plan is about."""
    from pgproof.flows.sides import Pair, Side, of_live

    assert expected.built
    there = without(expected.facts, said.found.foreign)
    live = of_live(asked.database, actual, said.found.foreign)
    built = Side(told=FILES, database=expected.built.database, facts=there, is_live=False)
    role = next(iter(reversed(said.wanted.by)), "")
    return Pair(server=expected.built.scratch, live=live, built=built, role=role)


def _has(schema: str, *sides: Facts) -> bool:
    return any(("pg_namespace", (schema,)) in each.facts for each in sides)


def _no_schema(name: str) -> Problem:
    return Problem(
        message=f'there is no schema "{name}", neither in the database nor by the files',
        hint="name one of those that are: --schema NAME",
    )


def _expected(request: Request, said: Said, major: int, keep: ExitStack) -> _Expected:
    """What the files build, from whoever knows it; else it is built, and remembered."""
    wanted = said.wanted
    remarks = _built_by(request, said)
    if not (request.full or request.plans or not wanted.files):
        path = (request.builder.home if request.builder else request.folder) / SNAPSHOT
        try:
            if kept := snapshot(path, wanted):
                return _Expected(facts=kept.facts, origin=Origin.SNAPSHOT, told=str(path), remarks=remarks)
        except InputError as error:
            remarks += tuple(f"{each.place}: {each.message}; it is not used" for each in error.problems)
        if request.memory and (known := request.memory.recall(wanted)):
            facts, kept_as = known
            return _Expected(facts=facts, origin=Origin.MEMORY, told=kept_as.server, remarks=remarks)
    built, lasts = _build(request, said, major, keep)
    if request.memory and not request.plans and built.is_own_cluster and lasts:
        request.memory.remember(wanted, built.facts, _kept(built, wanted.options), built.labels)
    return _Expected(
        facts=built.facts, origin=Origin.BUILT, told=built.server, remarks=remarks, lasts=lasts, built=built
    )


def _built_by(asked: Request, said: Said) -> tuple[str, ...]:
    if asked.builder is None:
        return ()
    from pgproof.flows.commanded import SaidByTool, remark

    assert isinstance(said, SaidByTool)
    return (remark(asked.builder, said),)


def _build(request: Request, said: Said, major: int, keep: ExitStack) -> tuple[Built, bool]:
    """What the files or the command build, and whether the same of them will build the same again."""
    if request.builder:
        from pgproof.flows.commanded import SaidByTool, build

        assert isinstance(said, SaidByTool)
        return build(request, request.builder, said, major, keep), bool(said.wanted.files)
    from pgproof.flows.replay import depends, replayed

    found = said.found
    run = steps(effective(load_for(request, found.past, brief=False), found.past), found)
    options = replace(request.scratch, postgres=major)
    try:
        built = keep.enter_context(replayed(options, run, found.roles, said.wanted.options))
    except DatabaseError as error:
        raise CannotTell(*error.problems) from error
    return built, "programs" not in depends([each.migration for each in run])


def _witnessed(
    asked: Request, heard: Heard, expected: _Expected, seen: Sequence[Difference], result: Drift
) -> Drift:
    """The outcome with what pg_dump sees besides what we have seen. Raises CannotTell."""
    from pgproof.flows.witness import objections

    dump = "" if heard.problem else _dump(asked, heard, expected)
    objected = tuple(objections(heard, dump, seen, positions="positions" in asked.options))
    witness = None if heard.problem else not objected
    return replace(result, reasons=(*result.reasons, *objected), witness=witness)


def _dump(request: Request, heard: Heard, expected: _Expected) -> str:
    """What pg_dump says of what the files build. Raises CannotTell."""
    from pgproof.database.dump import dump_schema

    assert expected.built
    built = expected.built
    try:
        major = built.scratch.version.major
        return dump_schema(built.database, major, request.scratch, without=heard.without)
    except DatabaseError as error:
        raise CannotTell(*error.problems) from error


def _part(partly: Partly) -> _Expected:
    return _Expected(facts=partly.facts, origin=Origin.MEMORY, told=partly.server, remarks=partly.remarks)


def _kept(built: Built, options: frozenset[str]) -> packed.Said:
    """What is kept of what was built, besides the facts. Raises DatabaseError."""
    with closing(connect(built.database)) as conn, read_only(conn), failure.told():
        digests = fingerprint.digests(conn, catalogs(conn, options))
    remarks: dict[int, tuple[str, ...]] = {}
    for fact, remark in _remarks(built.facts):
        if (part := built.labels.get(fact.key)) is not None:
            remarks[part] = (*remarks.get(part, ()), remark)
    return packed.Said(server=built.server, digests=digests, remarks=remarks)


def _remarks(actual: Facts) -> Iterator[tuple[Fact, str]]:
    """What is wrong with the database, whatever the files say, and with which object."""
    for fact in actual:
        if fact.catalog == "pg_index" and actual.value(fact, "valid") is False:
            index = ".".join(map(quote, fact.name))
            yield fact, f"index {index} is invalid: no query uses it, every write pays for it"
        elif fact.catalog == "pg_constraint" and actual.value(fact, "validated") is False:
            name, of = quote(fact.name[-1]), ".".join(map(quote, fact.name[:-1]))
            yield fact, f"constraint {name} of {of} was never validated: older rows may not satisfy it"
