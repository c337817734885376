"""pg_dump as a witness: what it says is compared for what it says of the schema, and for nothing else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.dump import dump_schema
from pgproof.database.scratch import ScratchOptions, ScratchServer
from pgproof.drift.compare import compare
from pgproof.drift.witness import lines, unexplained, unlike
from pgproof.errors import DatabaseError
from tests.recall import facts
from tests.witness import ask

Dump = Callable[[psycopg.Connection], str]
# the same schema, made in another order, by roles that got their rights in another order
ONE = """
CREATE SCHEMA s; GRANT USAGE ON SCHEMA s TO PUBLIC; CREATE ACCESS METHOD m TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE s.t (a int, b text DEFAULT 'x', "C" int); CREATE TABLE s.u (a int) PARTITION BY LIST (a);
ALTER TABLE s.t ALTER a SET STATISTICS 5, ALTER b SET STORAGE EXTERNAL; CREATE FUNCTION s.f() RETURNS text
LANGUAGE sql AS $$
--
-- Name: t; Type: TABLE; Schema: s; Owner: nobody
--

SELECT '; SET default_tablespace = nowhere;' $$;
CREATE STATISTICS s."a ON b" (mcv) ON a, "C", (b || 'x'), lower(b) FROM s.t;
GRANT SELECT ON s.t TO pg_monitor WITH GRANT OPTION; GRANT INSERT ON s.t TO pg_signal_backend; SET ROLE pg_monitor;
GRANT SELECT ON s.t TO pg_signal_backend; RESET ROLE;
"""
OTHER = """
CREATE SCHEMA s; GRANT USAGE ON SCHEMA s TO PUBLIC; CREATE ACCESS METHOD m TYPE TABLE HANDLER heap_tableam_handler;
CREATE FUNCTION s.f() RETURNS text LANGUAGE sql
AS $$
--
-- Name: t; Type: TABLE; Schema: s; Owner: nobody
--

