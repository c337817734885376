"""`pgproof upgrade`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pgproof.cli import options
from pgproof.cli.again import Command
from pgproof.cli.output import show_plan, tell
from pgproof.database.conninfo import Conninfo
from pgproof.flows import upgrade as flow
from pgproof.migrate.terms import Terms

if TYPE_CHECKING:
    from pgproof.database.scratch import ScratchOptions
    from pgproof.flows.late import Latecomers


@click.command(
    "upgrade",
    cls=Command,
    examples=(
        "pgproof upgrade",
        "pgproof upgrade --to 07 --lock-timeout 2s --statement-timeout 10min",
        "pgproof upgrade --dry-run",
    ),
)
@click.option("--to", metavar="VERSION", help="Stop after this version. [default: all that is pending]")
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
@options.form
@options.dry_run
def command(
    to: str | None,
    steps: int | None,
    database: str,
    migrations: Path | None,
    variables: dict[str, str],
    terms: Terms,
    allow_late: bool,
    scratch: options.Scratch,
    form: str,
    dry_run: bool,
) -> None:
    """Apply the pending migrations, in the order of their versions.

    Each is one transaction together with its entry in the table pgproof.history, or, where its file says
    `-- migrate:up transaction:false`, one statement after the other.

    Exit codes: 0 done, or nothing to do; 2 wrong usage or files; 3 a database error; 4 nobody can tell whether a
    statement landed (--unsure); 130 and 143 interrupted by Ctrl-C or SIGTERM: run it again.
    """
    settings = options.config()
    folder = options.folder(migrations, settings)
    values = {**settings.variables, **variables}
    conninfo = Conninfo.parse(database)
    latecomers = _latecomers(scratch.options(settings)) if allow_late else None
    if dry_run:
        plan = partial(flow.plan, conninfo, folder, variables=values, layout=settings.layout, schema=terms.schema)
        show_plan(plan(to=to, steps=steps, latecomers=latecomers))
        return
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
    tell(events, form)


def _latecomers(scratch: ScratchOptions) -> Latecomers:
    from pgproof.flows.late import Latecomers  # loads scratch servers, which most upgrades never need

    return Latecomers(scratch)
