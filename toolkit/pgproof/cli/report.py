"""`pgproof report`."""

from __future__ import annotations

from pathlib import Path

import click

from pgproof import __version__
from pgproof.cli import acceptance, options
from pgproof.cli.again import Command
from pgproof.cli.outputs import look, put_file


@click.command(
    "report",
    cls=Command,
    examples=(
        "pgproof report",
        "pgproof report --output docs/schema.html",
        "pgproof report --database postgresql://ann@localhost/shop",
    ),
)
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default="pgproof.html",
    show_default=True,
    help="Write a page into this file.",
)
@click.option(
    "--database",
    "-d",
    metavar="URL",
    help="The database whose history and drift is shown, too; it is only read. DATABASE_URL is not looked at.",
)
@options.migrations
@options.checks
@options.variables
@options.scratch
@click.option("--strict", is_flag=True, help="More is a finding: what was accepted, too.")
def command(
    output: Path,
    database: str | None,
    migrations: Path | None,
    checks: Path | None,
    variables: dict[str, str],
    scratch: options.Scratch,
    strict: bool,
) -> int:
    """Write one HTML page: the schema, the promises with their plans, the findings.

    The page needs nothing but itself: it can be sent, and opened without a network. On it are the tables as a
    diagram, each documented query with its plans, its cost and its rows at production size, the migrations, and
    every finding of `pgproof check` with its lines. With --database, also what is applied there, and what is not
    as the files build it, side by side.

    Exit codes: 0 nothing is open but notes, 1 something does not hold or has drifted, 2 wrong usage or files, 3 a
    database error, 4 something could not be told.
    """
    from pgproof.flows import check
    from pgproof.flows.page import Request, compared, exit_code, page
    from pgproof.report.html import render
    from pgproof.report.html.data import data, told

    refused = look(output)
    settings = options.config()
    checked = check.Request(
        migrations=options.folder(migrations, settings),
        checks=options.checks_folder(checks, settings),
        today=acceptance.today(),
        scratch=scratch.options(settings),
        strict=strict,
        variables={**settings.variables, **variables},
        layout=settings.layout,
        builder=options.builder(migrations, settings),
    )
    drift = compared(checked, options.address(database), options.cache(), __version__) if database else None
    document = page(Request(check=checked, drift=drift))
    content = data(document)
    text, code = render.page(content, "report"), exit_code(document)
    following = f"next: open {output} in a browser"
    return put_file(output, text, code, told(content, str(output)), refused, following=following)