SELECT '; SET default_tablespace = nowhere;' $$;
CREATE TABLE s.u (a int) PARTITION BY LIST (a); CREATE TABLE s.t ("C" int, b text DEFAULT 'x', gone int, a int);
ALTER TABLE s.t DROP gone, ALTER b SET STORAGE EXTERNAL, ALTER a SET STATISTICS 5;
CREATE STATISTICS s."a ON b" (mcv) ON a, "C", (b || 'x'), lower(b) FROM s.t;
GRANT INSERT ON s.t TO pg_signal_backend; GRANT SELECT ON s.t TO pg_monitor WITH GRANT OPTION; SET ROLE pg_monitor;
GRANT SELECT ON s.t TO pg_signal_backend; RESET ROLE; CREATE SCHEMA pgproof CREATE TABLE x ();
CREATE FUNCTION pgproof.f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION pgproof.f();
"""
CHANGES = {
    "ALTER TABLE s.t ALTER b SET DEFAULT 'y'": (
        "TABLE s.t: only there: CREATE TABLE s.t ( \"C\" integer, a integer, b text DEFAULT 'y'::text )"
    ),
    "CREATE TABLE s.d () USING m": "TABLE s.d: only there: SET default_table_access_method = m",
    "DROP TABLE s.u": "TABLE s.u: only here: CREATE TABLE s.u ( a integer ) PARTITION BY LIST (a)",
    "CREATE VIEW s.v AS SELECT 1": "VIEW s.v: only there: CREATE VIEW s.v AS SELECT 1",
    "SET ROLE pg_monitor; REVOKE SELECT ON s.t FROM pg_signal_backend": "ACL s.TABLE t: only here: SET SESSION "
    "AUTHORIZATION pg_monitor; GRANT SELECT ON TABLE s.t TO pg_signal_backend; RESET SESSION AUTHORIZATION",
    'DROP STATISTICS s."a ON b"; CREATE STATISTICS s."a ON b" (mcv) ON a, b FROM s.t': (
        'STATISTICS s.a ON b: only there: CREATE STATISTICS s."a ON b" (mcv) ON a, b FROM s.t'
    ),
    "ALTER TABLE s.d OWNER TO pg_monitor": "TABLE s.d: only there: ALTER TABLE s.d OWNER TO pg_monitor",
    "COMMENT ON SCHEMA s IS 'it''s; one'": "COMMENT SCHEMA s: only there: COMMENT ON SCHEMA s IS 'it''s; one'",
}  # fmt: skip


@pytest.fixture
def dump(major_server: ScratchServer, scratch_options: ScratchOptions) -> Dump:
    """What pg_dump says of the database of a connection. Skips where no pg_dump is new enough."""

    def dumped(conn: psycopg.Connection) -> str:
        database = major_server.conninfo.with_database(conn.info.dbname)
        try:
            return dump_schema(database, major_server.version.major, scratch_options)
        except DatabaseError as error:
            if error.problems[0].message.startswith("no pg_dump for "):
                pytest.skip(str(error))
            raise

    return dumped


@pytest.mark.ends
def test_what_says_nothing_of_the_schema_is_put_aside(major_server: ScratchServer, dump: Dump) -> None:
    """Then each change is seen, one at a time, on the same database."""
    with (
        major_server.database() as one,
        major_server.database() as other,
        closing(connect(one)) as here,
        closing(connect(other)) as there,
    ):
        here.execute(ONE.encode())
        there.execute(OTHER.encode())
        first, second = dump(here), dump(there)
        assert first != second
        assert unlike(first, second) == ()
        (moved,) = unlike(first, second, positions=True)
        assert [str(moved.entry), len(moved.one), len(moved.other)] == ["TABLE s.t", 1, 1]
        for change, line in CHANGES.items():
            there.execute(change.encode())
            there.execute("RESET ROLE")
            found = dump(there)
            (changed,) = unlike(second, found)
            told = list(lines(changed, "here", "there"))
            assert any(each.startswith(line) for each in told), (change, told)
            second = found


@pytest.mark.ends
def test_what_is_not_there_now_is_in_no_snapshot(
    major_server: ScratchServer, major_database: Conninfo, scratch_options: ScratchOptions
) -> None:
    """And relations of others are left out, whatever they are called."""
    with closing(connect(major_database)) as conn, closing(connect(major_database)) as other, conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = conn.execute("SELECT pg_catalog.pg_export_snapshot()").fetchone()
        assert row
        other.execute('CREATE TABLE later (); CREATE TABLE "Odd ""one"".*" (); CREATE TABLE "oddxone" ()')
        major, without = major_server.version.major, [("public", 'Odd "one".*')]
        then = dump_schema(major_database, major, scratch_options, snapshot=row[0])
        now = dump_schema(major_database, major, scratch_options, without=without)
    assert [str(each.entry) for each in unlike(then, now)] == ["TABLE public.later", "TABLE public.oddxone"]


@pytest.mark.ends
def test_secrets_are_neither_compared_nor_told(major_server: ScratchServer, dump: Dump) -> None:
    script = (
        "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w"
        " OPTIONS (host 'h', \"api key\" '{0}''');"
        "CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (\"user\" '{1}', password '{0}');"
        "CREATE SUBSCRIPTION sub CONNECTION 'password={0}' PUBLICATION p WITH (connect = false, slot_name = NONE)"
    )
    dumps = []
    for values in (("hidden", "ann"), ("veiled", "ann"), ("hidden", "bob")):
        with major_server.database() as database, closing(connect(database)) as conn:
            for statement in script.format(*values).split(";"):
                conn.execute(statement.encode())
            dumps.append(dump(conn))
            conn.execute("DROP SUBSCRIPTION sub")
    assert "hidden" in dumps[0]
    assert unlike(dumps[0], dumps[1]) == ()
    (found,) = unlike(dumps[0], dumps[2])
    assert "hidden" not in "".join([*found.one, *found.other, *lines(found, "here", "there")])
    assert sum("bob" in each for each in lines(found, "here", "there")) == 1


@pytest.mark.slow
@pytest.mark.ends
def test_the_witness_sees_no_more_than_we_do(major_server: ScratchServer, dump: Dump) -> None:
    """Of some of the changes, other ones on each major; `python -m tests.witness` asks about all, on all."""
    with major_server.database() as database, closing(connect(database)) as conn:
        dump(conn)  # skips
    heard = ask(major_server, every=47)
    assert heard.missed == ()
    assert heard.changes == heard.by_us >= heard.by_pg_dump >= LEAST


LEAST = 4


@pytest.mark.ends
def test_what_no_difference_is_about_is_unexplained(major_server: ScratchServer, dump: Dump) -> None:
    """Objects of the same name elsewhere explain nothing, nor does a column of the name of another object."""
    script = "CREATE SCHEMA s; CREATE TABLE s.t (u int, v int); CREATE TABLE t (u int); CREATE TABLE u (a int);"
    changes = "ALTER TABLE s.t DROP u; ALTER TABLE t ALTER u SET DEFAULT 1; CREATE VIEW v AS SELECT a FROM u;"
    with (
        major_server.database() as one,
        major_server.database() as other,
        closing(connect(one)) as here,
        closing(connect(other)) as there,
    ):
        here.execute(script.encode())
        there.execute(f"{script}{changes}CREATE INDEX i ON s.t (v); COMMENT ON COLUMN s.t.v IS 'x'".encode())
        found, differences = unlike(dump(here), dump(there)), compare(facts(here), facts(there))
    assert unexplained(found, differences) == ()
    known = [each for each in differences if each.fact.name[:2] == ("s", "t")]
    assert [str(each.entry) for each in unexplained(found, known)] == ["TABLE public.t", "VIEW public.v"]
    assert unexplained(found, ()) == found
