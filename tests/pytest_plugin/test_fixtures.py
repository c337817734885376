"""Databases for the tests of people who use psycopg, asyncpg or SQLAlchemy."""

from __future__ import annotations

import re
import sys

import pytest

from pgproof.database.connection import connect
from pgproof.database.scratch import ScratchServer
from tests.house.repository import TOP
from tests.pytest_plugin.project import Project

EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WHICH = """
def test_one(pgproof_db): print("<", pgproof_db.name, pgproof_db, ">")
def test_two(pgproof_db): print("<", pgproof_db.name, pgproof_db, ">")
"""


def test_with_each_driver_and_as_the_documents_say(project: Project) -> None:
    cases = [project.copy(f"with_{driver}") for driver in ("psycopg", "asyncpg", "sqlalchemy")]
    for number, page in enumerate(("README.md", "toolkit/docs/how-to/pytest.md")):
        (example,) = [each for each in EXAMPLE.findall((TOP / page).read_text("utf-8")) if "pgproof_db" in each]
        project.write(f"test_example_{number}.py", example)
        cases.append(f"test_example_{number}.py")
    done = project.pytest(*cases)
    assert done.outcomes() == "12 passed", done.output


def test_a_database_lives_as_long_as_the_settings_say(project: Project, server: ScratchServer) -> None:
    project.write("test_which.py", WHICH)
    url = server.conninfo.secret_url()
    done = project.pytest("-s", "-o", "pgproof_scope=session", "--pgproof-server", url)
    assert done.outcomes() == "2 passed", done.output
    assert len(set(re.findall("< (pgproof_scratch_[0-9a-f_]+)", done.output))) == 1
    with connect(server.conninfo) as conn:
        left = conn.execute("SELECT datname FROM pg_catalog.pg_database").fetchall()
    assert not [name for (name,) in left if "scratch" in name]


def test_databases_that_a_command_builds(project: Project) -> None:
    project.write(
        "build.py",
        "import os, psycopg\n"
        "with psycopg.connect(os.environ['DATABASE_URL']) as conn:\n"
        "    conn.execute('CREATE TABLE made (a int CONSTRAINT made_chk CHECK (a > 0))')\n",
    )
    folders = "migrations = 'none'\nchecks = 'promises'\n"
    project.write("pyproject.toml", f"[tool.pgproof]\n{folders}build = ['{sys.executable}', 'build.py']\n")
    project.write("promises/made.sql", "-- name: never :many\nSELECT a FROM made WHERE a = -1;\n")
    project.write(
        "test_made.py",
        "import psycopg\n"
        "def test_it(pgproof_db, pgproof_rows):\n"
        "    pgproof_rows('made', 2)\n"
        "    with psycopg.connect(pgproof_db.url) as conn:\n"
        "        assert conn.execute('SELECT count(*) FROM made').fetchone() == (2,)\n",
    )
    done = project.pytest("test_made.py", "promises")
    assert done.outcomes() == "1 failed, 2 passed", done.output
    assert "never never returns a row: made_chk forbids a = '-1'\n" in done.output


@pytest.mark.parametrize(
    ("files", "arguments", "said"),
    [
        (
            {"migrations/10-bad.sql": "-- migrate:up\nSELECT 1/0;"},
            None,
            "migrations/10-bad.sql:2:1: division by zero",
        ),
        ({"pyproject.toml": '[tool.pgproof]\nmigration = "m"'}, (), 'did you mean "migrations"?'),
        ({"pyproject.toml": '[tool.pgproof]\nmigrations = "m"'}, None, "pgproof: no such folder: m"),
        ({}, ("--pgproof-server", "mysql://ann:secret@h/d"), 'pgproof: "mysql://" is not the address'),
        ({}, ("-o", "pgproof_scope=worker"), 'pgproof_scope is "worker"; write one of function, class'),
    ],
)
def test_what_is_wrong_is_said_without_a_traceback(
    project: Project, server: ScratchServer, files: dict[str, str], arguments: tuple[str, ...] | None, said: str
) -> None:
    for name, text in files.items():
        project.write(name, text)
    project.write("test_it.py", "def test_it(pgproof_db): pass\ndef test_other(): pass\n")
    done = project.pytest(*(arguments or ("--pgproof-server", server.conninfo.secret_url())))
    assert said in done.output
    assert done.code != 0
    assert not [word for word in ("Traceback", "secret", "provision.py") if word in done.output]


def test_rows_that_cannot_be_are_said(project: Project, server: ScratchServer) -> None:
    test = 'def test_it(pgproof_rows): pgproof_rows("jobs", 2, status="running")\n'
    project.write("test_it.py", test + 'def test_none(pgproof_rows): pgproof_rows("job")\n')
    done = project.pytest("--pgproof-server", server.conninfo.secret_url())
    assert "pgproof: none of 2 rows could be made for jobs" in done.output
    assert "jobs_status_chk" in done.output
    assert 'did you mean "jobs"' in done.output
    assert done.outcomes() == "2 failed"


def test_it_can_be_left_out(project: Project) -> None:
    project.write("test_it.py", "def test_it(pgproof_db): pass\ndef test_other(): pass\n")
    done = project.pytest("-p", "no:pgproof", "test_it.py", "migrations")
    assert "fixture 'pgproof_db' not found" in done.output
    assert done.outcomes() == "1 passed, 1 error"


def test_who_does_not_use_it_loads_nothing(project: Project) -> None:
    heavy = ("psycopg", "postgast", "sqlglot", "click", "jinja2", "rich", "pgproof.api", "pgproof.flows")
    check = "import sys\ndef test_it(pytestconfig):\n    assert pytestconfig.pluginmanager.has_plugin('pgproof')\n"
    check += f"    assert not [name for name in {heavy} if name in sys.modules]\n"
    project.write("test_it.py", check)
    done = project.pytest()
    assert done.outcomes() == "1 passed", done.output
