"""`status`, `upgrade`, `downgrade`, `redo` and `verify` in the formats of other people's tools."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
import xmlschema

from pgproof.cli.outputs import FORMATS
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.cli.terminal import terminal
from tests.cli.told import Pgproof
from tests.migrate.case import write

pytestmark = pytest.mark.ends

_SCHEMAS = Path(__file__).parents[1] / "cases" / "schemas"
ALL = [word for form in FORMATS for word in ("--output", f"{form}:{form}.out")]
FILES = {
    "1-a.sql": "-- migrate:up\nCREATE TABLE a (b int);\n-- migrate:down\nDROP TABLE a;\n",
    "2-b.sql": "-- migrate:up\nALTER TABLE a ADD c int;\nSELECT 1/count(*) FROM a;\n-- migrate:down\nSELECT 1;\n",
    "3-c.sql": "-- migrate:up\nCREATE TABLE c (d int);\n",
}


@pytest.fixture(scope="module")
def of_sarif() -> Any:
    return jsonschema.Draft4Validator(json.loads((_SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text()))


@pytest.fixture(scope="module")
def of_junit() -> Any:
    return xmlschema.XMLSchema(_SCHEMAS / "junit-10.xsd")


@pytest.fixture
def valid(of_sarif: Any, of_junit: Any) -> Any:
    """The files of `ALL` keep to their schemas; gives the run of SARIF, and JUnit's tests."""

    def read() -> tuple[Any, dict[str, list[str]]]:
        log = json.loads(Path("sarif.out").read_text())
        assert [each.message for each in of_sarif.iter_errors(log)] == []
        root = ElementTree.parse("junit.out").getroot()
        of_junit.validate(root)
        (run,) = log["runs"]
        cases = {case.get("name", ""): [each.tag for each in case] for case in root.iter("testcase")}
        assert len(cases) == int(root.get("tests", "")), "each of another name"
        return run, cases

    return read


def test_an_upgrade_that_fails_and_one_that_does_not(pgproof: Pgproof, database: Conninfo, valid: Any) -> None:
    write(Path("migrations"), FILES)
    told = pgproof("upgrade", *ALL)
    assert told.code == 3
    run, tests = valid()
    assert tests == {"1-a.sql": [], "2-b.sql": ["failure"], "3-c.sql": ["skipped"], "pgproof upgrade": ["error"]}
    (invocation,) = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 3)
    said, not_reached = invocation["toolExecutionNotifications"]
    assert "division by zero" in said["message"]["text"]
    assert said["locations"][0]["physicalLocation"]["region"]["startLine"] == 3
    assert (not_reached["level"], not_reached["associatedRule"]["id"]) == ("note", "MIG102")
    (result,) = run["results"]
    assert (result["ruleId"], result["locations"][0]["physicalLocation"]["region"]["startLine"]) == ("MIG101", 3)
    text = Path("text.out").read_text()
    assert text.replace(database.description, "DATABASE").startswith(told.out.splitlines()[0])
    assert "  2-b  failed\n" in text
    assert text.endswith(told.err.partition("error: ")[2])
    events = [json.loads(line)["event"] for line in Path("json.out").read_text().splitlines()]
    assert events == ["planned", "began", "ended", "began", "failed"]
    github = Path("github.out").read_text().splitlines()
    assert github[-1] == "pgproof upgrade ended with exit code 3"
    assert [line.partition(",")[0] for line in github[:-1]] == [
        "::error file=migrations/2-b.sql",
        "::notice file=migrations/3-c.sql",
        "::error file=migrations/2-b.sql",
    ]
    markdown = Path("markdown.out").read_text()
    assert markdown.startswith("### pgproof upgrade: ended with exit code 3\n\n```\nmigrations/2-b.sql:3:")
    write(Path("migrations"), {"2-b.sql": "-- migrate:up\nALTER TABLE a ADD c int;\n"})
    assert pgproof("upgrade", *ALL).code == 0
    run, tests = valid()
    assert tests == {"2-b.sql": [], "3-c.sql": []}
    assert run["invocations"][0]["executionSuccessful"] is True
    times = [case.get("time", "") for case in ElementTree.parse("junit.out").getroot().iter("testcase")]
    assert all(float(each) > 0 for each in times)
    told = pgproof("upgrade", "--format", "junit", *ALL)
    assert (told.code, told.out) == (0, Path("junit.out").read_text())
    assert valid()[1] == {}


