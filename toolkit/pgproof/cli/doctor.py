"""`pgproof doctor`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from pgproof import __version__
from pgproof.cli import options
from pgproof.cli.again import Command
from pgproof.cli.exact import put_json
from pgproof.cli.outputs import text_or_json
from pgproof.errors import InputError, Problem
from pgproof.settings import project

if TYPE_CHECKING:
    from pgproof.flows.doctor import Request

_Read = TypeVar("_Read")


@click.command(
    "doctor",
    cls=Command,
    short_help="Say what works here, and why something does not.",
    examples=(
        "pgproof doctor",
        "pgproof doctor --database postgresql://ann@localhost/shop",
        "pgproof doctor --format json",
    ),
)
@options.database
@options.migrations
@options.checks
@options.variables
@options.scratch
@text_or_json
def command(
    database: str,
    migrations: Path | None,
    checks: Path | None,
    variables: dict[str, str],
    scratch: options.Scratch,
    form: str,
) -> int:
    """Say what works here, and why something does not: programs, files, scratch server, database.

    A scratch server is started and goes again; a database is only read. Of each thing is said: ok; no, and what to
    type; or that nobody can tell. What most of the commands can do without has a dash.

    Exit codes: 0 what is needed works, 1 something of it does not, 2 wrong usage, 4 of something nobody can tell.
    """
    from pgproof.flows import doctor as flow
    from pgproof.report.doctor import doctor_json, ending, section_text

    is_unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    request = _request(database, migrations, checks, variables, scratch)
    if form == "text":
        click.echo(f"pgproof doctor {'·' if is_unicode else '-'} pgproof {__version__}")
    sections = []
    for section in flow.doctor(request):
        sections.append(section)
        if form == "text":
            click.echo(section_text(section, is_unicode=is_unicode), nl=False)
    if form == "json":
        put_json(doctor_json(__version__, sections))
    else:
        click.echo(ending(sections, is_unicode=is_unicode), nl=False)
    return flow.exit_code(sections)


def _request(
    database: str,
    migrations: Path | None,
    checks: Path | None,
    variables: dict[str, str],
    scratch: options.Scratch,
) -> Request:
    """What to look at. Mistakes that end other commands are part of it."""
    from pgproof.api.telling import surroundings
    from pgproof.flows.doctor import Request

    mistakes: list[Problem] = []
    misaddressed: list[Problem] = []
    settings = _read(options.config, project.without_file({}), mistakes)
    plain = project.scratch(project.without_file({}), os.environ)
    provided = _read(lambda: scratch.options(settings), plain, mistakes)
    folder = options.folder(migrations, settings)
    return Request(
        surroundings=surroundings(),
        migrations=folder,
        checks=_read(lambda: options.checks_folder(checks, settings), None, mistakes),
        scratch=provided,
        database=_read(lambda: options.named_database(database), None, misaddressed),
        settings=str(settings.file or ""),
        mistakes=tuple(mistakes),
        misaddressed=tuple(misaddressed),
        variables={**settings.variables, **variables},
        layout=settings.layout,
        builder=options.builder(migrations, settings),
    )


def _read(what: Callable[[], _Read], otherwise: _Read, mistakes: list[Problem]) -> _Read:
    try:
        return what()
    except InputError as error:
        mistakes += error.problems
        return otherwise
