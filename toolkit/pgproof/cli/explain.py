"""`pgproof explain`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from pgproof.cli import completing, options
from pgproof.cli.again import Command


def _rows(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float | None:
    try:
        rows = None if value is None else float(value.replace("_", ""))
    except ValueError:
        rows = 0
    if rows is not None and not 1 <= rows <= 1e12:
        raise click.BadParameter("say a number of rows, for example 1e8")
    return rows


@click.command(
    "explain",
    cls=Command,
    examples=(
        "pgproof explain recent_jobs_of_user",
        "pgproof explain recent_jobs_of_user --at 1e8",
        'pgproof explain "SELECT * FROM jobs WHERE user_id = $1"',
    ),
)
@click.argument("query", shell_complete=completing.queries)
@click.option("--at", callback=_rows, metavar="ROWS", help="As if the tables were of that size: 1e8.")
@click.option(
    "--database",
    "-d",
    metavar="URL",
    help="The database whose plan of now to show, which is only read. DATABASE_URL is not looked at.",
)
@options.migrations
@options.checks
@options.variables
@options.scratch
def command(
    query: str,
    at: float | None,
    database: str | None,
    migrations: Path | None,
    checks: Path | None,
    variables: dict[str, str],
    scratch: options.Scratch,
) -> None:
    """Tell in words how PostgreSQL answers a query, at production size.

    What each step reads is told, and what an index did for it. QUERY is the name of a documented one, as check
    tells it, or SQL. It is planned at each size that checks/profile.toml has, or that --at says, on a scratch
    server of pgproof's own; no data is needed.

    Exit codes: 0 told, 2 wrong usage or files, 3 a database error, 4 it cannot be planned at that size here.
    """
    from pgproof.flows.check import Request
    from pgproof.flows.explain import explain
    from pgproof.report import explained
    from pgproof.report.terminal import Look

    if at is not None and database is not None:
        raise click.UsageError("--at is about a scratch server: leave out --database")
    settings = options.config()
    found = explain(
        Request(
            migrations=options.folder(migrations, settings),
            checks=options.checks_folder(checks, settings),
            today=datetime.now().astimezone().date(),
            scratch=scratch.options(settings),
            database=None if database is None else options.address(database),
            variables={**settings.variables, **variables},
            layout=settings.layout,
            builder=options.builder(migrations, settings),
        ),
        query,
        at,
    )
    look = Look(encoding=sys.stdout.encoding or "utf-8")
    click.echo(explained.render(found, is_unicode=look.is_unicode), nl=False)
