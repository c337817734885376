"""`pgproof drift`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pgproof import __version__
from pgproof.cli import acceptance, options, planned
from pgproof.cli.again import Command, completed
from pgproof.cli.exact import put_json, put_sql
from pgproof.cli.outputs import Told, baseline, put_out
from pgproof.cli.outputs import options as output_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgproof.drift.outcome import Drift
    from pgproof.drift.way import Diff
    from pgproof.flows.acceptance import Wish
    from pgproof.flows.drift import Request
    from pgproof.flows.expectation import Memory
    from pgproof.report.model import Report

_EXIT_CODES = {"same": 0, "differs": 1, "cannot tell": 4}
_OF_PLANS = ("text", "json")


@click.command(
    "drift",
    cls=Command,
    short_help="Say whether a database is what the files say.",
    examples=(
        "pgproof drift",
        "pgproof drift --repair --prove",
        "pgproof drift --adopt priority-of-jobs",
        "pgproof drift --accept 'DRF102:index public.jobs_by_state' --because 'on trial' --until 2027-01-31",
        "pgproof drift --watch",
        "pgproof drift --database postgresql://ann@localhost/shop --format json",
        "pgproof drift --output sarif:drift.sarif --output markdown:drift.md",
    ),
)
@options.database
@options.migrations
@options.variables
@click.option("--positions", is_flag=True, help="Compare the order of columns as well.")
@click.option("--roles", is_flag=True, help="Compare the roles that the files make or change as well.")
@click.option(
    "--schema", "schemas", multiple=True, metavar="NAME", help="This schema alone: what is in it; may be repeated."
)
@click.option("--full", is_flag=True, help="Everything: build what the files say, and read all of it.")
@click.option("--witness", type=click.Choice(["pg_dump"]), help="Ask pg_dump about both sides as well.")
@click.option("--repair", is_flag=True, help="Write the SQL that leads back to what the files say.")
@click.option("--adopt", metavar="NAME", help="Write a new migration that makes the difference official.")
@planned.planned
@click.option(
    "--watch", "recorder", flag_value="install", help="From now on, record who changes what (superusers)."
)
@click.option(
    "--unwatch", "recorder", flag_value="remove", help="Record it no more, and forget what was recorded."
)
@click.option("--sql", is_flag=True, help="Write SQL: that of --watch or --unwatch, for somebody else to run.")
@options.checks
@acceptance.wished
@options.scratch
@output_options
@baseline
def command(
    database: str,
    migrations: Path | None,
    variables: dict[str, str],
    positions: bool,
    roles: bool,
    schemas: tuple[str, ...],
    full: bool,
    witness: str | None,
    repair: bool,
    adopt: str | None,
    manner: planned.Manner,
    recorder: str | None,
    sql: bool,
    checks: Path | None,
    wish: Wish | None,
    scratch: options.Scratch,
    told: Told,
) -> int:
    """Say whether a database is what the files say, about everything that a schema holds.

    What its history says was applied (or what `build` in the settings builds) is built on a scratch server of the
    same major, and every column of every catalog compared. If it is known from before (for the same files, roles
    and server), or from schema.json, it is not built again. Pending files are no drift. Reads only.

    With --repair the statements that lead back are written instead, as `pgproof diff` does. With --adopt a new
    migration is written, up and down, that makes of the files what the database holds. --allow, --rename,
    --renames-all, --offline and --prove are about either.

    What acceptances in checks/ name is told, and counts no more; --accept writes one. With --watch event triggers
    record DDL from then on, and drift says of each difference who made it.

    Exit codes: 0 it is the same, 1 it differs, 2 wrong usage or files, 3 a database error, 4 nobody can tell.
    """
    if recorder or sql:
        return _record(recorder, database, told, sql=sql)
    settings, plans = options.config(), repair or adopt is not None
    request = _request(
        database=options.address(database),
        folder=(options.folder if adopt is None else options.own_folder)(migrations, settings),
        scratch=replace(scratch.options(settings), postgres=None),
        variables={**settings.variables, **variables},
        layout=settings.layout,
        builder=options.builder(migrations, settings),
        options=_more(positions=positions, roles=roles),
        memory=_memory(),
        full=full,
        witness=witness is not None,
        schemas=schemas,
        checks=None if plans else options.checks_folder(checks, settings),
        today=acceptance.today(),
    )
    _check(request, manner, repair=repair, adopt=adopt)
    return _catch_up(request, adopt, manner, told) if plans else _done(request, wish, checks, told)


def _request(**asked: Any) -> Request:
    """What is asked. (The flow is loaded here, and not by who asks for help alone.)"""
    from pgproof.flows.drift import Request

    return Request(**asked)


def _done(request: Request, wish: Wish | None, checks: Path | None, told: Told) -> int:
    """Compare, and say what came of it, or write down what is accepted of it."""
    from pgproof.flows.drift import drift
    from pgproof.report.drift import drift_json, drift_text, next_text

    result = drift(request)
    if wish:
        return acceptance.accept(result, wish, checks or options.config().checks)

    def report() -> Report:
        from pgproof.report.drifted import drift_report

        return told.compared(drift_report(result, request.folder.as_posix()))

    def as_json() -> str:
        from pgproof.report.json import findings

        return drift_json(result, findings(report()))

    def page() -> str:
        from pgproof.report.html.document import Document, Live
        from pgproof.report.html.render import render

        return render(Document(report=report(), live=Live(database=result.database, drift=result)))

    def following() -> str:
        return completed(next_text(result, is_commanded=request.builder is not None))

    own = {"text": lambda: completed(drift_text(result)), "json": as_json, "html": page}
    return put_out(report, told, _EXIT_CODES[result.verdict], own=own, following=following)


def _more(**asked: bool) -> frozenset[str]:
    return frozenset(word for word, is_asked in asked.items() if is_asked)


def _memory() -> Memory | None:
    from pgproof.flows.expectation import Memory

    cache = options.cache()
    return Memory(cache=cache, tool=__version__) if cache else None


def _check(request: Request, manner: planned.Manner, *, repair: bool, adopt: str | None) -> None:
    if request.schemas and (repair or request.witness or adopt is not None):
        raise click.UsageError(
            "--schema does not go with --repair, --adopt and --witness: they are about all of it"
        )
    if repair and adopt is not None:
        raise click.UsageError("either --repair leads back, or --adopt NAME makes it official")
    if manner.is_said and not (repair or adopt is not None):
        raise click.UsageError(
            "--allow, --rename, --renames-all, --offline and --prove go with --repair or --adopt NAME"
        )


def _catch_up(request: Request, name: str | None, manner: planned.Manner, told: Told) -> int:
    if told.files or told.base or told.form not in _OF_PLANS:
        raise click.UsageError(
            "--repair and --adopt go with --format text and json alone, and without --output and --baseline"
        )
    return _repair(request, manner, told.form) if name is None else _adopt(request, name, manner, told.form)


def _repair(request: Request, manner: planned.Manner, form: str) -> int:
    """Write the script that leads back, and say what it comes to."""
    from pgproof.flows import catch_up
    from pgproof.report.drift import asides

    result, plan = catch_up.repair(request, manner.wish())
    if plan is None or form == "json":
        _tell(result, request, form, plan=plan, manner=manner)
    else:
        planned.tell_script(plan, manner, completed("next: read it, run it with psql, and see: pgproof drift"))
        for line in asides(result):
            click.echo(line, err=True)
    return _exit_code(result, plan)


def _adopt(request: Request, name: str, manner: planned.Manner, form: str) -> int:
    """Write the migration, and say what was found and what is next."""
    from pgproof.flows import catch_up
    from pgproof.report.drift import caught_up_text

    result, done = catch_up.adopt(request, manner.wish(), name, now=datetime.now(UTC))
    told = done.told if done else None
    _tell(result, request, form, written=done.paths if done else (), plan=told, manner=manner)
    if done:
        said = caught_up_text(done.paths, done.version, done.losses, done.told.repair.impossible)
        click.echo(completed(said), nl=False, err=form == "json")
        planned.tell_trial(done.told)
    return _exit_code(result, told)


def _exit_code(result: Drift, plan: Diff | None) -> int:
    return 4 if plan and not plan.may_be_written else _EXIT_CODES[result.verdict]


def _tell(
    result: Drift,
    request: Request,
    form: str,
    *,
    written: Sequence[Path] = (),
    plan: Diff | None = None,
    manner: planned.Manner | None = None,
) -> None:
    from pgproof.report.drift import drift_json, drift_text

    if form == "json":
        from pgproof.report.diff import plan_object
        from pgproof.report.drifted import drift_report
        from pgproof.report.json import findings

        told = findings(drift_report(result, request.folder.as_posix()))
        found = plan_object(plan, manner.allow) if plan and manner else None
        put_json(drift_json(result, told, written, found))
    else:
        click.echo(completed(drift_text(result)), nl=False)


def _record(recorder: str | None, database: str, told: Told, *, sql: bool) -> int:
    """Install the recorder of DDL, or remove it, or write the SQL for that."""
    from pgproof.flows import watch
    from pgproof.report.drift import watched_text

    if recorder is None:
        raise click.UsageError("--sql goes with --watch or --unwatch")
    if not told.is_only_text:
        raise click.UsageError("--watch and --unwatch go without --format, --output and --baseline")
    if sql:
        put_sql(watch.script(recorder))
        return 0
    act = watch.watch if recorder == "install" else watch.unwatch
    click.echo(watched_text(act(options.address(database))), nl=False)
    return 0
