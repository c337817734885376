"""Two databases hold the same, or what they do not: every kind of object, on every major."""

from __future__ import annotations

from contextlib import closing

import pytest

from pgproof.catalog.definition import Definition, differences
from pgproof.catalog.read import definitions
from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo

# one statement makes an object, the other changes it: the change must be seen, and by its name
CHANGES = {
    "privileges schema s": ("CREATE SCHEMA s", "GRANT USAGE ON SCHEMA s TO PUBLIC"),
    "table public.t": ("", "ALTER TABLE t SET (fillfactor = 50)"),
    "order of columns public.o": (
        "CREATE TABLE o (a int, b int)",
        "ALTER TABLE o DROP a; ALTER TABLE o ADD a int",
    ),
    "column public.t.b": ("", "ALTER TABLE t ALTER b SET DEFAULT 'y'"),
    "privileges column public.t.a": ("", "GRANT SELECT (a) ON t TO PUBLIC"),
    "constraint public.t.c": ("", "ALTER TABLE t DROP CONSTRAINT c; ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1)"),
    "constraint public.n.v": (
        "CREATE TABLE n (a int, CONSTRAINT v CHECK (a > 0))",
        "ALTER TABLE n DROP CONSTRAINT v; ALTER TABLE n ADD CONSTRAINT v CHECK (a > 0) NOT VALID",
    ),
    "index public.i": ("", "DROP INDEX i; CREATE INDEX i ON t (b DESC)"),
    "sequence public.q": ("CREATE SEQUENCE q", "ALTER SEQUENCE q CYCLE"),
    "view public.v": ("CREATE VIEW v AS SELECT a FROM t", "CREATE OR REPLACE VIEW v AS SELECT a + 1 AS a FROM t"),
    "materialized view public.m": (
        "CREATE MATERIALIZED VIEW m AS SELECT 1 AS x",
        "DROP MATERIALIZED VIEW m; CREATE MATERIALIZED VIEW m AS SELECT 2 AS x",
    ),
    "rule public.w.r": (
        "CREATE VIEW w AS SELECT 1 AS x; CREATE RULE r AS ON DELETE TO w DO INSTEAD NOTHING",
        "CREATE OR REPLACE RULE r AS ON DELETE TO w DO INSTEAD SELECT 1",
    ),
    "trigger public.t.g": (
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "ALTER TABLE t DISABLE TRIGGER g",
    ),
    "policy public.t.p": ("CREATE POLICY p ON t USING (a > 0)", "ALTER POLICY p ON t USING (a > 1)"),
    "statistics public.st": ("CREATE STATISTICS st ON a, b FROM t", "ALTER STATISTICS st SET STATISTICS 7"),
    "function public.f()": (
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2'",
    ),
    "privileges function public.pr()": (
        "CREATE PROCEDURE pr() LANGUAGE sql AS 'SELECT 1'",
        "REVOKE EXECUTE ON PROCEDURE pr() FROM PUBLIC",
    ),
    "aggregate public.ag(integer)": (
        "CREATE AGGREGATE ag(int) (sfunc = int4pl, stype = int)",
        "CREATE OR REPLACE AGGREGATE ag(int) (sfunc = int4mul, stype = int)",
    ),
    "privileges relation public.t": ("", "GRANT DELETE ON t TO PUBLIC"),
    "range public.rb": (
        "CREATE TYPE rb AS RANGE (subtype = float8)",
        "DROP TYPE rb; CREATE TYPE rb AS RANGE (subtype = float8, subtype_diff = float8mi)",
    ),
    "composite type public.ct": ("", "CREATE TYPE ct AS (a int)"),
    "enum public.e": ("CREATE TYPE e AS ENUM ('a')", "ALTER TYPE e ADD VALUE 'b'"),
    "domain public.d": ("CREATE DOMAIN d AS int", "ALTER DOMAIN d SET NOT NULL"),
    "constraint public.dc.k": (
        "CREATE DOMAIN dc AS int CONSTRAINT k CHECK (VALUE > 0)",
        "ALTER DOMAIN dc DROP CONSTRAINT k; ALTER DOMAIN dc ADD CONSTRAINT k CHECK (VALUE > 1)",
    ),
    "privileges type public.ra": (
        "CREATE TYPE ra AS RANGE (subtype = float8)",
        "REVOKE USAGE ON TYPE ra FROM PUBLIC",
    ),
    "operator public.===(integer, integer)": (
        "CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)",
        "ALTER OPERATOR === (int, int) SET (RESTRICT = eqsel)",
    ),
    "collation public.co": (
        'CREATE COLLATION co FROM "C"',
        'DROP COLLATION co; CREATE COLLATION co FROM "POSIX"',
    ),
    "text search configuration public.ts": (
        "CREATE TEXT SEARCH CONFIGURATION ts (COPY = simple)",
        "ALTER TEXT SEARCH CONFIGURATION ts ALTER MAPPING FOR word WITH english_stem",
    ),
    "event trigger et": (
        "CREATE EVENT TRIGGER et ON sql_drop EXECUTE FUNCTION ef()",
        "ALTER EVENT TRIGGER et DISABLE",
    ),
    "publication pu": ("CREATE PUBLICATION pu", "ALTER PUBLICATION pu ADD TABLE t"),
    "foreign data wrapper fw": ("CREATE FOREIGN DATA WRAPPER fw", "ALTER FOREIGN DATA WRAPPER fw OPTIONS (a 'b')"),
    "foreign server fs": (
        "CREATE FOREIGN DATA WRAPPER fz; CREATE SERVER fs FOREIGN DATA WRAPPER fz",
        "ALTER SERVER fs OPTIONS (a 'b')",
    ),
    "comment table public.t": ("COMMENT ON TABLE t IS 'one'", "COMMENT ON TABLE t IS 'two'"),
}
BASE = """
CREATE FUNCTION ef() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE TABLE t (a int PRIMARY KEY, b text DEFAULT 'x', CONSTRAINT c CHECK (a > 0));
CREATE INDEX i ON t (b);
"""


