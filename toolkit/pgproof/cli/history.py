"""`pgproof history` and `pgproof history accept`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from pgproof.cli import completing, options
from pgproof.cli.again import Command, Group
from pgproof.cli.exact import put_json
from pgproof.cli.outputs import text_or_json


@click.group(
    "history",
    cls=Group,
    examples=("pgproof history", "pgproof history --statements", "pgproof history accept 07"),
    invoke_without_command=True,
    short_help="Tell everything that was ever run in a database.",
)
@options.database
@click.option("--statements", is_flag=True, help="Tell the statements of each, too.")
@text_or_json
@click.pass_context
def command(context: click.Context, database: str, statements: bool, form: str) -> None:
    """Tell everything that was ever run in a database: who, when, from where, how long; oldest first.

    Of files that ran without a transaction, --statements tells each attempt at each statement. No file is looked
    at, and nothing is changed. The times are the server's.

    Exit codes: 0 done; 2 wrong usage; 3 a database error.
    """
    if context.invoked_subcommand:
        return
    from pgproof.flows import history as flow
    from pgproof.report.chronicle import chronicle_json, chronicle_text

    found = flow.history(options.address(database))
    if form == "json":
        put_json(chronicle_json(found.database, found.runs))
        return
    click.echo(chronicle_text(found.database, found.runs, statements=statements), nl=False)


@command.command(
    "accept",
    cls=Command,
    short_help="Take the text of an edited file for the one that was applied.",
    examples=("pgproof history accept 07",),
)
@click.argument("version", shell_complete=completing.versions)
@options.database
@options.migrations
@options.variables
@options.schema
@options.scratch
def accept(
    version: str,
    database: str,
    migrations: Path | None,
    variables: dict[str, str],
    schema: str,
    scratch: options.Scratch,
) -> None:
    """Take the text of an edited file for the one that was applied.

    Where only comments and white space changed, that is all. Where statements changed, both texts are run on a
    scratch server first: the new one is taken only if it leads to the same catalog and the same rows.
    VERSION is the number of the file.

    Exit codes: 0 done; 2 wrong usage or files, or the new text leads to something else; 3 a database error.
    """
    from pgproof.flows.accept import accept as flow

    settings = options.config()
    found = flow(
        options.address(database),
        options.own_folder(migrations, settings),
        version,
        variables={**settings.variables, **variables},
        layout=settings.layout,
        schema=schema,
        scratch=replace(scratch.options(settings), postgres=scratch.postgres),
    )
    if found is None:
        click.echo("nothing to accept: the file is as it was applied")
        return
    for line in found.change.lines:
        click.echo(line)
    click.echo(found.change.summary)
    if found.proved_on:
        click.echo(f"Both texts lead to the same catalog and rows (tried on {found.proved_on}).")
    click.echo(f"{found.name}: the text is recorded as it is now")
