"""Flyway: V1_2__name.sql (versioned), U1_2__name.sql (undo), R__name.sql (repeatable), B1_2__name.sql (baseline).

Versions are numbers between dots or underscores; leading zeros do not count, nor do trailing parts that are zero
(1.0 is 1). The history keeps a version as one whole number, which `number` makes of the version alone, whatever
other files there are: up to four parts, the last three below 1000, are written in groups of three digits (1.2 is
1002000000); a single part of ten digits and more, and a date with a time (2013.1.15.11.35.56), are a timestamp
and stay as they are (20130115113556). People go on to say 1.2.

A file is one transaction unless a statement in it can run in none, or NAME.sql.conf says
executeInTransaction=false. ${name} is replaced by a variable unless NAME.sql.conf says
placeholderReplacement=false. A database that is empty begins with the last baseline. Repeatable files run after
all others, when their text has changed. Some callbacks (beforeMigrate.sql) are hooks. Folders inside the folder
are read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from pgproof.errors import Problem
from pgproof.migrate import hook, repeatable
from pgproof.migrate.layout import assembly, substitution
from pgproof.migrate.layout.reading import GREATEST, Layout, Look, Reading, doubles, own_markers, sql_files
from pgproof.migrate.layout.substitution import Variable
from pgproof.migrate.migration import Migration, Section
from pgproof.migrate.parse import Title
from pgproof.place import Place
from pgproof.sql.source import Source

_VERSIONED = re.compile(r"(?P<kind>[VUB])(?P<version>[0-9]+(?:[._][0-9]+)*)(?:__(?P<slug>.*))?\.sql\Z", re.DOTALL)
_REPEATABLE = re.compile(r"R__(?P<slug>.*)\.sql\Z", re.DOTALL)
_CALLBACK = re.compile(r"(?P<event>(?:before|after)[A-Z][A-Za-z]*)(?:__.*)?\.sql\Z", re.DOTALL)
_HOOKS = {
    "beforeMigrate": hook.BEFORE_UPGRADE,
    "afterMigrate": hook.AFTER_UPGRADE,
    "beforeEachMigrate": hook.BEFORE_EACH,
    "afterEachMigrate": hook.AFTER_EACH,
    "afterMigrateError": hook.ON_ERROR,
}
_PLACEHOLDER = re.compile(r"\$\{(?P<name>[^}\n]+)\}")
_SETTING = re.compile(r"^\s*(?P<key>[\w.]+)\s*=\s*(?P<value>.*?)\s*$", re.MULTILINE)
_GROUP = 1000
_STAMP_WIDTH = 14
_OUTSIDE = "say executeInTransaction=false in a file beside it, named like it with .conf at the end"


def number(version: str) -> int | None:
    """The whole number of a version ("1.2", "1_2"), in the same order as Flyway's; None for what does not fit."""
    parts = [int(part) for part in re.split(r"[._]", version)]
    if len(parts) == 6 and 1000 <= parts[0] <= 9999 and max(parts[1:]) < 100:
        return int(f"{parts[0]:04d}" + "".join(f"{part:02d}" for part in parts[1:]))
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    if parts[0] >= _GROUP**3:
        return parts[0] if len(parts) == 1 and parts[0] <= GREATEST else None
    if len(parts) > 4 or any(part >= _GROUP for part in parts[1:]):
        return None
    found = 0
    for part in [*parts, 0, 0, 0][:4]:
        found = found * _GROUP + part
    return found


def sees(look: Look) -> bool:
    """A file is named V1__name.sql, R__name.sql or B1__name.sql; inside, if the folder itself holds no file."""
    names = look.names
    if not names and look.folder.is_dir():
        names = tuple(each.name for each in sql_files(look.folder, inside=True))
    if any(each[0] in "VB" and "__" in each and _kind(each) for each in names):
        return True
    return bool(names) and all(_is_repeatable(each) for each in names)


def _is_repeatable(name: str) -> bool:
    return _REPEATABLE.match(name) is not None


def read(folder: Path, variables: Mapping[str, object]) -> Reading:
    """The migrations of a folder and the folders inside it. Raises OSError."""
    reading = Reading()
    files = list(sql_files(folder, inside=True))
    undo = {_version(each): each for each in files if _kind(each.name) == "U"}
    for path in files:
        if _kind(path.name) == "V":
            _add(reading, path, undo.pop(_version(path), None), variables, reading.migrations)
        elif _kind(path.name) == "B":
            _add(reading, path, None, variables, reading.baselines)
        elif match := _REPEATABLE.match(path.name):
            _add_repeatable(reading, path, match["slug"], variables)
        elif match := _CALLBACK.match(path.name):
            _add_callback(reading, path, match["event"], variables)
        elif _kind(path.name) != "U":
            reading.problems.append(_misnamed(path))
    reading.problems += [_orphan(path) for path in undo.values()]
    reading.problems += [*doubles(reading.migrations), *_disorder(reading.migrations)]
    return reading


def _kind(name: str) -> str:
    """V, U or B; empty for other names."""
    match = _VERSIONED.match(name)
    return match["kind"] if match else ""


def _version(path: Path) -> int | None:
    match = _VERSIONED.match(path.name)
    return number(match["version"]) if match else None


