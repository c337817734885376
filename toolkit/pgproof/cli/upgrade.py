"""`pgproof upgrade`."""

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
    from pgproof.database.scratch import ScratchOptions
    from pgproof.flows.late import Latecomers
    from pgproof.migrate.terms import Terms


@click.command(
    "upgrade",
    cls=Command,
    tells_itself=True,
    examples=(
        "pgproof upgrade",
        "pgproof upgrade --to 07 --lock-timeout 2s --statement-timeout 10min",
        "pgproof upgrade --dry-run",
        "pgproof upgrade --output junit:upgrade.xml",
    ),
)
@options.version("--to", what="The last version to apply. [default: all that is pending]")
@options.steps
@options.database
@options.migrations
@options.variables
@options.terms
@click.option(
    "--allow-late",
    is_flag=True,
    help="Run migrations below an applied one, too, if a scratch server shows that the order makes no difference.",
)
@options.scratch
@options.dry_run
@output_options
def command(
    to: str | None,
    steps: int | None,
    database: str,
    migrations: Path | None,
    variables: dict[str, str],
    terms: Terms,
    allow_late: bool,
    scratch: options.Scratch,
    dry_run: bool,
    told: Told,
) -> int:
    """Apply the pending migrations, in the order of their versions.

    Each is one transaction together with its entry in the table pgproof.history, or, where its file says
    `-- migrate:up transaction:false`, one statement after the other.

    Exit codes: 0 done, or nothing to do; 2 wrong usage or files; 3 a database error; 4 nobody can tell whether a
    statement landed (--unsure); 130 and 143 interrupted by Ctrl-C or SIGTERM: run it again.
    """
    from pgproof.flows import upgrade as flow

    settings = options.config()
    folder = options.own_folder(migrations, settings)
    values = {**settings.variables, **variables}
    conninfo = options.address(database)
    latecomers = _latecomers(scratch.options(settings)) if allow_late else None
    if dry_run:
        check_dry(told)
        plan = partial(flow.plan, conninfo, folder, variables=values, layout=settings.layout, schema=terms.schema)
        show_dry(plan(to=to, steps=steps, latecomers=latecomers), told)
        return 0
    events = flow.upgrade(
        conninfo,
        folder,
        variables=values,
        layout=settings.layout,
        to=to,
        steps=steps,
        terms=terms,
        cache=options.cache(),
        latecomers=latecomers,
    )
    return carry_out(told, events)


def _latecomers(scratch: ScratchOptions) -> Latecomers:
    from pgproof.flows.late import Latecomers  # loads scratch servers, which most upgrades never need

    return Latecomers(scratch)
