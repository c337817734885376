"""`pgproof snapshot --sql`: what the files build, as SQL for people to read."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.cli.told import Pgproof
from tests.migrate.case import write

FILES = {
    "1-a.sql": "CREATE TABLE a (b int PRIMARY KEY, c varchar(9) CHECK (c IN ('x', 'y')));\n",
    "2-i.sql": "CREATE INDEX i ON a (c);\nCREATE VIEW v AS SELECT b FROM a WHERE c IN ('x', 'y');\n",
    "3-a.sql": "ALTER TABLE a ADD d text DEFAULT 'it''s';\nCOMMENT ON COLUMN a.d IS 'later';\n",
}


def test_it_is_written_compared_and_believed(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), FILES)
    told = pgproof("snapshot", "--sql", "schema.sql")
    assert (told.code, told.out, told.err) == (0, "schema.sql written\n", "")
    text = Path("schema.sql").read_text()
    assert "    d text DEFAULT 'it''s'::text,\n    CONSTRAINT a_pkey PRIMARY KEY (b),\n" in text
    assert pgproof("snapshot", "--sql", "schema.sql").out == "schema.sql is up to date\n"
    assert pgproof("snapshot", "--sql").out == text
    assert pgproof("snapshot", "--sql", "schema.sql", "--check").out == "schema.sql is what the files build\n"
    with closing(connect(database)) as conn:
        conn.execute(text.encode())
    write(Path("migrations"), {"4-t.sql": "CREATE TABLE t ();\n"})
    told = pgproof("snapshot", "--sql", "schema.sql", "--check")
    assert (told.code, told.out) == (
        1,
        "schema.sql is not what the files build\nHINT: write it anew: pgproof snapshot --sql schema.sql\n",
    )
    assert Path("schema.sql").read_text() == text


def test_where_it_may_not_be_written(pgproof: Pgproof) -> None:
    write(Path("migrations"), FILES)
    Path("notes.sql").write_text("-- mine\n")
    for path, said in {
        "migrations/schema.sql": "migrations/schema.sql lies among the migrations, and would be taken for one\n"
        "HINT: write it beside them: --sql schema.sql\n",
        "notes.sql": "notes.sql is there, and no SQL of pgproof's\nHINT: write to another file: --sql FILE\n",
        "none/schema.sql": "cannot write none/schema.sql: No such file or directory\n"
        "DETAIL: Nothing was written.\nHINT: name a place where it can be written, and run the command again\n",
    }.items():
        told = pgproof("snapshot", "--sql", path)
        assert (told.code, told.err) == (2, f"pgproof: error: {said}")
    assert Path("notes.sql").read_text() == "-- mine\n"
    told = pgproof("snapshot", "--sql", "schema.sql", "--check")
    assert (told.code, told.err) == (
        2,
        "pgproof: error: there is no schema.sql\nHINT: write it: pgproof snapshot --sql schema.sql\n",
    )
    assert pgproof("snapshot", "--sql", "a.sql", "--file", "b.json").code == 2


def test_files_that_are_refused(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1-a.sql": "ALTER TABLE nobody ADD c int;\n"})
    told = pgproof("snapshot", "--sql")
    assert (told.code, told.out) == (3, "")
    assert (
        '1-a.sql:1:1: error: cannot build what the files say on an empty database: relation "nobody" ' in told.err
    )
