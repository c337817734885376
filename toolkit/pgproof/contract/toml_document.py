"""A TOML file with the places of its keys, which tomllib does not keep."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pgproof.errors import InputError, Problem
from pgproof.place import Place

_PART = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*\[\s*(?P<key>{_DOTTED})\s*\]")
_ENTRY = re.compile(rf"\s*(?P<key>{_DOTTED})\s*=\s*")
_SYNTAX = 'write NAME = "VALUE", a line each, and texts in quotes'
_PARTS = re.compile(_PART)
_QUIET = re.compile(r""""(?:[^"\\]|\\.)*"|'[^']*'|#.*""")
_WHERE = re.compile(r"(?P<message>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Document:
    """What a TOML file says: `values` as tomllib gives them, and where each key stands."""

    path: str
    values: Mapping[str, Any]
    places: Mapping[tuple[str, ...], Place]

    def place(self, *keys: str) -> Place:
        """Where the key stands; of one within an inline table, where that begins. The file if neither is known."""
        for length in range(len(keys), 0, -1):
            if keys[:length] in self.places:
                return self.places[keys[:length]]
        return Place(path=self.path, line=1)


def parse(path: str, text: str) -> Document:
    """Read the text of the file called `path`. Raises InputError where it is no TOML, with the place."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(_problem(path, text, str(error))) from None
    return Document(path, values, _places(path, text))


def _places(path: str, text: str) -> dict[tuple[str, ...], Place]:
    """Of each key that begins a line, its place. Lines within a list that goes over several are left out."""
    found: dict[tuple[str, ...], Place] = {}
    table: tuple[str, ...] = ()
    depth = 0
    for number, line in enumerate(text.split("\n"), 1):
        header = _HEADER.match(line) if depth == 0 else None
        entry = _ENTRY.match(line) if depth == 0 and header is None else None
        written = header or entry
        if written is not None:
            keys = tuple(_bare(part) for part in _PARTS.findall(written["key"]))
            table, whole = (keys, keys) if header else (table, (*table, *keys))
            begin, end = written.span("key")
            found[whole] = Place(
                path=path, line=number, column=begin + 1, width=end - begin, text=line.rstrip("\r")
            )
        if header is None:
            rest = _QUIET.sub("", line[entry.end() :] if entry else line)
            depth = max(0, depth + rest.count("[") - rest.count("]"))
    return found


def _bare(part: str) -> str:
    if part.startswith('"'):
        return str(tomllib.loads(f"k = {part}")["k"])
    return part[1:-1] if part.startswith("'") else part


def _problem(path: str, text: str, said: str) -> Problem:
    match = _WHERE.match(said)
    lines = text.split("\n")
    if match is None:  # "at end of document"
        place = Place(path=path, line=len(lines), column=len(lines[-1]) + 1, text=lines[-1])
        said = said.partition(" (at ")[0]
        return Problem(message=f"{path} is not valid TOML", place=place, detail=f"{said}.", hint=_SYNTAX)
    number = int(match["line"])
    line = lines[number - 1] if number <= len(lines) else ""
    place = Place(path=path, line=number, column=int(match["column"]), text=line.rstrip("\r"))
    return Problem(message=f"{path} is not valid TOML", place=place, detail=f"{match['message']}.", hint=_SYNTAX)
