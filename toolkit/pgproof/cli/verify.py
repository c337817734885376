"""`pgproof verify`."""

from __future__ import annotations

from pathlib import Path

import click

from pgproof.cli import options
from pgproof.cli.again import Command

_OF_THREE = {"failed": 3, "differs": 1}


@click.command(
    "verify",
    cls=Command,
    short_help="Show that each migration can be taken back.",
    examples=("pgproof verify", "pgproof verify --from git:main --on 14,18 --strict"),
)
@click.option(
    "--from", "since", metavar="REVISION", help="Only what this revision of git does not have: git:main."
)
@options.migrations
@options.variables
@click.option("--on", "majors", metavar="MAJORS", help="The majors to do it on, for example 14,15,16,17,18.")
@options.scratch
@click.option("--strict", is_flag=True, help="A migration without a way back is a finding, too.")
def command(
    since: str | None,
    migrations: Path | None,
    variables: dict[str, str],
    majors: str | None,
    scratch: options.Scratch,
    strict: bool,
) -> int:
    """Show that each migration can be taken back: on a scratch server, up, down and up again, and all compared.

    Behind the downgrade everything has to be as before the upgrade, and behind the second upgrade as behind the
    first. What a downgrade drops with its rows is told.

    Exit codes: 0 each comes back, 1 one does not (with --strict: or has no downgrade), 2 wrong usage or files,
    3 the server refused a statement, or there is no server.
    """
    from pgproof.flows import verify as flow
    from pgproof.report.verified import verified_text

    settings = options.config()
    code = 0
    request = flow.Request(
        folder=options.folder(migrations, settings),
        scratch=options.provided(scratch, settings),
        majors=_majors(majors),
        since=since,
        variables={**settings.variables, **variables},
        layout=settings.layout,
    )
    for server, found in flow.verify(request):
        click.echo(verified_text(server, found), nl=False)
        outcomes = {str(each.outcome) for each in found}
        code = max(
            code, *(_OF_THREE.get(each, 0) for each in outcomes), int(strict and "irreversible" in outcomes)
        )
    return code


def _majors(text: str | None) -> tuple[int, ...]:
    try:
        return tuple(int(each) for each in text.split(",")) if text else ()
    except ValueError:
        raise click.BadParameter(
            f'"{text}" is no list of majors; write for example 14,18', param_hint="--on"
        ) from None
