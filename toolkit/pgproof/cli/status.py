"""`pgproof status`."""

from __future__ import annotations

from pathlib import Path

import click

from pgproof import __version__
from pgproof.cli import options
from pgproof.cli.again import Command, completed
from pgproof.database.conninfo import Conninfo
from pgproof.flows import status as flow
from pgproof.report.standing import status_json, status_text


@click.command(
    "status",
    cls=Command,
    short_help="Say what is applied, what is pending, and what is wrong.",
    examples=(
        "pgproof status",
        "pgproof status --format json",
    ),
)
@options.database
@options.migrations
@options.variables
@options.schema
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(database: str, migrations: Path | None, variables: dict[str, str], schema: str, form: str) -> int:
    """Say which migrations are applied, which are pending, and which are not as they should be.

    Reads only; a database that pgproof has never seen stays as it is.

    Exit codes: 0 everything is applied, 1 something is pending or has to be finished (pgproof upgrade does it),
    2 something that upgrade refuses: an edited, missing, late or unwritten file, or a half reverted one;
    3 a database error.
    """
    settings = options.config()
    folder = options.folder(migrations, settings)
    values = {**settings.variables, **variables}
    cache = options.cache()
    found = flow.status(
        Conninfo.parse(database),
        folder,
        variables=values,
        layout=settings.layout,
        schema=schema,
        memory=flow.Memory(cache=cache, tool=__version__) if cache else None,
    )
    write = status_json if form == "json" else status_text
    text = write(found.database, found.folder, found.standings)
    click.echo(text if form == "json" else completed(text), nl=False)
    return flow.exit_code(found)
