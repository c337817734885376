"""Markers: the lines that cut a migration file into sections, in dbmate's format.

`-- migrate:up` and `-- migrate:down`, each at most once and in this order, each with the option
`transaction:false` if it wants none. Like dbmate's, they are found line by line: a line of this form is a
marker wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pgproof.errors import Problem
from pgproof.place import Place
from pgproof.sql.name import nearest
from pgproof.sql.source import Source

UP, DOWN = "up", "down"

_MARKER = re.compile(
    r"^[ \t]*(?P<whole>--[ \t]*migrate[ \t]*:(?P<gap>[ \t]*)(?P<word>[^\s:]*)(?P<options>[^\n]*))$",
    re.MULTILINE | re.IGNORECASE,
)
_FOREIGN = re.compile(
    r"^[ \t]*(?P<whole>--[ \t]*\+goose\b[^\n]*|--[ \t]*\+migrate\b[^\n]*|--liquibase formatted sql\b[^\n]*"
    r"|----[ \t]*create above / drop below[ \t]*----[^\n]*)$",
    re.MULTILINE | re.IGNORECASE,
)
_OPTION = re.compile(r"\S+")
_OPTIONS = {"transaction:false": False, "transaction:true": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A marker: its `direction` (`UP` or `DOWN`), where its line begins and where the text after it begins."""

    direction: str
    start: int
    end: int
    place: Place
    transactional: bool = True


@dataclass(slots=True)
class Markers:
    """The markers of a source, in order, and what is wrong with lines that look like one."""

    found: list[Marker] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(source: Source) -> Markers:
    """The markers of `source`. Pure; raises nothing."""
    markers = Markers()
    if "--" not in source.text:  # many files hold no comment at all
        return markers
    for match in _MARKER.finditer(source.text):
        word = match["word"].lower()
        exact = not match["gap"] and word in {UP, DOWN}
        if exact:
            markers.found.append(_marker(source, match, word, markers.problems))
        elif problem := _misspelt(source, match):
            markers.problems.append(problem)
    markers.problems += _foreign(source)
    return markers


def directions(text: str) -> list[tuple[str, int, int]]:
    """The exact markers of a text: direction, where its line begins, where the text after it begins."""
    if "--" not in text:
        return []
    return [
        (match["word"].lower(), match.start(), match.end() + 1)
        for match in _MARKER.finditer(text)
        if not match["gap"] and match["word"].lower() in {UP, DOWN}
    ]


def _marker(source: Source, match: re.Match[str], word: str, problems: list[Problem]) -> Marker:
    transactional = True
    for option in _OPTION.finditer(match["options"]):
        if option[0].lower() in _OPTIONS:
            transactional = _OPTIONS[option[0].lower()]
            continue
        problems.append(_unknown_option(source, match.start("options") + option.start(), option[0]))
    return Marker(
        direction=word,
        start=match.start(),
        end=min(match.end() + 1, len(source.text)),
        place=source.place(match.start("whole"), len(match["whole"].rstrip())),
        transactional=transactional,
    )


def _unknown_option(source: Source, offset: int, word: str) -> Problem:
    meant = nearest(word.lower(), ["transaction:false"])
    hint = f"did you mean `{meant}`?" if meant else "the only option is `transaction:false`"
    return Problem(message=f'unknown option "{word}"', place=source.place(offset, len(word)), hint=hint)


def _misspelt(source: Source, match: re.Match[str]) -> Problem | None:
    """The problem of `-- migrate:dwon` or `-- migrate: up`; None for prose (`-- migrate: the old rows`)."""
    word = match["word"]
    meant = nearest(word.lower(), [UP, DOWN])
    if match["gap"] and meant is None:
        return None
    hint = f"did you mean `-- migrate:{meant}`?" if meant else "write `-- migrate:up` or `-- migrate:down`"
    place = source.place(match.start("whole"), len(match["whole"].rstrip()))
    return Problem(message=f'unknown marker "migrate:{match["gap"]}{word}"', place=place, hint=hint)


def _foreign(source: Source) -> Iterator[Problem]:
    """Markers of other tools: read as comments they would let a file run up and down in one go."""
    for match in _FOREIGN.finditer(source.text):
        yield Problem(
            message="marker of another migration tool",
            place=source.place(match.start("whole"), len(match["whole"].rstrip())),
            detail="Read as plain SQL, the file would run its downgrade right after its upgrade.",
            hint="write `-- migrate:up` and `-- migrate:down` instead",
        )
