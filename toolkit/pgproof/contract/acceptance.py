"""Acceptances: findings that the team has decided to live with, and why.

    -- accept: DOC101 idx_jobs_agent_id
    -- because: the text of an applied migration cannot change; the index
    --   it means is idx_jobs_agent_id_created_at
    -- until: 2027-01-31

The reason is mandatory and may go on in the following lines; the last day is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from pgproof.contract import annotation
from pgproof.contract.clause import Clauses
from pgproof.contract.promise import Accepted
from pgproof.errors import Problem
from pgproof.sql import directive as directives
from pgproof.sql.comment import CommentBlock, CommentLine
from pgproof.sql.directive import Directive

_CODE = re.compile(r"[A-Z]{3}\d{3}|[a-z]+(?:-[a-z0-9]+)+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(slots=True)
class Acceptances:
    """What was found. `lines` are offsets of the comment lines read; `orphans` stand under no `accept:`."""

    accepted: list[Accepted] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    lines: set[int] = field(default_factory=set)
    orphans: list[Directive] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """An acceptance while its lines are read, up to the line `last`."""

    accept: Directive
    last: int
    because: Directive | None = None
    reason: list[str] = field(default_factory=list)
    until: Directive | None = None
    in_reason: bool = False
    mistaken: bool = False


def read(blocks: Iterable[CommentBlock], clauses: Clauses) -> Acceptances:
    """The acceptances in the comment blocks of one file, in which queries may make promises too."""
    found = Acceptances()
    for block in blocks:
        if block.beside:
            continue
        current: _Open | None = None
        for line in block.lines:
            following = _line(found, current, line, clauses)
            if current is not None and following is not current:
                _close(found, current)
            current = following
        if current is not None:
            _close(found, current)
    return found


def _line(found: Acceptances, current: _Open | None, line: CommentLine, clauses: Clauses) -> _Open | None:
    """Read one line; the acceptance that is open behind it."""
    if not line.text:
        return None
    directive = directives.read(line)
    key = directive.key if directive else ""
    if directive and key == "accept":
        found.lines.add(line.offset)
        return _Open(directive, line.place.line)
    if key == annotation.NAME or clauses.of(directive):
        return None
    if current is None:
        if directive and key in annotation.OF_ACCEPTANCE:
            found.orphans.append(directive)
        return None
    found.lines.add(line.offset)
    current.last = line.place.line
    if directive and key in annotation.OF_ACCEPTANCE:
        _set(found, current, directive)
        return current
    problem = annotation.mistaken_in_acceptance(directive, clauses) if directive else None
    if problem:
        found.problems.append(problem)
        current.in_reason, current.mistaken = False, True
    elif current.in_reason:
        current.reason.append(line.text)
    return current


def _set(found: Acceptances, current: _Open, directive: Directive) -> None:
    twice = current.because if directive.key == "because" else current.until
    if twice is not None:
        found.problems.append(
            Problem(
                message=f'"{directive.key}:" is given twice',
                place=directive.place,
                detail=f"The first is at {twice.place}.",
                hint="keep one of them, or begin another acceptance with `-- accept:`",
            )
        )
    current.in_reason = directive.key == "because"
    if directive.key == "because":
        current.because = directive
        current.reason = [directive.value] if directive.value else []
    else:
        current.until = directive


def _close(found: Acceptances, current: _Open) -> None:
    code, _, name = current.accept.value.partition(" ")
    name = name.strip()
    problem = _unusable(current, code, name)
    until = _until(found, current.until)
    if problem:
        found.problems.append(problem)
    if problem or not current.reason:
        return
    found.accepted.append(
        Accepted(
            code=code,
            object=name,
            because=" ".join(current.reason),
            place=current.accept.line.place,
            last=current.last,
            until=until,
        )
    )


def _unusable(current: _Open, code: str, name: str) -> Problem | None:
    accept = current.accept
    if not code:
        return Problem(
            message="acceptance of nothing",
            place=accept.place,
            hint="write the finding's code and object: `-- accept: DOC101 idx_name`",
        )
    if not _CODE.fullmatch(code):
        hint = "write a code or a rule's name, for example `DOC101` or `unknown-name-in-comment`"
        if _CODE.fullmatch(code.upper()):
            hint = f"write `{code.upper()}`"
        return Problem(
            message=f'"{code}" is not the code of a finding', place=accept.value_place(0, len(code)), hint=hint
        )
    if not name:
        return Problem(
            message=f"acceptance of {code} without an object",
            place=accept.value_place(),
            hint=f"name what is accepted, as the finding does: `-- accept: {code} idx_name`",
        )
    if not current.reason and not current.mistaken:
        return Problem(
            message=f"acceptance of {code} {name} without a reason",
            place=accept.line.place,
            detail="Whoever reads this next has to know why the finding was left.",
            hint="write it in the next line: `-- because: ...`",
        )
    return None


def _until(found: Acceptances, directive: Directive | None) -> date | None:
    if directive is None:
        return None
    try:
        if _DATE.fullmatch(directive.value):
            return date.fromisoformat(directive.value)
    except ValueError:
        pass
    found.problems.append(
        Problem(
            message=f'"{directive.value}" is not a date',
            place=directive.value_place() if directive.value else directive.place,
            hint="write year, month and day: `-- until: 2027-01-31`",
        )
    )
    return None
