"""How versions stand, as findings: one about each."""

from __future__ import annotations

from collections.abc import Sequence

from pgproof.drift.code import OF_HISTORY
from pgproof.drift.code import Code as Drifted
from pgproof.finding import Finding, Severity, Verdict
from pgproof.migrate.migration import label
from pgproof.migrate.standing import Condition, Standing
from pgproof.place import Place
from pgproof.report.drifted import SENTENCES
from pgproof.report.findings.code import Code, finding, name, pages
from pgproof.report.model import About, Page, Report

_CODES = {
    Condition.APPLIED: Code.MIGRATION_PENDING,
    Condition.PENDING: Code.MIGRATION_PENDING,
    Condition.LATE: Code.MIGRATION_LATE,
    Condition.UNWRITTEN: Code.MIGRATION_UNWRITTEN,
}
_WARNINGS = frozenset({Condition.PENDING, Condition.STOPPED, Condition.INTERRUPTED})
"""What `pgproof upgrade` mends."""


def status_report(database: str, folder: str, standings: Sequence[Standing]) -> Report:
    """The report of how files and history stand to each other."""
    shared = (Drifted.FILE_EDITED, Drifted.FILE_MISSING, Drifted.STOPPED, Drifted.INTERRUPTED)
    return Report(
        command="status",
        about=About(server="", mode="live", database=database, counts=(("migration", len(standings)),)),
        findings=tuple(_finding(each, folder) for each in standings),
        pages=(
            *pages(Code.MIGRATION_PENDING, Code.MIGRATION_LATE, Code.MIGRATION_UNWRITTEN),
            *(Page(code=str(code), name=name(code), text=SENTENCES[code]) for code in shared),
        ),
        by_object=True,
    )


def _finding(each: Standing, folder: str) -> Finding:
    holds = each.condition is Condition.APPLIED
    return finding(
        OF_HISTORY.get(each.condition) or _CODES[each.condition],
        each.name,
        f"{label(each.name)} is {each.condition}",
        Place(path=f"{folder}/{each.name}", line=1),
        verdict=Verdict.HOLDS if holds else Verdict.FAILS,
        severity=Severity.WARNING if each.condition in _WARNINGS else Severity.ERROR,
        detail=each.detail,
        hint="pgproof upgrade" if each.condition is Condition.PENDING else "",
    )
