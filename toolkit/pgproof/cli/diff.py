"""`pgproof diff`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from pgproof.cli import completing, options, planned
from pgproof.cli.again import Command
from pgproof.cli.exact import put_json
from pgproof.cli.outputs import text_or_json

_FOLLOWING = "next: read it, and run it with psql; or make it a migration: --write NAME"


@click.command(
    "diff",
    cls=Command,
    short_help="Write the SQL that leads from one schema to another.",
    examples=(
        "pgproof diff dbname=shop migrations",
        "pgproof diff git:main migrations --prove",
        "pgproof diff migrations schema.sql --rename jobs.state=status --write status",
    ),
)
@click.argument("source", metavar="FROM", shell_complete=completing.paths)
@click.argument("target", metavar="TO", shell_complete=completing.paths)
@planned.planned
@click.option("--write", "name", metavar="NAME", help="Write it as a new migration, with the way back.")
@options.migrations
@options.variables
@options.scratch
@text_or_json
def command(
    source: str,
    target: str,
    manner: planned.Manner,
    name: str | None,
    migrations: Path | None,
    variables: dict[str, str],
    scratch: options.Scratch,
    form: str,
) -> int:
    """Write the SQL that leads from one schema to another, ordered so that it runs, and holds up nobody for long.

    FROM and TO are each a database (postgresql://..., dbname=...), a folder of migrations (with @VERSION: up to
    it), a .sql file, a snapshot (of snapshot --full), or git:REVISION (the folder of migrations as that has it);
    where `build` in the settings names a command, `build` is what that builds.
    What each statement locks, rewrites and reads is measured on a clone. Statements that lose data stand in
    comments unless they are allowed. No database is changed. Of two majors of PostgreSQL, the plan is for FROM's.

    Exit codes: 0 there is no difference, 1 there is one, 2 wrong usage or files, 3 a database error, 4 the proof
    failed, or nobody can tell: not all could be seen, or it was changed each time while it was read.
    """
    from pgproof.flows import diff as flow

    settings = options.config()
    needs_folder = "git:" in source + target or name is not None
    folder = options.folder(migrations, settings) if needs_folder else settings.migrations
    found = flow.diff(
        flow.Request(
            source=source,
            target=target,
            folder=folder,
            scratch=scratch.options(settings),
            wish=manner.wish(),
            file=flow.NewFile(name=name, now=datetime.now(UTC)) if name is not None else None,
            variables={**settings.variables, **variables},
            layout=settings.layout,
            builder=options.builder(migrations, settings),
        )
    )
    if form == "json":
        from pgproof.report.diff import diff_json

        put_json(diff_json(found, manner.allow))
    else:
        planned.tell_script(found, manner, _FOLLOWING)
    if not found.may_be_written or (found.reasons and not found.differences):
        return 4
    return 1 if found.differences else 0
