"""The report as JSON: `pgproof.check/1`, described by `schemas/check.schema.json`.

Within a version, fields may be added and never change their meaning. Same findings, same bytes: sorted, no
times, no random names.
"""

from __future__ import annotations

import json
from typing import Any

from pgproof import __version__
from pgproof.finding import Finding
from pgproof.place import Place
from pgproof.report.model import About, Report, plural


def render(report: Report) -> str:
    """The report as one JSON object, indented, with a final line feed."""
    return json.dumps(as_data(report), ensure_ascii=False, indent=2) + "\n"


def as_data(report: Report) -> dict[str, Any]:
    """The report as what `json` can write."""
    summary = report.summary
    return {
        "schema": f"pgproof.{report.command}/1",
        "version": __version__,
        "strict": report.strict,
        "target": _target(report.about),
        "summary": {
            "open": summary.open,
            "fails": summary.fails,
            "unknown": summary.unknown,
            "accepted": summary.accepted,
            "holds": summary.holds,
        },
        **findings(report),
        "passed": [_finding(finding) for finding in report.holds],
    }


def findings(report: Report) -> dict[str, Any]:
    """What fails, or could not be told: the same in the JSON of every command that has findings.

    Where they are compared with others, each says how it stands to those, and there are `base` and `gone`.
    """
    told = [
        {**_finding(finding), "fingerprint": mark, **({"state": str(state)} if state else {})}
        for finding, mark in report.marked
        for state in (report.state(finding, mark),)
    ]
    if report.base is None:
        return {"findings": told}
    gone = [{**_finding(finding), "fingerprint": mark} for finding, mark in report.fixed]
    return {"findings": told, "base": report.base.path, "gone": gone}


def _target(about: About) -> dict[str, Any]:
    return {
        "mode": about.mode,
        "server": about.server,
        "provider": about.provider,
        "database": about.database,
        "counts": {plural(noun).replace(" ", "_"): number for noun, number in about.counts},
        "said": list(about.said),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    accepted = finding.accepted
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "verdict": finding.verdict.value,
        "object": finding.object,
        "place": _place(finding.place),
        "message": finding.message,
        "detail": finding.detail,
        "hint": finding.hint,
        "related": [_place(place) for place in finding.related],
        "accepted": {"because": accepted.because, "place": _place(accepted.place)} if accepted else None,
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "width": place.width,
        "text": place.text,
    }
