"""SARIF 2.1.0, for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.

Results are what fails; accepted ones have a suppression. What could not be told is a notification of the run. What
holds is left out: readers such as GitHub's do not look at `kind`, and would show it as an alert. Where there is
something to compare with, results say how they stand to it, and what was mended is one that is absent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from pgproof import __version__
from pgproof.errors import Problem
from pgproof.finding import Finding, Severity, Verdict
from pgproof.place import Place
from pgproof.report.formats.shown import body, headline, on_one_line, visible
from pgproof.report.model import Page, Report

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_PLACEHOLDER = re.compile(r"\{(\d+)\}")
_GONE = "absent"
_LINK = re.compile(r"\[(?=[^\[\]]*\]\()")


def render(report: Report) -> str:
    """The report as one log with one run, with a final line feed."""
    judged = [finding for finding in report.findings if finding.verdict is not Verdict.HOLDS]
    gone = [(finding, mark) for finding, mark in report.fixed if finding.verdict is Verdict.FAILS]
    rules = _rules(report, [*judged, *(finding for finding, _ in gone)])
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "pgproof", "version": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": report.failure is None,
                **({"exitCode": report.failure.exit_code} if report.failure else {}),
                "toolExecutionNotifications": [
                    *map(_failed, report.failure.problems if report.failure else ()),
                    *(
                        _notification(finding, numbers, report.strict)
                        for finding in judged
                        if finding.verdict is Verdict.UNKNOWN
                    ),
                ],
            }
        ],
        "results": [
            *(
                _result(finding, mark, numbers, report.strict, report.state(finding, mark))
                for finding, mark in report.marked
                if finding.verdict is Verdict.FAILS
            ),
            *(_result(finding, mark, numbers, report.strict, _GONE) for finding, mark in gone),
        ],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _rules(report: Report, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Those that have found something, by code."""
    pages = {page.code: page for page in report.pages}
    worst: dict[str, Finding] = {}
    for finding in findings:
        before = worst.get(finding.code)
        if before is None or _rank(finding.severity) < _rank(before.severity):
            worst[finding.code] = finding
    return [_rule(finding, pages.get(code)) for code, finding in sorted(worst.items())]


def _rank(severity: Severity) -> int:
    return list(Severity).index(severity)


def _rule(finding: Finding, page: Page | None) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": finding.code,
        "name": finding.name,
        "defaultConfiguration": {"level": finding.severity.value},
    }
    if page:
        rule["shortDescription"] = {"text": page.title}
        rule["fullDescription"] = {"text": page.text}
        rule["help"] = {"text": page.text, "markdown": _markdown(page.text)}
    return rule


def _markdown(text: str) -> str:
    """A page, its indented blocks as SQL and the labels above them as headings."""
    lines, is_code = [], False
    for line in text.splitlines():
        if line.startswith("    ") and not is_code:
            lines.append("```sql")
            is_code = True
        elif is_code and line.strip() and not line.startswith("    "):
            lines.append("```")
            is_code = False
        lines.append(line.removeprefix("    ") if is_code else re.sub(r"^(Bad|Good):$", r"**\1**", line))
    return "\n".join([*lines, "```"] if is_code else lines)


def _result(
    finding: Finding, mark: str, numbers: dict[str, int], strict: bool, state: str | None
) -> dict[str, Any]:
    accepted = finding.accepted
    result = {
        "ruleId": finding.code,
        "ruleIndex": numbers[finding.code],
        "level": finding.severity.value,
        "message": {"text": _text(finding)},
        "locations": [_location(finding.place, finding.object)],
        # the one that GitHub compares: it makes its own of lines where it is missing
        "partialFingerprints": {"primaryLocationLineHash": mark},
        "suppressions": [_suppression(finding)] if accepted and not strict else [],
    }
    if state:
        result["baselineState"] = str(state)
    if finding.related:
        result["relatedLocations"] = [_location(place) for place in finding.related]
    return result


def _suppression(finding: Finding) -> dict[str, Any]:
    assert finding.accepted is not None
    return {
        "kind": "external",
        "status": "accepted",
        "justification": visible(finding.accepted.because),
        "location": _location(finding.accepted.place),
    }


def _notification(finding: Finding, numbers: dict[str, int], strict: bool) -> dict[str, Any]:
    is_open = strict or finding.accepted is None
    return {
        "associatedRule": {"id": finding.code, "index": numbers[finding.code]},
        "level": finding.severity.value if is_open else "note",
        "message": {"text": _text(finding)},
        "locations": [_location(finding.place, finding.object)],
    }


def _failed(problem: Problem) -> dict[str, Any]:
    """What ended the command."""
    told: dict[str, Any] = {"level": "error", "message": {"text": _plain(visible(str(problem)))}}
    return {**told, "locations": [_location(problem.place)]} if problem.place else told


def _text(finding: Finding) -> str:
    """Message and what follows it."""
    return _plain("\n".join(part for part in (headline(finding), body(finding)) if part))


def _plain(text: str) -> str:
    """What would be a placeholder or a link of SARIF is none (3.11.5, 3.11.6)."""
    text = _PLACEHOLDER.sub(r"{{\1}}", text)
    return _LINK.sub(r"\\[", text)


def _location(place: Place, thing: str = "") -> dict[str, Any]:
    region: dict[str, Any] = {
        "startLine": max(1, place.line),
        "startColumn": max(1, place.column),
        "endColumn": max(1, place.column) + max(1, place.width),
    }
    if place.text:
        region["snippet"] = {"text": visible(place.text)}
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": _uri(place.path)}, "region": region}
    }
    if thing:
        location["logicalLocations"] = [{"fullyQualifiedName": on_one_line(thing)}]
    return location


def _uri(path: str) -> str:
    pure = PurePath(path)
    return pure.as_uri() if pure.is_absolute() else quote(pure.as_posix().encode("utf-8", "surrogateescape"))
