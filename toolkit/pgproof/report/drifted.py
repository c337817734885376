"""What `drift` came to as findings, for the formats that have these in common with `check`.

A difference stands in no file of anybody's: its place is the folder of migrations, and that of a version its file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pgproof.drift import words
from pgproof.drift.code import OF_HISTORY, Code, Item, items
from pgproof.drift.compare import Difference
from pgproof.drift.outcome import Drift
from pgproof.drift.outcome import Verdict as Outcome
from pgproof.finding import Acceptance, Finding, Verdict
from pgproof.place import Place
from pgproof.report.drift import signature
from pgproof.report.model import About, Page, Report

SENTENCES = {
    Code.MISSING: "What the files make is in the database.",
    Code.UNEXPECTED: "What is in the database, a file makes.",
    Code.CHANGED: "What is in the database is as the files make it.",
    Code.FILE_EDITED: "The file of an applied migration is what was applied.",
    Code.FILE_MISSING: "An applied migration has its file.",
    Code.STOPPED: "No migration has stopped half way.",
    Code.INTERRUPTED: "No migration was interrupted.",
    Code.UNTOLD: "All that is compared can be seen.",
}
"""What should be, by code."""


def drift_report(result: Drift, folder: str) -> Report:
    """The report of a comparison with the files in `folder`; if nothing is to be told, that it holds."""
    found = list(_findings(result, folder))
    if result.verdict is Outcome.SAME and not found:
        found = [
            _finding(Code.CHANGED, result.database, "the database is what the files build", folder, Verdict.HOLDS)
        ]
    if result.is_stirred:  # what was found may be of no one state
        found = [replace(each, verdict=Verdict.UNKNOWN) for each in found]
    about = About(
        server=result.expected,
        mode="live",
        database=result.database,
        said=(*result.remarks, *result.notes),
    )
    pages = tuple(Page(code=code, name=_name(code), text=text) for code, text in SENTENCES.items())
    return Report(command="drift", about=about, findings=tuple(found), pages=pages)


def _findings(result: Drift, folder: str) -> Iterator[Finding]:
    for each in result.differences:
        for line, item in zip(words.lines(each), items(each), strict=True):
            yield _difference(result, each, item, line, folder)
    for standing in result.standings:
        code = OF_HISTORY[standing.condition]
        message = f"{standing.name} {standing.condition}: {standing.detail}"
        yield _finding(code, standing.name, message, f"{folder}/{standing.name}")
    reasons = [*result.reasons]
    if result.is_stirred:
        reasons.append("the schema was changed while it was read, and again when it was read again: run again")
    for reason in reasons:
        yield _finding(Code.UNTOLD, result.database, reason, folder, Verdict.UNKNOWN)


def _difference(result: Drift, each: Difference, item: Item, line: str, folder: str) -> Finding:
    found = _finding(item.code, item.object, line.partition(" ")[2], folder)
    deed, acceptance = result.deeds.get(each.key), result.accepted.get(item)
    return replace(
        found,
        detail=signature(deed) if deed else "",
        accepted=Acceptance(because=acceptance.because, place=acceptance.place) if acceptance else None,
    )


def _finding(code: Code, thing: str, message: str, path: str, verdict: Verdict = Verdict.FAILS) -> Finding:
    place = Place(path=path, line=1)
    return Finding(code=str(code), name=_name(code), verdict=verdict, object=thing, message=message, place=place)


def _name(code: Code) -> str:
    return code.name.lower().replace("_", "-")
