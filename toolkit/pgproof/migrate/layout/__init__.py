"""Folders as other tools lay them out: one file per tool, each from the tool's files to our migrations.

Which tool's a folder is, is seen by looking at it (`look`), or said by its name. Errors are told at their places
in the files as their author wrote them. Nothing is translated or written: what runs is the author's text. The
other tools' rules are loaded where a folder is not surely our own.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from pgproof.errors import InputError, Problem
from pgproof.migrate.layout.reading import Layout, Look
from pgproof.sql.name import nearest

OWN = "pgproof"
"""Our own layout, which is also dbmate's: NUMBER-NAME.sql with `-- migrate:up` and `-- migrate:down`, or pairs."""

LAYOUTS: tuple[str, ...] = (OWN, "dbmate", "flyway", "golang-migrate", "goose", "sqitch")
"""The names that [tool.pgproof] layout may say."""


def look(folder: Path) -> Layout | None:
    """The other tool whose layout the folder shows; None for our own, or where nothing is to be seen."""
    seen = Look.at(folder)
    if _is_surely_own(seen):
        return None
    with suppress(OSError):  # what cannot be read is told by whoever reads it
        return next((each for each in _others() if each.sees(seen)), None)
    return None


def named(name: str) -> Layout | None:
    """The layout of that name; None for our own. Raises InputError if there is none such."""
    if name in (OWN, "dbmate"):
        return None
    found = next((each for each in _others() if each.name == name), None)
    if found is None:
        meant = nearest(name, LAYOUTS)
        hint = f'did you mean "{meant}"?' if meant else "known layouts: " + ", ".join(LAYOUTS)
        raise InputError(Problem(message=f'unknown layout "{name}"', hint=hint))
    return found


def _is_surely_own(seen: Look) -> bool:
    """True where no other tool's layout can be: each file is named by its number, the first has no annotations."""
    numbered = bool(seen.names) and all(each[0].isdigit() for each in seen.names)
    pairs = seen.names[0].lower().endswith((".up.sql", ".down.sql")) if numbered else True
    return not (pairs or {"sqitch.plan", "sqitch.conf"} & set(seen.others) or "goose" in seen.first_text().lower())


@cache
def _others() -> Sequence[Layout]:
    from pgproof.migrate.layout import flyway, golang_migrate, goose, in_python, sqitch

    refused = (in_python.ALEMBIC, in_python.DJANGO)
    return (sqitch.LAYOUT, flyway.LAYOUT, golang_migrate.LAYOUT, goose.LAYOUT, *refused)
