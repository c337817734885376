"""The document as what JSON can write: the only thing that the page's JavaScript reads.

Findings, tables, queries and migrations are lists; what leads from one to another is the place in the other list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pgproof import __version__
from pgproof.drift.outcome import Verdict
from pgproof.migrate.event import Planned
from pgproof.migrate.migration import Migration
from pgproof.report.html.document import Document, Live
from pgproof.report.html.found import findings, worst
from pgproof.report.html.promises import query
from pgproof.report.html.ran import outcomes, said
from pgproof.report.html.schema import links, named, numbers, tables
from pgproof.report.html.side_by_side import side_by_side
from pgproof.report.html.story import lead, story
from pgproof.report.model import Failure, Report, counted
from pgproof.secret import hidden

SCHEMA = "pgproof.page/1"
Items = list[dict[str, Any]]


def data(document: Document) -> dict[str, Any]:
    """Everything on the page; the same document gives the same."""
    report, snapshot = document.report, document.snapshot
    sources = {path: _shown(text) for path, text in {**_files(document), **document.sources}.items()}
    lines = {path: text.split("\n") for path, text in sources.items()}
    places = numbers(snapshot) if snapshot else {}
    found = findings(report, sources)
    parts = {
        "tables": tables(snapshot) if snapshot else [],
        "queries": [query(each, lines, places) for each in document.queries],
        "migrations": story(document),
    }
    _connect(report, found, parts, named(snapshot) if snapshot else {})
    return {
        "schema": SCHEMA,
        "command": report.command,
        "version": __version__,
        "has": _has(document, parts),
        "headline": _headline(document),
        **_about(report, _said(document)),
        "lead": lead(document) if parts["migrations"] else "",
        "findings": found,
        **parts,
        "links": links(snapshot) if snapshot else [],
        "files": [{"path": path, "text": text} for path, text in sources.items()],
        "live": _live(document.live) if document.live else None,
        "failure": _failure(report.failure) if report.failure else None,
    }


def _shown(text: str) -> str:
    """The same lines, without passwords: a page is sent to others."""
    return "\n".join(hidden(line) for line in text.split("\n"))


def _files(document: Document) -> dict[str, str]:
    """The texts of the migrations, as their authors wrote them."""
    sections = (section for each in _migrations(document) for section in (each.up, each.down) if section)
    found = (each.script.source for each in sections)
    return {each.path: each.text if each.original is None else each.original for each in found}


def _migrations(document: Document) -> Iterator[Migration]:
    yield from document.migrations
    for run in document.runs:
        yield from (step.migration for each in run if isinstance(each, Planned) for step in each.plan.steps)
    yield from (each.migration for _, found in document.reversals for each in found)


def _headline(document: Document) -> dict[str, str]:
    """What it all comes to: a sentence, and as which state that is to be shown."""
    report, live = document.report, document.live
    summary, drift = report.summary, live.drift if live else None
    if report.failure:
        text = f"pgproof {report.command} ended with exit code {report.failure.exit_code}"
        return {"state": "fails", "text": text}
    if summary.open and not report.is_only_noted:
        return {"state": "fails" if summary.fails else "unknown", "text": report.verdict}
    if drift and drift.verdict is Verdict.DIFFERS:
        return {"state": "fails", "text": "Nothing is open, but the database has drifted"}
    if live and (live.refusal or (drift and drift.verdict is Verdict.CANNOT_TELL)):
        return {"state": "unknown", "text": "Nothing is open; whether the database has drifted cannot be told"}
    ended = outcomes(document.runs)
    return {"state": "holds", "text": ended[-1] if ended else report.verdict.capitalize()}


def _said(document: Document) -> list[str]:
    """What is said of runs besides the headline."""
    headline = _headline(document)["text"]
    return [each for each in (*said(document.runs), *outcomes(document.runs)) if each != headline]


def _has(document: Document, parts: Mapping[str, Items]) -> list[str]:
    """The parts that the page has, in order, besides the findings."""
    live = document.live
    found = (
        ("schema", document.snapshot is not None),
        ("promises", document.snapshot is not None),
        ("migrations", bool(parts["migrations"])),
        ("drift", live is not None and (live.drift is not None or bool(live.refusal))),
    )
    return [name for name, is_there in found if is_there]


def _about(report: Report, more: Sequence[str]) -> dict[str, Any]:
    about, summary = report.about, report.summary
    return {
        "server": about.server,
        "provider": about.provider,
        "database": about.database,
        "counts": [counted(number, noun) for noun, number in about.counts],
        "said": [*about.said, *more],
        "summary": {
            "open": summary.open,
            "fails": summary.fails,
            "unknown": summary.unknown,
            "accepted": len(report.accepted),
            "holds": summary.holds,
        },
    }


def _failure(failure: Failure) -> dict[str, Any]:
    return {"exit_code": failure.exit_code, "problems": [str(each) for each in failure.problems]}


def _live(live: Live) -> dict[str, Any]:
    drift = side_by_side(live.drift) if live.drift else None
    return {"database": live.database, "refusal": live.refusal, "drift": drift}


def _connect(
    report: Report, found: Items, parts: Mapping[str, Items], meant: Mapping[str, frozenset[int]]
) -> None:
    """Write into each what it leads to: of a finding about a query, the tables that the query reads, too."""
    ids = {each["id"]: number for number, each in enumerate(parts["queries"])}
    places = {each["path"]: number for number, each in enumerate(parts["migrations"])}
    things = {each["thing"]: number for number, each in enumerate(parts["migrations"])}
    for item, finding in zip(found, report.findings, strict=True):
        item["query"] = ids.get(finding.object)
        item["migration"] = things.get(finding.object, places.get(finding.place.path))
        own = meant.get(finding.object, frozenset())
        of_query = parts["queries"][item["query"]]["tables"] if item["query"] is not None else ()
        item["tables"] = sorted({*own, *of_query})
    _gather(found, parts)


def _gather(found: Items, parts: Mapping[str, Items]) -> None:
    """The same the other way round: the findings of each table, query and migration, the queries of each table."""
    for part in (each for items in parts.values() for each in items):
        part["findings"] = []
    for number, item in enumerate(found):
        mine = [parts["tables"][each] for each in item["tables"]]
        mine += [parts["queries"][item["query"]]] if item["query"] is not None else []
        mine += [parts["migrations"][item["migration"]]] if item["migration"] is not None else []
        for part in mine:
            part["findings"].append(number)
    for part in (each for items in parts.values() for each in items):
        part["state"] = worst([found[each]["state"] for each in part["findings"]])
    for table in parts["tables"]:
        table["queries"] = []
    for number, query_of in enumerate(parts["queries"]):
        for each in query_of["tables"]:
            parts["tables"][each]["queries"].append(number)


def told(content: Mapping[str, Any], path: str) -> list[str]:
    """What is on the page of that path, in lines for the terminal."""
    kinds = (("table", "tables"), ("promise", "queries"), ("migration", "migrations"), ("finding", "findings"))
    parts = [counted(len(content[part]), noun) for noun, part in kinds if content[part]]
    summary, live = content["summary"], content["live"]
    drift = [f"{live['database']}: {_drift(live)}"] if live else []
    return [
        f"{path}: {', '.join(parts) or 'nothing'}",
        *drift,
        f"{summary['open']} open, {summary['accepted']} accepted, {summary['holds']} hold",
    ]


def _drift(live: Mapping[str, Any]) -> str:
    return str(live["drift"]["closing"]) if live["drift"] else f"cannot tell: {live['refusal']}"
