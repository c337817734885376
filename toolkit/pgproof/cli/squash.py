"""`pgproof squash`."""

from __future__ import annotations

from pathlib import Path

import click

from pgproof.cli import options
from pgproof.cli.again import Command
from pgproof.report.words import counted


@click.command(
    "squash",
    cls=Command,
    examples=("pgproof squash --to 07",),
)
@options.version("--to", is_required=True, what="The last version that the new file stands for.")
@options.migrations
@options.variables
@options.scratch
def command(to: str, migrations: Path | None, variables: dict[str, str], scratch: options.Scratch) -> None:
    """Write one baseline file that builds what all migrations up to a version build.

    The files are run on a scratch server, and dumped by pg_dump; the dump has to build the same catalog and rows.
    A new database begins with the baseline. One that has applied the files never runs it, and one in the middle
    goes on with them: they stay until you remove them.

    Exit codes: 0 done; 2 wrong usage or files; 3 a database error.
    """
    from pgproof.flows.squash import squash

    settings = options.config()
    folder = options.own_folder(migrations, settings)
    values = {**settings.variables, **variables}
    done = squash(folder, to, variables=values, scratch=scratch.options(settings))
    first, last = done.replaced[0], done.replaced[-1]
    click.echo(
        f"{done.path} written: it builds what {first.label} to {last.label} build (proved on {done.proved_on})"
    )
    if done.promises:
        click.echo(
            f"{counted(done.promises, 'documented query', 'documented queries')} in comments of these files: "
            "move them to checks/ before you remove the files"
        )
    click.echo(f"when no database is below {last.label} any more, the files up to it may be removed")
