"""`pgproof stats export`."""

from __future__ import annotations

import secrets

import click

from pgproof.cli import options
from pgproof.cli.again import Command, Group
from pgproof.cli.exact import put_json
from pgproof.report.words import counted


@click.group(
    "stats",
    cls=Group,
    examples=("pgproof stats export --database postgresql://ann@localhost/shop > checks/stats.json",),
    short_help="Take a database's statistics with you, to plan with them elsewhere.",
)
def command() -> None:
    """Take a database's statistics with you, to plan with them elsewhere.

    Exit codes: 0 done; 2 wrong usage; 3 a database error.
    """


@command.command(
    "export",
    cls=Command,
    short_help="Write the statistics of a database as JSON, without its data.",
    examples=(
        "pgproof stats export --database postgresql://ann@localhost/shop > checks/stats.json",
        "pgproof stats export --schema public --values",
    ),
)
@options.database
@click.option(
    "--schema", "schemas", metavar="NAME", multiple=True, help="This schema alone: its tables; may be repeated."
)
@click.option(
    "--values",
    is_flag=True,
    help="Write the most common values and bounds of histograms and ranges as they are: real data of the tables.",
)
def export(database: str, schemas: tuple[str, ...], values: bool) -> None:
    """Write the statistics of a database as JSON, without its data.

    The database is read in one READ ONLY transaction. Written are numbers of rows and pages, and of each column
    how many values it has, how wide they are, how often the most common ones are and how many are missing; of
    columns together, what CREATE STATISTICS has made known: numbers of combinations, the most common ones,
    dependencies; and the same of expressions of indexes and of CREATE STATISTICS. Values are left out: hashes
    stand for them, by a key that is thrown away; those of enumerations, booleans and CHECK lists are told, and so
    are the planner's settings that somebody has set. Bounds and lengths of ranges are values, too: of ranges it is
    told how many are empty. How many rows there are, and of which kind, is still told: treat the file as
    confidential.

    Whatever this role may not read is left out and named, with the GRANT that would do. Name the file in
    checks/profile.toml, statistics = "stats.json", and pgproof check plans with it.

    Exit codes: 0 done; 2 wrong usage; 3 a database error.
    """
    from pgproof.flows.stats import export as flow

    found = flow(options.address(database), schemas=schemas, key=secrets.token_bytes(32), values=values)
    put_json(found.text)
    click.echo(
        f"{counted(found.columns, 'column', 'columns')} of {counted(found.tables, 'table', 'tables')}", err=True
    )
    for line in found.unread:
        click.echo(f"not read: {line}", err=True)
    for line in found.grants:
        click.echo(f"it takes: {line}", err=True)
