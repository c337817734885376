"""`pgproof check`."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pgproof.cli import options
from pgproof.cli.again import Command, completed, typed
from pgproof.cli.outputs import Told, baseline, put_out
from pgproof.cli.outputs import options as output_options
from pgproof.cli.volume import is_verbose

if TYPE_CHECKING:
    from pgproof.flows.check import Request
    from pgproof.report.model import Report


@click.command(
    "check",
    cls=Command,
    examples=(
        "pgproof check",
        "pgproof check --strict --postgres 14,15,16,17,18",
        "pgproof check --database postgresql://ann@localhost/shop",
        "pgproof check --against git:main",
        "pgproof check --output sarif:pgproof.sarif --output junit:pgproof.xml",
        "pgproof check --from-stat-statements postgresql://ann@localhost/shop --top 50",
    ),
)
@click.option(
    "--database",
    "-d",
    metavar="URL",
    help="The database to read, and only to read, instead of a scratch one. DATABASE_URL is not looked at.",
)
@click.option(
    "--against",
    metavar="REVISION",
    help="Check the queries of this revision of git (git:main) on this schema too, and new ones on its schema.",
)
@click.option(
    "--from-stat-statements",
    "statements",
    metavar="[URL]",
    is_flag=False,
    flag_value="",
    help="Check what pg_stat_statements has there, too; else in --database, DATABASE_URL. It is only read.",
)
@click.option(
    "--top",
    metavar="N",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="So many of these, by the time that they took.",
)
@options.migrations
@options.checks
@options.variables
@options.scratch_place
@options.majors
@click.option("--strict", is_flag=True, help="More is a finding: what was accepted, too.")
@output_options
@baseline
def command(
    database: str | None,
    against: str | None,
    statements: str | None,
    top: int,
    migrations: Path | None,
    checks: Path | None,
    variables: dict[str, str],
    scratch: options.Scratch,
    majors: tuple[int, ...],
    strict: bool,
    told: Told,
) -> int:
    """Say which promises of the files hold, and which do not.

    The schema is built on a scratch server from the migrations, or by the command that `build` in the settings
    names ("alembic upgrade head"); with --database, a live database is read. Judged are the tables, constraints
    and indexes that the files declare, the queries that they document in comments and in checks/, and what the
    comments say.

    Exit codes: 0 nothing is open but notes, 1 something does not hold, 2 wrong usage or files, 3 a database error,
    4 something could not be told.
    """
    from pgproof.flows.check import Request
    from pgproof.flows.statements import busiest

    settings = options.config()
    request = Request(
        migrations=options.folder(migrations, settings),
        checks=options.checks_folder(checks, settings),
        today=datetime.now().astimezone().date(),
        scratch=replace(scratch.options(settings), postgres=majors[0] if majors else settings.postgres),
        database=None if database is None else options.address(database),
        strict=strict,
        variables={**settings.variables, **variables},
        layout=settings.layout,
        builder=options.builder(migrations, settings),
    )
    if statements is not None:
        address = statements or database or settings.database
        if not address:
            raise click.UsageError("Say which server: --from-stat-statements URL, or set DATABASE_URL.")
        found = busiest(options.address(address), top)
        request = replace(request, queries=found.queries, said=found.said)
    report = _report(request, against, majors)
    explains = statements is None and against is None and _is_explained(request)
    return _put_out(report, told, explains=explains)


def _is_explained(request: Request) -> bool:
    """Whether `explain` has plans of queries where they are checked."""
    return request.database is not None or request.scratch.url is None


def _put_out(report: Report, told: Told, *, explains: bool) -> int:
    """Put the report out, and behind it what to type next, if anything is wrong."""
    from pgproof.flows.check import exit_code
    from pgproof.report.following import after_check

    code = exit_code(report)

    def following() -> str:
        return completed(after_check(report, typed(), explains=explains)) if code else ""

    return put_out(lambda: told.compared(report), told, code, everything=is_verbose(), following=following)


def _report(request: Request, against: str | None, majors: tuple[int, ...]) -> Report:
    """Judge, on each of the majors, and on the schema of another revision if one is named."""
    from pgproof.flows.against import revision
    from pgproof.flows.check import check
    from pgproof.flows.majors import check as on_majors

    with ExitStack() as stack:
        if against is not None:
            base = stack.enter_context(revision(against, request.migrations, request.checks))
            request = replace(request, against=base)
        return on_majors(request, majors) if len(majors) > 1 else check(request)
