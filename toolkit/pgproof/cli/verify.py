"""`pgproof verify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pgproof.cli import options
from pgproof.cli.again import Command, typed
from pgproof.cli.outputs import Told, baseline, put_out
from pgproof.cli.outputs import options as output_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgproof.drift.reversal import Reversal
    from pgproof.report.model import Report

    Servers = Sequence[tuple[str, Sequence[Reversal]]]

_OF_THREE = {"failed": 3, "differs": 1, "works only on empty tables": 1}


@click.command(
    "verify",
    cls=Command,
    short_help="Show that each migration can be taken back.",
    examples=(
        "pgproof verify",
        "pgproof verify --from git:main --postgres 14,18 --strict",
        "pgproof verify --output junit:verify.xml",
    ),
)
@click.option(
    "--from",
    "since",
    metavar="VERSION",
    help="Leave out what comes up to this version, or what a revision of git has: git:main.",
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
@click.option("--strict", is_flag=True, help="More is a finding: a migration without a way back, too.")
@output_options
@baseline
def command(
    since: str | None,
    migrations: Path | None,
    variables: dict[str, str],
    majors: tuple[int, ...],
    scratch: options.Scratch,
    rows: int,
    strict: bool,
    told: Told,
) -> int:
    """Show that each migration can be taken back: on a scratch server, up, down and up again, and all compared.

    Behind the downgrade everything has to be as before the upgrade, and behind the second upgrade as behind the
    first. The same is done with rows in the tables, made to fit the constraints: what is lost of them is told, and
    a migration that runs only on empty tables is a finding.

    Exit codes: 0 each comes back, 1 one does not (with --strict: or has no downgrade), 2 wrong usage or files,
    3 the server refused a statement, or there is no server, 4 nobody can tell what becomes of rows.
    """
    from pgproof.flows import verify as flow
    from pgproof.report.formats.shown import visible
    from pgproof.report.verified import verified_text

    settings = options.config()
    request = flow.Request(
        folder=options.own_folder(migrations, settings),
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
        if told.form == "text":
            click.echo(visible(verified_text(server, found)), nl=False)
    return _put_out(everything, told, is_strict=strict)


def _put_out(everything: Servers, told: Told, *, is_strict: bool) -> int:
    from pgproof.report.json import findings
    from pgproof.report.verified import verified_json, verified_text

    def report() -> Report:
        from pgproof.report.findings.verify import verify_report

        return told.compared(verify_report(everything, strict=is_strict))

    def page() -> str:
        from pgproof.report.html.document import Document
        from pgproof.report.html.render import render

        found = tuple((server, tuple(reversals)) for server, reversals in everything)
        return render(Document(report=report(), reversals=found))

    own = {
        "html": page,
        "text": lambda: "".join(verified_text(*each) for each in everything),
        "json": lambda: verified_json(everything, findings(report())),
    }

    def following() -> str:
        from pgproof.report.following import after_verify

        return after_verify([each for _, found in everything for each in found], typed(), is_strict=is_strict)

    code = _exit_code(everything, is_strict)
    return put_out(report, told, code, own=own, is_printed=told.form == "text", following=following)


def _exit_code(everything: Servers, is_strict: bool) -> int:
    from pgproof.errors import CannotTell

    found = [each for _, reversals in everything for each in reversals]
    outcomes = {str(each.outcome) for each in found}
    code = max((_OF_THREE.get(each, 0) for each in outcomes), default=0)
    code = max(code, int(is_strict and "irreversible" in outcomes))
    if code == 0 and any(each.untold for each in found):
        code = CannotTell.exit_code
    return code
