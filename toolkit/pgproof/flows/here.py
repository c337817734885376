"""Where a person stands who has typed nothing yet: what the folder holds, and what to type; no server is asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pgproof.migrate import layout as layouts
from pgproof.migrate.layout.reading import Look
from pgproof.report.words import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """What there is, in words, and the commands that come next: each with what it does."""

    lines: tuple[tuple[str, str], ...]
    steps: tuple[tuple[str, str], ...]


def here(migrations: Path, checks: Path, *, settings: str, database: str, command: str = "") -> Here:
    """Look at the names in the folders. `settings` is a file, `database` an address in words; "" is none.

    `command` is what builds the schema, "" where pgproof runs the migrations.
    """
    look = Look.at(migrations)
    found = len(look.names) + sum(each.endswith(".py") for each in look.others)
    promises = len(Look.at(checks).names)
    return Here(
        lines=(
            ("settings", settings or "none, the defaults"),
            ("migrations", f"`{command}` builds the schema" if command else _migrations(migrations, found)),
            ("promises", _promises(checks, promises)),
            ("database", database or "none is named"),
        ),
        steps=tuple(_steps_beside(promises, database) if command else _steps(found, promises, database)),
    )


def _migrations(folder: Path, found: int) -> str:
    if not folder.is_dir():
        return f"there is no folder {folder}"
    if not found:
        return f"none in {folder}"
    other = layouts.look(folder)
    whose = f", as {other.name} has them" if other else ""
    return f"{counted(found, 'file', 'files')} in {folder}{whose}"


def _promises(folder: Path, found: int) -> str:
    if not folder.is_dir():
        return f"there is no folder {folder}: comments of migrations alone"
    return f"{counted(found, 'file', 'files')} in {folder}"


def _steps_beside(promises: int, database: str) -> list[tuple[str, str]]:
    """The same where another tool runs the migrations."""
    steps = [("pgproof check", "says which promises hold, on a server of its own")]
    if not promises:
        steps.append(("pgproof init", "makes a file for promises"))
    if not database:
        steps.append(("export DATABASE_URL=postgresql://USER@HOST/DATABASE", ""))
    return [*steps, ("pgproof drift", "says whether the database is what that builds")]


def _steps(found: int, promises: int, database: str) -> list[tuple[str, str]]:
    """What a person does who has this, and not yet the rest."""
    if not found:
        return [
            ("pgproof init", "makes migrations and promises, with an example of each"),
            ("pgproof new create agents", "begins a migration of your own"),
        ]
    steps = [("pgproof check", "says which promises hold, on a server of its own")]
    if not promises:
        steps.append(("pgproof init", "makes a file for promises"))
    if database:
        steps.append(("pgproof status", "says what is pending in the database"))
        steps.append(("pgproof drift", "says whether it is what the files say"))
    else:
        steps.append(("export DATABASE_URL=postgresql://USER@HOST/DATABASE", ""))
        steps.append(("pgproof upgrade", "applies the migrations there"))
    return steps
