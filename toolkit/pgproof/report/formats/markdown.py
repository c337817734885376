"""Markdown, for a comment on a pull request or the summary of a step: what is open first, then what was accepted.

Where there is something to compare with, what is new comes before what was there before.
Names and texts of users are written so that they are no markup and no HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pgproof.finding import Finding, Verdict
from pgproof.report.formats.shown import on_one_line, visible
from pgproof.report.model import Failure, Report, counted

_MARKUP = re.compile(r"([\\`*_\[\]<>~&$])")
_REFERENCE = re.compile(r"([@#])(?=\w)")
_TICKS = re.compile(r"`+")
_MOST = 50
"""A comment may have 65,536 characters on GitHub; what is more is counted."""


def render(report: Report) -> str:
    """The report as GitHub's Markdown, with a final line feed."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    summary, about = report.summary, report.about
    if report.failure:
        yield from _failed(report.command, report.failure)
        if not report.findings:
            return
        yield ""
    yield f"### pgproof {report.command}: {report.verdict}"
    yield ""
    looked = ", ".join(counted(number, noun) for noun, number in about.counts)
    yield _escaped(". ".join(part for part in (about.server, looked) if part)) + "."
    if report.base:
        yield from _changed(report)
    else:
        for verdict_of, title in ((Verdict.FAILS, "Fails"), (Verdict.UNKNOWN, "Could not be told")):
            yield from _section(title, [finding for finding in report.open if finding.verdict is verdict_of])
    if report.accepted:
        yield from ("", f"<details><summary>Accepted ({len(report.accepted)})</summary>", "")
        yield from map(_accepted, report.accepted[:_MOST])
        if len(report.accepted) > _MOST:
            yield from ("", f"and {len(report.accepted) - _MOST} more")
        yield from ("", "</details>")
    yield ""
    yield f"{summary.open} open, {summary.accepted} accepted, {summary.holds} holding"


def _changed(report: Report) -> Iterator[str]:
    """What is new, what is no more, and, folded, what was there before."""
    new = set(map(id, report.new))
    rest = [finding for finding in report.open if id(finding) not in new]
    yield ""
    yield f"C{_escaped(report.compared)[1:]}."
    yield from _section("New", report.new)
    if report.fixed:
        yield from ("", f"#### Gone ({len(report.fixed)})", "")
        yield from (f"- {each.code} {_code(each.object)}" for each, _ in report.fixed[:_MOST])
        if len(report.fixed) > _MOST:
            yield from ("", f"and {len(report.fixed) - _MOST} more")
    if rest:
        yield from ("", f"<details><summary>Still there ({len(rest)})</summary>", "")
        yield from _listed(rest)
        yield from ("", "</details>")


def _section(title: str, found: Sequence[Finding]) -> Iterator[str]:
    if found:
        yield from ("", f"#### {title} ({len(found)})", "")
        yield from _listed(found)


def _listed(found: Sequence[Finding]) -> Iterator[str]:
    for finding in found[:_MOST]:
        yield from _open(finding)
    if len(found) > _MOST:
        yield from ("", f"and {len(found) - _MOST} more")


def _failed(command: str, failure: Failure) -> Iterator[str]:
    yield f"### pgproof {command}: ended with exit code {failure.exit_code}"
    for problem in failure.problems[:_MOST]:
        yield from ("", *_block(str(problem), ""))
    if len(failure.problems) > _MOST:
        yield from ("", f"and {len(failure.problems) - _MOST} more")


def _open(finding: Finding) -> Iterator[str]:
    kind = finding.severity.value if finding.verdict is Verdict.FAILS else "unknown"
    yield f"- **{kind}** {finding.code} {_code(str(finding.place))}: {_escaped(finding.message)}"
    if finding.place.text:
        yield from _indented(_block(finding.place.text, "sql"))
    if finding.detail:
        yield from _indented(_block(finding.detail, ""))
    if finding.hint:
        yield from ("", f"  Hint: {_code(finding.hint)}", "")


def _accepted(finding: Finding) -> str:
    assert finding.accepted is not None
    thing = _code(finding.object)
    return f"- {finding.code} {thing}: {_escaped(finding.message)}, because {_escaped(finding.accepted.because)}"


def _indented(lines: list[str]) -> Iterator[str]:
    return (f"  {line}".rstrip() for line in ("", *lines, ""))


def _block(text: str, language: str) -> list[str]:
    """A fenced block; the fence is longer than any row of backticks in it."""
    fence = "`" * max(3, _longest(text) + 1)
    return [f"{fence}{language}", *visible(text).rstrip().splitlines(), fence]


def _code(text: str) -> str:
    """A span of code on one line, in which nothing is markup."""
    text = on_one_line(text)
    ticks = "`" * (_longest(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _longest(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)


def _escaped(text: str) -> str:
    """Prose on one line. A comment keeps @ann and #7 from calling somebody or leading to an issue."""
    return _REFERENCE.sub(r"\1<!-- -->", _MARKUP.sub(r"\\\1", on_one_line(text)))