def _add(
    reading: Reading, path: Path, undo: Path | None, variables: Mapping[str, object], among: list[Migration]
) -> None:
    match = _VERSIONED.match(path.name)
    assert match
    version = number(match["version"])
    if not version:
        reading.problems.append(_unfit(path, match["version"], version))
        return
    up = _section(reading, path, variables)
    down = _section(reading, undo, variables) if undo else None
    if up is None or (undo and down is None):
        return
    title = Title(version=version, digits=match["version"].replace("_", "."), slug=match["slug"] or "")
    found = assembly.migration(title, up, down, text=_written(up.script.source))
    reading.problems += assembly.mistakes(found, outside=_OUTSIDE)
    among.append(found)


def _add_repeatable(reading: Reading, path: Path, slug: str, variables: Mapping[str, object]) -> None:
    up = _section(reading, path, variables)
    if up is None:
        return
    found = assembly.migration(
        Title(version=0, digits="", slug=slug), up, None, text=_written(up.script.source), repeatable=True
    )
    reading.problems += [*assembly.mistakes(found, outside=_OUTSIDE), *repeatable.problems(found)]
    reading.repeatables.append(found)


def _add_callback(reading: Reading, path: Path, event: str, variables: Mapping[str, object]) -> None:
    name = _HOOKS.get(event)
    if name is None:
        reading.problems.append(_no_callback(path, event))
        return
    section = _section(reading, path, variables)
    if section is None:
        return
    found, problems = hook.parse(name, section.script.source)
    reading.hooks.append(found)
    reading.problems += problems


def _written(source: Source) -> str:
    return source.text if source.original is None else source.original


def _section(reading: Reading, path: Path, variables: Mapping[str, object]) -> Section | None:
    written = reading.source(path)
    if written is None:
        return None
    settings = _settings(reading, path)
    reading.problems += own_markers(written, LAYOUT.name)
    source = written
    if settings.get("placeholderReplacement", "true") != "false":
        source, problems = substitution.replaced(written, list(_placeholders(written)), variables)
        reading.problems += problems
    alone = {"false": False, "true": True}.get(settings.get("executeInTransaction", ""))
    return assembly.section(source, source.place(0), transactional=alone)


def _settings(reading: Reading, path: Path) -> dict[str, str]:
    """What NAME.sql.conf says; a setting that would change what runs and that we do not follow is a problem."""
    beside = path.with_name(path.name + ".conf")
    if not beside.is_file():
        return {}
    source = reading.source(beside)
    found = {}
    for match in _SETTING.finditer(source.text if source else ""):
        found[match["key"]] = match["value"].lower()
        if source and match["key"] == "shouldExecute":
            place = source.place(match.start("key"), len(match["key"]))
            reading.problems.append(Problem(message="pgproof has no shouldExecute", place=place))
    return found


def _placeholders(source: Source) -> Iterator[Variable]:
    for match in _PLACEHOLDER.finditer(source.text):
        yield Variable(name=match["name"], start=match.start(), end=match.end())


def _disorder(migrations: list[Migration]) -> Iterator[Problem]:
    """Versions whose numbers are not in the order of the versions (timestamps beside others)."""
    ordered = sorted(migrations, key=lambda each: [int(part) for part in each.digits.split(".")])
    for before, after in pairwise(ordered):
        if after.version < before.version:
            yield Problem(
                message=f"version {after.digits} does not come after {before.digits} in the history",
                place=Place(path=after.path, line=1),
                detail=f"The history keeps versions as whole numbers: {before.version} for {before.digits}, "
                f"{after.version} for {after.digits}.",
                hint="use timestamps of 14 digits, or versions of up to nine digits, throughout",
            )


def _unfit(path: Path, version: str, found: int | None) -> Problem:
    place = Place(path=str(path), line=1)
    if found == 0:
        return Problem(
            message="version 0 is taken",
            place=place,
            detail="`downgrade --to 0` means: back to before the first migration.",
            hint="number the migrations from 1",
        )
    return Problem(
        message=f'version "{version}" does not fit into the history',
        place=place,
        detail="The history keeps a version as one whole number: of four parts at most, the last three below "
        "1000, or a timestamp.",
        hint="give the file a shorter version",
    )


def _misnamed(path: Path) -> Problem:
    return Problem(
        message="the file's name is not one of Flyway's",
        place=Place(path=str(path), line=1),
        detail="Flyway passes over such a file; its prefixes are V, U, R and B, here too.",
        hint="name it V<version>__<name>.sql, or move it out of the folder",
    )


def _no_callback(path: Path, event: str) -> Problem:
    return Problem(
        message=f"pgproof has no callback {event}",
        place=Place(path=str(path), line=1),
        detail="There are " + ", ".join(_HOOKS) + ".",
        hint="move it out of the folder",
    )


def _orphan(path: Path) -> Problem:
    return Problem(message="an undo migration without its versioned one", place=Place(path=str(path), line=1))


def stem(names: Sequence[str], slug: str, now: datetime) -> str:
    """The name of a new versioned file: one more in the first part of the last version, or the time."""
    versions = [match["version"] for name in names if (match := _VERSIONED.match(name)) and match["kind"] != "U"]
    last = max(versions, key=lambda each: number(each) or 0, default="0")
    first = re.split(r"[._]", last)[0]
    if len(last) == len(first) == _STAMP_WIDTH:
        return f"V{max(int(f'{now:%Y%m%d%H%M%S}'), int(first) + 1)}__{slug}"
    return f"V{str(int(first) + 1).zfill(len(first))}__{slug}"


LAYOUT = Layout(name="flyway", sees=sees, read=read, stem=stem)
