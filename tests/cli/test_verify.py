"""`pgproof verify`: each migration, taken back on a scratch server."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.told import Pgproof
from tests.migrate.case import write

TABLE = "-- migrate:up\nCREATE TABLE a (x int, y int);\n-- migrate:down\nDROP TABLE a;\n"
_TWICE = (
    "-- migrate:up\nCREATE TABLE IF NOT EXISTS s (n int);\nCREATE INDEX ON s (n);\n-- migrate:down\nSELECT 1;\n"
)
_ROLE = """-- migrate:up
CREATE ROLE verified_1;
ALTER TABLE a OWNER TO verified_1;
ALTER TABLE a ADD z int NOT NULL;
-- migrate:down
ALTER TABLE a DROP z, OWNER TO CURRENT_USER;
DROP ROLE verified_1;
"""
_KEPT = """-- migrate:up
CREATE TABLE old AS SELECT y, x FROM a;
ALTER TABLE a DROP COLUMN x;
-- migrate:down
ALTER TABLE a ADD COLUMN x int;
UPDATE a SET x = old.x FROM old WHERE old.y = a.y;
DROP TABLE old;
"""
CASES = {
    "it comes back": (
        "-- migrate:up\nCREATE INDEX i ON a (x);\n-- migrate:down\nDROP INDEX i;\n",
        0,
        ["  2-b  reversible", "  2 migrations: 2 reversible"],
    ),
    "without a transaction": (
        "-- migrate:up transaction:false\nREINDEX TABLE CONCURRENTLY a;\n-- migrate:down\nSELECT 1;\n",
        0,
        ["  2-b  reversible", "  2 migrations: 2 reversible"],
    ),
    "there is no way back": (
        "-- migrate:up\nCREATE INDEX i ON a (x);\n",
        0,
        ["  2-b  irreversible", "  2 migrations: 1 reversible, 1 irreversible"],
    ),
    "rows are lost": (
        "-- migrate:up\nALTER TABLE a DROP COLUMN x;\n-- migrate:down\nALTER TABLE a ADD COLUMN x int;\n",
        0,
        [
            "  2-b  reversible",
            "      the upgrade drops column public.a.x; the downgrade brings it back empty",
            "      upgrading 2-b drops a.x with 3 values",
            "      the columns of public.a come back in another order",
            "  2 migrations: 2 reversible",
        ],
    ),
    "rows are lost, and there is no way back": (
        "-- migrate:up\nALTER TABLE a DROP COLUMN x;\n",
        0,
        [
            "  2-b  irreversible",
            "      upgrading 2-b drops a.x with 3 values",
            "  2 migrations: 1 reversible, 1 irreversible",
        ],
    ),
    "what is dropped comes back with its values": (
        _KEPT,
        0,
        [
            "  2-b  reversible",
            "      the downgrade drops table public.old, with all that is in it",
            "      the upgrade drops column public.a.x; the downgrade brings it back with values",
            "      upgrading 2-b drops a.x with 3 values, also in old.x",
            "      the columns of public.a come back in another order",
            "  2 migrations: 2 reversible",
        ],
    ),
    "roles are made": (
        _ROLE,
        1,
        [
            "  2-b  works only on empty tables",
            "      the downgrade drops column public.a.z, with all that is in it",
            "      with rows in the tables the server refuses it:",
            '      migrations/2-b.sql:4:1: column "z" of relation "a" contains null values',
            "        ALTER TABLE a ADD z int NOT NULL;",
            "        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
            "      SQLSTATE: 23502",
            "  2 migrations: 1 reversible, 1 works only on empty tables",
        ],
    ),
    "values are written over, and rows deleted": (
        "-- migrate:up\nUPDATE a SET y = y + 1000;\n-- migrate:down\nDELETE FROM a WHERE x = 1;\n",
        0,
        [
            "  2-b  reversible",
            "      upgrading 2-b rewrites 3 values of a.y",
            "      downgrading 2-b deletes 1 row of a",
            "  2 migrations: 2 reversible",
        ],
    ),
    "it runs only on empty tables": (
        "-- migrate:up\nALTER TABLE a ADD COLUMN z int NOT NULL;\n-- migrate:down\nALTER TABLE a DROP COLUMN z;\n",
        1,
        [
            "  2-b  works only on empty tables",
            "      the downgrade drops column public.a.z, with all that is in it",
            "      with rows in the tables the server refuses it:",
            '      migrations/2-b.sql:2:1: column "z" of relation "a" contains null values',
            "        ALTER TABLE a ADD COLUMN z int NOT NULL;",
            "        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
            "      SQLSTATE: 23502",
            "  2 migrations: 1 reversible, 1 works only on empty tables",
        ],
    ),
    "no row can be made": (
        "-- migrate:up\nCREATE TABLE n (c int NOT NULL CHECK (c > 3 AND c < 4));\n-- migrate:down\nDROP TABLE n;",
        0,
        [
            "  2-b  reversible",
            "      the downgrade drops table public.n, with all that is in it",
            (
                "      no rows could be made for public.n: none of 18 combinations of values for c"
                " fits n_c_check: ((c > 3) AND (c < 4))"
            ),
            "  2 migrations: 2 reversible",
        ],
    ),
    "something else comes back": (
        "-- migrate:up\nALTER TABLE a DROP COLUMN y;\n-- migrate:down\nALTER TABLE a ADD COLUMN y bigint;\n",
        1,
        [
            "  2-b  differs",
            "      behind the downgrade, not as before:",
            "        ~ column public.a.y: type is bigint, it was integer",
            "      the upgrade drops column public.a.y; the downgrade brings it back empty",
            "      upgrading 2-b drops a.y with 3 values",
            "  2 migrations: 1 reversible, 1 differs",
        ],
    ),
    "something stays": (
        "-- migrate:up\nCREATE TYPE t AS ENUM ('a');\nCREATE TABLE s ();\n-- migrate:down\nDROP TABLE s;\n",
        1,
        [
            "  2-b  differs",
            "      the second upgrade is refused:",
            '      migrations/2-b.sql:2:1: type "t" already exists',
            "        CREATE TYPE t AS ENUM ('a');",
            "        ^^^^^^^^^^^^^^^^^^^^^^^^^^^",
            "      SQLSTATE: 42710",
            "      behind the downgrade, not as before:",
            "        + type public.t is left (with 1 more)",
            "      the downgrade drops table public.s, with all that is in it",
            "  2 migrations: 1 reversible, 1 differs",
        ],
    ),
    "the second time is another": (
        _TWICE,
        1,
        [
            "  2-b  differs",
            "      behind the downgrade, not as before:",
            "        + table public.s is left (with 2 more)",
            "      behind the second upgrade, not as behind the first:",
            "        + index public.s_n_idx1 is there now",
            "  2 migrations: 1 reversible, 1 differs",
        ],
    ),
    "the downgrade is refused": (
        "-- migrate:up\nCREATE INDEX i ON a (x);\n-- migrate:down\nDROP INDEX j;\n",
        3,
        [
            "  2-b  failed",
            '      migrations/2-b.sql:4:1: index "j" does not exist',
            "        DROP INDEX j;",
            "        ^^^^^^^^^^^^",
            "      SQLSTATE: 42704",
            "  2 migrations: 1 reversible, 1 failed",
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_how_it_comes_back(pgproof: Pgproof, name: str) -> None:
    text, code, lines = CASES[name]
    write(Path("migrations"), {"1-a.sql": TABLE, "2-b.sql": text})
    told = pgproof("verify")
    assert told.err == ""
    first, *rest = told.found.splitlines()
    assert first.startswith("on PostgreSQL ")
    assert rest == [
        "  1-a  reversible",
        "      the downgrade drops table public.a, with all that is in it",
        *lines,
    ]
    assert told.code == code


ENDS = """-- migrate:up
CREATE FUNCTION ends() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); END';
CREATE TABLE e (n int);
CREATE TRIGGER ends BEFORE INSERT ON e FOR EACH ROW EXECUTE FUNCTION ends();
-- migrate:down
DROP TABLE e;
DROP FUNCTION ends;
"""

UNTOLD = [
    "      nobody can tell what becomes of rows:",
    "      terminating connection due to administrator command",
    "      SQLSTATE: 57P01",
    "      DETAIL: Somebody has ended this session (pg_terminate_backend), or shut the server down.",
    "      HINT: run the command again, once the server takes connections",
    '      CONTEXT: SQL statement "SELECT pg_terminate_backend(pg_backend_pid())"',
    "      PL/pgSQL function ends() line 1 at PERFORM",
]


def test_what_nobody_can_tell_is_told_and_the_rest_goes_on(pgproof: Pgproof) -> None:
    write(
        Path("migrations"), {"1-a.sql": TABLE, "2-b.sql": ENDS, "3-c.sql": "DROP TABLE e;\nDROP FUNCTION ends;\n"}
    )
    write(Path("migrations"), {"4-d.sql": "ALTER TABLE a DROP COLUMN x;\n"})
    told = pgproof("verify")
    assert (told.code, told.err) == (4, "")
    assert told.found.splitlines()[3:] == [
        "  2-b  reversible",
        "      the downgrade drops table public.e, with all that is in it",
        *UNTOLD,
        "  3-c  irreversible",
        *UNTOLD,
        "  4-d  irreversible",
        "      upgrading 4-d drops a.x with 3 values",
        "  4 migrations: 2 reversible, 2 irreversible",
    ]
    (server,) = json.loads(pgproof("verify", "--format", "json").out)["servers"]
    untold = [each["rows"]["untold"] for each in server["migrations"]]
    assert [each and each.splitlines()[1] for each in untold] == [None, *["SQLSTATE: 57P01"] * 2, None]


def test_for_programs_and_without_rows(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1-a.sql": TABLE, "2-b.sql": "ALTER TABLE a ADD COLUMN z int NOT NULL;\n"})
    told = pgproof("verify", "--format", "json")
    (server,) = json.loads(told.out)["servers"]
    first, second = server["migrations"]
    assert (told.code, first["outcome"], first["lost"]) == (1, "reversible", ["table public.a"])
    assert second["outcome"] == "works only on empty tables"
    assert second["rows"]["refused"].startswith('migrations/2-b.sql:1:1: column "z"')
    assert pgproof("verify", "--rows", "0").code == 0


def test_strictly_there_has_to_be_a_way_back(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1-a.sql": "CREATE TABLE a ();\n"})
    assert pgproof("verify").code == 0
    assert pgproof("verify", "--strict").code == 1


def test_only_what_a_branch_adds(pgproof: Pgproof) -> None:
    def git(*words: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], check=True, capture_output=True
        )

    write(Path("migrations"), {"1-a.sql": TABLE})
    git("init", "-b", "trunk")
    git("add", ".")
    git("commit", "-m", "one")
    write(Path("migrations"), {"2-b.sql": "ALTER TABLE a DROP COLUMN x;\n"})
    told = pgproof("verify", "--from", "git:trunk")
    dropped = (
        "      upgrading 2-b drops a.x with 3 values"  # the tables of migrations that are known get rows, too
    )
    assert (told.code, told.out.splitlines()[1:]) == (
        0,
        ["  2-b  irreversible", dropped, "  1 migration: 1 irreversible"],
    )
    behind = pgproof("verify", "--from", "1")
    assert (behind.code, behind.out.splitlines()[1:]) == (0, told.out.splitlines()[1:])
    unknown = pgproof("verify", "--from", "7")
    assert unknown.code == 2
    assert unknown.err.startswith(
        'pgproof: error: no migration of version "7" in migrations\nHINT: did you mean 2'
    )
    told = pgproof("verify", "--from", "git:nowhere")
    assert told.code == 2
    assert told.err.startswith('pgproof: error: cannot read the revision "nowhere" of migrations\nDETAIL: git: ')


@pytest.mark.slow
def test_several_majors_at_once(pgproof: Pgproof, major_binaries: dict[int, object]) -> None:
    write(Path("migrations"), {"1-a.sql": TABLE})
    majors = sorted(major_binaries)
    told = pgproof("verify", "--postgres", ",".join(map(str, majors)))
    assert told.code == 0
    servers = [line.split()[2] for line in told.out.splitlines() if line.startswith("on ")]
    assert [int(each.split(".")[0]) for each in servers] == majors


def test_majors_that_are_none(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1-a.sql": TABLE})
    told = pgproof("verify", "--postgres", "15,x")
    assert told.code == 2
    assert '"15,x" is no list of majors' in told.err
