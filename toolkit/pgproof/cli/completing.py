"""What a shell offers behind an option or a command: versions, queries, codes; by names of files and lines alone.

A mistake in settings or files offers nothing: it is told when the command runs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from pgproof.errors import PgproofError
from pgproof.settings.project import read

Offer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_MIGRATION = re.compile(r"[VvBb]?(?P<number>\d+(?:[._]\d+)*)(?:__|[-_])(?P<slug>.+?)(?<!\.down)\.(?:sql|py)\Z")
_QUERY = re.compile(r"^--\s*name:\s*(\w+)", re.MULTILINE)


def versions(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The versions of the migrations, with their names, the last one first."""
    folder = _folder(context, "migrations")
    names = sorted(os.listdir(folder)) if folder and folder.is_dir() else []  # noqa: PTH208  (names are enough)
    found = {}
    for name in names:
        if match := _MIGRATION.match(name):
            found[match["number"].replace("_", ".")] = match["slug"].removesuffix(".up")
    order = sorted(found, key=lambda each: [int(part) for part in each.split(".")], reverse=True)
    return _starting(incomplete, ((each, found[each]) for each in order))


def queries(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of the queries in the files of promises, with the file of each."""
    return _starting(incomplete, _queries(_folder(context, "checks")))


def _queries(folder: Path | None) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.sql")) if folder else ():
        with suppress(OSError, UnicodeDecodeError):
            yield from ((name, path.name) for name in _QUERY.findall(path.read_text(encoding="utf-8")))


def differences(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The codes of differences, as they begin `CODE:OBJECT`; those that no acceptance can name are left out."""
    lines = files("pgproof.drift").joinpath("codes.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" ", 1) for line in lines if line.startswith("DRF1"))
    return _starting(incomplete, ((f"{code}:", name) for code, name in pairs))


def paths(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files and folders, which the shell itself knows."""
    return [CompletionItem(incomplete, type="file")]


def words(*known: str) -> Offer:
    """Some words."""

    def offer(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return _starting(incomplete, ((each, "") for each in known))

    return offer


def _starting(incomplete: str, found: Iterable[tuple[str, str]]) -> list[CompletionItem]:
    return [CompletionItem(value, help=what or None) for value, what in found if value.startswith(incomplete)]


def _folder(context: click.Context, name: str) -> Path | None:
    """The folder that was typed, else that of the settings; None where these are wrong."""
    given = context.params.get(name)
    if isinstance(given, Path):
        return given
    with suppress(PgproofError):
        found = getattr(read(Path(), os.environ), name)
        assert isinstance(found, Path)
        return found
    return None
