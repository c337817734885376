"""`pgproof diff`."""

from __future__ import annotations

from pathlib import Path

import click

from pgproof.cli import options
from pgproof.cli.again import Command


@click.command(
    "diff",
    cls=Command,
    short_help="Write the SQL that leads from one schema to another.",
    examples=(
        "pgproof diff dbname=shop migrations",
        "pgproof diff git:main migrations --prove",
        "pgproof diff migrations@07 migrations@09 --allow data-loss",
    ),
)
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@options.allow
@click.option("--prove", is_flag=True, help="Run it on a clone, and compare what comes of it with TO.")
@options.migrations
@options.variables
@options.scratch
def command(
    source: str,
    target: str,
    allow: tuple[str, ...],
    prove: bool,
    migrations: Path | None,
    variables: dict[str, str],
    scratch: options.Scratch,
) -> int:
    """Write the SQL that leads from one schema to another, ordered so that it runs.

    FROM and TO are each a database (postgresql://..., dbname=...), a folder of migrations (with @VERSION: up to
    it), a .sql file, or git:REVISION (the folder of migrations as that has it). Statements that lose data stand in
    comments unless they are allowed. Nothing is changed.

    Exit codes: 0 there is no difference, 1 there is one, 2 wrong usage or files, 3 a database error, 4 the proof
    failed.
    """
    from pgproof.flows import diff as flow
    from pgproof.report import diff as report

    settings = options.config()
    folder = options.folder(migrations, settings) if "git:" in source + target else Path(settings.migrations)
    found = flow.diff(
        flow.Request(
            source=source,
            target=target,
            folder=folder,
            scratch=options.provided(scratch, settings),
            prove=prove,
            variables={**settings.variables, **variables},
            layout=settings.layout,
        )
    )
    click.echo(report.script(found.source, found.target, found.repair, allow), nl=False)
    click.echo(report.closing(found.differences, found.repair, allow), err=True)
    if found.proof:
        proof = found.proof
        click.echo("\n".join(report.proof_text(proof.server, proof.refused, proof.left)), err=True)
        if not proof.holds:
            return 4
    return 1 if found.differences else 0