def test_downgrade_and_redo(pgproof: Pgproof, valid: Any) -> None:
    write(Path("migrations"), {"1-a.sql": FILES["1-a.sql"]})
    assert pgproof("upgrade").code == 0
    told = pgproof("redo", *ALL)
    assert told.code == 0
    assert valid()[1] == {"1-a.sql (downgrade)": [], "1-a.sql (upgrade)": []}
    text = Path("text.out").read_text()
    assert [line.split()[:2] for line in text.splitlines()[1:]] == [
        line.split()[:2] for line in told.out.splitlines()[1:]
    ]
    assert pgproof("downgrade", "--to", "0", *ALL).code == 0
    assert valid()[1] == {"1-a.sql": []}


def test_what_stops_before_anything_runs(pgproof: Pgproof, valid: Any) -> None:
    write(Path("migrations"), {"1-a.sql": "CREATE TABLE a (\n", "1-b.sql": "SELECT 1;\n"})
    for command in ("upgrade", "status", "verify", "check", "drift"):
        told = pgproof(command, *ALL)
        assert told.code == 2
        run, tests = valid()
        assert tests == {f"pgproof {command}": ["error"]}
        assert (run["results"], run["invocations"][0]["exitCode"]) == ([], 2)
        error = json.loads(_read("json").splitlines()[-1] if command == "upgrade" else _read("json"))
        assert (error.get("event", "failed"), error.get("exit_code", 2)) == ("failed", 2)
        assert len(error["problems"]) == len(run["invocations"][0]["toolExecutionNotifications"]) > 0
        assert _read("text").rstrip() in told.err.replace("pgproof: error: ", "").replace("error: ", "")
        assert _read("github").splitlines()[-1] == f"pgproof {command} ended with exit code 2"
        assert {each["severity"] for each in json.loads(_read("gitlab"))} == {"blocker"}


def _read(form: str) -> str:
    return Path(f"{form}.out").read_text()


@pytest.mark.parametrize("command", ["upgrade", "status", "drift", "check"])
def test_a_database_that_is_not_there(pgproof: Pgproof, database: Conninfo, valid: Any, command: str) -> None:
    write(Path("migrations"), {"1-a.sql": FILES["1-a.sql"]})
    nowhere = Conninfo.of(host="/nowhere", dbname="none", password="s3cret").secret
    told = pgproof(command, "--database", nowhere, "--format", "sarif", *ALL)
    assert told.code == 3
    run, _ = valid()
    assert json.loads(told.out) == json.loads(_read("sarif"))
    assert (run["invocations"][0]["executionSuccessful"], run["invocations"][0]["exitCode"]) == (False, 3)
    assert "s3cret" not in told.out + told.err + "".join(map(_read, FORMATS))


def test_status_has_a_test_a_migration(pgproof: Pgproof, database: Conninfo, valid: Any) -> None:
    write(Path("migrations"), {"1-a.sql": FILES["1-a.sql"], "3-c.sql": FILES["3-c.sql"]})
    assert pgproof("upgrade").code == 0
    write(
        Path("migrations"), {"2-b.sql": "SELECT 1;\n", "3-c.sql": "CREATE TABLE c ();\n", "4-d.sql": "SELECT 1;"}
    )
    told = pgproof("status", *ALL)
    assert told.code == 2
    run, tests = valid()
    assert tests == {"1-a.sql": [], "2-b.sql": ["failure"], "3-c.sql": ["failure"], "4-d.sql": ["failure"]}
    assert {each["ruleId"]: each["level"] for each in run["results"]} == {
        "HIS102": "error",
        "DRF201": "error",
        "HIS101": "warning",
    }
    assert [rule["help"]["text"] != "" for rule in run["tool"]["driver"]["rules"]] == [True] * 3
    assert _read("text").replace(database.description, "DATABASE").splitlines()[0] == told.out.splitlines()[0]


