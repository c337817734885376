"""`pgproof init`."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from pgproof.api.writing import init
from pgproof.cli.again import Command

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
    pieces = init(folder)
    width = max(len(piece.path) for piece in pieces)
    for piece in pieces:
        click.echo(f"  {piece.deed:<8}  {piece.path:<{width}}  {piece.what}")
    click.echo("next:")
    where = () if folder == Path() else ((f"cd {quote(str(folder))}", ""),)
    for line, what in (*where, *_NEXT):
        click.echo(f"  {line:<22}  {what}".rstrip())
