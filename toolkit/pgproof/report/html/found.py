"""Findings as data of the page: each with the lines that it is about, and with what it leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pgproof.finding import Finding, Verdict
from pgproof.place import Place
from pgproof.report.model import Report

_AROUND = 2
"""So many lines before and after the one that is meant."""
WORST = ("fails", "unknown", "accepted", "holds")
"""What a finding comes to, worst first."""


def findings(report: Report, sources: Mapping[str, str]) -> list[dict[str, Any]]:
    """All findings, in the order of the report. `state` is one of `WORST`; those that hold have no lines."""
    lines = {path: text.split("\n") for path, text in sources.items()}
    should = {page.code: page.title for page in report.pages}
    return [_finding(each, state(report, each), lines, should.get(each.code, "")) for each in report.findings]


def state(report: Report, finding: Finding) -> str:
    """What the report makes of it: what is accepted is open in a strict one."""
    if finding.verdict is Verdict.HOLDS:
        return "holds"
    if finding.accepted and not report.strict:
        return "accepted"
    return finding.verdict.value


def worst(states: Sequence[str]) -> str:
    """The worst of these states, "" of none."""
    return next((each for each in WORST if each in states), "")


def _finding(finding: Finding, state: str, lines: Mapping[str, Sequence[str]], should: str) -> dict[str, Any]:
    is_short = state == "holds"
    accepted = finding.accepted
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "state": state,
        "object": finding.object,
        "message": finding.message,
        "detail": finding.detail,
        "hint": finding.hint,
        "should": "" if is_short else should,
        "place": {"at": str(finding.place)} if is_short else place(finding.place, lines),
        "related": [] if is_short else [place(each, lines) for each in finding.related],
        "because": accepted.because if accepted else "",
        "accepted_at": place(accepted.place, lines) if accepted else None,
    }


def place(where: Place, lines: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """A place with the lines around it; the one that is meant is in three parts, the middle one marked.

    Where the file's line is not as the place has it (it was rendered, or has changed), that line alone is shown.
    """
    found = lines.get(where.path, ())
    is_there = 0 < where.line <= len(found) and found[where.line - 1].rstrip("\r") == where.text
    first = max(1, where.line - _AROUND) if is_there else where.line
    last = min(len(found), where.line + _AROUND) if is_there else where.line
    shown = [
        {"number": number, "parts": _parts(where) if number == where.line else [found[number - 1].rstrip("\r")]}
        for number in range(first, last + 1)
    ]
    return {"at": str(where), "path": where.path, "line": where.line, "lines": shown if where.text else []}


def _parts(where: Place) -> list[str]:
    begin, end = where.column - 1, where.column - 1 + where.width
    return [where.text[:begin], where.text[begin:end], where.text[end:]]
