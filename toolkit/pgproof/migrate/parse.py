"""From the text of a migration file to a `Migration`, or to everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pgproof.errors import Problem
from pgproof.migrate import marker
from pgproof.migrate.marker import DOWN, UP, Marker
from pgproof.migrate.migration import Migration, Section, checksum, normal
from pgproof.migrate.runnable import copy_refusals, refusals
from pgproof.place import Place
from pgproof.sql import statement
from pgproof.sql.source import Source
from pgproof.sql.statement import Script


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """What a file's name says: "07-jobs.sql" is version 7, written "07", slug "jobs"."""

    version: int
    digits: str
    slug: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A migration, and the problems that keep it from being run."""

    migration: Migration
    problems: tuple[Problem, ...]


def _mistakes(section: Section) -> Iterator[Problem]:
    """Errors of syntax; without any, what cannot run. Rows behind a COPY are no SQL, and the COPY is to blame."""
    problems = section.script.problems
    if not problems:
        yield from refusals(section)
        return
    first = min((p.place.line for p in problems if p.place), default=0)
    copies = [each for each in copy_refusals(section) if each.place and each.place.line < first]
    yield from copies[:1] or map(_hinted, problems)


def parse(title: Title, source: Source, down: Source | None = None) -> Parsed:
    """Read a migration from its (rendered) source and its `NAME.down.sql`, if there is one. Pure.

    A downgrade without a statement does not revert an upgrade with some: it counts as none.
    """
    markers = marker.read(source)
    problems = [*markers.problems, *_disorder(markers.found), *_before(source, markers.found)]
    start, end = _extent(source, markers.found, UP)
    up = _section(source, _first(markers.found, UP), start, end)
    way_back = None
    if below := _first(markers.found, DOWN):
        way_back = _section(source, below, below.end, len(source.text))
        if up.statements and not way_back.script.problems and not way_back.statements and down is None:
            way_back = None  # the empty section of a template is no way back
    if down is not None:
        if way_back:
            problems.append(_two_ways_back(way_back, down))
        way_back, more = _sibling(down)
        problems += more
    for section in filter(None, (up, way_back)):
        problems += _mistakes(section)
    if not markers.found and not up.statements and not up.script.problems and not up.script.tokens:
        problems.append(Problem(message="the file holds no statement", place=source.place(0), hint=_EMPTY))
    migration = Migration(
        version=title.version,
        digits=title.digits,
        slug=title.slug,
        path=source.path,
        source=source,
        up=up,
        down=way_back,
        text=written(source),
        unwritten=len(markers.found) > 1 and not written(source),
    )
    return Parsed(migration=migration, problems=tuple(problems))


def brief(title: Title, source: Source, *, has_down: bool) -> Migration:
    """The migration of a file that is applied as it is, in brief: not parsed, its text let go. Pure."""
    text = written(source)
    script = Script(source=Source(source.path, ""))
    empty = Section(script=script, place=Place(path=source.path, line=1))
    return Migration(
        version=title.version,
        digits=title.digits,
        slug=title.slug,
        path=source.path,
        source=script.source,
        up=empty,
        down=empty if has_down or _says_how_back(source.text) else None,
        text="",
        brief=checksum(text),
    )


def _says_how_back(text: str) -> bool:
    """True if something that is no comment stands below `-- migrate:down`."""
    below = [text[end:] for direction, _, end in marker.directions(text) if direction == DOWN][:1]
    return bool(below) and bool(_COMMENTS.sub("", below[0]).strip())


_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_EMPTY = "write the migration, or `-- migrate:up` and a comment that says why it does nothing"


def _hinted(problem: Problem) -> Problem:
    """A syntax error at a brace is most likely a template that does not say that it is one."""
    if not problem.message.endswith('at or near "{"') or problem.hint:
        return problem
    return replace(problem, hint="if the file is a template, say so in its first line: -- pgproof: template")


def _section(source: Source, mark: Marker | None, start: int, end: int) -> Section:
    heading = mark.start if mark and mark.direction == UP else 0  # comments above it speak of the migration too
    script = statement.check(source, start, end, heading=heading)
    if mark is None:
        return Section(script=script, place=source.place(0))
    return Section(script=script, place=mark.place, transactional=mark.transactional)


def _extent(source: Source, found: list[Marker], direction: str) -> tuple[int, int]:
    """Where the up section begins and ends; the whole text if there is no marker, nothing if only a down."""
    mark = _first(found, direction)
    if mark is None:
        return 0, found[0].start if found else len(source.text)
    after = [other.start for other in found if other.start > mark.start]
    return mark.end, min(after, default=len(source.text))


def _first(found: list[Marker], direction: str) -> Marker | None:
    return next((mark for mark in found if mark.direction == direction), None)


def _disorder(found: list[Marker]) -> Iterator[Problem]:
    seen: set[str] = set()
    for mark in found:
        if mark.direction in seen:
            yield Problem(
                message=f"second `-- migrate:{mark.direction}` in one file",
                place=mark.place,
                hint="one file holds one migration; move this part to a file of its own",
            )
        elif mark.direction == DOWN and UP not in seen:
            yield Problem(
                message="no `-- migrate:up` before `-- migrate:down`",
                place=mark.place,
                hint="begin the file with `-- migrate:up`; the downgrade comes after it",
            )
        seen.add(mark.direction)


def _before(source: Source, found: list[Marker]) -> Iterator[Problem]:
    """Statements above the first marker belong to no section."""
    if not found or found[0].direction == DOWN or not source.text[: found[0].start].strip():
        return
    script = statement.split(source, 0, found[0].start)
    yield from script.problems
    for stray in script.statements[:1]:
        yield Problem(
            message="statement before `-- migrate:up`",
            place=stray.place,
            hint="only comments may stand above the first marker; move the statement below it",
        )


def _sibling(source: Source) -> tuple[Section, list[Problem]]:
    """The section of a `NAME.down.sql`: all of it, or what stands below its `-- migrate:down`."""
    markers = marker.read(source)
    problems = list(markers.problems)
    if wrong := _first(markers.found, UP):
        problems.append(Problem(message="`-- migrate:up` in a file of a downgrade", place=wrong.place))
    mark = _first(markers.found, DOWN)
    if mark:
        problems += _before(source, [Marker(direction=UP, start=mark.start, end=mark.end, place=mark.place)])
    return _section(source, mark, mark.end if mark else 0, len(source.text)), problems


def _two_ways_back(section: Section, down: Source) -> Problem:
    return Problem(
        message="two downgrades for one migration",
        place=section.place,
        detail=f"The other one is the file {down.path}.",
        hint="keep one of them",
    )


def written(source: Source) -> str:
    """The up section as the author wrote it, in normal form (of a template: before it is rendered). No parsing."""
    text = source.text if source.original is None else source.original
    found = marker.directions(text)
    starts = [end for direction, _, end in found if direction == UP][:1]
    start = starts[0] if starts else 0
    ends = [begin for direction, begin, _ in found if direction == DOWN and begin >= start][:1]
    return normal(text[start : ends[0] if ends else len(text)])