def read(conninfo: Conninfo) -> tuple[Definition, ...]:
    with closing(connect(conninfo)) as conn, read_only(conn):
        return definitions(conn)


def run(conninfo: Conninfo, text: str) -> None:
    with closing(connect(conninfo)) as conn:
        conn.execute(text.encode())


@pytest.mark.slow
def test_every_change_is_seen_by_its_name(major_database: Conninfo) -> None:
    run(major_database, BASE)
    for made, _ in CHANGES.values():
        run(major_database, made)
    before = read(major_database)
    assert differences(before, read(major_database)) == ()
    for name, (_, change) in CHANGES.items():
        run(major_database, change)
        after = read(major_database)
        assert [f"{each.kind} {each.name}" for each in differences(before, after)] == [name]
        before = after


def test_what_is_there_or_not_is_told_once(database: Conninfo) -> None:
    empty = read(database)
    run(database, BASE)
    full = read(database)
    surplus, missing = differences(empty, full), differences(full, empty)
    assert [f"{each.kind} {each.name}" for each in surplus] == ["function public.ef()", "table public.t"]
    assert str(surplus[-1]) == "table public.t is there, and no file makes it"
    assert str(missing[-1]) == "table public.t is missing"
    run(database, "ALTER TABLE t ALTER b TYPE varchar(9); CREATE TABLE u ()")
    (found,) = differences(full, read(database), ignoring={"public.u"})
    assert str(found) == (
        "column public.t.b is character varying(9) default 'x'::text, where the files make text default 'x'::text"
    )


def test_members_of_extensions_and_pgproof_itself_are_not_told(database: Conninfo) -> None:
    before = read(database)
    run(database, "CREATE SCHEMA pgproof CREATE TABLE history (a int); COMMENT ON TABLE pgproof.history IS 'x';")
    run(database, "CREATE TEMP TABLE x (a int)")
    assert differences(before, read(database)) == ()
