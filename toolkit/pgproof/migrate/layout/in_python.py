"""Folders of Alembic's and Django's, whose migrations are Python: seen, and refused with what to do instead.

Alembic: a script directory with env.py and versions/, in which each file says `down_revision` (its tutorial).
Django: files whose class Migration is one of django.db.migrations' (its documentation, "Migration files").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pgproof.errors import Problem
from pgproof.migrate.layout.reading import Layout, Look, Reading

_REVISION = re.compile(r"^down_revision\b.*=", re.MULTILINE)
_MIGRATION = re.compile(r"^class Migration\(.*\bMigration\):", re.MULTILINE)


def _is_alembic(look: Look) -> bool:
    return {"env.py", "versions"} <= {*look.others} or bool(_REVISION.search(_first_program(look)))


def _is_django(look: Look) -> bool:
    return "from django.db import " in (text := _first_program(look)) and bool(_MIGRATION.search(text))


def _first_program(look: Look) -> str:
    """The text of the first file of Python that has any; empty if there is none, or it cannot be read."""
    names = (each for each in look.others if each.endswith(".py") and not each.startswith("_"))
    name = next(names, None)
    try:
        return (look.folder / name).read_text(encoding="utf-8") if name else ""
    except (OSError, UnicodeDecodeError):
        return ""


def refused(folder: Path, tool: str) -> Problem | None:
    """That such a tool has to add its files itself, and how pgproof comes to its own; None for other tools."""
    if tool not in _SAID:
        return None
    whose, adds, was = _SAID[tool]
    return Problem(
        message=f"{folder} is a folder of {whose}, whose migrations are Python",
        detail=f"A file of its kind is added by {adds}; pgproof runs files of SQL. check and drift go by what "
        "the tool itself builds, where `build` in the settings says how.",
        hint="write what they have built into SQL files of another folder (pg_dump --schema-only will do), each "
        f"with `-- pgproof: was {was}`, and go on there: pgproof adopt --migrations FOLDER",
    )


_SAID = {
    "alembic": ("Alembic's", "`alembic revision`", "alembic REVISION"),
    "django": ("Django's", "`python manage.py makemigrations`", "django APP NAME"),
}
"""Whose it is, what adds a file to it, and how a file of SQL says whose work it does (`migrate.adopt`)."""


def _alembic(folder: Path, _variables: Mapping[str, object]) -> Reading:
    return _nothing(folder, "alembic")


def _django(folder: Path, _variables: Mapping[str, object]) -> Reading:
    return _nothing(folder, "django")


def _nothing(folder: Path, tool: str) -> Reading:
    problem = refused(folder, tool)
    return Reading(problems=[problem] if problem else [])


ALEMBIC = Layout(name="alembic", sees=_is_alembic, read=_alembic)
DJANGO = Layout(name="django", sees=_is_django, read=_django)
