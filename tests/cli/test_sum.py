"""`sum` as a person types it, and what `upgrade` and `new` do with the file."""

from __future__ import annotations

from pathlib import Path

from pgproof.flows.sum import check
from tests.cli.told import Pgproof, Told
from tests.migrate.case import write


def test_a_folder_with_a_sum(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"01-a.sql": "CREATE TABLE a ();\n"})
    assert pgproof("sum", "--check").err == (
        "pgproof: error: there is no migrations/pgproof.sum\nHINT: write it: pgproof sum\n"
    )
    assert pgproof("sum") == Told(0, "migrations/pgproof.sum written\n", "")
    assert pgproof("sum") == Told(0, "migrations/pgproof.sum is up to date\n", "")
    assert pgproof("sum", "--check") == Told(0, "migrations/pgproof.sum agrees with the files\n", "")
    pgproof("new", "b")
    assert pgproof("sum", "--check").code == 0
    write(Path("migrations"), {"02-b.sql": "CREATE TABLE b ();\n"})
    assert pgproof("sum").out == "migrations/pgproof.sum written\n"
    assert pgproof("upgrade").code == 0


def test_upgrade_refuses_what_the_sum_does_not_say(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"01-a.sql": "CREATE TABLE a ();\n"})
    pgproof("sum")
    write(Path("migrations"), {"01-a.sql": "CREATE TABLE b ();\n", "02-b.sql": "SELECT 1;\n"})
    told = pgproof("upgrade", "--database", "host=/nowhere")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(
        "migrations/02-b.sql:1:1: error: 02-b.sql is not in pgproof.sum\n"
        "  SELECT 1;\n  ^\nHINT: if it belongs here: pgproof sum\n\n"
        "migrations/pgproof.sum:2:1: error: 01-a.sql is not what pgproof.sum says it is\n  01-a.sql sha256:"
    )
    pgproof("sum")
    assert pgproof("upgrade").code == 0


def test_the_shipped_sum_agrees_with_the_shipped_migrations() -> None:
    shipped = Path(__file__).parent.parent.parent / "migrations"
    assert check(shipped, variables={}) == shipped / "pgproof.sum"
