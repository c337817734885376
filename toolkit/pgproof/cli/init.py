"""`pgproof init`."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from pgproof.cli.again import Command
from pgproof.cli.config import Config, read
from pgproof.flows import init as flow

_NEXT = (
    ("pgproof check", "builds the schema on a server of its own, and says what holds"),
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
    settings = read(top)
    path = top / "pyproject.toml"
    if not path.is_file():
        return flow.Found()
    import tomllib

    has_section = "pgproof" in tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    if not has_section:
        return flow.Found(into=path.name)
    is_default = settings.migrations == Config().migrations
    return flow.Found(
        file=path.name, migrations=None if is_default else settings.migrations, checks=settings.checks
    )
