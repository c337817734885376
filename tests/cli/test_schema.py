"""`--schema` and `--role`: one folder, several schemas, each with a history of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.database.connection import Connection, connect
from pgproof.database.conninfo import Conninfo
from tests.cli.told import Pgproof
from tests.migrate import psql
from tests.migrate.case import write

FILES = {
    "01-a.sql": "-- migrate:up\nCREATE TABLE a (b int);\nSET search_path = pg_temp;\n"
    "-- migrate:down\nDROP TABLE a;\n",
    "02-b.sql": "-- migrate:up transaction:false\nINSERT INTO a VALUES (1);\n"
    "CREATE INDEX CONCURRENTLY i ON a (b);\n"
    "BEGIN;\nINSERT INTO a VALUES (2);\nCOMMIT;\nVACUUM a;\n"
    "-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY i;\nDELETE FROM a;\n",
    "03-c.sql": "-- migrate:up\nCREATE VIEW c AS SELECT b FROM a;\n-- migrate:down\nDROP VIEW c;\n",
}
THERE = """SELECT n.nspname, string_agg(c.relname, ' ' ORDER BY c.relname)
             FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname IN ('public', 'one', 'two words') GROUP BY 1 ORDER BY 1"""


@pytest.fixture
def conn(database: Conninfo) -> Iterator[Connection]:
    with closing(connect(database)) as opened:
        opened.execute("""CREATE SCHEMA one; CREATE SCHEMA "two words" """)
        yield opened


@pytest.fixture
def maker(conn: Connection, database: Conninfo) -> Iterator[str]:
    """A role that may make things in schema one, and nothing else."""
    name = f"maker_{database.database[-8:]}"
    conn.execute(f"CREATE ROLE {name}; GRANT ALL ON SCHEMA one TO {name}".encode())
    yield name
    conn.execute(f"DROP OWNED BY {name}; DROP ROLE {name}".encode())


def test_each_schema_has_its_own_history(pgproof: Pgproof, conn: Connection) -> None:
    write(Path("migrations"), FILES)
    assert pgproof("upgrade", "--schema", "one").code == 0
    assert conn.execute(THERE).fetchall() == [("one", "a c i")]
    assert pgproof("status").out.count("pending") == 4
    assert pgproof("status", "--schema", "one").code == 0
    assert pgproof("upgrade", "--schema", "one").out == "DATABASE\nnothing to do: the database is at 03-c\n"
    assert pgproof("upgrade", "--schema", "two words", "--steps", "2").code == 0
    assert pgproof("upgrade").code == 0
    assert conn.execute(THERE).fetchall() == [("one", "a c i"), ("public", "a c i"), ("two words", "a i")]
    assert pgproof("downgrade", "--to", "0", "--schema", "one").code == 0
    assert "03-c" in pgproof("plan", "--schema", "two words").out
    assert pgproof("redo", "--steps", "2", "--schema", "two words").code == 0
    assert conn.execute(THERE).fetchall() == [("public", "a c i"), ("two words", "a i")]
    assert conn.execute('SELECT array_agg(b ORDER BY b) FROM "two words".a').fetchone() == ([1, 2],)
    assert "in schema one" in pgproof("history").out


def test_a_schema_that_is_not_there(pgproof: Pgproof, conn: Connection) -> None:
    write(Path("migrations"), FILES)
    told = pgproof("upgrade", "--schema", "three four")
    assert (told.code, told.out) == (2, "")
    assert told.err == 'pgproof: error: no schema "three four"\nHINT: CREATE SCHEMA "three four"\n'
    assert pgproof("upgrade", "--dry-run", "--schema", "three four").err == told.err
    assert pgproof("plan", "--schema", "three four").err == told.err
    assert "02-b" in pgproof("plan", "--schema", "one").out
    in_one = "-- migrate:up\nDO $$ BEGIN ASSERT current_schema() = 'one'; END $$;\nSELECT 'one.a'::regclass;\n"
    write(Path("migrations"), {"04-d.sql": in_one})
    assert pgproof("plan", "--scratch", "--schema", "one").code == 0


def test_a_stopped_file_goes_on_in_its_schema_and_role(pgproof: Pgproof, conn: Connection, maker: str) -> None:
    write(
        Path("migrations"),
        {
            **FILES,
            "02-b.sql": FILES["02-b.sql"].replace("VACUUM a", "VACUUM a;\nREINDEX TABLE CONCURRENTLY later"),
        },
    )
    assert pgproof("upgrade", "--schema", "one", "--role", maker).code == 3
    assert "stopped" in pgproof("status", "--schema", "one").out
    assert "stopped" not in pgproof("status").out
    conn.execute(f"CREATE TABLE one.later (); ALTER TABLE one.later OWNER TO {maker}".encode())
    assert pgproof("upgrade", "--schema", "one", "--role", maker).code == 0
    assert conn.execute("SELECT count(*) FROM one.a").fetchone() == (2,)


OWNERS = "SELECT DISTINCT c.relowner::regrole::text FROM pg_class AS c WHERE c.relnamespace = 'one'::regnamespace"


def test_files_run_as_a_role_and_the_history_does_not(
    pgproof: Pgproof, conn: Connection, database: Conninfo, maker: str
) -> None:
    write(Path("migrations"), FILES)
    told = pgproof("upgrade", "--schema", "one", "--role", maker)
    assert (told.code, told.err) == (0, "")
    assert conn.execute(OWNERS).fetchall() == [(maker,)]
    user = dict(database.parameters)["user"]
    assert conn.execute("SELECT DISTINCT applied_by FROM pgproof.history").fetchall() == [(user,)]
    refused = pgproof("upgrade", "--role", maker, "--steps", "1")
    if conn.info.server_version >= 150000:
        assert "permission denied for schema public" in refused.err
    assert pgproof("downgrade", "--to", "0", "--schema", "one", "--role", maker).code == 0


def test_the_script_for_psql_stands_there_too(
    pgproof: Pgproof, conn: Connection, database: Conninfo, maker: str, tmp_path: Path
) -> None:
    write(Path("migrations"), FILES)
    script = pgproof("plan", "--sql", "--schema", "one", "--role", maker).out
    ran = psql.run(script, database, tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert conn.execute(THERE).fetchall() == [("one", "a c i")]
    assert conn.execute(OWNERS).fetchall() == [(maker,)]
    assert pgproof("status", "--schema", "one").code == 0
    assert psql.run(script, database, tmp_path).stdout == ""


def test_programs_repeated_files_and_batches_stand_there_too(
    pgproof: Pgproof, conn: Connection, database: Conninfo, maker: str
) -> None:
    write(
        Path("migrations"),
        {
            "01-a.sql": "CREATE TABLE a (b int PRIMARY KEY, c int);\n"
            "INSERT INTO a SELECT generate_series(1, 30);\n",
            "02-b.py": "def upgrade(conn):\n    conn.execute('INSERT INTO a VALUES (0)')\n",
            "03-c.sql": "-- migrate:up transaction:false\n-- pgproof: batch 10 over a.b\n"
            "UPDATE a SET c = -b WHERE b BETWEEN $1 AND $2;\n",
            "R-v.sql": "CREATE OR REPLACE VIEW v AS SELECT c FROM a;\n",
        },
    )
    for words in (["--schema", "one", "--role", maker], ["--schema", "two words"]):
        told = pgproof("upgrade", *words)
        assert (told.code, told.err) == (0, "")
    for schema in ("one", '"two words"'):
        found = conn.execute(f"SELECT min(c), max(c), count(*) FROM {schema}.v".encode()).fetchone()
        assert found == (-30, 0, 31)
    assert conn.execute(OWNERS).fetchall() == [(maker,)]


def test_hooks_of_all_kinds_stand_there_with_the_limits_of_the_run(
    pgproof: Pgproof, conn: Connection, maker: str
) -> None:
    conn.execute("CREATE TABLE one.told (hook text, who text, place text, patience text)")
    conn.execute(f"GRANT ALL ON one.told TO {maker}".encode())
    says = (
        "INSERT INTO told VALUES ('{}', current_user, current_schema, current_setting('lock_timeout'));\n"
        "SET search_path = public;\nRESET ROLE;\nSET lock_timeout = 0;\n"
    )
    names = ("before-upgrade", "before-each", "after-each", "after-upgrade", "on-error")
    write(
        Path("migrations"),
        {
            "01-a.sql": "CREATE TABLE a ();\n",
            "02-b.sql": "-- migrate:up transaction:false\nVACUUM;\n",
            "03-c.py": "def upgrade(conn):\n    conn.execute('CREATE TABLE c ()')\n",
            "04-d.sql": "SELECT 1 / 0;\n",
        },
    )
    write(Path("migrations", "hooks"), {f"{name}.sql": says.format(name) for name in names})
    words = ("--schema", "one", "--role", maker, "--lock-timeout", "7s")
    assert pgproof("upgrade", "--to", "3", *words).err == ""
    assert "division by zero" in pgproof("upgrade", *words).err
    query = "SELECT hook, count(*) FROM one.told WHERE (who, place, patience) = (%s, 'one', '7s') GROUP BY hook"
    assert dict(conn.execute(query, [maker]).fetchall()) == {
        "before-upgrade": 2,
        "before-each": 3,
        "after-each": 3,
        "after-upgrade": 1,
        "on-error": 1,
    }


def test_a_role_that_cannot_be_taken(pgproof: Pgproof, conn: Connection, database: Conninfo, maker: str) -> None:
    write(Path("migrations"), FILES)
    told = pgproof("upgrade", "--role", "nobody such")
    assert (told.code, told.out) == (2, "")
    assert told.err == (
        'pgproof: error: no role "nobody such"\nHINT: CREATE ROLE "nobody such", or name another\n'
    )
    conn.execute(f"ALTER ROLE {maker} LOGIN; CREATE ROLE {maker}2".encode())
    try:
        address = Conninfo.of(**{**dict(database.parameters), "user": maker}).secret
        told = pgproof("upgrade", "--role", f"{maker}2", "--database", address)
        assert (told.code, told.out) == (2, "")
        assert f'"{maker}" may not take the role "{maker}2"' in told.err
        assert f"GRANT {maker}2 TO {maker}" in told.err
    finally:
        conn.execute(f"DROP ROLE {maker}2".encode())
    assert pgproof("status").out.count("pending") == 4
