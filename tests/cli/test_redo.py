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


def test_of_several_the_rest_is_redone(pgproof: Pgproof) -> None:
    """The first is reverted already. All of them were edited, so that a downgrade would refuse them."""
    write(Path("m"), FILES)
    pgproof("upgrade", "--migrations", "m")
    edited = {name: text.replace(" ();", " (e int);") for name, text in FILES.items() if name > "02"}
    write(Path("m"), {**edited, "03-c.sql": edited["03-c.sql"].replace("DROP TABLE c", "DROP TABLE cc")})
    told = pgproof("redo", "--steps", "3", "--migrations", "m")
    assert (told.code, "COMMITTED: 04-d\n" in told.err) == (3, True)
    mend, _, following = told.err.splitlines()[-1].partition(" and run: ")
    assert mend == "NEXT: mend m/03-c.sql"
    assert following == "pgproof redo --migrations m --steps 2 && pgproof upgrade --migrations m --to 4"
    write(Path("m"), edited)
    for command in following.split(" && "):
        assert pgproof(*command.split()[1:]).code == 0
    assert pgproof("status", "--migrations", "m").out.splitlines()[-1] == "4 applied"
    assert pgproof("history").out.count("01-a") == 1


def test_a_way_back_that_stopped_in_the_middle_goes_on(pgproof: Pgproof) -> None:
    alone = "transaction:false"
    text = f"-- migrate:up {alone}\nCREATE TABLE e ();\n-- migrate:down {alone}\nDROP TABLE e;\nDROP TABLE f;\n"
    write(Path("migrations"), {**FILES, "05-e.sql": text})
    pgproof("upgrade")
    told = pgproof("redo", "--steps", "2")
    assert told.code == 3
    assert told.err.endswith(
        "LANDED: statement 1 of 2 of 05-e, and stays\nNOT RUN: 04-d\n"
        "NEXT: mend migrations/05-e.sql and run: pgproof redo --steps 2 (it goes on at statement 2)\n"
    )
    edited = text.replace("CREATE TABLE e ();", "CREATE TABLE e (x int);").replace(
        "DROP TABLE f;\n", "SELECT 1;\n"
    )
    write(Path("migrations"), {"05-e.sql": edited})
    told = pgproof("redo", "--steps", "2")
    assert (told.code, told.err) == (0, "")
    assert "05-e  reverted in T  (without a transaction, from statement 2)\n" in told.out
    assert pgproof("status").out.splitlines()[-1] == "5 applied"
