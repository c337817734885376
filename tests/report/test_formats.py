"""What other tools read: valid against their schemas, and whatever stands in a name, it is text there."""

import json
import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
import xmlschema

from pgproof.finding import Finding, Severity, Verdict
from pgproof.place import Place
from pgproof.report.formats import github, gitlab, junit, markdown, sarif
from pgproof.report.model import Page, Report
from tests.report import example

_SCHEMAS = Path(__file__).parents[1] / "cases" / "schemas"
_NASTY = (
    "a\"b'c<script>alert(1)</script>&]]>\n::error::x\r\n\x1b[31m\x00\u202egnp.exe\ud800"
    " [l](https://example.com) {0} %0A `t` @ann #7 | ,:"
)
NASTY = Finding(
    code="CON101",
    name="declared-constraint-missing",
    verdict=Verdict.FAILS,
    object=_NASTY,
    message=f"constraint {_NASTY} does not exist",
    place=Place(path="migrations/ä b,c:<1>%.sql", line=3, column=2, width=4, text=_NASTY.replace("\n", " ")),
    detail=_NASTY,
    hint=_NASTY,
    related=(Place(path=_NASTY.replace("\ud800", ""), line=1),),
)
_PAGES = (Page(code="CON101", name="declared-constraint-missing", text="It is there.\n\nBad:\n    SELECT 1;\n"),)
FINDINGS = (*example.FULL, NASTY, replace(NASTY, verdict=Verdict.UNKNOWN, object="b"))
REPORTS = {
    "full": Report(command="check", about=example.ABOUT, findings=FINDINGS, pages=_PAGES),
    "strict": Report(command="check", about=example.ABOUT, findings=FINDINGS, pages=_PAGES, strict=True),
    "nothing": example.report(),
}


@pytest.fixture(scope="module")
def of_sarif() -> Any:
    schema = json.loads((_SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text())
    return jsonschema.Draft4Validator(schema)


@pytest.fixture(scope="module")
def of_junit() -> Any:
    return xmlschema.XMLSchema(_SCHEMAS / "junit-10.xsd")


@pytest.mark.parametrize("name", REPORTS)
def test_sarif_keeps_to_its_schema(name: str, of_sarif: Any) -> None:
    log = json.loads(sarif.render(REPORTS[name]))
    assert [error.message for error in of_sarif.iter_errors(log)] == []
    del log["runs"][0]["tool"]
    assert not of_sarif.is_valid(log)


@pytest.mark.parametrize("name", REPORTS)
def test_junit_keeps_to_its_schema(name: str, of_junit: Any) -> None:
    text = junit.render(REPORTS[name])
    of_junit.validate(ElementTree.fromstring(text.encode()))
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        of_junit.validate(ElementTree.fromstring(text.replace("<testsuites name", "<testsuites nam").encode()))


def test_sarif_has_results_suppressions_and_notifications() -> None:
    (run,) = json.loads(sarif.render(REPORTS["full"]))["runs"]
    found = {each["ruleId"]: each for each in run["results"]}
    assert sorted(found) == ["CON101", "DOC101", "DOC102", "PLN102"]
    assert found["DOC101"]["suppressions"] == []
    (accepted,) = found["DOC102"]["suppressions"]
    assert accepted["justification"].startswith("customers live in another database")
    told = run["invocations"][0]["toolExecutionNotifications"]
    assert [each["associatedRule"]["id"] for each in told] == ["QRY101", "CON101"]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])
    assert rules[0]["help"]["markdown"] == "It is there.\n\n**Bad**:\n```sql\nSELECT 1;\n```".replace("**:", "**")
    (strict,) = json.loads(sarif.render(REPORTS["strict"]))["runs"]
    assert [each["suppressions"] for each in strict["results"]] == [[]] * 4


