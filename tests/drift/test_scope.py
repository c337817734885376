"""What counts when a database is compared: nothing of pgproof's own or of other tools; for a schema, its own."""

from __future__ import annotations

from contextlib import closing

from pgproof.catalog.extract import extract
from pgproof.catalog.fact import Facts
from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.drift.compare import compare
from pgproof.drift.scope import within, without
from pgproof.drift.words import label

OURS = """
CREATE SCHEMA pgproof;
CREATE TABLE pgproof.history (a serial PRIMARY KEY, b text DEFAULT 'x' CHECK (b <> ''));
CREATE FUNCTION pgproof.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TYPE pgproof.e AS ENUM ('x');
COMMENT ON SCHEMA pgproof IS 'x';
COMMENT ON TABLE pgproof.history IS 'x';
COMMENT ON COLUMN pgproof.history.a IS 'x';
COMMENT ON CONSTRAINT history_pkey ON pgproof.history IS 'x';
COMMENT ON FUNCTION pgproof.f() IS 'x';
ALTER DEFAULT PRIVILEGES IN SCHEMA pgproof GRANT SELECT ON TABLES TO PUBLIC;
"""
THEIRS = """
CREATE TABLE "their table" (a serial PRIMARY KEY, b text DEFAULT 'x' CHECK (b <> ''));
CREATE INDEX ON "their table" (b);
CREATE TRIGGER g BEFORE INSERT ON "their table"
    FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
GRANT SELECT (a) ON "their table" TO PUBLIC;
COMMENT ON COLUMN "their table".a IS 'x';
CREATE STATISTICS of_theirs (ndistinct) ON a, b FROM "their table";
COMMENT ON STATISTICS of_theirs IS 'x';
CREATE TABLE numbered (a int GENERATED ALWAYS AS IDENTITY);
CREATE SCHEMA "their schema";
CREATE TABLE "their schema".changes (a serial);
"""
FOREIGN = frozenset({'public."their table"', "public.numbered", "their schema"})


def read(conninfo: Conninfo, made: str = "") -> Facts:
    with closing(connect(conninfo)) as conn:
        conn.execute(made.encode())
        with read_only(conn):
            return extract(conn, options=frozenset({"positions"}))


def labels(expected: Facts, actual: Facts) -> list[str]:
    return sorted(label(each.fact) for each in compare(expected, actual))


def test_neither_pgproof_nor_other_tools_count(major_database: Conninfo) -> None:
    before = without(read(major_database), FOREIGN)
    after = read(major_database, OURS + THEIRS)
    assert labels(before, without(after, FOREIGN)) == []
    assert labels(before, without(after)) == [
        'schema "their schema"',
        'sequence public."their table_a_seq"',
        "sequence public.numbered_a_seq",
        "statistics public.of_theirs",
        'table public."their table"',
        "table public.numbered",
    ]


def test_what_is_only_called_so_counts(major_database: Conninfo) -> None:
    before = without(read(major_database), FOREIGN)
    after = read(
        major_database,
        'CREATE PUBLICATION pgproof; CREATE PUBLICATION "their schema"; CREATE TABLE pgproof ();'
        "CREATE TABLE public.their_table (); CREATE SEQUENCE free OWNED BY NONE;",
    )
    assert labels(before, without(after, FOREIGN)) == [
        'publication "their schema"',
        "publication pgproof",
        "sequence public.free",
        "table public.pgproof",
        "table public.their_table",
    ]


def test_a_schema_and_what_the_files_make_elsewhere(major_database: Conninfo) -> None:
    bare = read(major_database, "CREATE SCHEMA one; CREATE SCHEMA two")
    files = "CREATE TABLE one.a (b int); CREATE TABLE two.c (); CREATE PUBLICATION p FOR TABLE one.a;"
    built = read(major_database, files)
    there = read(
        major_database,
        "ALTER TABLE one.a ALTER b TYPE bigint; CREATE VIEW one.v AS SELECT 1; CREATE TABLE two.more ();"
        "CREATE PUBLICATION more; DROP TABLE two.c",
    )
    one, other = within("one", bare, built, there)
    assert labels(one, other) == ["column one.a.b", "table two.c", "view one.v"]
