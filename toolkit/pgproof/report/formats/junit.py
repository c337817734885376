"""JUnit XML, as Jenkins and its kin read it: one test for each thing that a rule has judged.

What fails is a failure, what could not be told an error, what is accepted is skipped. Notes change no exit code,
and fail no test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from pgproof.finding import Finding, Severity, Verdict
from pgproof.report.formats.shown import body, headline, on_one_line, visible
from pgproof.report.model import Report

_ROOT = "pgproof"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def render(report: Report) -> str:
    """The report as one document: a suite for each rule, a test for each object."""
    root = ET.Element("testsuites", {"name": f"{_ROOT} {report.command}"})
    by_code = sorted(report.findings, key=lambda finding: (finding.code, finding.object))
    total: Counter[str] = Counter()
    for (code, name), findings in groupby(by_code, key=lambda finding: (finding.code, finding.name)):
        total += _suite(root, f"{code} {name}", list(findings), report.strict)
    for word in ("tests", "failures", "errors"):
        root.set(word, str(total[word]))
    ET.indent(root)
    return _HEAD + ET.tostring(root, encoding="unicode") + "\n"


def _suite(root: ET.Element, name: str, findings: Sequence[Finding], strict: bool) -> Counter[str]:
    suite = ET.SubElement(root, "testsuite", {"name": name})
    count: Counter[str] = Counter()
    for thing, group in groupby(findings, key=lambda finding: finding.object):
        case = ET.SubElement(suite, "testcase", {"classname": f"{_ROOT}.{name.replace(' ', '.')}"})
        case.set("name", on_one_line(thing))
        case.set("time", "0")
        count["tests"] += 1
        count.update(_outcomes(case, list(group), strict))
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
        return ""
    return "error" if finding.verdict is Verdict.UNKNOWN else "failure"


def _text(finding: Finding) -> str:
    place = finding.place
    lines = [f"{on_one_line(str(place))}: {headline(finding)}"]
    if place.text:
        lines += [f"    {visible(place.text)}", f"    {place.caret}"]
    return "\n".join([*lines, body(finding)] if body(finding) else lines)
