"""`report`: gathers what the page shows: what `check` finds, and on what; a database's history and drift."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from pathlib import Path

from pgproof.database.conninfo import Conninfo
from pgproof.drift.outcome import Verdict
from pgproof.errors import CannotTell, InputError
from pgproof.finding import Finding
from pgproof.flows import check as checking
from pgproof.flows import drift as drifting
from pgproof.flows.expectation import Memory
from pgproof.flows.history import history
from pgproof.flows.status import status
from pgproof.migrate import file
from pgproof.report.html.document import Document, Live
from pgproof.sql.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to show: what `check` is asked, and with `drift` the database that is compared with the files."""

    check: checking.Request
    drift: drifting.Request | None = None


def compared(checked: checking.Request, database: Conninfo, cache: Path | None, tool: str) -> drifting.Request:
    """The comparison of a database with the files that are checked; `tool` remembers in `cache`, if any."""
    return drifting.Request(
        database=database,
        folder=checked.migrations,
        scratch=replace(checked.scratch, postgres=None),
        variables=checked.variables,
        layout=checked.layout,
        builder=checked.builder,
        memory=Memory(cache=cache, tool=tool) if cache else None,
        checks=checked.checks,
        today=checked.today,
    )


def page(request: Request) -> Document:
    """Check, and look at the database if there is one. Raises InputError and DatabaseError, as they do.

    A database that cannot be compared has no drift on the page, but the reason.
    """
    live = _live(request.drift) if request.drift else None
    asked = checking.read(request.check)
    found = checking.judged(request.check, asked)
    report = checking.report(request.check, asked, found.findings, found)
    migrations = (*asked.library.migrations, *asked.library.repeatables)
    return Document(
        report=replace(report, command="report"),
        snapshot=found.snapshot,
        queries=found.queries,
        migrations=migrations,
        sources=_sources({each.path for each in migrations}, report.findings, request.check),
        live=live,
    )


def exit_code(document: Document) -> int:
    """As of `check`; where nothing is open, 1 if the database has drifted, 4 if nobody can tell."""
    code = checking.exit_code(document.report)
    if code or document.live is None:
        return code
    drift = document.live.drift
    if drift is None or drift.verdict is Verdict.CANNOT_TELL:
        return CannotTell.exit_code
    return 1 if drift.verdict is Verdict.DIFFERS else 0


def _live(asked: drifting.Request) -> Live:
    """What the database says. Raises InputError where files are wrong, DatabaseError where it cannot be had."""
    found = Live(database=asked.database.description, standings=(), runs=())
    if asked.builder is None:  # else the history is another tool's
        stand = status(asked.database, asked.folder, variables=asked.variables, layout=asked.layout)
        found = replace(found, standings=stand.standings, runs=history(asked.database).runs)
    try:
        return replace(found, drift=drifting.drift(replace(asked, options=asked.options | {"definitions"})))
    except (CannotTell, InputError) as reason:
        return replace(found, refusal="; ".join(each.message for each in reason.problems))


def _sources(migrations: Set[str], findings: Iterable[Finding], request: checking.Request) -> dict[str, str]:
    """The texts of the files of checks that findings name; those of `migrations` are on the page anyhow."""
    texts: dict[str, str] = {}
    for path in dict.fromkeys(_paths(findings)):
        if path not in migrations and request.checks and Path(path).is_relative_to(request.checks):
            found = file.read(Path(path))
            if isinstance(found, Source):
                texts[path] = found.text
    return texts


def _paths(findings: Iterable[Finding]) -> Iterator[str]:
    for each in findings:
        yield each.place.path
        yield from (place.path for place in each.related)
        if each.accepted:
            yield each.accepted.place.path
