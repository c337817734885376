"""README's tour, run: what it tells a person to type gives what it says.

The blocks run in the order in which they stand, in a copy of this repository. A `console` block holds commands
after `$ ` and what they print; a line `...` stands for any lines, `...` within a line for any part of it. A block
after `<!-- file: PATH -->` is written to PATH; `<!-- before: COMMAND -->` is run before a block, and has to
succeed. Of a `yaml` block after `<!-- run -->` the scripts of its jobs are run, but for what installs pgproof, and
have to succeed. The two commands of README run in `.ci/run`, since one of them runs these tests.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from pgproof.database.conninfo import Conninfo
from tests.house.repository import TOP, tracked

BLOCK = re.compile(
    r"^(?:<!-- (?:file: (?P<file>\S+)|before: (?P<before>[^\n]+)|(?P<run>run)) -->\n)?"
    r"```(?P<kind>\w+)\n(?P<body>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
COMMAND = re.compile(r"^\$ (?P<command>(?:.*\\\n)*.*)\n(?P<output>(?:(?!\$ ).*\n)*)", re.MULTILINE)
# what differs from machine to machine and from run to run
VARIABLE = (
    (re.compile(r'^database "[^"]*" at .*?(?=, migrations in|$)', re.MULTILINE), "(database)"),
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4}  by \w+"), "(moment)"),
    (re.compile(r"\b\d+(?:\.\d+)? ?(?:s|ms)\b"), "(time)"),
    (re.compile(r"PostgreSQL \d+(?:\.\d+)*[^\n]*"), "PostgreSQL (version, provider)"),
    (re.compile(r"[ \t]+$", re.MULTILINE), ""),
)


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the tour and what README says that it prints; how it ends, if that is said."""

    text: str
    output: str
    line: int
    status: int | None = None


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that the tour asks for."""

    path: str
    text: str


def tour(text: str) -> Iterator[Command | WrittenFile]:
    """What a person who follows the document does, in order."""
    for block in BLOCK.finditer(text):
        if block["file"]:
            yield WrittenFile(block["file"], block["body"])
        elif block["kind"] == "console":
            if block["before"]:
                yield Command(block["before"], "...\n", text.count("\n", 0, block.start()) + 1, status=0)
            for found in COMMAND.finditer(block["body"]):
                line = text.count("\n", 0, block.start("body") + found.start()) + 1
                yield Command(found["command"], found["output"], line)
        elif block["run"]:
            line = text.count("\n", 0, block.start("body")) + 1
            for script in scripts(yaml.safe_load(block["body"])):
                yield Command(script, "...\n", line, status=0)


def scripts(value: object) -> Iterator[str]:
    """What the jobs of a file for GitHub Actions (`run`) or GitLab (`script`) do."""
    if isinstance(value, list):
        for each in value:
            yield from scripts(each)
    if isinstance(value, dict):
        for key, each in value.items():
            lines = each if isinstance(each, list) else [each]
            if key not in ("run", "script"):
                yield from scripts(each)
            elif all(isinstance(line, str) for line in lines):
                yield from (line for line in lines if not line.startswith("pip install"))


def plain(output: str) -> str:
    """Output without what differs from run to run."""
    for pattern, word in VARIABLE:
        output = pattern.sub(word, output)
    return output.strip("\n")


def agrees(printed: str, shown: str) -> bool:
    """True if a command printed what the document shows."""
    parts = [_pattern(part) for part in re.split(r"^\.\.\.$", plain(shown), flags=re.MULTILINE)]
    return re.fullmatch("(?:.*)".join(parts), plain(printed), re.DOTALL) is not None


def _pattern(shown: str) -> str:
    return r"[^\n]*".join(map(re.escape, re.split(r"(?<= )\.\.\.(?= |$)", shown, flags=re.MULTILINE)))


def walked(document: Path, folder: Path, database: Conninfo) -> list[str]:
    """What a person gets who follows a document in a copy of this repository, where it is not what is shown."""
    for path in tracked():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TOP / path, folder / path)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environment = kept | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DATABASE_URL": database.secret,
        "COLUMNS": "100",
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
    }
    commit(folder)
    status = 0
    wrong = []
    steps = list(tour(document.read_text(encoding="utf-8")))
    assert [step for step in steps if isinstance(step, Command)]
    for step in steps:
        if isinstance(step, WrittenFile):
            (folder / step.path).parent.mkdir(parents=True, exist_ok=True)
            (folder / step.path).write_text(step.text, encoding="utf-8")
            continue
        result = subprocess.run(
            ["bash", "-c", f"(exit {status}); {step.text}"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        status = result.returncode
        if not agrees(result.stdout, step.output) or step.status not in (None, status):
            place = f"{document.name}:{step.line} $ {step.text}"
            wrong.append(f"{place}\n{result.stdout}\n--- {document.name} shows\n{step.output}")
    return wrong


def commit(folder: Path) -> None:
    """Make the copy a clone: a repository with its branch main, here and where it comes from."""
    for words in ("init -q -b main", "add -A", "commit -q -m all", "update-ref refs/remotes/origin/main HEAD"):
        who = ["-c", "user.name=ann", "-c", "user.email=ann@example.com"]
        subprocess.run(["git", *who, *words.split()], cwd=folder, check=True)


@pytest.mark.slow
def test_the_tour_prints_what_readme_shows(tmp_path: Path, database: Conninfo) -> None:
    wrong = walked(TOP / "README.md", tmp_path / "clone", database)
    assert wrong == [], "\n".join(wrong)


def test_the_tour_is_read_as_it_is_written() -> None:
    console = "```console\n$ one \\\n  --two\nout\n$ three\n```\n"
    console += "<!-- before: four -->\n```console\n$ five\n```\n"
    text = f"a\n<!-- file: x.sql -->\n```sql\nSELECT 1;\n```\n{console}```sh\n$ no\n```\n"
    jobs = "a:\n  script: [pip install x, pgproof check]\nb:\n- run: |\n    one\n    two\n"
    text += f"<!-- run -->\n```yaml\n{jobs}```\n"
    assert list(tour(text)) == [
        WrittenFile("x.sql", "SELECT 1;\n"),
        Command("one \\\n  --two", "out\n", 7),
        Command("three", "", 10),
        Command("four", "...\n", 12, status=0),
        Command("five", "", 14),
        Command("pgproof check", "...\n", 21, status=0),
        Command("one\ntwo\n", "...\n", 21, status=0),
    ]


def test_a_wrong_output_is_seen() -> None:
    assert agrees("a\nb 0.31 s\nc\nd\n", "a\nb 4 ms\n...\nd\n")
    assert agrees("a\n", "a")
    assert agrees("a b c d\n", "a ... d\n")
    assert agrees("a b c d\n", "a b ...\n")
    assert not agrees("a b\nc d\n", "a ... d\n")
    assert not agrees("a\nb\n", "a\n")
    assert not agrees("a\nc\n", "a\n...\nd\n")
