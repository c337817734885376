"""Baselines: one file that does what all migrations up to its version do, for databases that have none of them.

The file is called `baseline-VERSION.sql` and lists the versions that it stands for. A database that is empty
begins with it, and its history then holds that version alone; a database that has applied the migrations one by
one never runs it. While some database is still on its way, the old files have to stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pgproof.errors import InputError, Problem
from pgproof.migrate.entry import History
from pgproof.migrate.migration import Migration
from pgproof.place import Place

if TYPE_CHECKING:
    from pgproof.migrate.library import Library

_REPLACES = re.compile(r"^--[ \t]*pgproof:[ \t]*replaces[ \t]+(?P<versions>[0-9 \t]+)$", re.MULTILINE)
_PER_LINE = 12


def effective(library: Library, history: History, to: int | None = None) -> Library:
    """The library as a database with this history is to see it, on its way to version `to` (None: the last). Pure.

    Raises InputError where the database is in the middle of what a baseline stands for and a file is missing.
    """
    if not library.baselines:
        return library
    last = library.baselines[-1]
    first = _first(library, history, to)
    if first is None:
        _check(library, history, last)
        return replace(library, squashed=last.version)
    above = tuple(each for each in library.migrations if each.version > first.version)
    return replace(library, migrations=(first, *above), squashed=last.version)


def replaces(baseline: Migration) -> frozenset[int]:
    """The versions that a baseline says it stands for; its own is always among them."""
    found = {int(word) for match in _REPLACES.finditer(_written(baseline)) for word in match["versions"].split()}
    return frozenset(found | {baseline.version})


def story(library: Library, history: History) -> list[Migration]:
    """What led to the state that the history tells of, in the order in which it was run; `library` is effective.

    Of what was applied one by one and has no file any more, the baseline tells.
    """
    ran = sorted(history.entries, key=lambda entry: (entry.started_at, entry.version))
    gone = any(library.get(entry.version) is None for entry in ran if entry.version <= library.squashed)
    baselines = [each for each in library.baselines if each.version == library.squashed] if gone else []
    floor = library.squashed if baselines else 0
    later = [library.get(entry.version) for entry in ran if entry.version > floor]
    return [*baselines, *(each for each in later if each)]


def header(versions: Iterable[int]) -> Iterator[str]:
    """The lines by which a baseline says which versions it stands for."""
    numbers = [str(version) for version in versions]
    for at in range(0, len(numbers), _PER_LINE):
        yield f"-- pgproof: replaces {' '.join(numbers[at : at + _PER_LINE])}"


def _first(library: Library, history: History, to: int | None) -> Migration | None:
    """The baseline that the database began with, or is to begin with; None if it has applied files one by one."""
    for baseline in reversed(library.baselines):
        entry = history.get(baseline.version)
        if entry and entry.name == baseline.name:
            return baseline
    reachable = [each for each in library.baselines if to is None or each.version <= to]
    if not reachable or any(entry.version <= reachable[-1].version for entry in history.entries):
        return None
    return reachable[-1]


def _check(library: Library, history: History, last: Migration) -> None:
    from pgproof.migrate.library import is_baseline  # it loads all that reads files

    applied = {entry.version for entry in history.entries}
    begun_with = max((entry.version for entry in history.entries if is_baseline(entry.name)), default=0)
    pending = sorted(version for version in replaces(last) - applied if version > begun_with)
    missing = [version for version in pending if library.get(version) is None]
    if history.entries and missing:
        raise InputError(
            Problem(
                message=f"the database is in the middle of what {last.name} stands for",
                place=Place(path=last.path, line=1),
                detail=f"It has applied some of those migrations, not version {missing[0]}, and the file of that "
                "version is not there any more.",
                hint=f"get the old files back from version control, and run: pgproof upgrade --to {last.version}",
            )
        )


def _written(baseline: Migration) -> str:
    return baseline.source.text if baseline.source.original is None else baseline.source.original
