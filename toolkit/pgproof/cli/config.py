"""`pgproof config`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import join
from typing import Any

import click

from pgproof.cli import options
from pgproof.cli.again import SECRET, Command
from pgproof.cli.exact import put_json
from pgproof.cli.outputs import text_or_json
from pgproof.settings.project import DEFAULT, Project
from pgproof.settings.setting import COMMAND, SETTINGS, Setting
from pgproof.sql.name import nearest

SCHEMA = "pgproof.config/1"
"""What is printed as JSON; the number grows when a reader of an older one could break."""
_OURS = "PGPROOF_"
_MASK = "***"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A setting as it is shown: what it is, and who has said so."""

    key: str
    value: object
    origin: str


@click.command(
    "config",
    cls=Command,
    examples=("pgproof config", "pgproof config --format json", "pgproof config --migrations db/migrations"),
)
@options.database
@options.migrations
@options.checks
@options.variables
@options.scratch
@text_or_json
def command(
    database: str,
    migrations: Path | None,
    checks: Path | None,
    variables: dict[str, str],
    scratch: options.Scratch,
    form: str,
) -> int:
    """Say which settings hold, and where each was said.

    They stand in pgproof.toml, or below [tool.pgproof] in pyproject.toml, of this folder or the next one above it
    that has either; variables go before the file, and what is typed before variables. Paths in the file are those
    of its folder. Passwords are not shown.

    Exit codes: 0 done, 2 wrong usage or a mistake in the settings.
    """
    settings = options.config()
    typed = {
        "migrations": migrations,
        "checks": checks,
        "postgres": scratch.postgres,
        "scratch-url": scratch.url,
        "pg-bin": scratch.pg_bin,
        "database": database if database != settings.database else None,
    }
    rows = [row for each in SETTINGS for row in _rows(each, settings, typed.get(each.key), variables)]
    notes = list(_strangers(os.environ))
    if form == "json":
        told = [{"key": each.key, "value": each.value, "from": each.origin} for each in rows]
        document = {"schema": SCHEMA, "settings": told, "notes": notes}
        put_json(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    else:
        click.echo(_text(rows), nl=False)
        for note in notes:
            click.echo(f"note: {note}")
    return 0


def _rows(setting: Setting, settings: Project, typed: object, variables: dict[str, str]) -> Iterator[_Row]:
    if setting.key == "variables":
        whole = {**settings.variables, **variables}
        for name, value in sorted(whole.items()):
            key = f"variables.{name}"
            origin = setting.flag if name in variables else settings.origins.get(key, DEFAULT)
            yield _Row(key=key, value=_MASK if SECRET.search(name) else _shown(value), origin=origin)
        if whole:
            return
    said: Any = getattr(settings, setting.field) if typed is None else typed
    origin = settings.origins.get(setting.key, DEFAULT) if typed is None else setting.flag
    shown = join(said) if setting.kind is COMMAND else said
    yield _Row(key=setting.key, value=_address(shown) if setting.secret else _shown(shown), origin=origin)


def _shown(value: object) -> object:
    """A value as it can be shown to anybody, and as JSON has it; None for none."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_shown(each) for each in value] or None
    from pgproof.database.conninfo import masked

    if isinstance(value, dict):
        return {name: _MASK if SECRET.search(name) else _shown(each) for name, each in value.items()} or None
    text = value.as_posix() if isinstance(value, Path) else str(value)
    return masked(text) or None


def _address(value: object) -> object:
    """The address of a server without what is secret in it; of one that is none, nothing."""
    from pgproof.database.conninfo import Conninfo
    from pgproof.errors import InputError

    try:
        address = Conninfo.parse(str(value)) if value else None
    except InputError:
        return "(no address)"
    return address.shown if address else None


def _text(rows: Sequence[_Row]) -> str:
    lines = [(each.key, _words(each.value), each.origin) for each in rows]
    first, second = (max(len(line[place]) for line in lines) for place in (0, 1))
    return "".join(f"{key:<{first}}  {value:<{second}}  {origin}\n" for key, value, origin in lines)


def _words(value: object) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _strangers(environment: os._Environ[str]) -> Iterator[str]:
    """Variables that look like ours, and are not."""
    known = {each.variable: each.variable for each in SETTINGS if each.variable.startswith(_OURS)}
    others = {f"{_OURS}{each.variable}": each.variable for each in SETTINGS if each.variable not in known}
    others |= {_OURS + each.field.upper(): each.variable for each in SETTINGS if each.variable not in known}
    meanings = {name: variable for name, variable in {**known, **others}.items() if variable}
    for name in sorted(environment):
        if name.startswith(_OURS) and name not in known:
            meant = meanings.get(nearest(name, meanings) or "")
            yield f"{name} is no variable of pgproof's" + (f"; did you mean {meant}?" if meant else "")
