"""The fingerprint of a database: the same of the same files, another one with each change, on every major."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest

from pgproof.catalog.ask import catalogs
from pgproof.catalog.fingerprint import fingerprint
from pgproof.database.connection import connect
from pgproof.database.scratch import ScratchServer
from tests.catalog.everything import built, roles_for

pytestmark = pytest.mark.slow
EVERY = 15
OPTIONS = frozenset({"roles", "positions"})
OURS = """CREATE SCHEMA pgproof;
CREATE TABLE pgproof.x (id serial PRIMARY KEY, t text DEFAULT 'a', CHECK (t > '0'));
CREATE INDEX ON pgproof.x (lower(t));
CREATE VIEW pgproof.v AS SELECT 1 AS a;
CREATE DOMAIN pgproof.d AS int CHECK (VALUE > 0);
COMMENT ON COLUMN pgproof.x.t IS 'ours';
COMMENT ON DOMAIN pgproof.d IS 'ours';
GRANT SELECT ON pgproof.x TO PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA pgproof GRANT SELECT ON TABLES TO PUBLIC;
CREATE FUNCTION pgproof.f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER ours ON ddl_command_end EXECUTE FUNCTION pgproof.f();
CREATE TRIGGER g BEFORE INSERT ON pgproof.x FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
COMMENT ON TRIGGER g ON pgproof.x IS 'ours'"""
NO_PART = (
    OURS,
    "CREATE TEMP TABLE x (id serial PRIMARY KEY, t text DEFAULT 'a', CHECK (t > '0')); COMMENT ON TABLE x IS 'my'",
    "VACUUM ANALYZE",
    "ALTER USER MAPPING FOR PUBLIC SERVER distant OPTIONS (SET password 'other')",
)


def now(conn: psycopg.Connection, options: frozenset[str] = OPTIONS) -> str:
    with conn.transaction():
        found = fingerprint(conn, catalogs(conn, options))
    assert found
    return found


def test_each_change_is_seen(major_server: ScratchServer, whole: bool) -> None:
    """Of the changes, others on each major: every so manieth."""
    every = 1 if whole else EVERY
    with roles_for(major_server.conninfo) as found, built(found, major_server) as conn:
        before = now(conn)
        unseen = []
        for change in found.changes(conn.info.dbname, every=every, turn=found.major):
            conn.execute("BEGIN")
            conn.execute(change.encode())
            unseen += [change] if now(conn) == before else []
            conn.execute("ROLLBACK")
        assert unseen == []
        assert now(conn) == before
        system = "ALTER OPERATOR CLASS pg_catalog.text_ops USING btree RENAME TO other"
        conn.execute(f"BEGIN; {system}".encode())
        assert now(conn) != before
        conn.execute("ROLLBACK")


def test_another_database_of_the_same_files_has_the_same(major_server: ScratchServer) -> None:
    """Its objects have other numbers; and what is not compared does not count."""
    with (
        roles_for(major_server.conninfo) as found,
        built(found, major_server) as one,
        built(found, major_server) as other,
    ):
        same = now(one)
        assert now(other) == same
        for text in NO_PART:
            other.execute(text.encode())
            assert now(other) == same, text
        plain = now(one, frozenset())
        one.execute("SET ROLE pg_monitor")  # to whom the options of user mappings look as if there were none
        hidden = now(one, frozenset())
        one.execute("RESET ROLE")
        assert hidden != plain


@pytest.mark.ends
def test_an_owner_of_another_name_makes_another_one(major_server: ScratchServer) -> None:
    """And another number of his does not: that is given in each cluster anew."""
    with major_server.database() as database, closing(connect(database)) as conn:
        conn.execute("CREATE ROLE one_of_two; CREATE TABLE t (); ALTER TABLE t OWNER TO one_of_two")
        try:
            before = now(conn)
            conn.execute("ALTER ROLE one_of_two RENAME TO other_of_two")
            assert now(conn) != before
            conn.execute("CREATE ROLE one_of_two; ALTER TABLE t OWNER TO one_of_two; DROP ROLE other_of_two")
            assert now(conn) == before
        finally:
            conn.execute("DROP TABLE t; DROP ROLE one_of_two; DROP ROLE IF EXISTS other_of_two")
