"""`pgproof redo`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pgproof.cli import options
from pgproof.cli.again import Command
from pgproof.cli.carried import carry_out
from pgproof.cli.outputs import Told
from pgproof.cli.outputs import options as output_options

if TYPE_CHECKING:
    from pgproof.migrate.terms import Terms


@click.command(
    "redo",
    cls=Command,
    tells_itself=True,
    examples=(
        "pgproof redo",
        "pgproof redo --steps 2",
    ),
)
@click.option(
    "--steps",
    metavar="N",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Run at most this many migrations, the latest.",
)
@options.database
@options.migrations
@options.variables
@options.terms
@output_options
def command(
    steps: int, database: str, migrations: Path | None, variables: dict[str, str], terms: Terms, told: Told
) -> int:
    """Revert the last migration and apply it again, as its file is now.

    For a migration that is still being written: its file may have been edited since. Data that its downgrade
    drops is gone.

    Exit codes: 0 done, or nothing to do; 2 wrong usage or files; 3 a database error; 4 nobody can tell whether a
    statement landed (--unsure); 130 and 143 interrupted by Ctrl-C or SIGTERM: run it again.
    """
    from pgproof.flows import redo as flow

    settings = options.config()
    folder = options.own_folder(migrations, settings)
    values = {**settings.variables, **variables}
    down, up = flow.redo(
        options.address(database), folder, variables=values, layout=settings.layout, steps=steps, terms=terms
    )
    return carry_out(told, down, up)
