"""`pgproof verify`."""

from __future__ import annotations

from pathlib import Path

import click

from pgproof.cli import options
from pgproof.cli.again import Command

_OF_THREE = {"failed": 3, "differs": 1, "works only on empty tables": 1}


@click.command(
    "verify",
    cls=Command,
    short_help="Show that each migration can be taken back.",
    examples=("pgproof verify", "pgproof verify --from git:main --postgres 14,18 --strict"),
)
@click.option(
    "--from", "since", metavar="REVISION", help="Only what this revision of git does not have: git:main."
)
@options.migrations
@options.variables
@options.scratch_place
@options.majors
@click.option(
    "--rows",
    metavar="N",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    help="How many rows to put into each table, so that what is lost can be named; 0: none.",
)
@click.option("--strict", is_flag=True, help="A migration without a way back is a finding, too.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    since: str | None,
    migrations: Path | None,
    variables: dict[str, str],
    majors: tuple[int, ...],
    scratch: options.Scratch,
    rows: int,
    strict: bool,
    form: str,
) -> int:
    """Show that each migration can be taken back: on a scratch server, up, down and up again, and all compared.

    Behind the downgrade everything has to be as before the upgrade, and behind the second upgrade as behind the
    first. The same is done with rows in the tables, made to fit the constraints: what is lost of them is told, and
    a migration that runs only on empty tables is a finding.

    Exit codes: 0 each comes back, 1 one does not (with --strict: or has no downgrade), 2 wrong usage or files,
    3 the server refused a statement, or there is no server, 4 nobody can tell what becomes of rows.
    """
    from pgproof.errors import CannotTell
    from pgproof.flows import verify as flow
    from pgproof.report.verified import verified_json, verified_text

    settings = options.config()
    code = 0
    request = flow.Request(
        folder=options.folder(migrations, settings),
        scratch=scratch.options(settings),
        rows=rows,
        majors=majors,
        since=since,
        variables={**settings.variables, **variables},
        layout=settings.layout,
    )
    everything = []
    for server, found in flow.verify(request):
        everything.append((server, found))
        if form == "text":
            click.echo(verified_text(server, found), nl=False)
        outcomes = {str(each.outcome) for each in found}
        code = max(
            code, *(_OF_THREE.get(each, 0) for each in outcomes), int(strict and "irreversible" in outcomes)
        )
    if code == 0 and any(each.untold for _, found in everything for each in found):
        code = CannotTell.exit_code
    if form == "json":
        click.echo(verified_json(everything), nl=False)
    return code
