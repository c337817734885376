"""The file that a project's settings stand in: found by walking up, read with all its mistakes at once.

It is `pgproof.toml`, or a `pyproject.toml` with [tool.pgproof]. One with both in a folder has to decide.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_IWOTH
from typing import TYPE_CHECKING, Any

from pgproof.errors import InputError, Problem, raise_all
from pgproof.place import Place
from pgproof.settings.setting import SETTINGS, of_file
from pgproof.sql.name import nearest

if TYPE_CHECKING:
    from pgproof.contract.toml_document import Document

OWN, SHARED = "pgproof.toml", "pyproject.toml"
_TABLE = ("tool", "pgproof")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a file says: values by key, and where each stands (of a table, each of its names, too).

    `file` is its name, `folder` the project's, as a way from the current one. Without a file that is the one
    in which it was looked for.
    """

    file: str = ""
    folder: Path = Path()
    values: Mapping[str, object] = field(default_factory=dict)
    places: Mapping[tuple[str, ...], Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Found:
    """A file with settings; `table` is where in it they are."""

    document: Document
    table: tuple[str, ...]


def read(start: Path) -> Written:
    """The settings of the project that the folder `start` is in; no values where no file has any.

    Raises InputError with all mistakes: TOML that is none, unknown keys, wrong types, two files in one folder.
    """
    for folder in _upwards(start):
        if found := there(folder):
            return found
    return Written(folder=start)


def there(folder: Path) -> Written | None:
    """The settings in a file of this very folder; None if there are none. Raises InputError as `read` does."""
    files = [found for name in (OWN, SHARED) if (found := _settings(folder / name))]
    if len(files) > 1:
        raise InputError(
            Problem(
                message=f"settings stand in {files[0].document.path} and in {files[1].document.path}",
                place=files[1].document.place(*_TABLE),
                detail="Nobody can tell which of them count.",
                hint=f"keep them in one of the two: {OWN}, or [tool.pgproof]",
            )
        )
    return _read(files[0], folder) if files else None


def _upwards(start: Path) -> Iterator[Path]:
    """The folder and those above it, as ways from it, up to the one of the repository.

    Not those, but for the first, in which everybody may write: whoever does would say what is run.
    """
    here = start.resolve()
    for folder in (here, *here.parents):
        try:
            is_public = bool(folder.stat().st_mode & S_IWOTH)
        except OSError:
            return
        if folder != here and is_public:
            return
        yield start / os.path.relpath(folder, here)
        if (folder / ".git").exists():
            return


def _settings(path: Path) -> _Found | None:
    """A file, if it is there and has settings. Raises InputError."""
    if not path.exists():
        return None
    from pgproof.migrate import file

    source = file.read(path)
    if isinstance(source, Problem):
        raise InputError(source)
    is_own = path.name == OWN
    if not (is_own or "pgproof" in source.text):
        return None
    from pgproof.contract import toml_document

    document = toml_document.parse(str(path), source.text)
    if is_own:
        return _Found(document, ())
    tool = document.values.get("tool", {})
    if not (isinstance(tool, dict) and "pgproof" in tool):
        return None
    if not isinstance(tool["pgproof"], dict):
        hint = "write [tool.pgproof]"
        raise InputError(Problem(message="tool.pgproof is not a table", place=document.place(*_TABLE), hint=hint))
    return _Found(document, _TABLE)


def _read(found: _Found, folder: Path) -> Written:
    document, table = found.document, found.table
    said: Mapping[str, Any] = document.values
    for name in table:
        said = said[name]
    problems: list[Problem] = []
    values: dict[str, object] = {}
    for key, value in said.items():
        place = document.place(*table, key)
        setting = of_file().get(key)
        if setting is None:
            problems.append(_unknown(key, place, " in [tool.pgproof]" if table else ""))
            continue
        try:
            values[key] = setting.kind.read(value, folder)
        except ValueError as error:
            words = f"it is {setting.kind.words}"
            problems.append(Problem(message=f'setting "{key}" {error}', place=place, hint=words))
    variables = values.get("variables", {})
    assert isinstance(variables, dict)
    problems += _misnamed(variables, document, table)
    raise_all(InputError, problems)
    return Written(
        file=Path(document.path).name,
        folder=folder,
        values=values,
        places={
            **{(key,): document.place(*table, key) for key in values},
            **{("variables", name): document.place(*table, "variables", name) for name in variables},
        },
    )


def _unknown(key: str, place: Place, where: str) -> Problem:
    elsewhere = next((each for each in SETTINGS if each.key == key and not each.in_file), None)
    if elsewhere:
        return Problem(
            message=f'setting "{key}" does not stand in a file',
            place=place,
            detail="It is one of a machine, or of whoever types, and not of a project.",
            hint=f"set the variable {elsewhere.variable}",
        )
    meant = nearest(key, of_file())
    hint = f'did you mean "{meant}"?' if meant else "known settings: " + ", ".join(sorted(of_file()))
    return Problem(message=f'unknown setting "{key}"{where}', place=place, hint=hint)


def _misnamed(variables: Mapping[str, object], document: Document, table: tuple[str, ...]) -> Iterator[Problem]:
    for name in variables:
        if not _NAME.match(name):
            yield Problem(
                message=f'variable "{name}" has a name that no template can use',
                place=document.place(*table, "variables", name),
                hint="use letters, digits and underscores",
            )
