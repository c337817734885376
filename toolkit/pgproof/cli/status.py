"""`pgproof status`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pgproof import __version__
from pgproof.cli import options
from pgproof.cli.again import Command, completed
from pgproof.cli.outputs import Told, baseline, put_out
from pgproof.cli.outputs import options as output_options

if TYPE_CHECKING:
    from pgproof.report.model import Report


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
@output_options
@baseline
def command(database: str, migrations: Path | None, variables: dict[str, str], schema: str, told: Told) -> int:
    """Say which migrations are applied, which are pending, and which are not as they should be.

    Reads only; a database that pgproof has never seen stays as it is.

    Exit codes: 0 everything is applied, 1 something is pending or has to be finished (pgproof upgrade does it),
    2 something that upgrade refuses: an edited, missing, late or unwritten file, or a half reverted one;
    3 a database error.
    """
    from pgproof.flows import status as flow
    from pgproof.report.standing import status_json, status_text

    settings = options.config()
    folder = options.own_folder(migrations, settings)
    values = {**settings.variables, **variables}
    cache = options.cache()
    found = flow.status(
        options.address(database),
        folder,
        variables=values,
        layout=settings.layout,
        schema=schema,
        memory=flow.Memory(cache=cache, tool=__version__) if cache else None,
    )
    files = flow.files(folder, values, settings.layout) if told.has("html") else ()
    what = (found.database, found.folder, found.standings)

    def report() -> Report:
        from pgproof.report.findings.status import status_report

        return told.compared(status_report(*what))

    def as_json() -> str:
        from pgproof.report.json import findings

        return status_json(*what, findings(report()))

    def page() -> str:
        from pgproof.report.html.document import Document, Live
        from pgproof.report.html.render import render

        live = Live(database=found.database, standings=found.standings)
        return render(Document(report=report(), migrations=files, live=live))

    own = {"text": lambda: completed(status_text(*what)), "json": as_json, "html": page}
    return put_out(report, told, flow.exit_code(found), own=own)
