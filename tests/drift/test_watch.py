"""The recorder of DDL on every major: what it records, that it is in nobody's way, and who made a difference."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest

from pgproof.catalog.extract import extract
from pgproof.catalog.fact import Facts
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.dump import program
from pgproof.database.scratch import ScratchOptions, ScratchServer
from pgproof.database.watch import tag
from pgproof.drift.compare import compare
from pgproof.drift.scope import without
from pgproof.drift.watch import deed, recorder
from pgproof.drift.words import label
from pgproof.errors import DatabaseError

# (who, what), then what of it is recorded: the tag, and the objects
RECORDED: list[tuple[str, str, list[tuple[str, list[str]]]]] = [
    ("", "CREATE TABLE t (a int PRIMARY KEY, b text)", [("CREATE TABLE", ["public.t", "public.t_pkey"])]),
    ("ann", "CREATE TABLE s.\"Odd \"\"na.me\" ()", [("CREATE TABLE", ['s."Odd ""na.me"'])]),
    ("ann", "SET ROLE team; CREATE VIEW s.v AS SELECT 1 AS x; RESET ROLE", [("CREATE VIEW", ["s.v"])]),
    ("", "CREATE INDEX CONCURRENTLY i ON t (b)", [("CREATE INDEX", ["public.i"])]),
    ("", "REINDEX INDEX CONCURRENTLY i", []),
    ("", "COMMENT ON COLUMN t.b IS 'x'", [("COMMENT", ["public.t.b"])]),
    ("", "GRANT SELECT ON t TO team", [("GRANT", [])]),
    ("", "ALTER TABLE t DROP COLUMN b", [("ALTER TABLE", ["public.t.b", "public.i"]), ("ALTER TABLE", [])]),
    ("", "CREATE INDEX i ON t (a)", [("CREATE INDEX", ["public.i"])]),
    ("", "DROP INDEX CONCURRENTLY i", [("DROP INDEX", ["public.i"])]),
    ("", "CREATE TABLE w (a int) PARTITION BY LIST (a)", [("CREATE TABLE", ["public.w"])]),
    ("", "CREATE TABLE w1 PARTITION OF w FOR VALUES IN (1)", [("CREATE TABLE", ["public.w1"])]),
    ("", "ALTER TABLE w DETACH PARTITION w1 CONCURRENTLY", [("ALTER TABLE", ["public.w"])]),
    ("", "CREATE TEMP TABLE p (a serial); ALTER TABLE p ADD b int; DROP TABLE p", []),
    ("", "CREATE MATERIALIZED VIEW m AS SELECT 1 AS x", [("CREATE MATERIALIZED VIEW", ["public.m"])]),
    ("", "REFRESH MATERIALIZED VIEW m", []),
    ("", "CREATE EXTENSION hstore", [("CREATE EXTENSION", ["hstore"])]),
    ("", "BEGIN; DROP TABLE t CASCADE; ROLLBACK", []),
    ("", "CREATE TABLE pgproof.more (); DROP TABLE pgproof.more", []),
    ("", "SET session_replication_role = replica; CREATE TYPE e; RESET ALL", [("CREATE TYPE", ["public.e"])]),
    ("", "BEGIN ISOLATION LEVEL SERIALIZABLE; CREATE SEQUENCE q; COMMIT", [("CREATE SEQUENCE", ["public.q"])]),
    ("", "DROP SCHEMA s CASCADE", [("DROP SCHEMA", ["s", "s.v", 's."Odd ""na.me"'])]),
]  # fmt: skip


@contextmanager
def people(server: ScratchServer, database: Conninfo) -> Iterator[dict[str, psycopg.Connection]]:
    """Connections of the superuser ("") and of ann, who is of the team; both are nobody on this server else."""
    with closing(connect(database, application_name="psql")) as conn:
        conn.execute("CREATE ROLE ann LOGIN; CREATE ROLE team; GRANT team TO ann")
        conn.execute("CREATE SCHEMA s; GRANT ALL ON SCHEMA s TO ann, team")
        conn.execute("CREATE SCHEMA pgproof")  # where the history would be
        try:
            with closing(connect(Conninfo.of(**{**dict(database.parameters), "user": "ann"}))) as ann:
                yield {"": conn, "ann": ann}
        finally:
            conn.execute("DROP OWNED BY ann, team CASCADE; DROP ROLE ann, team")


def rows(conn: psycopg.Connection) -> list[tuple[Any, ...]]:
    query = "SELECT session_role, role, application, client, tag, statement, objects FROM pgproof.ddl ORDER BY id"
    return conn.execute(query).fetchall()


def test_what_is_recorded(major_server: ScratchServer, major_database: Conninfo) -> None:
    with people(major_server, major_database) as by:
        conn = by[""]
        recorder.install(conn)
        assert rows(conn) == []
        superuser = conn.info.user
        for who, command, expected in RECORDED:
            before = len(rows(conn))
            for each in command.split("; ") if "CONCURRENTLY" not in command else [command]:
                by[who].execute(each.encode())
            found = rows(conn)[before:]
            told = [(each[4], [one["identity"] for one in each[6]]) for each in found]
            if "EXTENSION" in command:
                told = told[-1:]  # its script drops some on the way
            assert len(told) == len(expected), (command, told)
            for (said, objects), (wanted, names) in zip(told, expected, strict=True):
                assert said == wanted, command
                assert set(names) <= set(objects), (command, objects)
                assert said != "CREATE EXTENSION" or objects == names
            for session, role, application, client, *_ in found:
                assert session == (who or superuser)
                assert role == ("team" if "ROLE team" in command else session)
                assert (application, client) == ("psql" if not who else "pgproof", None)


@pytest.mark.ends
def test_nobody_is_in_anybodys_way(major_server: ScratchServer, major_database: Conninfo) -> None:
    """A table that is locked, not to be written to, gone; and of old rows it keeps no more than 10,000."""
    with people(major_server, major_database) as by, closing(connect(major_database)) as other:
        conn = by[""]
        recorder.install(conn)
        with other.transaction():
            other.execute("LOCK TABLE pgproof.ddl")
            by["ann"].execute("CREATE TABLE s.one ()")
        assert rows(conn) == []
        assert conn.execute("SHOW lock_timeout").fetchone() == ("0",)
        conn.execute(
            "INSERT INTO pgproof.ddl (session_role, role, application, tag, statement, objects)"
            "SELECT '', '', '', '', '', '[]' FROM pg_catalog.generate_series(1, 10298)"
        )
        for number in range(4):
            conn.execute(f"CREATE TABLE n{number} ()".encode())
        assert len(rows(conn)) == 10_000 + 2
        conn.execute("ALTER TABLE pgproof.ddl RENAME TO away")
        by["ann"].execute("CREATE TABLE s.two ()")
        conn.execute("ALTER TABLE pgproof.away RENAME TO ddl")
        conn.execute("REVOKE ALL ON pgproof.ddl FROM CURRENT_USER")
        by["ann"].execute("CREATE TABLE s.three ()")
        assert conn.execute("SELECT count(*) FROM s.one, s.two, s.three").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            by["ann"].execute("SELECT FROM pgproof.ddl")


SECRETS = [
    "CREATE TABLE x (password text DEFAULT 'shown'); ALTER ROLE ann PASSWORD 'hidden'",
    "CREATE TABLE x (); ALTER ROLE ann ENCRYPTED PASSWORD /* c */ $$hidden$$",
    "CREATE TABLE x (); CREATE USER MAPPING FOR ann SERVER w OPTIONS (\"user\" 'hidden')",
    "CREATE SUBSCRIPTION x CONNECTION 'host=hidden' PUBLICATION p WITH (connect = false, slot_name = NONE)",
    "CREATE TABLE x (password text); ALTER ROLE ann PASSWORD -- c\n E'hidden'\n; ALTER ROLE ann PASSWORD 'hidden'",
    "ALTER SERVER w OPTIONS (ADD api_key 'hidden')",
    "CREATE VIEW x AS SELECT 'postgresql://ann:hidden@h/db' AS a, 'shown' AS b",
    "CREATE VIEW x AS SELECT 'host=h password=hidden' AS a",
    "CREATE VIEW x AS SELECT 1 AS a, 'password = ''hidden''' AS b",
    "COMMENT ON FOREIGN DATA WRAPPER f IS 'shown'",
]


@pytest.mark.ends
def test_no_secret_is_recorded(major_server: ScratchServer, major_database: Conninfo) -> None:
    with people(major_server, major_database) as by:
        conn = by[""]
        conn.execute("CREATE FOREIGN DATA WRAPPER f; CREATE SERVER w FOREIGN DATA WRAPPER f")
        recorder.install(conn)
        for text in SECRETS:
            conn.execute(text.encode())
            *_, last = rows(conn)
            assert "hidden" not in last[5]
            assert ("shown" in last[5]) == ("shown" in text and "://" not in text), last[5]
            if "SUBSCRIPTION" in text:
                conn.execute("DROP SUBSCRIPTION x")
            else:
                conn.execute("DROP TABLE IF EXISTS x" if "TABLE" in text else "DROP VIEW IF EXISTS x")


@pytest.mark.ends
def test_it_goes_without_a_trace(major_server: ScratchServer, major_database: Conninfo) -> None:
    """And as long as it is there, it is no part of the schema that is compared."""
    with people(major_server, major_database) as by:
        conn = by[""]
        before = facts(conn)
        assert state(conn) == (False, False, None)
        recorder.install(conn)
        conn.execute("CREATE TABLE t (); DROP TABLE t")
        recorder.install(conn)
        assert len(rows(conn)) == 2
        assert state(conn) == (True, True, True)
        there = facts(conn)
        assert compare(before, there) != ()
        assert without(there) == without(before)
        for refused in (recorder.install, recorder.remove):
            with pytest.raises(DatabaseError, match="--sql"):
                refused(by["ann"])
        conn.execute("ALTER EVENT TRIGGER pgproof_watch DISABLE")
        assert state(by["ann"]) == (True, False, False)
        recorder.remove(conn)
        assert facts(conn) == before
        recorder.remove(conn)


# what ann does, or somebody before and after her, and which differences are laid to her command
LAID: dict[str, list[str]] = {
    "ALTER TABLE s.t ALTER b SET DEFAULT 'y'": ["column s.t.b"],
    "ALTER TABLE s.t ALTER b DROP DEFAULT": ["column s.t.b"],
    "ALTER TABLE s.t ADD c int CHECK (c > 0)": ["column s.t.c", "constraint s.t.t_c_check"],
    "ALTER TABLE s.t DROP b": ["column s.t.b", "index s.t_b"],
    "ALTER TABLE s.t DROP CONSTRAINT positive": ["constraint s.t.positive"],
    "ALTER TABLE s.t SET (fillfactor = 70)": ["table s.t"],
    "ALTER INDEX s.t_b RENAME TO other": ["index s.other", "index s.t_b"],
    "DROP TABLE s.t CASCADE": ["table s.t", "view s.v"],
    "GRANT SELECT ON TABLE s.t TO team": ["table s.t"],
    "GRANT SELECT (a) ON s.t TO team": ["column s.t.a"],
    "GRANT ALL ON ALL TABLES IN SCHEMA s TO team": ["table s.t", "view s.v"],
    "REVOKE EXECUTE ON FUNCTION s.f(int) FROM PUBLIC": ["function s.f(integer)"],
    "ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO team": [
        "default privileges of ann for tables in schema s"
    ],
    "GRANT EXECUTE ON FUNCTION s.f(int) TO team WITH GRANT OPTION": ["function s.f(integer)"],
    "COMMENT ON COLUMN s.t.a IS 'x'": ["column s.t.a"],
    "CREATE OR REPLACE FUNCTION s.f(int) RETURNS int LANGUAGE sql AS 'SELECT 2'": ["function s.f(integer)"],
    "CREATE FUNCTION s.f(text) RETURNS int LANGUAGE sql AS 'SELECT 2'": ["function s.f(pg_catalog.text)"],
    "CREATE OR REPLACE VIEW s.v AS SELECT a + 1 AS a FROM s.t": ["view s.v"],
    "CREATE TRIGGER \"T 1\" BEFORE UPDATE ON s.t FOR EACH ROW EXECUTE FUNCTION s.g()": ['trigger s.t."T 1"'],
    "ALTER TABLE s.t DISABLE TRIGGER ALL": ["trigger s.t.g"],
    "ALTER TYPE s.e ADD VALUE 'c'": ["enum value s.e.c"],
    "ALTER DOMAIN s.d DROP CONSTRAINT d_check": ["constraint s.d.d_check"],
    "ALTER TABLE s.t RENAME TO \"T.2\"": ['table s."T.2"', "table s.t"],
    "CREATE POLICY p ON s.t USING (a > 0)": ["policy s.t.p"],
    "CREATE SCHEMA \"Ann's\"": ['schema "Ann\'s"'],
    "CREATE STATISTICS s.x ON a, b FROM s.t": ["statistics s.x"],
}  # fmt: skip
SCHEMA = """
SET ROLE ann;
CREATE TABLE s.t (a int CONSTRAINT positive CHECK (a > 0), b text DEFAULT 'x'); CREATE INDEX t_b ON s.t (b);
CREATE VIEW s.v AS SELECT a FROM s.t; CREATE TYPE s.e AS ENUM ('a'); CREATE DOMAIN s.d AS int CHECK (VALUE > 0);
CREATE FUNCTION s.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION s.g() RETURNS trigger
LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER g BEFORE INSERT ON s.t FOR EACH ROW
EXECUTE FUNCTION s.g();
RESET ROLE
"""
# of the superuser's, who is not to be named
BEFORE = (
    "ALTER TABLE s.t ADD z1 int; COMMENT ON TABLE s.t IS 'y'; GRANT SELECT ON s.v TO pg_monitor; CREATE TABLE o ()"
)
AFTER = "CREATE TABLE o2 (a int); ALTER TABLE o2 ADD b int; GRANT SELECT ON o TO team"


@pytest.mark.ends
def test_each_difference_is_laid_to_who_made_it(major_server: ScratchServer, major_database: Conninfo) -> None:
    with people(major_server, major_database) as by:
        conn, ann = by[""], by["ann"]
        conn.execute(f"GRANT CREATE ON DATABASE {conn.info.dbname} TO ann".encode())
        recorder.install(conn)
        conn.execute("/* pgproof:run:7 */ " + SCHEMA)
        conn.execute(BEFORE)
        for command, labels in LAID.items():
            before = without(facts(conn))
            conn.execute("BEGIN")
            conn.execute(b"SET SESSION AUTHORIZATION ann")
            conn.execute(command.encode())
            conn.execute(b"RESET SESSION AUTHORIZATION")
            conn.execute("SAVEPOINT b")
            differences = compare(before, without(read(conn)))
            conn.execute("ROLLBACK TO b")
            conn.execute(AFTER)
            found = deed.done(differences, deed.read(conn))
            conn.execute("ROLLBACK")
            told = [label(each.fact) for each in differences if each.key in found]
            assert sorted(told) == sorted(labels), command
            assert {(each.session_role, each.statement) for each in found.values()} == {("ann", command)}, command
        assert ann.info.user == "ann"


@pytest.mark.ends
def test_who_granted_rights_on_what_is_the_systems_or_dropped_it(
    major_server: ScratchServer, major_database: Conninfo
) -> None:
    with people(major_server, major_database) as by:
        conn = by[""]
        recorder.install(conn)
        before = without(facts(conn))
        done = {
            "table pg_catalog.pg_authid": "GRANT SELECT ON pg_authid TO team",
            "function pg_catalog.lower(pg_catalog.text)": "REVOKE EXECUTE ON FUNCTION lower(text) FROM PUBLIC",
            "language plpgsql": "GRANT USAGE ON LANGUAGE plpgsql TO team",
            "view information_schema.sequences": "DROP VIEW information_schema.sequences",
            "text search configuration pg_catalog.danish": "DROP TEXT SEARCH CONFIGURATION danish",
        }
        for command in done.values():
            conn.execute(command.encode())
        differences = compare(before, without(facts(conn)))
        found = deed.done(differences, deed.read(conn))
        assert {label(each.fact): found[each.key].statement for each in differences} == done


def test_what_pgproof_did_is_told_apart() -> None:
    def sent(statement: str) -> deed.Deed:
        said = dict.fromkeys(("session_role", "role", "application", "client", "tag", "at"), "")
        return deed.Deed(**said, statement=statement, touched=())

    assert sent(f"{tag('a-1', '7:2')}DROP TABLE t").is_migration
    assert not sent(f"DROP TABLE t {tag('a-1', '7')}").is_migration


@pytest.mark.ends
def test_a_dump_of_it_can_be_restored(
    major_server: ScratchServer, major_database: Conninfo, scratch_options: ScratchOptions
) -> None:
    """With what was recorded; and it goes on to record there."""
    try:
        pg_dump = program(major_server.version.major, scratch_options)
    except DatabaseError as error:
        pytest.skip(str(error))
    with closing(connect(major_database)) as conn:
        conn.execute("CREATE SCHEMA pgproof")
        recorder.install(conn)
        conn.execute("CREATE TABLE t (); CREATE SCHEMA s CREATE TABLE u ()")
        before = rows(conn)
    command = [str(pg_dump), "--inserts", major_database.secret]
    dumped = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    script = re.sub(r"^(\\(un)?restrict .*|SET transaction_timeout = 0;)$", "", dumped, flags=re.MULTILINE)
    with major_server.database() as other, closing(connect(other)) as conn:
        conn.execute(script.encode())
        conn.execute("RESET ALL")
        assert rows(conn) == before
        assert state(conn) == (True, True, True)
        conn.execute("CREATE TABLE v ()")
        assert len(rows(conn)) == len(before) + 1


def state(conn: psycopg.Connection) -> tuple[bool, bool, bool | None]:
    found = recorder.state(conn)
    assert (found.reader, found.has_history) == (conn.info.user, False)
    return found.is_there, found.is_enabled, found.is_readable


def facts(conn: psycopg.Connection) -> Facts:
    with conn.transaction():
        return extract(conn)


def read(conn: psycopg.Connection) -> Facts:
    return extract(conn)


@pytest.mark.ends
def test_rows_are_json_that_says_all(major_database: Conninfo) -> None:
    with closing(connect(major_database)) as conn:
        conn.execute("CREATE SCHEMA pgproof")
        recorder.install(conn)
        conn.execute("CREATE FUNCTION f(bigint, int[]) RETURNS int LANGUAGE sql AS 'SELECT 1'")
        ((*_, objects),) = rows(conn)
        assert json.loads(json.dumps(objects)) == [
            {
                "type": "function",
                "identity": "public.f(bigint,integer[])",
                "names": ["public", "f"],
                "args": ["bigint", "integer[]"],
            }
        ]
