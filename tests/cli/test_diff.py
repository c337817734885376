"""`pgproof diff`: the SQL from one schema to another, proved on a clone."""

from __future__ import annotations

import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.cli.told import Pgproof
from tests.migrate.case import write

OLD = (
    "CREATE TABLE t (id int PRIMARY KEY, x text, y int);\n"
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n"
)
NEW = "CREATE TABLE t (id bigint PRIMARY KEY, x text, z int DEFAULT 3);\nCREATE INDEX i ON t (x);\n"
SCRIPT = """-- from old.sql
-- to   new.sql

BEGIN;
ALTER TABLE public.t ALTER COLUMN id TYPE bigint;  -- rewrites the table
ALTER TABLE public.t ADD COLUMN z integer DEFAULT 3;
COMMIT;

CREATE INDEX CONCURRENTLY i ON public.t USING btree (x);

BEGIN;
-- ALTER TABLE public.t DROP COLUMN y;  -- data loss
DROP FUNCTION public.f();
COMMIT;
"""


@pytest.fixture
def files(pgproof: Pgproof) -> Pgproof:
    write(Path(), {"old.sql": OLD, "new.sql": NEW})
    return pgproof


def test_from_file_to_file(files: Pgproof) -> None:
    told = files("diff", "old.sql", "new.sql", "--prove")
    assert told.code == 1
    assert told.out == SCRIPT
    first, second = told.err.splitlines()
    assert first.endswith("; 5 statements; 1 of them lose data and stand in comments: --allow data-loss")
    assert second.startswith("proved on a clone, PostgreSQL ")


def test_what_loses_data_is_there_if_it_is_allowed(files: Pgproof) -> None:
    told = files("diff", "old.sql", "new.sql", "--allow", "data-loss")
    assert "\nALTER TABLE public.t DROP COLUMN y;  -- data loss\n" in told.out


def test_no_difference(files: Pgproof) -> None:
    told = files("diff", "old.sql", "old.sql")
    assert (told.code, told.err) == (0, "no difference\n")


def test_from_a_database_to_a_folder(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), {"1-a.sql": "CREATE TABLE a (b int);\n", "2-c.sql": "CREATE INDEX i ON a (b);\n"})
    assert pgproof("upgrade").code == 0
    assert pgproof("diff", database.secret, "migrations").code == 0
    with closing(connect(database)) as conn:
        conn.execute("DROP INDEX i; COMMENT ON TABLE a IS 'hm'")
    told = pgproof("diff", database.secret, "migrations", "--prove")
    assert told.code == 1
    assert told.out.splitlines()[3:] == [
        "BEGIN;",
        "COMMENT ON TABLE public.a IS NULL;",
        "COMMIT;",
        "",
        "CREATE INDEX CONCURRENTLY i ON public.a USING btree (b);",
    ]
    assert "proved on a clone" in told.err
    with closing(connect(database)) as conn:
        for each in told.out.split("\n\n"):
            conn.execute(each.encode())
    assert pgproof("diff", database.secret, "migrations").code == 0
    assert pgproof("diff", "migrations@1", "migrations").out.splitlines()[3:] == [
        "CREATE INDEX CONCURRENTLY i ON public.a USING btree (b);"
    ]


def test_from_a_revision_of_git(pgproof: Pgproof) -> None:
    def git(*words: str) -> None:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words]
        subprocess.run(command, check=True, capture_output=True)

    write(Path("migrations"), {"1-a.sql": "CREATE TABLE a (b int);\n"})
    git("init", "-b", "trunk")
    git("add", ".")
    git("commit", "-m", "one")
    write(Path("migrations"), {"2-c.sql": "CREATE INDEX i ON a (b);\n"})
    told = pgproof("diff", "git:trunk", "migrations")
    assert told.out.splitlines()[3:] == ["CREATE INDEX CONCURRENTLY i ON public.a USING btree (b);"]
    told = pgproof("diff", "git:nowhere", "migrations")
    assert told.code == 2
    assert told.err.startswith('pgproof: error: cannot read the revision "nowhere" of migrations\nDETAIL: git: ')


def test_what_cannot_be_done_is_said(pgproof: Pgproof) -> None:
    write(Path(), {"a.sql": "CREATE TYPE e AS ENUM ('a', 'b');\nCREATE TABLE t (x e);\n"})
    write(Path(), {"b.sql": "CREATE TYPE e AS ENUM ('b');\nCREATE TABLE t (x e);\n"})
    told = pgproof("diff", "a.sql", "b.sql", "--prove")
    assert told.code == 4
    assert told.out.splitlines()[3:] == [
        "-- cannot be done: type public.e: column public.t.x depends on it, and its rows would be lost"
    ]
    assert "not proved, on a clone" in told.err


def test_what_is_nothing(pgproof: Pgproof) -> None:
    told = pgproof("diff", "nothing", "nowhere")
    assert told.code == 2
    assert '"nothing" is no folder, no file and no address of a database\n' in told.err
