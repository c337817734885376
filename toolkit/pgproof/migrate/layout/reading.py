"""What a layout is, and what reading a folder by one gives."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pgproof.errors import Problem
from pgproof.migrate import file
from pgproof.migrate.hook import Hook
from pgproof.migrate.migration import Migration
from pgproof.place import Place
from pgproof.sql.source import Source

GREATEST = 2**63 - 1  # of bigint, the type of a version in the history

_OWN_MARKER = re.compile(r"^[ \t]*--[ \t]*migrate:(up|down)\b", re.MULTILINE | re.IGNORECASE)


@dataclass(slots=True)
class Reading:
    """What a folder holds so far, in any order, and what is wrong with its files."""

    migrations: list[Migration] = field(default_factory=list)
    baselines: list[Migration] = field(default_factory=list)
    repeatables: list[Migration] = field(default_factory=list)
    hooks: list[Hook] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def source(self, path: Path) -> Source | None:
        """The text of a file, or None; then the problem is kept."""
        found = file.read(path)
        if isinstance(found, Source):
            return found
        self.problems.append(found)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How one tool lays out its folder.

    `sees` says whether a folder is the tool's (it is asked before every command, so it reads one file at most);
    `read` reads it, with values for the tool's variables, and raises OSError where it cannot. `stem` gives the
    name of a new file from the names that are there, its slug and the time (None: it is named as our own);
    `sections` is its text.
    """

    name: str
    sees: Callable[[Look], bool]
    read: Callable[[Path, Mapping[str, object]], Reading]
    stem: Callable[[Sequence[str], str, datetime], str] | None = None
    sections: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """A look at a folder: the names of its .sql files, in order, and the other names, without hidden ones."""

    folder: Path
    names: tuple[str, ...]
    others: tuple[str, ...] = ()

    @classmethod
    def at(cls, folder: Path) -> Look:
        """Looks; a folder that cannot be read holds nothing."""
        try:
            names = sorted(os.listdir(folder))  # noqa: PTH208  (names are enough, of maybe ten thousand files)
        except OSError:
            names = []
        seen = [each for each in names if each[0] != "."]
        files = tuple(each for each in seen if each.lower().endswith(".sql"))
        return cls(folder, files, tuple(each for each in seen if not each.lower().endswith(".sql")))

    def first_text(self) -> str:
        """The text of the first file; empty if there is none, or it cannot be read."""
        found = file.read(self.folder / self.names[0]) if self.names else None
        return found.text if isinstance(found, Source) else ""


def sql_files(folder: Path, *, inside: bool = False) -> Iterator[Path]:
    """The .sql files of a folder by name (and of the folders inside it), without hidden ones.

    Raises OSError where the folder cannot be read.
    """
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if inside and entry.is_dir():
            yield from sql_files(entry, inside=True)
        elif entry.suffix.lower() == ".sql" and not entry.is_dir():
            yield entry


def speaks_our_way(text: str) -> bool:
    """True if a text has our own markers (and dbmate's)."""
    return _OWN_MARKER.search(text) is not None


def own_markers(source: Source, tool: str) -> Iterator[Problem]:
    """Markers of ours in a folder of another tool: to the tool they are comments."""
    for match in _OWN_MARKER.finditer(source.text):
        yield Problem(
            message=f"marker of pgproof in a folder of {tool}",
            place=source.place(match.start() + len(match[0]) - len(match[0].lstrip()), len(match[0].strip())),
            detail=f"{tool} takes the line for a comment, and so does pgproof in a folder of that kind.",
            hint='say layout = "pgproof" below [tool.pgproof] in pyproject.toml, if the folder is pgproof\'s now',
        )


def doubles(migrations: list[Migration]) -> Iterator[Problem]:
    """Two files of one version."""
    first: dict[int, Migration] = {}
    for migration in migrations:
        other = first.setdefault(migration.version, migration)
        if other is not migration:
            yield Problem(
                message=f"two files of version {migration.digits or migration.version}",
                place=Place(path=migration.path, line=1),
                detail=f"The other one is {other.path}.",
                hint="give one of them another number",
            )


def zero(version: int, path: Path) -> Problem | None:
    """The problem of a version that `downgrade --to 0` needs, or that the history cannot hold."""
    place = Place(path=str(path), line=1)
    if version == 0:
        return Problem(
            message="version 0 is taken",
            place=place,
            detail="`downgrade --to 0` means: back to before the first migration.",
            hint="number the migrations from 1",
        )
    if version > GREATEST:
        return Problem(message="the version is too large", place=place, detail=f"The greatest is {GREATEST}.")
    return None
