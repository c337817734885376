"""What ./pyproject.toml says below [tool.pgproof]."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pgproof.errors import InputError, Problem, raise_all
from pgproof.place import Place
from pgproof.sql.name import nearest

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings, with their defaults. Paths are relative to the folder of the pyproject.toml.

    `layout` is the tool whose layout the folder of migrations has, None to look. `variables` are for templates;
    `postgres` is the major of scratch servers, None for the newest.
    """

    migrations: str = "migrations"
    checks: str = "checks"
    layout: str | None = None
    postgres: int | None = None
    variables: Mapping[str, object] = field(default_factory=dict)


_TYPES: dict[str, tuple[type, str]] = {
    "migrations": (str, "a folder's name"),
    "checks": (str, "a folder's name"),
    "layout": (str, 'the tool whose folder it is, for example "flyway"'),
    "postgres": (int, "a major version, for example 16"),
    "variables": (dict, "a table of names and values"),
}


def read(folder: Path) -> Config:
    """The settings of the pyproject.toml in `folder`; the defaults where there is none.

    Raises InputError with all mistakes: TOML that is none, unknown keys, wrong types.
    """
    path = folder / "pyproject.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise InputError(Problem(message=f"cannot read pyproject.toml: {error.strerror}")) from None
    except UnicodeDecodeError:
        raise InputError(Problem(message="pyproject.toml is not in UTF-8")) from None
    import tomllib

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(Problem(message=f"pyproject.toml is not valid TOML: {error}")) from None
    tool = document.get("tool", {})
    table = tool.get("pgproof", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise InputError(
            Problem(message="tool.pgproof in pyproject.toml is not a table", hint="write [tool.pgproof]")
        )
    raise_all(InputError, list(_mistakes(table, text)))
    return Config(**table)


def _mistakes(table: Mapping[str, Any], text: str) -> Iterator[Problem]:
    for key, value in table.items():
        if key not in _TYPES:
            meant = nearest(key, _TYPES)
            hint = f'did you mean "{meant}"?' if meant else "known settings: " + ", ".join(sorted(_TYPES))
            yield Problem(message=f'unknown setting "{key}" in [tool.pgproof]', place=_place(key, text), hint=hint)
            continue
        kind, words = _TYPES[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            yield Problem(
                message=f'setting "{key}" has the wrong type', place=_place(key, text), hint=f"it is {words}"
            )
    for name in table.get("variables", {}) if isinstance(table.get("variables"), dict) else ():
        if not _NAME.match(name):
            yield Problem(
                message=f'variable "{name}" has a name that no template can use',
                place=_place(name, text),
                hint="use letters, digits and underscores",
            )


def _place(key: str, text: str) -> Place:
    """Where the key stands below [tool.pgproof], as far as a search can tell (tomllib keeps no positions)."""
    inside = False
    written = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=|\[tool\.pgproof\.{re.escape(key)}\b")
    for number, line in enumerate(text.split("\n"), 1):
        inside = line.strip().startswith("[tool.pgproof") if line.lstrip().startswith("[") else inside
        if inside and written.match(line):
            return Place(
                path="pyproject.toml", line=number, column=line.find(key) + 1, width=len(key), text=line.rstrip()
            )
    return Place(path="pyproject.toml", line=1)
