"""`upgrade --allow-late`: what may come late, and what may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.told import Pgproof
from tests.migrate.case import write

FILES = {
    "01-a.sql": "CREATE TABLE a (id int PRIMARY KEY);\n",
    "03-c.sql": "ALTER TABLE a ADD COLUMN c int;\nINSERT INTO a SELECT 1;\n",
}

pytestmark = pytest.mark.usefixtures("same_server")


@pytest.fixture(autouse=True)
def applied(pgproof: Pgproof) -> None:
    write(Path("migrations"), FILES)
    pgproof("upgrade")


def test_what_makes_no_difference_is_run(pgproof: Pgproof) -> None:
    late = (
        "-- migrate:up transaction:false\n"
        "CREATE TABLE b (at timestamptz);\nINSERT INTO b VALUES (now());\nVACUUM b;\n"
    )
    write(Path("migrations"), {"02-b.sql": late, "04-d.sql": "CREATE TABLE d ();\n"})
    refused = pgproof("upgrade")
    assert refused.code == 2
    assert "rename it to 05-b.sql, or have it proved" in refused.err
    assert "02-b" in pgproof("upgrade", "--allow-late", "--dry-run").out
    told = pgproof("upgrade", "--allow-late")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("DATABASE\nlate, with the same result as in their place (tried on PostgreSQL ")
    assert "): 02-b\n  02-b  applied in T  (without a transaction)\n  04-d  applied in T\n" in told.out
    assert pgproof("status").code == 0
    assert "late, with" not in pgproof("upgrade", "--allow-late").out


@pytest.mark.parametrize(
    ("late", "said"),
    [
        (
            "ALTER TABLE a ADD COLUMN b int;\n",
            "order of columns is id, b, c in the order of the versions, id, c, b if it runs now\n",
        ),
        ("INSERT INTO a VALUES (2);\nALTER TABLE a ALTER id SET DEFAULT 7;\n", None),
        (
            "UPDATE a SET id = id + 1;\n",
            '  rows of public.a: {"c": null, "id": 2} only if it runs now\n',
        ),
    ],
)
def test_what_makes_one_is_refused(pgproof: Pgproof, late: str, said: str | None) -> None:
    write(Path("migrations"), {"02-b.sql": late})
    told = pgproof("upgrade", "--allow-late")
    if said is None:
        assert (told.code, told.err) == (0, "")
        return
    assert (told.code, told.out) == (2, "")
    assert "error: 02-b.sql would not do the same now as in the order of the versions\n" in told.err
    assert said in told.err
    assert "02-b  late" in pgproof("status").out


def test_what_does_not_run_at_all_is_told_at_its_place(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"02-b.sql": "ALTER TABLE a ADD COLUMN c text;\n"})
    told = pgproof("upgrade", "--allow-late")
    assert told.code == 3
    assert told.err.startswith('migrations/03-c.sql:1:1: error: column "c" of relation "a" already exists\n')


def test_the_database_is_at_the_last_version_not_at_the_one_that_came_late(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"02-b.sql": "CREATE TABLE b ();\n"})
    assert pgproof("upgrade", "--allow-late").out.endswith("; the database is at 03-c\n")
