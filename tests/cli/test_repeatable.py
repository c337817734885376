"""Repeatable files, as a person uses them."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.cli.told import Pgproof
from tests.migrate.case import write

VIEW = "CREATE OR REPLACE VIEW v AS SELECT b{} FROM a;\n"
FILES = {"1-a.sql": "CREATE TABLE a (b int);\n", "R-views.sql": VIEW.format(""), "R-a-function.sql": "SELECT 1;\n"}


def times(database: Conninfo) -> list[tuple[str, int]]:
    with closing(connect(database)) as conn:
        return conn.execute("SELECT name, times FROM pgproof.repeatable ORDER BY name").fetchall()


def test_they_run_after_the_others_when_their_text_changes(pgproof: Pgproof, database: Conninfo) -> None:
    folder = write(Path("migrations"), FILES)
    assert pgproof("upgrade").out == (
        "DATABASE\n  1-a           applied in T\n  R-a-function  applied in T\n  R-views       applied in T\n"
        "3 migrations applied in T; the database is at 1-a\n"
    )
    assert pgproof("upgrade").out == "DATABASE\nnothing to do: the database is at 1-a\n"
    write(folder, {"R-views.sql": VIEW.format(", 1 AS c"), "2-c.sql": "CREATE TABLE c ();\n"})
    standing = pgproof("status")
    assert (standing.code, standing.out.splitlines()[-1]) == (1, "2 applied, 2 pending; next: pgproof upgrade")
    assert "\n  R-a-function  applied\n  R-views       pending\n      Its text has changed since" in standing.out
    assert pgproof("upgrade", "--dry-run").out == (
        "DATABASE\nwould be applied, in this order:\n  2-c\n    CREATE TABLE c ()\n"
        "  R-views\n    CREATE OR REPLACE VIEW v AS SELECT b, 1 AS c FROM a\nnothing was changed (--dry-run)\n"
    )
    assert pgproof("upgrade").out.splitlines()[1:3] == ["  2-c      applied in T", "  R-views  applied in T"]
    assert times(database) == [("R-a-function.sql", 1), ("R-views.sql", 2)]
    assert pgproof("status").code == 0


def test_they_wait_until_nothing_is_pending(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), {**FILES, "2-c.sql": "CREATE TABLE c ();\n"})
    assert "R-" not in pgproof("upgrade", "--to", "1").out
    assert "R-views" in pgproof("upgrade").out


def test_one_that_fails_leaves_nothing_and_says_what_is_committed(pgproof: Pgproof) -> None:
    write(Path("migrations"), {**FILES, "R-views.sql": VIEW.format(", nothing")})
    told = pgproof("upgrade")
    assert told.code == 3
    assert told.err.startswith('migrations/R-views.sql:1:39: error: column "nothing" does not exist\n')
    assert "COMMITTED: 1-a, R-a-function\nROLLED BACK: R-views, all of it\n" in told.err


def test_a_script_for_psql_runs_them_too(pgproof: Pgproof, database: Conninfo, tmp_path: Path) -> None:
    psql = shutil.which("psql")
    if psql is None:
        pytest.skip("psql is not installed")
    folder = write(Path("migrations"), FILES)
    for _ in range(2):
        tmp_path.joinpath("script.sql").write_text(pgproof("plan", "--sql").out)
        words = [psql, "--no-psqlrc", "--file=script.sql", f"--dbname={database.secret}"]
        subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    assert times(database) == [("R-a-function.sql", 1), ("R-views.sql", 1)]
    assert pgproof("upgrade").out == "DATABASE\nnothing to do: the database is at 1-a\n"
    write(folder, {"2-b.py": "def upgrade(conn):\n    pass\n"})
    assert "a migration in Python cannot be written as a script for psql" in pgproof("plan", "--sql").err


def test_a_migration_in_python_as_a_person_sees_it(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1-a.py": 'def upgrade(conn):\n    conn.execute("CREATE TABLE a ()")\n'})
    assert pgproof("upgrade", "--dry-run").out == (
        "DATABASE\nwould be applied, in this order:\n  1-a  (Python)\nnothing was changed (--dry-run)\n"
    )
    assert pgproof("upgrade").out.splitlines()[1] == "  1-a  applied in T  (Python)"
    assert "  1-a  applied" in pgproof("status").out
    assert pgproof("downgrade", "--to", "0").code == 2


def test_a_folder_of_nothing_else(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"R-v.sql": "CREATE OR REPLACE VIEW v AS SELECT 1;\n"})
    assert pgproof("upgrade").out.endswith("1 migration applied in T\n")
    assert pgproof("upgrade").out == "DATABASE\nnothing to do\n"
