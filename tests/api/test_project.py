"""A project given in the place of its folder: the library does in a repository what the command does."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import pgproof
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from tests.api.test_build import MAKE
from tests.migrate.case import write

SETTINGS = 'migrations = "db"\nchecks = "promises"\n[variables]\nname = "said"\nother = "b"\n'
TABLE = (
    "-- migrate:up\n-- pgproof: template\n"
    "CREATE TABLE {{ name }} (a int, {{ other }} int CONSTRAINT some_chk CHECK (a > 0));\n"
    "-- migrate:down\nDROP TABLE {{ name }};\n"
)
QUERY = "-- name: never :many\nSELECT a FROM said WHERE a = -1;\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: ScratchServer) -> Path:
    """A repository with settings; the current folder is one in it."""
    write(tmp_path, {"pgproof.toml": f"scratch-url = {json.dumps(server.conninfo.secret)}\n{SETTINGS}"})
    write(tmp_path / "db", {"1-a.sql": TABLE})
    write(tmp_path / "promises", {"q.sql": QUERY})
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "deep")
    monkeypatch.delenv("PGPROOF_SCRATCH_URL", raising=False)
    return tmp_path


def tables(database: Conninfo) -> set[str]:
    """The tables outside of pgproof's own schema."""
    with closing(connect(database)) as conn:
        found = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {name for (name,) in found}


def test_what_the_project_says_counts(shop: Path, database: Conninfo) -> None:
    project = pgproof.project()
    assert project.file is not None
    assert project.file.resolve() == (shop / "pgproof.toml").resolve()
    assert project.origins["migrations"] == "../pgproof.toml:2"
    with pytest.raises(pgproof.InputError, match="no such folder"):
        pgproof.status(database)
    assert pgproof.upgrade(database, project).migrations == ("1-a.sql",)
    assert tables(database) == {"said"}
    assert pgproof.find_drift(database, project).verdict == "same"
    assert [path.name for path in pgproof.new("more", project)] == ["2-more.sql"]


def test_what_is_given_goes_before_it(shop: Path, database: Conninfo) -> None:
    project = pgproof.project(shop)
    assert pgproof.upgrade(database, project, variables={"name": "given"}).migrations
    assert tables(database) == {"given"}
    (shop / "none").mkdir()
    assert pgproof.check(project).summary.fails == 1
    assert pgproof.check(project, shop / "none").summary.fails == 0
    assert pgproof.downgrade(database, project.migrations, to="0", variables={"name": "given", "other": "b"})
    assert tables(database) == set()


def test_the_command_says_the_same(shop: Path) -> None:
    """Byte by byte."""
    command = [sys.executable, "-m", "pgproof", "check", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    report = pgproof.check(pgproof.project())
    assert (done.returncode, [each.code for each in report.open]) == (1, ["QRY102"])
    assert pgproof.render(report, "json") == done.stdout


def test_variables_of_the_environment_go_before_the_file(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPROOF_MIGRATIONS", "elsewhere")
    monkeypatch.setenv("PGPROOF_POSTGRES", "15")
    monkeypatch.setenv("DATABASE_URL", "postgresql://h/shop")
    project = pgproof.project()
    assert (project.migrations, project.database) == (Path("elsewhere"), "postgresql://h/shop")
    assert pgproof.scratch().postgres == pgproof.scratch(project=project).postgres == 15
    assert pgproof.scratch(postgres=16, project=project).postgres == 16
    monkeypatch.setenv("PGPROOF_PG_BIN", "/programs")
    found = pgproof.scratch(url="postgresql://h/given")
    assert (found.url.database if found.url else None, found.pg_bin) == ("given", None)
    assert pgproof.scratch().pg_bin == Path("/programs")


def test_mistakes_are_told_all_at_once(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(shop, {"pgproof.toml": 'migratons = "db"\npostgres = "no"\n'})
    with pytest.raises(pgproof.InputError) as caught:
        pgproof.project()
    assert [each.hint for each in caught.value.problems] == [
        'did you mean "migrations"?',
        "it is a major version, for example 16",
    ]


def test_words_that_mean_nothing_are_told(shop: Path) -> None:
    with pytest.raises(pgproof.InputError, match="no such folder: nowhere"):
        pgproof.project("nowhere")
    with pytest.raises(pgproof.InputError, match='form cannot be "sarf"\nHINT: did you mean "sarif"'):
        pgproof.render(pgproof.findings(()), "sarf")  # type: ignore[arg-type]
    with pytest.raises(pgproof.InputError, match='numbering cannot be "x"\nHINT: say one of number, timestamp'):
        pgproof.new("more", pgproof.project(), numbering="x")  # type: ignore[arg-type]
    with pytest.raises(pgproof.InputError, match='preflight cannot be "of"'):
        pgproof.terms(preflight="of")  # type: ignore[arg-type]


def test_a_project_that_another_tool_builds(shop: Path, database: Conninfo) -> None:
    write(shop, {"make.py": MAKE, "pgproof.toml": f'build = ["{sys.executable}", "make.py"]\n'})
    project = pgproof.project()
    assert '"made"' in pgproof.snapshot(project)
    assert pgproof.plan_repair(database, project).drift.verdict == "differs"
    for migrate in (pgproof.upgrade, pgproof.status, pgproof.adopt, pgproof.redo):
        with pytest.raises(pgproof.InputError, match=r"is built by .*\n.*toml:1 says so"):
            migrate(database, project)
    with pytest.raises(pgproof.InputError, match="a command builds all"):
        pgproof.snapshot(project, to="1")
    assert len(pgproof.plan(database, "../db", variables={"name": "x", "other": "y"}).plan.steps) == 1
