"""`pgproof sum`."""

from __future__ import annotations

from pathlib import Path

import click

from pgproof.cli import options
from pgproof.cli.again import Command
from pgproof.flows import sum as flow


@click.command(
    "sum",
    cls=Command,
    examples=(
        "pgproof sum",
        "pgproof sum --check",
    ),
)
@options.migrations
@options.variables
@click.option("--check", is_flag=True, help="Write nothing; say where the file and the folder disagree.")
def command(migrations: Path | None, variables: dict[str, str], check: bool) -> None:
    """Write pgproof.sum, the digests of the migration files.

    Where a folder has the file, `pgproof upgrade` refuses to run migrations that are not as it says; two branches
    that each add a migration conflict in it when they are merged. `pgproof new` keeps it up to date.

    Exit codes: 0 done, or --check found nothing; 2 wrong usage or files, or they disagree.
    """
    settings = options.config()
    folder = options.own_folder(migrations, settings)
    values = {**settings.variables, **variables}
    if check:
        click.echo(f"{flow.check(folder, variables=values, layout=settings.layout)} agrees with the files")
        return
    path, changed = flow.write(folder, variables=values, layout=settings.layout)
    click.echo(f"{path} {'written' if changed else 'is up to date'}")
