"""`pgproof diff`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pgproof.cli import options
from pgproof.cli.again import Command

if TYPE_CHECKING:
    from pgproof.drift.way import Diff


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
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@options.allow
@click.option(
    "--rename",
    "renames",
    multiple=True,
    metavar="OLD=NEW",
    help="What has another name in TO: jobs=tasks, public.jobs.state=status.",
)
@click.option("--renames-all", is_flag=True, help="Nothing has another name but what --rename says.")
@click.option("--offline", is_flag=True, help="All in one transaction, whomever that holds up.")
@click.option("--prove", is_flag=True, help="Run it on a clone, and compare what comes of it with TO.")
@click.option("--write", "name", metavar="NAME", help="Write it as a new migration, with the way back.")
@options.migrations
@options.variables
@options.scratch
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    source: str,
    target: str,
    allow: tuple[str, ...],
    renames: tuple[str, ...],
    renames_all: bool,
    offline: bool,
    prove: bool,
    name: str | None,
    migrations: Path | None,
    variables: dict[str, str],
    scratch: options.Scratch,
    form: str,
) -> int:
    """Write the SQL that leads from one schema to another, ordered so that it runs, and holds up nobody for long.

    FROM and TO are each a database (postgresql://..., dbname=...), a folder of migrations (with @VERSION: up to
    it), a .sql file, a snapshot (of snapshot --full), or git:REVISION (the folder of migrations as that has it).
    What each statement locks, rewrites and reads is measured on a clone. Statements that lose data stand in
    comments unless they are allowed. No database is changed.

    Exit codes: 0 there is no difference, 1 there is one, 2 wrong usage or files, 3 a database error, 4 the proof
    failed.
    """
    from pgproof.flows import diff as flow

    settings = options.config()
    needs_folder = "git:" in source + target or name is not None
    folder = options.folder(migrations, settings) if needs_folder else Path(settings.migrations)
    found = flow.diff(
        flow.Request(
            source=source,
            target=target,
            folder=folder,
            scratch=options.provided(scratch, settings),
            prove=prove,
            online=not offline,
            renames=renames,
            renames_all=renames_all,
            allowed=frozenset(allow),
            file=flow.NewFile(name=name, now=datetime.now(UTC)) if name is not None else None,
            variables={**settings.variables, **variables},
            layout=settings.layout,
        )
    )
    _tell(found, allow, form)
    return 4 if found.proof and not found.proof.holds else 1 if found.differences else 0


def _tell(found: Diff, allow: tuple[str, ...], form: str) -> None:
    from pgproof.report import diff as report

    if form == "json":
        click.echo(report.diff_json(found, allow), nl=False)
        return
    words = [each.word for each in found.proposals]
    click.echo(
        report.script(found.source, found.target, found.repair, allow, state=found.state, proposals=words),
        nl=False,
    )
    click.echo(report.closing(found.differences, found.repair, allow), err=True)
    for sql, problem in found.refused:
        click.echo(f"a clone refused it: {sql}: {problem.message}", err=True)
    if found.proof:
        click.echo("\n".join(report.proof_text(found.proof)), err=True)
    for path in found.written:
        click.echo(f"written: {path}", err=True)
