"""`init` as a person types it, in a folder that is empty and in those that are not."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.cli.project import command, lay_out_project
from tests.cli.told import Pgproof
from tests.migrate.case import write


def contents(top: Path = Path()) -> dict[str, bytes]:
    """Every file below, with its bytes; without caches."""
    return {
        str(path): path.read_bytes()
        for path in sorted(top.rglob("*"))
        if path.is_file() and ".cache" not in str(path)
    }


def test_an_empty_folder_becomes_a_project_that_is_green(pgproof: Pgproof) -> None:
    told = pgproof("init")
    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines()[:3] == [
        "  written   migrations/01-create-notes.sql  an example: a table, a constraint, an index",
        "  written   checks/notes.sql                an example: a query, and the index that has to serve it",
        "  written   pgproof.toml                    the settings",
    ]
    assert Path("pgproof.toml").read_text() == 'migrations = "migrations"\nchecks = "checks"\n'
    assert "pgproof check" in told.out.partition("next:")[2]
    checked = pgproof("check")
    assert (checked.code, checked.err) == (0, "")
    assert "latest_notes_of_author is served by notes_author_created_at_idx" in checked.out
    assert "✓ 0 open · 0 accepted · 14 hold" in checked.out
    assert pgproof("verify").code == 0
    assert pgproof("upgrade").code == 0


def test_what_is_there_is_left(pgproof: Pgproof) -> None:
    pgproof("init")
    before = contents()
    again = pgproof("init")
    assert again.code == 0
    assert [line.split()[:2] for line in again.out.splitlines()[:3]] == [
        ["left", "migrations/"],
        ["left", "checks/"],
        ["left", "pgproof.toml"],
    ]
    assert contents() == before


def test_what_is_missing_is_added(pgproof: Pgproof) -> None:
    """The migrations of another tool, and settings of other tools in Windows' line ends."""
    write(Path("db/migration"), {"V1__a.sql": "CREATE TABLE a (id int PRIMARY KEY);\n"})
    Path("pyproject.toml").write_bytes(b'[tool.other]\r\nx = "1"')
    told = pgproof("init")
    assert told.code == 0
    assert [" ".join(line.split()) for line in told.out.splitlines()[:3]] == [
        "left db/migration/ has migrations already, as flyway has them",
        "written checks/queries.sql for the application's queries, and what they promise",
        "added to pyproject.toml the section [tool.pgproof]",
    ]
    assert Path("pyproject.toml").read_bytes() == (
        b'[tool.other]\r\nx = "1"\r\n\r\n[tool.pgproof]\r\nmigrations = "db/migration"\r\nchecks = "checks"\r\n'
    )
    assert contents(Path("db")) == {"db/migration/V1__a.sql": b"CREATE TABLE a (id int PRIMARY KEY);\n"}
    checked = pgproof("check")
    assert (checked.code, checked.err) == (0, "")
    assert "table a exists" in checked.out


@pytest.mark.parametrize("tool", ["alembic", "django"])
def test_where_another_tool_builds_the_schema_it_is_said_how(pgproof: Pgproof, tool: str) -> None:
    """And not written: the command would be run in the database that the tool has written down."""
    lay_out_project(tool)
    build = command()
    for path in ("pgproof.toml", "pyproject.toml", "checks/jobs.sql"):
        Path(path).unlink(missing_ok=True)
    before = contents()
    told = pgproof("init")
    assert told.code == 0
    (line,) = (line for line in told.out.splitlines() if "once the settings say" in line)
    setting = re.search(r"once the settings say (build = .*?); ", line)
    assert setting
    assert set(contents()) - set(before) == {"pgproof.toml", "checks/queries.sql"}
    said = (
        setting[1].replace('"alembic', f'"{sys.executable} -m alembic').replace('"python"', f'"{sys.executable}"')
    )
    with Path("pgproof.toml").open("a") as file:
        file.write(said + "\n")
    assert command()[-2:] == build[-2:]
    checked = pgproof("check")
    assert (checked.code, checked.err) == (0, ""), checked.out
    assert "1 table" in checked.out


def test_settings_that_are_there_say_where(pgproof: Pgproof) -> None:
    write(Path(), {"pyproject.toml": '[tool.pgproof]\nmigrations = "sql"\nchecks = "promises"\n'})
    assert pgproof("init").code == 0
    assert set(contents()) == {"pyproject.toml", "sql/01-create-notes.sql", "promises/notes.sql"}
    assert pgproof("check").code == 0


def test_another_folder(pgproof: Pgproof) -> None:
    told = pgproof("init", "new/my shop")
    assert told.code == 0
    assert "next:\n  cd 'new/my shop'\n" in told.out
    assert Path("new/my shop/migrations/01-create-notes.sql").is_file()


@pytest.mark.parametrize("name", ["migrations", "checks", "pyproject.toml/x"])
def test_what_stands_in_the_way_is_named_and_nothing_is_written(pgproof: Pgproof, name: str) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text("mine")
    told = pgproof("init")
    assert (told.code, told.out) == (2, "")
    assert name.partition("/")[0] in told.err
    assert contents() == {name: b"mine"}
    assert [path.name for path in Path().iterdir() if path.name[0] != "."] == [name.partition("/")[0]]


def test_a_file_that_takes_no_section_is_left(pgproof: Pgproof) -> None:
    write(Path(), {"pyproject.toml": "tool = {other = {x = 1}}\n"})
    assert pgproof("init").code == 0
    assert Path("pyproject.toml").read_text() == "tool = {other = {x = 1}}\n"
    assert pgproof("check").code == 0


def test_settings_that_are_wrong_are_told_first(pgproof: Pgproof) -> None:
    write(Path(), {"pyproject.toml": '[tool.pgproof]\nmigratons = "x"\n'})
    told = pgproof("init")
    assert told.code == 2
    assert 'did you mean "migrations"?' in told.err
    assert set(contents()) == {"pyproject.toml"}
