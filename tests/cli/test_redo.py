"""`--steps` and `redo` as a person types them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.cli.told import Pgproof, Told
from tests.migrate.case import write

FILES = {
    f"0{number}-{name}.sql": f"-- migrate:up\nCREATE TABLE {name} ();\n-- migrate:down\nDROP TABLE {name};\n"
    for number, name in enumerate("abcd", 1)
}


def test_steps_up_and_down(pgproof: Pgproof) -> None:
    write(Path("migrations"), FILES)
    assert "01-a\n" in pgproof("upgrade", "--steps", "1", "--dry-run").out
    assert pgproof("upgrade", "--steps", "1").out.endswith("the database is at 01-a\n")
    assert pgproof("upgrade", "--steps", "2").out.endswith("the database is at 03-c\n")
    assert (
        pgproof("upgrade", "--steps", "2", "--to", "3").out == "DATABASE\nnothing to do: the database is at 03-c\n"
    )
    assert pgproof("upgrade", "--steps", "9").out.endswith("the database is at 04-d\n")
    assert "03-c" in pgproof("downgrade", "--steps", "2", "--dry-run").out
    assert pgproof("downgrade", "--steps", "2").out.endswith(
        "2 migrations reverted in T; the database is at 02-b\n"
    )
    assert pgproof("downgrade", "--steps", "9").out.endswith("nothing is applied any more\n")


def test_how_far_down_has_to_be_said_once(pgproof: Pgproof) -> None:
    write(Path("migrations"), FILES)
    for words in ([], ["--to", "1", "--steps", "1"]):
        told = pgproof("downgrade", *words)
        assert (told.code, told.out) == (2, "")
        assert told.err.endswith("Error: Say how far: --to VERSION, or --steps N.\n")
    assert pgproof("upgrade", "--steps", "0").code == 2


def test_redo_takes_the_file_as_it_is_now(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), FILES)
    pgproof("upgrade", "--to", "3")
    edited = "-- migrate:up\nCREATE TABLE c (d int);\n-- migrate:down\nDROP TABLE c;\n"
    write(Path("migrations"), {"03-c.sql": edited})
    assert pgproof("upgrade").code == 2
    assert pgproof("redo") == Told(
        0,
        "DATABASE\n  03-c  reverted in T\n1 migration reverted in T; the database is at 02-b\n"
        "  03-c  applied in T\n1 migration applied in T; the database is at 03-c\n",
        "",
    )
    with closing(connect(database)) as conn:
        assert conn.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'c'::regclass AND attnum > 0"
        ).fetchall()
    assert pgproof("redo", "--steps", "2").out.count("applied in") == 3
    assert "04-d  pending" in pgproof("status").out


def test_what_cannot_be_redone(pgproof: Pgproof) -> None:
    write(Path("migrations"), FILES)
    assert pgproof("redo").err == (
        "pgproof: error: nothing is applied, so nothing can be done again\nHINT: pgproof upgrade\n"
    )
    pgproof("upgrade", "--to", "2")
    write(Path("migrations"), {"02-b.sql": "CREATE TABLE b ();\n"})
    told = pgproof("redo")
    assert (told.code, told.out) == (2, "")
    assert "02-b.sql is irreversible" in told.err
    assert "01-a  applied" in pgproof("status").out.replace("02-b", "")


def test_nothing_is_reverted_where_the_way_forward_is_barred(pgproof: Pgproof) -> None:
    """A file below those that are done again was edited: the upgrade would stop there."""
    write(Path("migrations"), FILES)
    pgproof("upgrade", "--to", "3")
    write(Path("migrations"), {"02-b.sql": "-- migrate:up\nCREATE TABLE e ();\n"})
    told = pgproof("redo")
    assert (told.code, told.out) == (2, "")
    assert "02-b.sql was edited after it was applied" in told.err
    assert "03-c  applied" in pgproof("status").out


def test_a_way_back_that_fails_is_mended_and_redone(pgproof: Pgproof) -> None:
    write(Path("migrations"), FILES)
    pgproof("upgrade", "--to", "3")
    write(Path("migrations"), {"03-c.sql": "-- migrate:up\nCREATE TABLE c ();\n-- migrate:down\nDROP TABLE d;\n"})
    told = pgproof("redo")
    assert told.code == 3
    assert told.err.endswith("NEXT: mend migrations/03-c.sql and run: pgproof redo\n")
    write(Path("migrations"), {"03-c.sql": "-- migrate:up\nCREATE TABLE c ();\n-- migrate:down\nDROP TABLE c;\n"})
    assert pgproof("redo").code == 0