def test_verify_has_a_test_a_migration(pgproof: Pgproof, valid: Any) -> None:
    files = {
        "1-a.sql": FILES["1-a.sql"],
        "2-b.sql": "-- migrate:up\nALTER TABLE a ADD c int;\n-- migrate:down\nSELECT 1;\n",
        "3-c.sql": "-- migrate:up\nALTER TABLE a DROP b;\n-- migrate:down\nALTER TABLE a ADD b int;\n",
        "4-d.sql": FILES["3-c.sql"],
        "5-e.sql": "ALTER TABLE a ADD f int NOT NULL;\n",
        "6-f.sql": "SELECT 1/0;\n",
    }
    write(Path("migrations"), {**files, "2-b.sql": files["2-b.sql"].replace("ADD c", "ADD IF NOT EXISTS c")})
    told = pgproof("verify", *ALL)
    assert told.code == 3
    run, tests = valid()
    assert {name: kinds for name, kinds in tests.items() if kinds not in ([], ["system-out"])} == {
        "2-b.sql": ["failure"],
        "5-e.sql": ["failure"],
        "6-f.sql": ["failure"],
    }
    assert len(tests) == len(files)
    found = {(each["ruleId"], _object(each)): each["level"] for each in run["results"]}
    assert found[("REV101", "2-b.sql")] == "error"
    assert found[("REV105", "3-c.sql")] == "note"
    assert found[("REV104", "4-d.sql")] == "note"
    assert found[("REV103", "5-e.sql")] == "error"
    assert found[("MIG101", "6-f.sql")] == "error"
    assert _read("text") == told.out
    strict = pgproof("verify", "--strict", "--format", "gitlab", "--rows", "0")
    severities = {each["check_name"]: each["severity"] for each in json.loads(strict.out)}
    assert severities["no-way-back"] == "critical"


def _object(result: Any) -> str:
    return str(result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"])


def test_verify_tells_what_it_cannot(pgproof: Pgproof, valid: Any) -> None:
    table = "CREATE TABLE e (f int CHECK (false));\n"
    write(Path("migrations"), {"1-a.sql": table, "2-b.sql": "CREATE TABLE g (h int);\n"})
    told = pgproof("verify", *ALL)
    run, tests = valid()
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert (told.code, tests["2-b.sql"]) == (0, ["skipped"])
    assert {each["associatedRule"]["id"] for each in notes} == {"REV106"}


def test_a_dry_run_has_two_formats(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), {"1-a.sql": FILES["1-a.sql"]})
    told = pgproof("upgrade", "--dry-run", "--format", "json")
    assert (told.code, json.loads(told.out)["steps"][0]["name"]) == (0, "1-a.sql")
    for command in (["upgrade"], ["downgrade", "--to", "0"]):
        told = pgproof(*command, "--dry-run", "--output", "junit:a.xml")
        assert told.code == 2
        assert "--dry-run goes with --format text and json alone" in " ".join(told.err.split())
        assert "--dry-run goes with" in Path("a.xml").read_text()
    with closing(connect(database)) as conn:
        assert conn.execute("SELECT to_regclass('a')").fetchone() == (None,)


@pytest.mark.parametrize("command", ["upgrade", "verify"])
def test_whoever_interrupts_has_the_files(pgproof: Pgproof, valid: Any, command: str) -> None:
    """Of an upgrade they say what was done by then; the exit code is that of an interruption."""
    write(Path("migrations"), {"1-a.sql": FILES["1-a.sql"], "2-b.sql": "SELECT pg_sleep(60);\n"})
    with terminal(command, *ALL) as opened:
        opened.until("2-b" if command == "upgrade" else "pgproof verify: ")
        opened.type("\x03")
        assert opened.end() == 130
    run, tests = valid()
    done = {"1-a.sql": [], "2-b.sql": ["failure"]} if command == "upgrade" else {}
    assert tests == {**done, f"pgproof {command}": ["error"]}
    invocation = run["invocations"][0]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 130)
    last = json.loads(_read("json").splitlines()[-1] if command == "upgrade" else _read("json"))
    assert last.get("event", "interrupted") == "interrupted"
    assert "interrupted" in last["problems"][0]["message"] or "cancel" in last["problems"][0]["message"]
