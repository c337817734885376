"""`pgproof downgrade`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pgproof.cli import options
from pgproof.cli.again import Command
from pgproof.cli.carried import carry_out, check_dry, show_dry
from pgproof.cli.outputs import Told
from pgproof.cli.outputs import options as output_options

if TYPE_CHECKING:
    from pgproof.migrate.terms import Terms


@click.command(
    "downgrade",
    cls=Command,
    tells_itself=True,
    examples=(
        "pgproof downgrade --steps 1",
        "pgproof downgrade --to 03 --dry-run",
    ),
)
@options.version("--to", what="The last version to keep; 0 reverts everything.")
@options.steps
@options.database
@options.migrations
@options.variables
@options.terms
@options.dry_run
@output_options
def command(
    to: str | None,
    steps: int | None,
    database: str,
    migrations: Path | None,
    variables: dict[str, str],
    terms: Terms,
    dry_run: bool,
    told: Told,
) -> int:
    """Revert the migrations above a version, latest first.

    How far is said with --to or --steps, never by default.
    A migration without a downgrade is found before anything is reverted. Data that a downgrade drops is gone.

    Exit codes: 0 done, or nothing to do; 2 wrong usage or files; 3 a database error; 4 nobody can tell whether a
    statement landed (--unsure); 130 and 143 interrupted by Ctrl-C or SIGTERM: run it again.
    """
    from pgproof.flows import downgrade as flow

    if (to is None) == (steps is None):
        raise click.UsageError("Say how far: --to VERSION, or --steps N.")
    settings = options.config()
    folder = options.own_folder(migrations, settings)
    values = {**settings.variables, **variables}
    conninfo = options.address(database)
    if dry_run:
        check_dry(told)
        plan = partial(flow.plan, conninfo, folder, variables=values, layout=settings.layout, schema=terms.schema)
        show_dry(plan(to=to, steps=steps), told)
        return 0
    events = flow.downgrade(
        conninfo, folder, variables=values, layout=settings.layout, to=to, steps=steps, terms=terms
    )
    return carry_out(told, events)
