"""`pgproof plan`."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import click

from pgproof import __version__
from pgproof.cli import options
from pgproof.cli.again import Command
from pgproof.cli.exact import put_json, put_sql
from pgproof.cli.output import show, show_plan, warn
from pgproof.cli.outputs import text_or_json


@click.command(
    "plan",
    cls=Command,
    examples=(
        "pgproof plan",
        "pgproof plan --scratch",
        "pgproof plan --sql --from 07 > upgrade.sql",
    ),
)
@options.version("--to", what="The last version to apply. [default: all that is pending]")
@options.steps
@options.database
@options.migrations
@options.variables
@options.schema
@options.role
@click.option("--sql", "as_script", is_flag=True, help="Write SQL: a script for psql; no server is asked.")
@options.version("--from", "after", what="Leave out what comes up to this version (with --sql).")
@click.option("--scratch", "on_scratch", is_flag=True, help="Run the plan on a scratch server, too.")
@options.scratch
@text_or_json
def command(
    to: str | None,
    steps: int | None,
    database: str,
    migrations: Path | None,
    variables: dict[str, str],
    schema: str,
    role: str,
    as_script: bool,
    after: str | None,
    on_scratch: bool,
    scratch: options.Scratch,
    form: str,
) -> None:
    """Say what an upgrade would do, and change nothing.

    By itself it reads the history of the database. With --sql it asks no server at all: it writes all migrations
    as one script, with the rows of the history; psql skips what is applied. With --scratch the plan is also run,
    on a scratch server of the same major that the files have built to the version of the database.

    Exit codes: 0 done, whether something is pending or not; 2 wrong usage or files; 3 a database error.
    """
    from pgproof.report.plan import plan_json, trial_text

    _refuse(as_script, after, on_scratch, form, steps)
    settings = options.config()
    folder = options.own_folder(migrations, settings)
    values, layout = {**settings.variables, **variables}, settings.layout
    from pgproof.flows import plan as flow
    from pgproof.flows import upgrade

    if as_script:
        write = partial(flow.offline, folder, variables=values, layout=layout, tool=__version__, warn=warn)
        for text in write(to=to, after=after, schema=schema, role=role):
            put_sql(text)
        return
    conninfo = options.address(database)
    if on_scratch:
        rehearse = partial(flow.rehearse, conninfo, folder, variables=values, layout=layout, schema=schema)
        servers = scratch.options(settings)
        show(trial_text(rehearse(to=to, steps=steps, scratch=servers, clock=time.monotonic)))
        return
    planned = upgrade.plan(conninfo, folder, variables=values, layout=layout, to=to, steps=steps, schema=schema)
    if form == "json":
        put_json(plan_json(planned))
    else:
        show_plan(planned, "nothing was changed\n")


def _refuse(as_script: bool, after: str | None, on_scratch: bool, form: str, steps: int | None) -> None:
    """Options that mean nothing together."""
    if as_script and (on_scratch or form == "json" or steps):
        raise click.UsageError("--sql goes with --from and --to alone.")
    if after is not None and not as_script:
        raise click.UsageError("--from goes with --sql: without it, the database knows where to begin.")
    if on_scratch and form == "json":
        raise click.UsageError("--scratch has no JSON.")
