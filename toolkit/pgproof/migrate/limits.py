"""How long a statement may wait for a lock, and how long it may run, as its file or the person says.

A file says it in comments: above its first statement for all of them, above another one for that one.

    -- pgproof: lock_timeout 2s
    -- pgproof: statement_timeout 10min
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pgproof.errors import Problem

if TYPE_CHECKING:
    from pgproof.migrate.migration import Section
    from pgproof.place import Place
    from pgproof.sql.source import Source

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_TIME = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>us|ms|s|min|h|d)?\Z")
_DIRECTIVE = re.compile(
    r"^[ \t]*(?P<whole>--[ \t]*pgproof[ \t]*:[ \t]*(?P<name>lock_timeout|statement_timeout)\b(?P<time>[^\n]*))$",
    re.MULTILINE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Milliseconds, as PostgreSQL's settings of the same names count; 0 is no limit, None what the server has."""

    lock_timeout: int | None = None
    statement_timeout: int | None = None

    def over(self, other: Limits) -> Limits:
        """These, and what `other` says where these say nothing."""
        return Limits(
            lock_timeout=other.lock_timeout if self.lock_timeout is None else self.lock_timeout,
            statement_timeout=other.statement_timeout
            if self.statement_timeout is None
            else self.statement_timeout,
        )

    def settings(self) -> Iterator[tuple[str, int]]:
        """Names and values of the settings that are given."""
        if self.lock_timeout is not None:
            yield "lock_timeout", self.lock_timeout
        if self.statement_timeout is not None:
            yield "statement_timeout", self.statement_timeout


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a section says: of all its statements, and of single ones by their numbers from 1."""

    of_all: Limits
    of_one: dict[int, Limits]

    def of(self, number: int, person: Limits) -> Limits:
        """The limits of a statement; `person` is what the person says of all."""
        return self.of_one.get(number, _NONE).over(self.of_all).over(person)


_NONE = Limits()
_SILENT = Said(of_all=_NONE, of_one={})


def milliseconds(text: str) -> int | None:
    """A time as PostgreSQL writes it ("2s", "5 min"; a number alone is in milliseconds); None if it is none."""
    match = _TIME.match(text.strip())
    if match is None:
        return None
    return round(float(match["number"]) * _UNITS[match["unit"] or "ms"] * 1000)


def said(section: Section) -> Said:
    """The limits that the comments of a section set; those that cannot be read are left out."""
    found: dict[int, Limits] = {}
    for number, match in _directives(section):
        value = milliseconds(match["time"])
        if value is not None:
            found[number] = replace(found.get(number, _NONE), **{match["name"].lower(): value})
    return Said(of_all=found.pop(0, _NONE), of_one=found) if found else _SILENT


def problems(section: Section) -> Iterator[Problem]:
    """What is wrong with the limits that the comments of a section set."""
    for number, match in _directives(section):
        if milliseconds(match["time"]) is None:
            yield Problem(
                message=f'"{match["time"].strip()}" is not a time',
                place=_place(section.script.source, match),
                hint="write for example 2s, 500ms or 5min; 0 is no limit",
            )
        elif number > len(section.statements):
            yield Problem(
                message=f"no statement below `-- pgproof: {match['name']}`",
                place=_place(section.script.source, match),
            )


def _directives(section: Section) -> Iterator[tuple[int, re.Match[str]]]:
    """Each directive with the number of the statement that it is about; 0 is all."""
    script = section.script
    text = script.source.text
    if "pgproof" not in text.lower():
        return
    end = len(text) if script.end is None else script.end
    for match in _DIRECTIVE.finditer(text, 0, script.heading):
        yield 0, match
    for match in _DIRECTIVE.finditer(text, script.start, end):
        behind = sum(1 for statement in section.statements if statement.end <= match.start())
        inside = any(statement.start < match.start() < statement.end for statement in section.statements)
        if not inside:
            yield behind + 1 if behind else 0, match


def _place(source: Source, match: re.Match[str]) -> Place:
    return source.place(match.start("whole"), len(match["whole"].rstrip()))
