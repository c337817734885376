"""Facts of a database: what is the same anywhere is the same, and each change is seen, on every major."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import psycopg
import pytest

from pgproof.catalog.extract import extract
from pgproof.catalog.fact import Facts
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.drift.compare import compare
from pgproof.errors import DatabaseError
from tests.catalog.everything import built, roles_for
from tests.conftest import is_between, turn
from tests.recall import Precision, recall, restored, same_files, unchanged

pytestmark = pytest.mark.slow
TEMPORARY = """
CREATE TEMP TABLE t (a serial PRIMARY KEY, b text DEFAULT 'x', c int GENERATED ALWAYS AS IDENTITY CHECK (c > 0));
CREATE TEMP TABLE u (a int REFERENCES t, b int) PARTITION BY LIST (b);
CREATE TEMP TABLE p PARTITION OF u FOR VALUES IN (1);
CREATE TEMP TABLE i () INHERITS (t);
INSERT INTO t (b) VALUES (repeat('long', 9999));
CREATE INDEX ON t ((lower(b))) WHERE a > 1;
CREATE TEMP VIEW v AS SELECT a FROM t;
CREATE TEMP SEQUENCE s OWNED BY t.a;
CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING;
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE POLICY y ON t USING (true);
CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE pg_temp.ag(int) (sfunc = int4pl, stype = int);
CREATE OPERATOR pg_temp.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
CREATE TYPE pg_temp.e AS ENUM ('a');
CREATE TYPE pg_temp.c AS (a int);
CREATE TYPE pg_temp.n AS RANGE (subtype = float8);
CREATE DOMAIN pg_temp.d AS int DEFAULT 3 CHECK (VALUE > 0);
CREATE STATISTICS pg_temp.st ON a, b FROM t;
CREATE COLLATION pg_temp.co FROM "C";
CREATE CONVERSION pg_temp.cv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE OPERATOR CLASS pg_temp.oc FOR TYPE int USING btree AS OPERATOR 1 <, FUNCTION 1 btint4cmp(int, int);
CREATE TEXT SEARCH CONFIGURATION pg_temp.ts (COPY = simple);
CREATE TEXT SEARCH DICTIONARY pg_temp.td (TEMPLATE = simple);
COMMENT ON TABLE t IS 'mine';
COMMENT ON COLUMN t.a IS 'mine';
COMMENT ON FUNCTION pg_temp.f() IS 'mine';
COMMENT ON TYPE pg_temp.e IS 'mine';
COMMENT ON INDEX t_pkey IS 'mine';
COMMENT ON TRIGGER g ON t IS 'mine';
COMMENT ON CONSTRAINT t_pkey ON t IS 'mine';
GRANT SELECT (a) ON t TO PUBLIC;
"""


def facts(conn: psycopg.Connection) -> Facts:
    with conn.transaction():
        return extract(conn, options=frozenset({"roles", "positions"}))


def test_each_change_is_seen(
    major_server: ScratchServer, whole: bool, record_testsuite_property: Callable[[str, object], None]
) -> None:
    """Recall: each change of changes.sql is seen, on one of the majors that are there; or on each.

    What not all majors know is changed on the first and the last.
    """
    major = major_server.version.major
    position, count = turn(major)
    every = 1 if whole else count
    found = recall(major_server, every, position, special=not is_between(major))
    record_testsuite_property(f"recall on PostgreSQL {found.major}", str(found))
    assert found.changes > 300 // every
    assert found.unseen == ()
    assert not whole or found.unchanged == ()


@pytest.mark.ends
def test_each_value_that_is_compared_is_changed(major_server: ScratchServer) -> None:
    """By the changes of changes.sql between them."""
    assert unchanged(major_server) == ()


def test_another_database_of_the_same_files_is_the_same(major_server: ScratchServer) -> None:
    assert same_files(major_server).false == ()


def test_a_database_that_pg_dump_has_rebuilt_is_the_same(major_server: ScratchServer) -> None:
    found = reloaded(major_server, major_server)
    assert found.false == ()
    assert found.worded > 0  # the server, too, writes some of it in other words


def reloaded(server: ScratchServer, other: ScratchServer) -> Precision:
    """Skips where no pg_dump is new enough."""
    try:
        return restored(server, other)
    except DatabaseError as error:
        pytest.skip(str(error))


def test_what_sessions_have_for_themselves_is_no_part_of_it(major_database: Conninfo) -> None:
    with closing(connect(major_database)) as conn, closing(connect(major_database)) as session:
        before = facts(conn)
        session.execute(TEMPORARY)
        assert session.execute("SELECT count(*) FROM pg_temp.t").fetchone() == (1,)
        found = facts(conn)
        assert found.unmodelled == ()
        assert compare(before, found) == ()
        session.execute("CREATE TABLE t ()")
        assert len(compare(before, facts(conn))) == 1


def test_what_is_said_of_the_systems_objects_is_seen_without_information_schema(major_database: Conninfo) -> None:
    """Which comments are initdb's own follows from nothing that can be dropped."""
    with closing(connect(major_database)) as conn:
        before = facts(conn)
        conn.execute("DROP SCHEMA information_schema CASCADE")
        bare = facts(conn)
        assert [each for each in compare(before, bare) if each.fact.catalog == "pg_description"] == []
        conn.execute("COMMENT ON FUNCTION pg_catalog.lower(text) IS 'small'")
        (found,) = compare(bare, facts(conn))
        assert (found.fact.name, found.fact.values) == (
            ("function", "pg_catalog.lower(pg_catalog.text)"),
            ("small",),
        )


def test_whoever_may_connect_sees_all_but_secrets(major_server: ScratchServer) -> None:
    with roles_for(major_server.conninfo) as found, built(found, major_server) as conn:
        conn.execute(f"ALTER ROLE {found.roles[0]} LOGIN".encode())
        address = {**dict(major_server.conninfo.parameters), "dbname": conn.info.dbname, "user": found.roles[0]}
        with closing(connect(Conninfo.of(**address))) as reader:
            seen = facts(reader)
        whole = facts(conn)
        assert seen.unread == ("options of user mappings are shown to their users and to superusers alone",)
        assert (whole.unread, seen.unmodelled) == ((), ())
        assert seen.facts.keys() == whole.facts.keys()
        assert compare(whole, seen) == ()
