"""`--format` and `--output`: several in one run, files whole or not there, and the exit code of the check."""

from __future__ import annotations

import json
import os
import re
from contextlib import closing
from pathlib import Path
from typing import cast
from xml.etree import ElementTree

import pytest

from pgproof.cli import outfile
from pgproof.cli.outputs import FORMATS
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.cli.test_unwritable import full
from tests.cli.told import Pgproof
from tests.migrate.case import write

GOOD = "CREATE TABLE a (b int PRIMARY KEY);\n"
BAD = GOOD + "-- Foreign key to the user\nCREATE INDEX c ON a (b);\n"

pytestmark = pytest.mark.ends


def test_several_files_in_one_run(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1-a.sql": BAD})
    Path("code.json").write_text("old")
    told = pgproof(
        "check", "-o", "sarif:a.sarif", "-o", "junit:a.xml", "-o", "gitlab:code.json", "--output", "text:a.txt"
    )
    assert told.code == 1
    assert told.err == ""
    assert Path("a.txt").read_text().splitlines()[1:] == told.out.splitlines()[1:]
    (run,) = json.loads(Path("a.sarif").read_text())["runs"]
    assert all(rule["help"]["text"] for rule in run["tool"]["driver"]["rules"])
    assert len(run["results"]) == len(json.loads(Path("code.json").read_text())) > 0
    assert ElementTree.parse("a.xml").getroot().get("failures") != "0"
    mask = os.umask(0)
    os.umask(mask)
    assert Path("a.sarif").stat().st_mode & 0o777 == 0o666 & ~mask
    assert sorted(path.name for path in Path().iterdir() if not path.name.startswith(".cache")) == sorted(
        ["a.sarif", "a.txt", "a.xml", "code.json", "migrations"]
    )


@pytest.mark.parametrize(("text", "code"), [(BAD, 1), (GOOD, 2)])
def test_a_file_that_cannot_be_written(pgproof: Pgproof, text: str, code: int) -> None:
    write(Path("migrations"), {"1-a.sql": text})
    told = pgproof(
        "check", "-o", "sarif:no/a.sarif", "-o", "junit:migrations", "-o", "github:a.txt", "--format", "github"
    )
    assert told.code == code
    assert Path("a.txt").read_text() == told.out
    assert told.err == (
        "pgproof: error: cannot write no/a.sarif: No such file or directory\n"
        "DETAIL: The command goes on: what it finds is told on standard output.\n"
        "HINT: name another file, or make its folder and the right to write there\n\n"
        "pgproof: error: cannot write migrations: Is a directory\n"
        "DETAIL: The command goes on: what it finds is told on standard output.\n"
        "HINT: name a file in it\n\n2 errors\n"
    )
    assert not Path("no").exists()


def test_a_file_of_which_it_shows_only_in_the_end_that_it_cannot_be_written(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1-a.sql": GOOD})
    with full(1000):
        told = pgproof("status", "-o", "text:a.txt", "-o", "text:no/b.txt", "-o", "html:c.html")
    assert told.code == 1
    assert [line for line in told.err.splitlines() if "error" in line] == [
        "pgproof: error: cannot write no/b.txt: No such file or directory",
        "pgproof: error: cannot write c.html: File too large",
    ]
    assert [each.name for each in Path().iterdir() if each.is_file()] == ["a.txt"]


def test_an_error_is_told_whatever_cannot_be_written(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1-a.sql": "CREATE TABEL a ();"})
    told = pgproof("check", "-o", "json:no/a.json")
    assert (told.code, told.err.count("cannot write no/a.json")) == (2, 1)
    assert "1-a.sql:1:8: error: " in told.err


def test_a_link_stays_one_and_a_device_is_written_to(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1-a.sql": GOOD})
    Path("real").write_text("old")
    Path("link").symlink_to("real")
    assert pgproof("check", "-o", "markdown:link", "-o", "json:/dev/null").code == 0
    assert Path("link").is_symlink()
    assert Path("real").read_text().startswith("### pgproof check: nothing is open\n")


def test_nothing_stays_of_a_file_that_was_not_finished(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with pytest.raises(TypeError):
        outfile.write(tmp_path / "a", cast(bytes, "no bytes"))
    assert [each.read_text() for each in tmp_path.iterdir()] == ["old"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "sarf"], 'there is no format "sarf". Did you mean "sarif"?'),
        (["--format", "qqqq"], 'there is no format "qqqq". Formats: text, json, junit,'),
        (["--output", "jnit:a.xml"], 'there is no format "jnit". Did you mean "junit"?'),
        (["--output", "a.sarif"], "say FORMAT:FILE, for example"),
        (["--output", "sarif:"], "say FORMAT:FILE, for example"),
        (["--output", "json"], 'say FORMAT:FILE, for example "json:pgproof.json"'),
        (["--output", "json:-"], "what is printed is said by --format json; a file - is ./-"),
        (
            ["--output", "json:a", "--output", "junit:./a"],
            "json and junit cannot both be written to a: name a file",
        ),
    ],
)
def test_words_that_are_no_output(pgproof: Pgproof, words: list[str], said: str) -> None:
    told = pgproof("check", *words)
    assert told.code == 2
    assert said in " ".join(told.err.split())


def test_drift_in_every_format(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), {"1-a.sql": "-- migrate:up\n" + GOOD})
    files = [word for form in FORMATS for word in ("--output", f"{form}:{form}.out")]
    assert pgproof("upgrade").code == 0
    assert pgproof("drift", *files).code == 0
    assert ElementTree.parse("junit.out").getroot().get("tests") == "1"
    assert json.loads(Path("gitlab.out").read_text()) == []
    assert Path("markdown.out").read_text().startswith("### pgproof drift: nothing is open\n")
    with closing(connect(database)) as conn:
        conn.execute('CREATE TABLE "<b>::error::" (c int); ALTER TABLE a ADD d text')
    told = pgproof("drift", *files)
    assert told.code == 1
    assert told.out == Path("text.out").read_text().replace(database.description, "DATABASE")
    data = json.loads(Path("json.out").read_text())
    objects = [item["object"] for each in data["differences"] for item in each["findings"]]
    (run,) = json.loads(Path("sarif.out").read_text())["runs"]
    found = [each["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] for each in run["results"]]
    assert sorted(found) == sorted(objects)
    assert {each["ruleId"] for each in run["results"]} == {"DRF102"}
    assert ElementTree.parse("junit.out").getroot().get("failures") == str(len(objects))
    lines = Path("github.out").read_text().splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["::error"] * len(objects) + ["pgproof"]
    assert "<b>" not in re.sub(r"\\.|`[^`]+`", "", Path("markdown.out").read_text())
    accept = [word for each in objects for word in ("--accept", f"DRF102:{each}")]
    assert pgproof("drift", *accept, "--because", "so it is", "--output", "sarif:a").code == 2
    Path("checks").mkdir()
    assert pgproof("drift", *accept, "--because", "so it is").code == 0
    assert pgproof("drift", *files).code == 0
    (run,) = json.loads(Path("sarif.out").read_text())["runs"]
    assert [each["suppressions"][0]["justification"] for each in run["results"]] == ["so it is"] * len(objects)


def test_plans_have_two_formats(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1-a.sql": "-- migrate:up\n" + GOOD})
    for words in (["--repair", "--format", "junit"], ["--adopt", "x", "--output", "json:a"]):
        told = pgproof("drift", *words)
        assert told.code == 2
        assert "--repair and --adopt go with --format text and json alone" in " ".join(told.err.split())


@pytest.mark.parametrize("words", [["--watch"], ["--unwatch", "--sql"]])
@pytest.mark.parametrize("asked", [["--format", "json"], ["--output", "junit:a.xml"]])
def test_what_has_one_form(pgproof: Pgproof, words: list[str], asked: list[str]) -> None:
    told = pgproof("drift", *words, *asked)
    assert told.code == 2
    assert "--watch and --unwatch go without --format, --output and --baseline" in " ".join(told.err.split())
    assert pgproof("drift", "--watch", "--sql").out.startswith("BEGIN;")


def test_an_edited_file_is_where_it_stands(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1-a.sql": "-- migrate:up\n" + GOOD})
    assert pgproof("upgrade").code == 0
    write(Path("migrations"), {"1-a.sql": "-- migrate:up\n" + GOOD.replace("int", "bigint")})
    told = pgproof("drift", "--format", "gitlab")
    assert told.code == 1
    (issue,) = [each for each in json.loads(told.out) if each["check_name"] == "file-edited"]
    assert Path(issue["location"]["path"]).is_file()