def test_a_fingerprint_does_not_hang_on_lines_or_words() -> None:
    def marks(*findings: Finding) -> list[str]:
        (run,) = json.loads(sarif.render(example.report(*findings)))["runs"]
        return [each["partialFingerprints"]["primaryLocationLineHash"] for each in run["results"]]

    moved = replace(example.MISSING, message="other words", place=replace(example.MISSING.place, line=99))
    assert marks(example.MISSING) == marks(moved)
    assert marks(example.MISSING) != marks(replace(example.MISSING, object="another"))
    assert len(set(marks(example.MISSING, moved, example.WIDE))) == 3
    quality = json.loads(gitlab.render(example.report(example.MISSING)))
    assert [each["fingerprint"] for each in quality] == marks(moved)


def test_junit_has_a_test_a_thing() -> None:
    root = ElementTree.fromstring(junit.render(REPORTS["full"]).encode())
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("37", "3", "2")
    kinds = {case.get("name"): [each.tag for each in case] for case in root.iter("testcase")}
    assert kinds["orders_custmer_idx"] == ["failure"]
    assert kinds["orders.customer_id"] == ["skipped"]
    assert kinds["b"] == ["error"]
    assert kinds["orders.id"] == []
    strict = ElementTree.fromstring(junit.render(REPORTS["strict"]).encode())
    assert (strict.get("failures"), strict.get("errors")) == ("4", "2")


def test_a_note_fails_no_test() -> None:
    root = ElementTree.fromstring(junit.render(example.report(replace(example.MISSING, severity=Severity.NOTE))))
    assert (root.get("tests"), root.get("failures")) == ("1", "0")
    assert root.find(".//system-out") is not None


def test_github_reads_one_command_a_line() -> None:
    *commands, last = github.render(REPORTS["full"]).splitlines()
    assert last == "pgproof check: 5 open, 1 accepted, 31 holding"
    form = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")
    parts = [form.fullmatch(line) for line in commands]
    assert all(parts), commands
    assert len(commands) == 5
    nasty = next(part for part in parts if part and "CON101" in part[2])
    assert [word.partition("=")[0] for word in nasty[2].split(",")] == [
        "file",
        "line",
        "endLine",
        "col",
        "endColumn",
        "title",
    ]
    assert nasty[2].startswith("file=migrations/ä b%2Cc%3A<1>%25.sql,line=3,")
    assert "%250A" in nasty[3]


def test_gitlab_has_what_is_open() -> None:
    found = json.loads(gitlab.render(REPORTS["full"]))
    assert [each["severity"] for each in found].count("minor") == 1
    assert len(found) == 5 == len({each["fingerprint"] for each in found})
    assert all(each["location"]["lines"]["begin"] >= 1 and each["description"] for each in found)
    assert json.loads(gitlab.render(example.report(example.ACCEPTED))) == []


def test_markdown_has_no_markup_of_users() -> None:
    text = markdown.render(REPORTS["full"])
    prose = re.sub(r"(?ms)^ *(```+)[a-z]*\n.*?^ *\1$|(?<!`)(`+)(?!`).+?(?<!`)\2(?!`)", "", text)
    assert "<script" not in re.sub(r"\\.", "", prose)
    assert "@ann" not in prose
    assert not re.search(r"(?<!\\)\[l", prose)
    assert text.index("#### Fails") < text.index("#### Could not be told") < text.index("<summary>Accepted")


@pytest.mark.parametrize("form", ["sarif", "junit", "github", "gitlab", "markdown"])
def test_nothing_that_steers_or_hides_is_put_out(form: str) -> None:
    text = import_module(f"pgproof.report.formats.{form}").render(REPORTS["full"])
    assert [char for char in text if not char.isprintable() and char not in "\n\t"] == []
    if form in {"sarif", "gitlab"}:
        said = json.dumps(json.loads(text), ensure_ascii=False)
        assert not {"\u202e", "\x1b", "\x00", "\ud800"} & set(said)
    assert import_module(f"pgproof.report.formats.{form}").render(REPORTS["full"]) == text
