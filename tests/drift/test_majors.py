"""What a major makes by itself is told apart from what somebody has changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from pgproof.catalog.extract import extract
from pgproof.catalog.fact import Facts
from pgproof.database.connection import connect
from pgproof.database.scratch import ScratchServer
from pgproof.drift.compare import compare
from pgproof.drift.majors import sort_out
from pgproof.drift.words import label
from pgproof.errors import DatabaseError
from tests.conftest import MAJORS
from tests.recall import pairs, restored, servers

pytestmark = pytest.mark.slow
SCHEMA = """
CREATE TABLE t (a int NOT NULL, b text CONSTRAINT c CHECK (b <> ''), code int);
CREATE TABLE code (code int, id int);
CREATE UNIQUE INDEX i ON t (b);
CREATE DOMAIN d AS int NOT NULL;
CREATE TABLE p (a int) PARTITION BY LIST (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1) PARTITION BY LIST (a);
CREATE TABLE p11 PARTITION OF p1 FOR VALUES IN (1);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER g AFTER INSERT ON p FOR EACH ROW EXECUTE FUNCTION f();
CREATE VIEW v AS SELECT t.a, t.b || 't.a' AS c, (SELECT max(code.id) FROM code WHERE t.a = code.id) AS m
    FROM t WHERE t.code > 1.5;
CREATE VIEW w AS SELECT code.code, code.id, (code.*)::text AS r FROM (SELECT code, id FROM code) AS code;
CREATE VIEW x AS SELECT t.a FROM t, code WHERE t.code = code.code;
CREATE FUNCTION q() RETURNS SETOF t BEGIN ATOMIC SELECT * FROM t WHERE t.a > 1; END;
CREATE COLLATION k (provider = icu, locale = 'de-DE');
CREATE SUBSCRIPTION s CONNECTION 'dbname=nowhere' PUBLICATION z
    WITH (connect = false, slot_name = NONE, enabled = false);
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pg_monitor;
"""
CHANGES = {
    "ALTER TABLE t ALTER code SET NOT NULL": {"column public.t.code", "constraint public.t.t_code_not_null"},
    "ALTER TABLE t ALTER a DROP NOT NULL": {"column public.t.a"},
    "DROP INDEX i; CREATE UNIQUE INDEX i ON t (b) NULLS NOT DISTINCT": {"index public.i"},
    "ALTER TABLE t DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (b <> '') NOT ENFORCED": {"constraint public.t.c"},
    "ALTER DOMAIN d DROP NOT NULL": {"domain public.d"},
    "CREATE TRIGGER h AFTER INSERT ON p1 FOR EACH ROW EXECUTE FUNCTION f()": {
        "trigger public.p1.h",
        "trigger public.p11.h",
    },
    "CREATE OR REPLACE VIEW v AS SELECT t.a, t.b || 'a' AS c, (SELECT max(code.id) FROM code "
    "WHERE t.a = code.id) AS m FROM t WHERE t.code > 1.5": {"view public.v"},
    "CREATE OR REPLACE VIEW x AS SELECT t.a FROM t, code WHERE t.code = code.id": {"view public.x"},
    "CREATE OR REPLACE FUNCTION q() RETURNS SETOF t BEGIN ATOMIC SELECT * FROM t WHERE code > 1; END": {
        "function public.q()"
    },
    "DROP COLLATION k; CREATE COLLATION k (provider = icu, locale = 'de-AT')": {"collation public.k"},
    "GRANT MAINTAIN ON t TO pg_monitor": {"table public.t"},
    "ALTER SUBSCRIPTION s SET (disable_on_error)": {"subscription s"},
}  # fmt: skip


@pytest.fixture(scope="module")
def found() -> Iterator[dict[int, ScratchServer]]:
    """A server of each major, all at once."""
    with servers(MAJORS) as started:
        if len(started) < 2:
            pytest.skip("one major alone; set PGPROOF_PG_DIR")
        yield started


def test_what_is_restored_into_another_major_is_the_same(found: dict[int, ScratchServer]) -> None:
    for one, other in pairs(tuple(found)):
        try:
            precision = restored(found[one], found[other])
        except DatabaseError as error:
            pytest.skip(str(error))
        assert precision.false == (), f"from {one} to {other}"
        assert precision.made != ()


def test_a_change_is_not_the_majors(found: dict[int, ScratchServer]) -> None:
    if min(found) > 14 or max(found) < 18:
        pytest.skip("from 14 to 18")
    before = facts(found[14])
    changed, made = sort_out(compare(before, same := facts(found[18])), before, same)
    assert changed == ()
    assert {label(each.difference.fact) for each in made} >= {
        "constraint public.t.t_a_not_null",
        "constraint public.d.d_not_null",
        "trigger public.p11.g",
        "view public.v",
        "view public.w",
        "schema public",
        "default privileges of postgres for tables",
    }
    for change, wanted in CHANGES.items():
        after = facts(found[18], change)
        labels = {label(each.fact) for each in sort_out(compare(before, after), before, after)[0]}
        assert labels == wanted, change


def facts(server: ScratchServer, change: str = "") -> Facts:
    with server.database() as database, closing(connect(database)) as conn:
        conn.execute(f"SET client_min_messages = error; {SCHEMA}; {change}".encode())
        with conn.transaction():
            found = extract(conn)
        conn.execute("DROP SUBSCRIPTION s")
        return found
