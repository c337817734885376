"""How migrations were taken back, as findings: one or more about each of them on each server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pgproof.drift import words
from pgproof.drift.compare import Difference
from pgproof.drift.reversal import Outcome, Reversal
from pgproof.drift.words import Voice
from pgproof.errors import Problem
from pgproof.finding import Finding, Severity, Verdict
from pgproof.place import Place
from pgproof.report.findings.code import Code, finding, pages
from pgproof.report.model import About, Report
from pgproof.report.verified import BEFORE, FIRST, asides

Servers = Sequence[tuple[str, Sequence[Reversal]]]


def verify_report(servers: Servers, *, strict: bool) -> Report:
    """The report of what `verify` found on each server; `strict` is whether a way back has to be there."""
    counts = sum(len(found) for _, found in servers)
    return Report(
        command="verify",
        about=About(
            server="; ".join(server for server, _ in servers),
            mode="scratch",
            counts=(("migration", counts),),
        ),
        findings=tuple(
            told
            for _, found in servers
            for each in found
            for told in _findings(each, _thing(each, len(servers) > 1), is_strict=strict)
        ),
        pages=pages(Code.MIGRATION_REFUSED, *(code for code in Code if code.startswith("REV"))),
        by_object=True,
    )


def _thing(each: Reversal, is_one_of_many: bool) -> str:
    """What it is called from one run to the next, whatever the minor release of the server."""
    return f"{each.migration.name} on PostgreSQL {each.major}" if is_one_of_many else each.migration.name


def _findings(each: Reversal, thing: str, *, is_strict: bool) -> Iterator[Finding]:
    label, up = each.migration.label, each.migration.up.place
    down = each.migration.down.place if each.migration.down else up
    if each.outcome is Outcome.FAILED:
        yield _refused(Code.MIGRATION_REFUSED, thing, f"{label} is refused", each.problem, up)
        return
    if each.outcome is Outcome.BACK:
        message = f"{label} can be taken back"
        detail = "\n".join(asides(each))
        yield finding(Code.DOWNGRADE_DIFFERS, thing, message, down, verdict=Verdict.HOLDS, detail=detail)
    if each.left:
        message, detail = f"behind the downgrade of {label} not all is as before", _lines(each.left, BEFORE)
        yield finding(Code.DOWNGRADE_DIFFERS, thing, message, down, detail=detail)
    if each.again:
        message, detail = f"the second upgrade of {label} is not as the first", _lines(each.again, FIRST)
        yield finding(Code.SECOND_UPGRADE_DIFFERS, thing, message, up, detail=detail)
    if each.problem:
        message = f"the second upgrade of {label} is refused"
        yield _refused(Code.SECOND_UPGRADE_DIFFERS, thing, message, each.problem, up)
    if each.refused:
        message = f"{label} works only on empty tables"
        yield _refused(Code.ONLY_ON_EMPTY_TABLES, thing, message, each.refused, up)
    if each.outcome is Outcome.IRREVERSIBLE:
        severity = Severity.ERROR if is_strict else Severity.NOTE
        yield finding(Code.NO_WAY_BACK, thing, f"{label} has no downgrade", up, severity=severity)
    yield from _of_rows(each, thing)


def _of_rows(each: Reversal, thing: str) -> Iterator[Finding]:
    label, place = each.migration.label, each.migration.up.place
    if each.losses or each.emptied:
        lost = [f"the upgrade drops {words.label(fact)}" for fact in each.emptied]
        detail = "\n".join((*each.losses, *lost))
        message = f"{label} and the way back do not keep all values"
        yield finding(Code.VALUES_LOST, thing, message, place, severity=Severity.NOTE, detail=detail)
    if each.untold:
        message = f"what becomes of rows in {label}"
        yield _refused(Code.ROWS_UNTOLD, thing, message, each.untold, place, Verdict.UNKNOWN)
    if each.unfilled:
        message, detail = f"{label} was tried without rows in some tables", "\n".join(each.unfilled)
        yield finding(
            Code.ROWS_UNTOLD,
            thing,
            message,
            place,
            verdict=Verdict.UNKNOWN,
            severity=Severity.NOTE,
            detail=detail,
        )


def _refused(
    code: Code,
    thing: str,
    message: str,
    problem: Problem | None,
    place: Place,
    verdict: Verdict = Verdict.FAILS,
) -> Finding:
    """A finding with what the server said, where it points to."""
    if problem is None:
        return finding(code, thing, message, place, verdict=verdict)
    message, where = f"{message}: {problem.message}", problem.place or place
    sqlstate = f"SQLSTATE: {problem.sqlstate}" if problem.sqlstate else ""
    detail = "\n".join(part for part in (sqlstate, problem.detail, *problem.context) if part)
    return finding(code, thing, message, where, verdict=verdict, detail=detail, hint=problem.hint)


def _lines(differences: Sequence[Difference], voice: Voice) -> str:
    return "\n".join(line.strip() for each in differences for line in words.lines(each, voice))
