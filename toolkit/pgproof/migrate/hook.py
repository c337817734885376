"""Hooks: SQL files that run around migrations, in the folder `hooks` of the folder of migrations.

before-upgrade.sql and after-upgrade.sql run around an upgrade that has something to do, before-each.sql and
after-each.sql around each migration of it, on-error.sql when one has failed. Around a migration in SQL they run in
its own transaction, else in one of their own. The settings pgproof.migration, pgproof.version and, on an error,
pgproof.error say what it is about: current_setting('pgproof.migration').
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pgproof.errors import Problem
from pgproof.migrate import file
from pgproof.migrate.migration import Section
from pgproof.migrate.runnable import refusals
from pgproof.place import Place
from pgproof.sql import statement
from pgproof.sql.name import nearest
from pgproof.sql.source import Source

FOLDER = "hooks"
BEFORE_UPGRADE, AFTER_UPGRADE = "before-upgrade", "after-upgrade"
BEFORE_EACH, AFTER_EACH, ON_ERROR = "before-each", "after-each", "on-error"
NAMES = (BEFORE_UPGRADE, AFTER_UPGRADE, BEFORE_EACH, AFTER_EACH, ON_ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One hook: its name (of `NAMES`) and what it runs."""

    name: str
    section: Section


def find(hooks: tuple[Hook, ...], name: str) -> tuple[Hook, ...]:
    """The hooks of that name: one or none."""
    return tuple(each for each in hooks if each.name == name)


def read(folder: Path) -> tuple[tuple[Hook, ...], list[Problem]]:
    """The hooks of a folder of migrations, and what is wrong with them."""
    inside = folder / FOLDER
    try:
        paths = sorted(each for each in inside.iterdir() if each.suffix.lower() == ".sql" and each.name[0] != ".")
    except OSError:  # most folders have none
        return (), []
    hooks: list[Hook] = []
    problems: list[Problem] = []
    for path in paths:
        if path.stem not in NAMES:
            problems.append(_unknown(path))
            continue
        source = file.read(path)
        if isinstance(source, Problem):
            problems.append(source)
            continue
        hook, wrong = parse(path.stem, source)
        hooks.append(hook)
        problems += wrong
    return tuple(hooks), problems


def parse(name: str, source: Source) -> tuple[Hook, list[Problem]]:
    """A hook from its text, and what is wrong with it."""
    section = Section(script=statement.check(source), place=source.place(0))
    return Hook(name=name, section=section), list(section.script.problems or refusals(section))


def _unknown(path: Path) -> Problem:
    meant = nearest(path.stem, NAMES)
    hint = f"did you mean {meant}.sql?" if meant else "hooks are called " + ", ".join(NAMES)
    return Problem(message=f'there is no hook "{path.stem}"', place=Place(path=str(path), line=1), hint=hint)
