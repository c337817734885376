"""Options that several commands share."""

from __future__ import annotations

import re
from pathlib import Path

import click

from pgproof.cli.config import Config, read

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def _split(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for value in values:
        name, given, rest = value.partition("=")
        if not given or not _VARIABLE.match(name):
            raise click.BadParameter("say NAME=VALUE, the name in letters, digits and underscores")
        found[name] = rest
    return found


database = click.option(
    "--database",
    "-d",
    metavar="URL",
    envvar="DATABASE_URL",
    default="",
    help="The database: a URL, keyword=value pairs or a name. Else DATABASE_URL, else libpq's own variables "
    "and service files (PGHOST, PGSERVICE, ...).",
)

migrations = click.option(
    "--migrations",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="The folder of migrations. [default: ./migrations, or what [tool.pgproof] says]",
)

variables = click.option(
    "--var",
    "variables",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_split,
    help="A variable for templates; may be repeated. Goes before [tool.pgproof.variables].",
)

dry_run = click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")


def config() -> Config:
    """The settings of the project that the command is run in."""
    return read(Path())


def folder(given: Path | None, settings: Config) -> Path:
    """The folder of migrations: what the command line says, or the settings."""
    return given if given is not None else Path(settings.migrations)
