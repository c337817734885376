"""Hooks, as a person uses them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.cli.told import Pgproof
from tests.migrate import psql
from tests.migrate.test_layout import lay_out

TOLD = "INSERT INTO told (what) VALUES ('{} ' || current_setting('pgproof.migration'));\n"
FILES = {
    "migrations/1-a.sql": "CREATE TABLE a ();\n",
    "migrations/2-b.sql": "-- migrate:up transaction:false\nCREATE TABLE b ();\nVACUUM a;\n",
    "migrations/3-c.py": 'def upgrade(conn):\n    conn.execute("CREATE TABLE c ()")\n',
    "migrations/hooks/before-upgrade.sql": "CREATE TABLE IF NOT EXISTS told (n serial, what text);\n",
    "migrations/hooks/before-each.sql": TOLD.format("before"),
    "migrations/hooks/after-each.sql": TOLD.format("after"),
    "migrations/hooks/after-upgrade.sql": (
        "SET search_path = nowhere;\nINSERT INTO public.told (what) VALUES ('end');\n"
    ),
    "migrations/hooks/on-error.sql": (
        "INSERT INTO told (what) VALUES ('error ' || current_setting('pgproof.error'));\n"
    ),
}


def told(database: Conninfo) -> list[str]:
    with closing(connect(database)) as conn:
        return [what for (what,) in conn.execute("SELECT what FROM told ORDER BY n")]


def test_each_at_its_time(pgproof: Pgproof, database: Conninfo) -> None:
    lay_out(FILES, Path())
    assert pgproof("upgrade").out == (
        "DATABASE\n  hook before-upgrade\n  1-a  applied in T\n"
        "  hook before-each\n  2-b  applied in T  (without a transaction)\n  hook after-each\n"
        "  hook before-each\n  3-c  applied in T  (Python)\n  hook after-each\n"
        "  hook after-upgrade\n3 migrations applied in T; the database is at 3-c\n"
    )
    each = [f"{when} {label}" for label in ("1-a", "2-b", "3-c") for when in ("before", "after")]
    assert told(database) == [*each, "end"]
    assert pgproof("upgrade").out == "DATABASE\nnothing to do: the database is at 3-c\n"
    assert told(database) == [*each, "end"]


def test_a_hook_for_errors(pgproof: Pgproof, database: Conninfo) -> None:
    lay_out({**FILES, "migrations/2-b.sql": "CREATE TABLE a ();\n"}, Path())
    ran = pgproof("upgrade")
    assert ran.code == 3
    assert ran.out.endswith("  2-b  failed\n")
    assert told(database) == ["before 1-a", "after 1-a", 'error relation "a" already exists']


def test_a_hook_in_the_transaction_of_a_migration_undoes_it(pgproof: Pgproof, database: Conninfo) -> None:
    lay_out({**FILES, "migrations/hooks/after-each.sql": "SELECT 1;\nSELECT nothing;\n"}, Path())
    ran = pgproof("upgrade", "--to", "1")
    assert ran.code == 3
    assert ran.err.startswith('migrations/hooks/after-each.sql:2:8: error: column "nothing" does not exist\n')
    assert "ROLLED BACK: 1-a, all of it\n" in ran.err
    assert "NEXT: mend migrations/hooks/after-each.sql and run: pgproof upgrade --to 1\n" in ran.err


def test_a_hook_before_all_stops_all(pgproof: Pgproof) -> None:
    lay_out({**FILES, "migrations/hooks/before-upgrade.sql": "SELECT nothing;\n"}, Path())
    ran = pgproof("upgrade")
    assert "COMMITTED: nothing\nROLLED BACK: the hook\nNOT RUN: 1-a, 2-b, 3-c\n" in ran.err
    assert "NEXT: mend migrations/hooks/before-upgrade.sql and run: pgproof upgrade\n" in ran.err
    assert "HOOK: on-error failed as well: relation" in ran.err


def test_a_hook_whose_connection_ends_is_not_to_be_mended(pgproof: Pgproof) -> None:
    lay_out(
        {**FILES, "migrations/hooks/after-upgrade.sql": "SELECT pg_terminate_backend(pg_backend_pid());\n"}, Path()
    )
    ran = pgproof("upgrade")
    assert ran.code == 3
    assert "COMMITTED: 1-a, 2-b, 3-c\nROLLED BACK: the hook\n" in ran.err
    assert "NEXT: it runs with the next migration, or by hand: psql -f migrations/hooks/after-up" in ran.err


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "before-upgrad.sql",
            "SELECT 1;",
            'there is no hook "before-upgrad"\nHINT: did you mean before-upgrade.sql?',
        ),
        ("on-error.sql", "VACUUM;", "VACUUM cannot run inside a transaction block"),
        ("on-error.sql", "SELEC;", 'syntax error at or near "SELEC"'),
    ],
)
def test_mistakes_are_found_before_anything_runs(pgproof: Pgproof, name: str, text: str, said: str) -> None:
    lay_out({**FILES, f"migrations/hooks/{name}": text}, Path())
    ran = pgproof("upgrade")
    assert ran.code == 2
    assert said in ran.err


def test_callbacks_of_flyway_are_hooks(pgproof: Pgproof, database: Conninfo) -> None:
    lay_out(
        {
            "migrations/V1__a.sql": "CREATE TABLE a ();\n",
            "migrations/beforeMigrate__first.sql": "CREATE TABLE told (n serial, what text);\n",
            "migrations/afterEachMigrate.sql": TOLD.format("after"),
        },
        Path(),
    )
    assert pgproof("upgrade").code == 0
    assert told(database) == ["after V1__a"]
    lay_out({"migrations/beforeValidate.sql": "SELECT 1;\n"}, Path())
    assert "pgproof has no callback beforeValidate" in pgproof("status").err


def test_with_a_schema_and_a_role_hooks_run_there_too(pgproof: Pgproof, database: Conninfo) -> None:
    with closing(connect(database)) as conn:
        conn.execute("CREATE SCHEMA s")
    lay_out(
        {**FILES, "migrations/hooks/before-each.sql": "SET search_path = s;\n" + TOLD.format("before")}, Path()
    )
    for name in ("2-b.sql", "3-c.py"):
        Path("migrations", name).unlink()
    Path("migrations/hooks/after-upgrade.sql").unlink()
    assert pgproof("upgrade", "--schema", "s").code == 0
    with closing(connect(database)) as conn:
        assert conn.execute("SELECT what FROM s.told ORDER BY n").fetchall() == [("before 1-a",), ("after 1-a",)]
        assert conn.execute("SELECT to_regclass('s.a'), to_regclass('public.a')").fetchone() == ("s.a", None)


def test_in_a_script_for_psql_they_stand_at_their_places(
    pgproof: Pgproof, major_database: Conninfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """psql does what `upgrade` does: in the same order, told of the same migrations, and once."""
    monkeypatch.setenv("DATABASE_URL", major_database.secret)
    files = {name: text for name, text in FILES.items() if name != "migrations/3-c.py"}
    files |= {"migrations/4-d.sql": "CREATE TABLE d ();\n", "migrations/5-e.sql": "CREATE TABLE e ();\n"}
    files["migrations/hooks/after-upgrade.sql"] += TOLD.format("end of").replace("told", "public.told")
    lay_out(files, Path())
    assert pgproof("upgrade", "--to", "4").code == 0
    by_pgproof = told(major_database)
    with closing(connect(major_database)) as conn:
        conn.execute("DROP SCHEMA pgproof CASCADE; DROP TABLE a, b, d, told")
    script = pgproof("plan", "--sql", "--to", "4")
    assert script.err == (
        "migrations/hooks/on-error.sql:1:1: warning: the hook on-error is left out. "
        "psql stops at an error, and can run nothing because of one.\n"
    )
    assert "\n-- the hook on-error is left out: psql stops at an error" in script.out
    assert psql.run(script.out, major_database, tmp_path).stdout == "1-a\n2-b\n4-d\n"
    assert told(major_database) == by_pgproof
    assert by_pgproof[-2:] == ["end", "end of 4-d"]
    again = psql.run(script.out, major_database, tmp_path)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert told(major_database) == by_pgproof
    ran = psql.run(pgproof("plan", "--sql").out, major_database, tmp_path)  # the last of it is another now
    assert (ran.returncode, ran.stdout) == (0, "5-e\n")
    more = ["before 5-e", "after 5-e", "end", "end of 5-e"]
    assert told(major_database) == [*by_pgproof, *more]
    assert pgproof("upgrade").out.endswith("\nnothing to do: the database is at 5-e\n")


def test_a_hook_that_fails_in_a_script_takes_its_migration_with_it(
    pgproof: Pgproof, database: Conninfo, tmp_path: Path
) -> None:
    lay_out(
        {
            "migrations/1-a.sql": "CREATE TABLE a ();\n",
            "migrations/hooks/after-each.sql": "SELECT 1;\nSELECT nothing;\n",
        },
        Path(),
    )
    ran = psql.run(pgproof("plan", "--sql").out, database, tmp_path)
    assert (ran.returncode, 'column "nothing" does not exist' in ran.stderr) == (3, True)
    with closing(connect(database)) as conn:
        assert conn.execute("SELECT to_regclass('a')").fetchone() == (None,)
    assert "1-a  pending" in pgproof("status").out
