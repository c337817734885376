"""The chain of digests: what it says of each change, and what git makes of two branches."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pgproof.migrate import digest
from pgproof.migrate.library import load
from pgproof.sql.source import Source
from tests.migrate.case import write

FILES = {f"{number}-{name}.sql": f"CREATE TABLE {name} ();\n" for number, name in enumerate("abc", 1)}


def said(folder: Path, written: str) -> list[str]:
    found = digest.problems(load(folder), Source("pgproof.sum", written))
    return [f"{problem.place.path}:{problem.place.line} {problem.message}" for problem in found if problem.place]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write(Path("m"), FILES)


def test_what_was_written_agrees(folder: Path) -> None:
    text = digest.text(load(folder))
    assert [line.split()[0] for line in text.splitlines()] == ["#", "1-a.sql", "2-b.sql", "3-c.sql"]
    assert said(folder, text) == []


def test_line_ends_and_byte_order_marks_are_no_change(folder: Path) -> None:
    text = digest.text(load(folder))
    (folder / "2-b.sql").write_bytes(b"\xef\xbb\xbfCREATE TABLE b ();\r\n")
    assert said(folder, text) == []


def test_every_changed_file_is_named_and_no_other(folder: Path) -> None:
    text = digest.text(load(folder))
    write(folder, {"1-a.sql": "CREATE TABLE z ();\n", "3-c.sql": "CREATE TABLE c ();\n\n"})
    assert said(folder, text) == [
        "pgproof.sum:2 1-a.sql is not what pgproof.sum says it is",
        "pgproof.sum:4 3-c.sql is not what pgproof.sum says it is",
    ]


def test_files_that_came_and_went(folder: Path) -> None:
    text = digest.text(load(folder))
    (folder / "2-b.sql").rename(folder / "4-b.sql")
    assert said(folder, text) == [
        "m/4-b.sql:1 4-b.sql is not in pgproof.sum",
        "pgproof.sum:3 pgproof.sum names 2-b.sql, which is not in m",
    ]


def test_lines_in_another_order(folder: Path) -> None:
    first, second, third = FILES.items()
    text = digest.appended("", second[0], second[1])
    text = digest.appended(text, first[0], first[1])
    assert said(folder, digest.appended(text, third[0], third[1])) == [
        "pgproof.sum:1 2-b.sql stands where 1-a.sql should"
    ]


def test_a_file_appended_is_as_if_written_anew(folder: Path) -> None:
    text = digest.text(load(folder))
    write(folder, {"4-d.sql": "CREATE TABLE d ();\n"})
    assert digest.appended(text, "4-d.sql", "CREATE TABLE d ();\n") == digest.text(load(folder))


def test_downgrades_and_templates_count_as_they_are_written(folder: Path) -> None:
    write(folder, {"3-c.down.sql": "DROP TABLE c;\n", "4-d.sql": "-- pgproof: template\nSELECT {{ n }};\n"})
    one, two = (digest.text(load(folder, {"n": n})) for n in (1, 2))
    assert one == two
    assert "3-c.down.sql" in one
    write(folder, {"3-c.down.sql": "DROP TABLE IF EXISTS c;\n"})
    changed = digest.problems(load(folder, {"n": 1}), Source("pgproof.sum", one))
    assert [problem.message for problem in changed] == ["3-c.down.sql is not what pgproof.sum says it is"]


def test_what_is_no_line(folder: Path) -> None:
    text = digest.text(load(folder))
    assert said(folder, text.replace("2-b.sql sha256:", "2-b.sql ")) == ["pgproof.sum:3 not a line of pgproof.sum"]


def test_two_branches_that_each_add_a_migration_conflict(folder: Path) -> None:
    program = shutil.which("git")
    if program is None:
        pytest.skip("no git on the PATH")

    def git(*words: str) -> subprocess.CompletedProcess[str]:
        names = ("-c", "user.name=x", "-c", "user.email=x@x", "-c", "init.defaultBranch=main")
        return subprocess.run([program, *names, *words], cwd=folder, capture_output=True, text=True, check=False)

    def add(name: str) -> None:
        write(folder, {name: "SELECT 1;\n"})
        write(folder, {"pgproof.sum": digest.text(load(folder))})
        git("add", ".")
        assert git("commit", "-qm", name).returncode == 0

    git("init", "-q")
    add("4-d.sql")
    git("branch", "other")
    add("5-mine.sql")
    git("checkout", "-q", "other")
    add("6-theirs.sql")
    assert "CONFLICT (content): Merge conflict in pgproof.sum" in git("merge", "main").stdout
    found = said(folder, (folder / "pgproof.sum").read_text())
    assert found[0] == "pgproof.sum:6 a merge conflict in pgproof.sum"
