"""JUnit XML, as Jenkins and its kin read it: one test for each thing that a rule has judged.

What fails is a failure, what could not be told an error, what is accepted is skipped. Notes change no exit code,
and fail no test; what could not be told, but is a note, is skipped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from pgproof.finding import Finding, Severity, Verdict
from pgproof.report.formats.shown import body, headline, on_one_line, visible
from pgproof.report.model import Failure, Report

_ROOT = "pgproof"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def render(report: Report) -> str:
    """The report as one document: a suite for each rule, a test for each object."""
    root = ET.Element("testsuites", {"name": f"{_ROOT} {report.command}"})
    total: Counter[str] = Counter()
    for name, findings in _suites(report):
        total += _suite(root, name, findings, report)
    if report.failure:
        total += _failed(root, report, report.failure)
    for word in ("tests", "failures", "errors"):
        root.set(word, str(total[word]))
    ET.indent(root)
    return _HEAD + ET.tostring(root, encoding="unicode") + "\n"


def _suites(report: Report) -> Iterator[tuple[str, Sequence[Finding]]]:
    """Findings by code, or all of them where they are by object; then by object."""
    if report.by_object:
        if report.findings:
            yield report.command, sorted(report.findings, key=lambda finding: finding.object)
        return
    by_code = sorted(report.findings, key=lambda finding: (finding.code, finding.object))
    for (code, name), findings in groupby(by_code, key=lambda finding: (finding.code, finding.name)):
        yield f"{code} {name}", list(findings)


def _failed(root: ET.Element, report: Report, failure: Failure) -> Counter[str]:
    """What ended the command is an error of one test more, the command itself."""
    suite = ET.SubElement(root, "testsuite", {"name": f"{_ROOT} {report.command}"})
    case = ET.SubElement(suite, "testcase", {"classname": _ROOT, "name": f"{_ROOT} {report.command}", "time": "0"})
    first = failure.problems[0].message if failure.problems else ""
    error = ET.SubElement(case, "error", {"message": on_one_line(first), "type": f"exit code {failure.exit_code}"})
    error.text = "\n\n".join(visible(str(each)) for each in failure.problems)
    count = Counter({"tests": 1, "errors": 1})
    for word in ("tests", "failures", "errors", "skipped"):
        suite.set(word, str(count[word]))
    return count


def _suite(root: ET.Element, name: str, findings: Sequence[Finding], report: Report) -> Counter[str]:
    suite = ET.SubElement(root, "testsuite", {"name": name})
    count: Counter[str] = Counter()
    for thing, group in groupby(findings, key=lambda finding: finding.object):
        case = ET.SubElement(suite, "testcase", {"classname": f"{_ROOT}.{name.replace(' ', '.')}"})
        case.set("name", on_one_line(thing))
        case.set("time", f"{report.seconds.get(thing, 0):.6g}")
        count["tests"] += 1
        count.update(_outcomes(case, list(group), report.strict))
    for word in ("tests", "failures", "errors", "skipped"):
        suite.set(word, str(count[word]))
    return count


def _outcomes(case: ET.Element, findings: Sequence[Finding], strict: bool) -> Iterable[str]:
    """Put the worst of the findings about one object into its test, with what all of them say. Gives its count."""
    ranked = sorted(findings, key=lambda finding: _ORDER.index(_kind(finding, strict)))
    kind = _kind(ranked[0], strict)
    told = [finding for finding in ranked if finding.verdict is not Verdict.HOLDS]
    if not kind:
        if told:
            ET.SubElement(case, "system-out").text = "\n\n".join(map(_text, told))
        return ()
    outcome = ET.SubElement(case, kind, {"message": headline(ranked[0]), "type": ranked[0].code})
    outcome.text = "\n\n".join(map(_text, told))
    return (_COUNTED[kind],)


_ORDER = ("failure", "error", "skipped", "")
_COUNTED = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def _kind(finding: Finding, strict: bool) -> str:
    if finding.verdict is Verdict.HOLDS:
        return ""
    if finding.accepted and not strict:
        return "skipped"
    if finding.severity is Severity.NOTE:
        return "skipped" if finding.verdict is Verdict.UNKNOWN else ""
    return "error" if finding.verdict is Verdict.UNKNOWN else "failure"


def _text(finding: Finding) -> str:
    place = finding.place
    lines = [f"{on_one_line(str(place))}: {headline(finding)}"]
    if place.text:
        lines += [f"    {visible(place.text)}", f"    {place.caret}"]
    return "\n".join([*lines, body(finding)] if body(finding) else lines)
