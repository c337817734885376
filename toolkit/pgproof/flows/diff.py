"""`diff`: the SQL that leads from one schema to another: databases, folders, files, revisions of git."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pgproof.catalog.fact import Facts
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions, ScratchServer, open_scratch
from pgproof.drift.compare import Difference, compare
from pgproof.drift.planner.plan import Hazard, Repair
from pgproof.drift.planner.renames import Rename
from pgproof.drift.planner.repair import repair
from pgproof.drift.way import Diff
from pgproof.errors import InputError, Problem
from pgproof.flows import sides, trial, written
from pgproof.flows.clone import ownerless
from pgproof.flows.renamed import renamed
from pgproof.flows.sides import Files, Side

_POSITION = {"position"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A migration to be written: its name, and the time, in UTC, for folders that stamp their files."""

    name: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to compare. A side is an address, a folder (maybe with `@VERSION`), a .sql file, a full
    snapshot (.json), or `git:REVISION`.

    `folder` is where a revision of git has the migrations, and where a `file` is written. `renames` are what has
    another name in the target, "public.t.a=b"; with `renames_all`, nothing else has. `allowed` are the hazards
    that may be in a file.
    """

    source: str
    target: str
    folder: Path
    scratch: ScratchOptions
    prove: bool = False
    online: bool = True
    renames: tuple[str, ...] = ()
    renames_all: bool = False
    allowed: frozenset[str] = frozenset()
    file: NewFile | None = None
    variables: Mapping[str, object] = field(default_factory=dict)
    layout: str | None = None


def diff(request: Request) -> Diff:
    """Read or build both sides, and plan the way. Raises InputError and DatabaseError.

    What is built from files is built on a scratch server, of the major of the other side if that is a database.
    Then owners are not compared: on scratch there is only one.
    """
    with ExitStack() as stack:
        server, found = _sides(request, stack)
        source, target = found
        if source.facts.major != target.facts.major:
            raise InputError(_majors(source.facts.major, target.facts.major))
        way = renamed(server, source, target.facts, request.renames)
        proposals = () if request.renames_all else way.proposals
        plan = way.before(repair(way.facts, target.facts, online=request.online))
        _check(request, plan, proposals)
        measured = trial.measure(server, source, plan)
        proof = (
            trial.prove(server, source, target, plan, len(way.renames), request.scratch) if request.prove else None
        )
        paths: tuple[Path, ...] = ()
        if request.file and plan.statements:
            down = way.behind(repair(target.facts, way.facts, online=request.online))
            paths = _write(request, request.file, measured.plan, down, source)
        return Diff(
            source=source.told,
            target=target.told,
            state=source.facts.digest(),
            differences=_told(compare(target.facts, source.facts)),
            repair=measured.plan,
            proposals=proposals,
            refused=measured.refused,
            proof=proof,
            written=paths,
        )


def _sides(request: Request, stack: ExitStack) -> tuple[ScratchServer, list[Side]]:
    """Both sides, and the server that is there until the stack ends."""
    files = Files(folder=request.folder, variables=request.variables, layout=request.layout)
    named = [sides.named(text, files, stack) for text in (request.source, request.target)]
    live = {each: sides.live(each) for each in named if isinstance(each, Conninfo)}
    known = [*(each.facts for each in live.values()), *(each for each in named if isinstance(each, Facts))]
    if len({each.major for each in known}) > 1:
        raise InputError(_majors(known[0].major, known[-1].major))
    major = known[0].major if known else request.scratch.postgres
    server = stack.enter_context(open_scratch(replace(request.scratch, postgres=major)))
    found = []
    for each, text in zip(named, (request.source, request.target), strict=True):
        if isinstance(each, Conninfo):
            found.append(live[each])
        elif isinstance(each, Facts):
            found.append(sides.made(text, each, server, stack))
        else:
            found.append(sides.built(text, each, server, stack))
    if not all(each.is_live for each in found):
        found = [replace(each, facts=ownerless(each.facts)) for each in found]
    return server, found


def _check(request: Request, plan: Repair, proposals: tuple[Rename, ...]) -> None:
    """Nothing is dropped that may only have another name, nothing lost that may not be. Raises InputError."""
    loses = [each for each in plan.statements if Hazard.DATA_LOSS in each.hazards]
    is_allowed = Hazard.DATA_LOSS in request.allowed
    if loses and is_allowed and proposals:
        raise InputError(
            Problem(
                message="what would be dropped may only have another name",
                context=tuple(f"  --rename {each.word}" for each in proposals),
                hint="decide: --rename for each that has, --renames-all if there are no others",
            )
        )
    if request.file and loses and not is_allowed:
        raise InputError(
            Problem(
                message="the migration would lose data",
                context=tuple(f"  {each.sql}" for each in loses),
                hint="--allow data-loss, if that is meant",
            )
        )


def _write(request: Request, file: NewFile, up: Repair, down: Repair, source: Side) -> tuple[Path, ...]:
    heading = [f"from {source.told}, state {source.facts.digest()}", f"to {request.target}"]
    heading += [f"the way back loses {each}" for each in written.losses(down)]
    ways = written.Ways(up=up, down=down, heading=tuple(heading))
    return written.write(request.folder, file.name, ways, now=file.now, variables=request.variables)


def _told(found: tuple[Difference, ...]) -> tuple[Difference, ...]:
    """Differences that are more than another order of columns."""
    return tuple(each for each in found if each.values.keys() != _POSITION)


def _majors(one: int, other: int) -> Problem:
    return Problem(
        message=f"the one is of PostgreSQL {one}, the other of {other}",
        detail="They write definitions differently, and not all that one has can be said in the other.",
        hint="compare databases of one major; files are built on the major of the other side",
    )
