"""`new` as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.told import Pgproof, Told
from tests.migrate.case import write


def test_the_first_and_the_second(pgproof: Pgproof) -> None:
    assert pgproof("new", "add", "region") == Told(0, "migrations/01-add-region.sql\n", "")
    assert pgproof("new", "Table of users!") == Told(0, "migrations/02-table-of-users.sql\n", "")
    assert Path("migrations/02-table-of-users.sql").read_text() == "-- migrate:up\n\n-- migrate:down\n"


def test_what_was_made_and_not_written_is_not_applied(pgproof: Pgproof) -> None:
    """Recorded as applied, it would be an edited file as soon as it is written."""
    write(Path("migrations"), {"01-a.sql": "CREATE TABLE a ();\n"})
    pgproof("new", "b")
    assert pgproof("status") == Told(
        2,
        "DATABASE, migrations in migrations\n  01-a  pending      (irreversible)\n  02-b  unwritten\n"
        "      migrations/02-b.sql:1 holds no statement yet, and no comment why.\n"
        "1 pending, 1 unwritten; next: pgproof upgrade --dry-run, which says what to do about it\n",
        "",
    )
    said = (
        "migrations/02-b.sql:1:1: error: 02-b.sql holds no statement yet\n  -- migrate:up\n  ^^^^^^^^^^^^^\n"
        "HINT: write it below `-- migrate:up`; if it is meant to do nothing, say so there in a comment\n"
    )
    for words in (["upgrade"], ["upgrade", "--dry-run"], ["plan"], ["plan", "--sql"], ["plan", "--scratch"]):
        assert pgproof(*words) == Told(2, "", said)
    assert pgproof("upgrade", "--to", "1").out.endswith("; the database is at 01-a\n")
    assert pgproof("upgrade").code == 2
    write(Path("migrations"), {"02-b.sql": "-- migrate:up\n\n-- migrate:down\nDROP TABLE b;\n"})
    assert pgproof("upgrade").code == 2
    write(Path("migrations"), {"02-b.sql": "-- migrate:up\n-- was made by hand\n-- migrate:down\n"})
    assert pgproof("upgrade").out.endswith("; the database is at 02-b\n")


def test_what_says_that_it_does_nothing_does_nothing(pgproof: Pgproof) -> None:
    """And what was applied when it was empty stays applied."""
    write(Path("migrations"), {"01-a.sql": "-- migrate:up\n"})
    assert pgproof("upgrade").out.endswith("; the database is at 01-a\n")
    write(
        Path("migrations"), {"01-a.sql": "-- migrate:up\n\n-- migrate:down\n", "02-b.sql": "CREATE TABLE b ();\n"}
    )
    assert pgproof("status").out.endswith("1 applied, 1 pending; next: pgproof upgrade\n")
    assert pgproof("upgrade").out.endswith("; the database is at 02-b\n")


def test_pairs(pgproof: Pgproof) -> None:
    write(Path("sql"), {"7_a.up.sql": "SELECT 1;\n", "7_a.down.sql": "SELECT 1;\n"})
    assert pgproof("new", "b", "--migrations", "sql").out == "sql/8_b.up.sql\nsql/8_b.down.sql\n"


def test_what_cannot_be_done(pgproof: Pgproof) -> None:
    assert pgproof("new", "!?").err.startswith('pgproof: error: "!?" has no letter or digit of ASCII\nHINT: ')
    write(Path(), {"file": ""})
    told = pgproof("new", "x", "--migrations", "file")
    assert told.code == 2
    assert told.err == (
        "pgproof: error: cannot write file: File exists\nDETAIL: Nothing was written.\n"
        "HINT: name a place where it can be written, and run the command again\n"
    )
    assert pgproof("new").code == 2


def test_a_folder_of_another_tool_gets_a_file_of_that_tool(pgproof: Pgproof) -> None:
    write(Path("goose"), {"00009_a.sql": "-- +goose Up\nSELECT 1;\n"})
    assert pgproof("new", "two", "words", "--migrations", "goose").out == "goose/00010_two_words.sql\n"
    assert Path("goose/00010_two_words.sql").read_text() == "-- +goose Up\n\n-- +goose Down\n"
    write(
        Path("flyway"), {"V1__a.sql": "SELECT 1;\n", "V2_10__b.sql": "SELECT 1;\n", "U2_10__b.sql": "SELECT 1;\n"}
    )
    assert pgproof("new", "two-words", "--migrations", "flyway").out == "flyway/V3__two_words.sql\n"
    write(Path("stamps"), {"V20240102030405__a.sql": "SELECT 1;\n"})
    assert pgproof("new", "b", "--migrations", "stamps").out.startswith("stamps/V20")
    write(Path("sqitch"), {"sqitch.plan": "%project=x\n"})
    assert (
        "HINT: let Sqitch add it: sqitch add two_words\n"
        in pgproof("new", "two words", "--migrations", "sqitch").err
    )


@pytest.mark.usefixtures("same_server")
def test_what_was_made_and_not_written_is_found(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"01-a.sql": "CREATE TABLE a (b int);"})
    assert pgproof("new", "later").code == 0
    told = pgproof("check")
    assert told.code == 1
    assert "error  migrations/02-later.sql:1:1  HIS103 migration-unwritten\n" in told.out
    assert "  02-later.sql holds no statement yet\n" in told.out
    path = Path("migrations/02-later.sql")
    path.write_text(path.read_text().replace("-- migrate:up\n", "-- migrate:up\n-- nothing yet\n"))
    assert pgproof("check").code == 0
