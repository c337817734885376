"""Runs of migrations, told while they go on, and put out in other formats when they have ended."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import click

from pgproof.cli.exact import put_json
from pgproof.cli.output import show_plan, tell
from pgproof.cli.outputs import Told, failure, put_out
from pgproof.errors import PgproofError

if TYPE_CHECKING:
    from pgproof.migrate.event import Event, Planned
    from pgproof.report.model import Report

_AS_IT_HAPPENS = ("text", "json")


def carry_out(told: Told, *runs: Generator[Event, None, None]) -> int:
    """Carry the runs out, one after the other, and give the exit code. Raises what ends them."""
    heard: list[list[Event]] = []
    is_all_told = _is_all_told(told)
    try:
        for events in runs:
            heard.append([])
            keep = _forget if is_all_told else heard[-1].append  # a run of hours has many events
            tell(events, told.form, goes_on=len(heard) > 1, keep=keep)
    except (PgproofError, KeyboardInterrupt) as error:
        _put_out(told, heard, error)
        raise
    return _put_out(told, heard, None)


def _is_all_told(told: Told) -> bool:
    """True if nothing is to be put out when it has ended."""
    return told.form in _AS_IT_HAPPENS and not told.files


def _forget(_: Event) -> None:
    pass


def _put_out(told: Told, runs: Sequence[Sequence[Event]], error: BaseException | None) -> int:
    if _is_all_told(told):
        told.is_put_out = True
        return 0
    command = click.get_current_context().command.name or ""
    ended = failure(error) if error else None

    def report() -> Report:
        from pgproof.report.findings.run import run_report

        return run_report(command, runs, ended)

    def page() -> str:
        from pgproof.report.html.document import Document
        from pgproof.report.html.render import render

        return render(Document(report=report(), runs=tuple(map(tuple, runs))))

    own = {"text": lambda: _text(runs, error), "json": lambda: _json(runs, error), "html": page}
    code = ended.exit_code if ended else 0
    return put_out(report, told, code, own=own, is_printed=told.form in _AS_IT_HAPPENS)


def _text(runs: Sequence[Sequence[Event]], error: BaseException | None) -> str:
    from pgproof.report.failed import failed_text
    from pgproof.report.progress import progress

    pieces: list[str] = []
    for number, run in enumerate(runs):
        told = progress(_again(run, error if run is runs[-1] else None))
        _gather(islice(told, int(number > 0), None), pieces, error)
    return "".join(pieces) + (failed_text(failure(error)) if error else "")


def _json(runs: Sequence[Sequence[Event]], error: BaseException | None) -> str:
    from pgproof.report.events import lines

    pieces: list[str] = []
    for run in runs:
        _gather(lines(_again(run, error if run is runs[-1] else None)), pieces, error)
    return "".join(pieces)


def _again(run: Sequence[Event], error: BaseException | None) -> Iterator[Event]:
    yield from run
    if error:
        raise error


def _gather(texts: Iterator[str], pieces: list[str], error: BaseException | None) -> None:
    """Add the texts, up to the `error` that has ended the run. Raises what else comes between."""
    try:
        pieces.extend(texts)
    except (PgproofError, KeyboardInterrupt) as raised:
        if raised is not error:
            raise


def show_dry(planned: Planned, told: Told) -> None:
    """Put out what would be done, in one of the two formats that a plan has."""
    told.is_put_out = True
    if told.form == "json":
        from pgproof.report.plan import plan_json

        put_json(plan_json(planned))
        return
    show_plan(planned)


def check_dry(told: Told) -> None:
    """Raise UsageError if a format is asked for that no plan has."""
    if told.files or told.form not in _AS_IT_HAPPENS:
        raise click.UsageError("--dry-run goes with --format text and json alone, and without --output")
