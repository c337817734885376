"""The time line as data of the page: migrations in their order, what each does, and what became of it.

What became of them says a database (here), the events of a run (`ran.py`), or the servers on which they were taken
back (`taken_back.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pgproof.migrate.chronicle import Run
from pgproof.migrate.entry import Entry, State
from pgproof.migrate.migration import Migration
from pgproof.migrate.standing import Condition, Standing
from pgproof.report.html import ran, taken_back
from pgproof.report.html.document import Document
from pgproof.report.html.entry import entry, way
from pgproof.report.standing import conditions
from pgproof.report.words import counted, duration

_WORDS = {
    Condition.EDITED: "edited since it was applied",
    Condition.MISSING: "applied, and its file is missing",
    Condition.LATE: "late: newer ones are applied",
    Condition.UNWRITTEN: "not written yet",
    Condition.STOPPED: "stopped half way",
}
_LOOKS = {Condition.APPLIED: "done", Condition.PENDING: "ahead"}


def story(document: Document) -> list[dict[str, Any]]:
    """The entries, in the order in which the migrations are run."""
    if document.runs:
        return list(ran.entries(document.report, document.runs))
    if document.reversals:
        return list(taken_back.entries(document.reversals))
    return _standing(document)


def lead(document: Document) -> str:
    """One sentence over all of them."""
    if document.runs:
        return ran.lead(document.runs)
    if document.reversals:
        return taken_back.lead(document.reversals)
    live = document.live
    if live and live.standings:
        where = "" if document.report.about.database == live.database else f"{live.database}: "
        return where + conditions(live.standings)
    number = counted(len(document.migrations), "migration", "migrations")
    return f"{number}, in the order in which they are run" if len(document.migrations) > 1 else number


def _standing(document: Document) -> list[dict[str, Any]]:
    """Each file, and each version of the database that has none; with the runs that were of it, oldest first."""
    standings = {each.name: each for each in document.live.standings} if document.live else {}
    runs = document.live.runs if document.live else ()
    files = {each.name: each for each in document.migrations}
    names = [*files, *(name for name in standings if name not in files)]
    return [_entry(name, files.get(name), standings.get(name), runs) for name in names]


def _entry(
    name: str, migration: Migration | None, standing: Standing | None, runs: Sequence[Run]
) -> dict[str, Any]:
    found = [_run(each) for each in runs if each.name == name]
    if not found and standing and standing.entry:
        found = [_of_entry(standing.entry)]
    return entry(
        name,
        migration,
        condition=_WORDS.get(standing.condition, str(standing.condition)) if standing else "",
        look=_LOOKS.get(standing.condition, "amiss") if standing else "file",
        detail=standing.detail if standing else "",
        ways=found,
    )


def _run(run: Run) -> dict[str, Any]:
    return way(
        f"{run.started_at:%Y-%m-%d %H:%M:%S %z}",
        ", ".join(_words(run)),
        back=run.direction == "downgrade",
        error=run.error,
    )


def _words(run: Run) -> Iterator[str]:
    yield run.state if run.seconds is None else f"{run.state} in {duration(run.seconds)}"
    if run.seconds is None:
        yield f"{run.done} of {run.total} statements"
    if run.schema:
        yield f"in schema {run.schema}"
    if run.by:
        yield f"by {run.by}{f' from {run.host}' if run.host else ''}"


def _of_entry(found: Entry) -> dict[str, Any]:
    """What the history says, where the runs themselves were not asked for."""
    took = f" in {duration(found.duration.total_seconds())}" if found.duration else ""
    done = "" if found.state is State.APPLIED else f", {found.done} of {found.total} statements"
    words = f"{found.state}{took}{done}, by {found.applied_by}"
    return way(f"{found.started_at:%Y-%m-%d %H:%M:%S %z}", words, error=found.error)
