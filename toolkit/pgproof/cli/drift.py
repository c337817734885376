"""`pgproof drift`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pgproof import __version__
from pgproof.cli import acceptance, options
from pgproof.cli.again import Command, completed
from pgproof.database.conninfo import Conninfo

if TYPE_CHECKING:
    from pgproof.drift.outcome import Drift
    from pgproof.flows.acceptance import Wish
    from pgproof.flows.drift import Request
    from pgproof.flows.expectation import Memory

_EXIT_CODES = {"same": 0, "differs": 1, "cannot tell": 4}


@click.command(
    "drift",
    cls=Command,
    short_help="Say whether a database is what the files say.",
    examples=(
        "pgproof drift",
        "pgproof drift --repair --allow data-loss",
        "pgproof drift --adopt priority-of-jobs",
        "pgproof drift --accept 'DRF102:index public.jobs_by_state' --because 'on trial' --until 2027-01-31",
        "pgproof drift --watch",
        "pgproof drift --database postgresql://ann@localhost/shop --format json",
    ),
)
@options.database
@options.migrations
@options.variables
@click.option("--positions", is_flag=True, help="Compare the order of columns as well.")
@click.option(
    "--schema", "schemas", multiple=True, metavar="NAME", help="Only what is in this schema; several may be."
)
@click.option("--full", is_flag=True, help="Build what the files say, and read everything, whatever is known.")
@click.option("--witness", type=click.Choice(["pg_dump"]), help="Ask pg_dump about both sides as well.")
@click.option("--repair", is_flag=True, help="Write the SQL that leads back to what the files say.")
@click.option("--adopt", metavar="NAME", help="Write a new migration that makes the difference official.")
@options.allow
@click.option(
    "--watch", "recorder", flag_value="install", help="From now on, record who changes what (superusers)."
)
@click.option(
    "--unwatch", "recorder", flag_value="remove", help="Record it no more, and forget what was recorded."
)
@click.option("--sql", is_flag=True, help="Write the SQL of --watch or --unwatch, for somebody else to run.")
@options.checks
@acceptance.wished
@options.scratch
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    database: str,
    migrations: Path | None,
    variables: dict[str, str],
    positions: bool,
    schemas: tuple[str, ...],
    full: bool,
    witness: str | None,
    repair: bool,
    adopt: str | None,
    allow: tuple[str, ...],
    recorder: str | None,
    sql: bool,
    checks: Path | None,
    wish: Wish | None,
    scratch: options.Scratch,
    form: str,
) -> int:
    """Say whether a database is what the files say, about everything that a schema holds.

    What its history says was applied is built on a scratch server of the same major, and every column of every
    catalog compared. If it is known from before (for the same files, roles and server), or from schema.json, it is
    not built again. Pending files are no drift. Reads only.

    With --repair the statements that lead back are written instead, as `pgproof diff` does. With --adopt a new
    migration is written, up and down, that makes of the files what the database holds.

    What acceptances in checks/ name is told, and counts no more; --accept writes one. With --watch event triggers
    record DDL from then on, and drift says of each difference who made it.

    Exit codes: 0 it is the same, 1 it differs, 2 wrong usage or files, 3 a database error, 4 nobody can tell.
    """
    if recorder or sql:
        return _record(recorder, database, sql=sql)
    from pgproof.flows.drift import Request

    settings = options.config()
    request = Request(
        database=Conninfo.parse(database),
        folder=options.folder(migrations, settings),
        scratch=replace(scratch.options(), postgres=None),
        variables={**settings.variables, **variables},
        layout=settings.layout,
        options=frozenset({"positions"} if positions else ()),
        memory=_memory(),
        full=full,
        repairs=repair,
        adopts=adopt is not None,
        witness=witness is not None,
        schemas=schemas,
        checks=None if repair or adopt is not None else options.checks_folder(checks, settings),
        today=acceptance.today(),
    )
    return _done(request, wish, checks or Path(settings.checks), adopt, allow, form)


def _done(
    request: Request, wish: Wish | None, checks: Path, adopt: str | None, allow: tuple[str, ...], form: str
) -> int:
    """Compare, and do what is asked for with the outcome."""
    _check(request)
    from pgproof.flows.drift import drift

    result = drift(request)
    if wish:
        return acceptance.accept(result, wish, checks)
    return _tell(result, allow, form) if adopt is None else _adopt(request, result, adopt, allow, form)


def _memory() -> Memory | None:
    from pgproof.flows.expectation import Memory

    cache = options.cache()
    return Memory(cache=cache, tool=__version__) if cache else None


def _check(request: Request) -> None:
    if request.schemas and (request.repairs or request.witness or request.adopts):
        raise click.UsageError(
            "--schema does not go with --repair, --adopt and --witness: they are about all of it"
        )
    if request.repairs and request.adopts:
        raise click.UsageError("either --repair leads back, or --adopt NAME makes it official")


def _adopt(request: Request, result: Drift, name: str, allow: tuple[str, ...], form: str) -> int:
    """Write the migration, and say what was found and what is next."""
    from pgproof.flows import catch_up
    from pgproof.report.drift import caught_up_text, drift_json, drift_text

    done = catch_up.write(request, result, name, now=datetime.now(UTC), allowed=frozenset(allow))
    if form == "json":
        click.echo(drift_json(result, written=done.paths if done else ()), nl=False)
    else:
        click.echo(completed(drift_text(result)), nl=False)
    if done:
        said = caught_up_text(done.paths, done.version, done.losses, done.impossible)
        click.echo(completed(said), nl=False, err=form == "json")
    return _EXIT_CODES[result.verdict]


def _tell(result: Drift, allow: tuple[str, ...], form: str) -> int:
    from pgproof.report.drift import drift_json, drift_text

    if result.repair:
        from pgproof.report import diff

        click.echo(diff.script(result.database, "what the files say", result.repair, allow), nl=False)
        click.echo(diff.closing(result.differences, result.repair, allow), err=True)
        return _EXIT_CODES[result.verdict]
    click.echo(drift_json(result) if form == "json" else completed(drift_text(result)), nl=False)
    return _EXIT_CODES[result.verdict]


def _record(recorder: str | None, database: str, *, sql: bool) -> int:
    """Install the recorder of DDL, or remove it, or write the SQL for that."""
    from pgproof.flows import watch
    from pgproof.report.drift import watched_text

    if recorder is None:
        raise click.UsageError("--sql goes with --watch or --unwatch")
    if sql:
        click.echo(watch.script(recorder), nl=False)
        return 0
    act = watch.watch if recorder == "install" else watch.unwatch
    click.echo(watched_text(act(Conninfo.parse(database))), nl=False)
    return 0
