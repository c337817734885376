"""GitLab's code quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.

What is open is in it, and nothing else: GitLab compares the reports of two branches, and shows what came and went.
"""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any

from pgproof.finding import Finding, Severity
from pgproof.report.formats.shown import fingerprinted, headline, visible
from pgproof.report.model import Report

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(report: Report) -> str:
    """The report as one JSON array, with a final line feed."""
    open_ones = set(map(id, report.open))
    issues = [_issue(each, mark) for each, mark in fingerprinted(report.findings) if id(each) in open_ones]
    return json.dumps(issues, ensure_ascii=False, indent=2) + "\n"


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
