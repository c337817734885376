"""`diff`: the SQL that leads from one schema to another: databases, folders, files, revisions of git."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pgproof.catalog.canonical import Canonical
from pgproof.database.builder import Builder
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions, ScratchServer, open_scratch
from pgproof.drift.compare import Difference, compare
from pgproof.drift.recast import recast_values
from pgproof.drift.way import Diff
from pgproof.flows import sides, written
from pgproof.flows.across import in_major_of
from pgproof.flows.clone import clone
from pgproof.flows.reworded import reworded
from pgproof.flows.sides import Files, Side
from pgproof.flows.stage import now
from pgproof.flows.way import Way, Wish, way

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

    `folder` is where a revision of git has the migrations, and where a `file` is written. With a `builder`, that
    folder is what its command builds, and so is "build".
    """

    source: str
    target: str
    folder: Path
    scratch: ScratchOptions
    wish: Wish = field(default_factory=Wish)
    file: NewFile | None = None
    variables: Mapping[str, object] = field(default_factory=dict)
    layout: str | None = None
    builder: Builder | None = None


def diff(request: Request) -> Diff:
    """Read or build both sides, and plan the way. Raises InputError, DatabaseError and CannotTell.

    What is built from files is built on a scratch server, of the major of the other side if that is a database. Of
    two databases of other majors, the plan is for the first one's: the other is compared as such a server has it.
    Of owners, those are compared then that files name (`sides.owned`). What is not proved, though that was asked
    for, is not written.
    """
    with ExitStack() as stack:
        server, (source, target) = _sides(request, stack)
        unseen = [each for side in (source, target) for each in (*side.facts.unmodelled, *side.facts.unread)]
        translated = in_major_of(source, target, server, stack)
        target = _in_words_of(source, translated.side, server)
        found = way(
            server,
            source,
            target,
            request.wish,
            request.scratch,
            _both(_told(compare(target.facts, source.facts)), translated.differences),
            is_written=request.file is not None,
        )
        told = replace(
            found.told,
            repair=replace(found.told.repair, impossible=(*translated.impossible, *found.told.repair.impossible)),
            made=translated.made,
            reasons=tuple(dict.fromkeys([*unseen, *translated.reasons])),
        )
        if not (request.file and told.repair.statements and told.may_be_written):
            return told
        return replace(told, written=_write(request, request.file, replace(found, told=told)))


def _sides(request: Request, stack: ExitStack) -> tuple[ScratchServer, tuple[Side, Side]]:
    """Both sides, and the server that is there until the stack ends."""
    files = Files(
        folder=request.folder, variables=request.variables, layout=request.layout, builder=request.builder
    )
    named = [sides.named(text, files, stack) for text in (request.source, request.target)]
    live = {each: sides.live(each) for each in named if isinstance(each, Conninfo)}
    known = [live[each] if isinstance(each, Conninfo) else each for each in named]
    majors = [each.facts.major for each in known if isinstance(each, Side | Canonical)]
    major = majors[0] if majors else request.scratch.postgres
    now("starting a server")
    server = stack.enter_context(open_scratch(replace(request.scratch, postgres=major)))
    found = []
    for each, text in zip(named, (request.source, request.target), strict=True):
        if isinstance(each, Conninfo):
            found.append(live[each])
        elif isinstance(each, Canonical):
            is_at_hand = each.facts.major == major
            found.append(sides.made(text, each, server, stack) if is_at_hand else sides.said(text, each))
        elif isinstance(each, Builder):
            found.append(sides.commanded(text, each, server, stack))
        else:
            found.append(sides.built(text, each, server, stack))
    return server, sides.owned(*found)


def _in_words_of(source: Side, target: Side, server: ScratchServer) -> Side:
    """The target, with the text of the source where the server says that it is the same.

    That is tried on the side that is on scratch, or on a clone of the target.
    """
    is_ours = source.template and not target.template
    one, other = (source, target) if is_ours else (target, source)
    differences = compare(one.facts, other.facts)
    if not any(map(recast_values, differences)):
        return target
    with ExitStack() as stack:
        if one.template:
            conn = stack.enter_context(closing(connect(one.database)))
        else:
            conn = stack.enter_context(clone(server, one.facts)).conn
        same = reworded(conn, differences)
    return replace(target, facts=same.applied(target.facts, source.facts))


def _write(request: Request, file: NewFile, found: Way) -> tuple[Path, ...]:
    back = found.back(online=request.wish.online)
    heading = [f"from {found.source.name}, state {found.told.state}", f"to {found.target.name}"]
    heading += [f"the way back loses {each}" for each in written.losses(back)]
    ways = written.Ways(up=found.told.repair, down=back, heading=tuple(heading))
    return written.write(request.folder, file.name, ways, now=file.now, variables=request.variables)


def _told(found: tuple[Difference, ...]) -> tuple[Difference, ...]:
    """Differences that are more than another order of columns."""
    return tuple(each for each in found if each.values.keys() != _POSITION)


def _both(found: tuple[Difference, ...], impossible: tuple[Difference, ...]) -> tuple[Difference, ...]:
    """What the plan is about, and what is unlike in what cannot be had; of one object, it is told once."""
    more = {each.key: each for each in impossible}
    whole = [
        replace(each, values={**each.values, **more[each.key].values}) if each.key in more else each
        for each in found
    ]
    return *whole, *(each for key, each in more.items() if key not in {every.key for every in found})
