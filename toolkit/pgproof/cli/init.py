"""`pgproof init`."""

from __future__ import annotations

import os
from pathlib import Path
from shlex import quote

import click

from pgproof.cli.again import Command
from pgproof.flows import init as flow
from pgproof.settings.file import SHARED, there

_NEXT = (
    ("pgproof check", "builds the schema on a server of its own, and says what holds"),
    ("pgproof doctor", "says what works here, and why something does not"),
    ("pgproof new add region", "begins the next migration"),
)


@click.command(
    "init",
    cls=Command,
    examples=(
        "pgproof init",
        "pgproof init shop",
    ),
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
def command(folder: Path) -> None:
    """Make a folder a project: migrations, promises and settings, what is missing of them.

    It asks nothing, and changes nothing that is there: FOLDER (this one, where none is named) gets an example of a
    migration and of a promise if it has none, and a section [tool.pgproof]. Migrations that are there already,
    in migrations/, db/migrations/ or where other tools keep them, are found and named in it.

    Exit codes: 0 done; 2 wrong usage or files.
    """
    pieces = flow.init(folder, _found(folder))
    width = max(len(piece.path) for piece in pieces)
    for piece in pieces:
        click.echo(f"  {piece.deed:<8}  {piece.path:<{width}}  {piece.what}")
    click.echo("next:")
    where = () if folder == Path() else ((f"cd {quote(str(folder))}", ""),)
    for line, what in (*where, *_NEXT):
        click.echo(f"  {line:<22}  {what}".rstrip())


def _found(top: Path) -> flow.Found:
    """What settings there are. Raises InputError with all mistakes in them."""
    written = there(top)
    if written is None:
        return flow.Found(into=SHARED if _takes_a_section(top / SHARED) else "")
    said = {
        key: Path(os.path.relpath(value, top)).as_posix()
        for key, value in written.values.items()
        if isinstance(value, Path)
    }
    return flow.Found(file=written.file, migrations=said.get("migrations"), checks=said.get("checks", "checks"))


def _takes_a_section(path: Path) -> bool:
    """Whether the file is there, and still TOML with [tool.pgproof] at its end: `tool = {}` would forbid that."""
    import tomllib

    try:
        tomllib.loads(path.read_text(encoding="utf-8") + "\n[tool.pgproof]\n")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False
    return True
