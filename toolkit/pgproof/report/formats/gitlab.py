"""GitLab's code quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.

What is open is in it, and nothing else: GitLab compares the reports of two branches, and shows what came and went.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from pgproof.errors import Problem
from pgproof.finding import Finding, Severity
from pgproof.place import Place
from pgproof.report.formats.shown import headline, on_one_line, visible
from pgproof.report.model import Report

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(report: Report) -> str:
    """The report as one JSON array, with a final line feed."""
    open_ones = set(map(id, report.open))
    issues = [_issue(each, mark) for each, mark in report.marked if id(each) in open_ones]
    if report.failure:
        issues += [_failed(each, report.command) for each in report.failure.problems]
    return json.dumps(issues, ensure_ascii=False, indent=2) + "\n"


def _failed(problem: Problem, command: str) -> dict[str, Any]:
    """What ended the command. An issue stands somewhere: if nowhere else, in the project's folder."""
    place = problem.place or Place(path=".", line=1)
    digest = sha256(f"{command}\0{problem.message}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return {
        "description": f"pgproof {command}: {on_one_line(problem.message)}",
        "check_name": f"pgproof-{command}",
        "fingerprint": f"{digest}:1",
        "severity": "blocker",
        "location": {
            "path": visible(PurePath(place.path).as_posix()),
            "lines": {"begin": max(1, place.line)},
        },
    }


def _issue(finding: Finding, mark: str) -> dict[str, Any]:
    hint = f" (hint: {visible(finding.hint)})" if finding.hint else ""
    return {
        "description": f"{finding.code} {headline(finding)}{hint}",
        "check_name": finding.name,
        "fingerprint": mark,
        "severity": _SEVERITIES[finding.severity],
        "location": {
            "path": visible(PurePath(finding.place.path).as_posix()),
            "lines": {"begin": max(1, finding.place.line)},
        },
    }
