"""GitHub's annotations, as workflow commands on standard output, and below them one line that counts.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions. GitHub shows ten errors and ten
warnings of a step beside the lines; all are in its log. What is
new stands first. `markdown` is for the summary of the step.
"""

from __future__ import annotations

from pathlib import PurePath

from pgproof.errors import Problem
from pgproof.finding import Finding, Severity
from pgproof.place import TYPED, Place
from pgproof.report.formats.shown import body, headline, visible
from pgproof.report.model import Report

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report) -> str:
    """One command a line for each open finding, and the line that counts."""
    summary = report.summary
    counts = f"{summary.open} open, {summary.accepted} accepted, {summary.holds} holding"
    last = f"pgproof {report.command}: {counts}"
    failed: tuple[str, ...] = ()
    if report.failure:
        failed = tuple(_failed(each, report.command) for each in report.failure.problems)
        last = f"pgproof {report.command} ended with exit code {report.failure.exit_code}"
    new = set(map(id, report.new))
    first = sorted(report.open, key=lambda finding: id(finding) not in new)
    return "".join(f"{line}\n" for line in (*map(_command, first), *failed, last))


def _failed(problem: Problem, command: str) -> str:
    """What ended the command; beside a line only where it stands in a file."""
    properties = {"title": f"pgproof {command}"}
    if problem.place and problem.place.path != TYPED:
        properties = {**_place(problem.place), **properties}
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::error {said}::{_data(visible(str(problem)))}"


def _command(finding: Finding) -> str:
    properties = {**_place(finding.place), "title": f"{finding.code} {finding.name}"}
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = "\n".join(part for part in (headline(finding), body(finding)) if part)
    return f"::{_COMMANDS[finding.severity]} {said}::{_data(text)}"


def _place(place: Place) -> dict[str, str]:
    return {
        "file": visible(PurePath(place.path).as_posix()),
        "line": str(max(1, place.line)),
        "endLine": str(max(1, place.line)),
        "col": str(max(1, place.column)),
        "endColumn": str(max(1, place.column) + max(1, place.width)),
    }


def _data(text: str) -> str:
    """As @actions/core's escapeData has it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """As @actions/core's escapeProperty has it."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
