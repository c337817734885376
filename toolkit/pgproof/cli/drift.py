"""`pgproof drift`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from pgproof import __version__
from pgproof.cli import options
from pgproof.cli.again import Command, completed
from pgproof.database.conninfo import Conninfo

_EXIT_CODES = {"same": 0, "differs": 1, "cannot tell": 4}


@click.command(
    "drift",
    cls=Command,
    short_help="Say whether a database is what the files say.",
    examples=(
        "pgproof drift",
        "pgproof drift --repair --allow data-loss",
        "pgproof drift --database postgresql://ann@localhost/shop --format json",
    ),
)
@options.database
@options.migrations
@options.variables
@click.option("--positions", is_flag=True, help="Compare the order of columns as well.")
@click.option("--full", is_flag=True, help="Build what the files say, and read everything, whatever is known.")
@click.option("--repair", is_flag=True, help="Write the SQL that leads back to what the files say.")
@options.allow
@options.scratch
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    database: str,
    migrations: Path | None,
    variables: dict[str, str],
    positions: bool,
    full: bool,
    repair: bool,
    allow: tuple[str, ...],
    scratch: options.Scratch,
    form: str,
) -> int:
    """Say whether a database is what the files say, about everything that a schema holds.

    What its history says was applied is built on a scratch server of the same major, and every column of every
    catalog compared. If it is known from before (for the same files, roles and server), or from schema.json, it is
    not built again. Pending files are no drift. Reads only.

    With --repair the statements that lead back are written instead, as `pgproof diff` does.

    Exit codes: 0 it is the same, 1 it differs, 2 wrong usage or files, 3 a database error, 4 nobody can tell.
    """
    from pgproof.flows import drift as flow
    from pgproof.flows.expectation import Memory
    from pgproof.report.drift import drift_json, drift_text

    settings, cache = options.config(), options.cache()
    result = flow.drift(
        flow.Request(
            database=Conninfo.parse(database),
            folder=options.folder(migrations, settings),
            scratch=replace(scratch.options(), postgres=None),
            variables={**settings.variables, **variables},
            layout=settings.layout,
            options=frozenset({"positions"} if positions else ()),
            memory=Memory(cache=cache, tool=__version__) if cache else None,
            full=full,
            repairs=repair,
        )
    )
    if result.repair:
        from pgproof.report import diff

        click.echo(diff.script(result.database, "what the files say", result.repair, allow), nl=False)
        click.echo(diff.closing(result.differences, result.repair, allow), err=True)
        return _EXIT_CODES[result.verdict]
    click.echo(drift_json(result) if form == "json" else completed(drift_text(result)), nl=False)
    return _EXIT_CODES[result.verdict]
