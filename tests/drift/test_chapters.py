"""A whole schema as SQL: it builds the same, and stands in an order that people can read."""

from __future__ import annotations

import re
from contextlib import closing

import psycopg
import pytest

from pgproof.catalog.extract import extract
from pgproof.catalog.fact import Facts
from pgproof.database.connection import connect
from pgproof.database.scratch import ScratchServer
from pgproof.drift.compare import compare
from pgproof.drift.planner.chapters import chapters
from pgproof.drift.planner.repair import NEEDED
from pgproof.drift.words import label
from pgproof.flows.reworded import reworded
from pgproof.report.schema import script
from tests.catalog.everything import built, roles_for

SCHEMA = """
CREATE SCHEMA shop;
CREATE TYPE shop.mood AS ENUM ('sad');
CREATE FUNCTION shop.later() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE shop.z (id int PRIMARY KEY);
CREATE TABLE shop.a (id serial PRIMARY KEY, z int REFERENCES shop.z, m shop.mood NOT NULL, n int CHECK (n > 0));
CREATE INDEX a_n ON shop.a (n);
CREATE TRIGGER t BEFORE INSERT ON shop.a FOR EACH ROW EXECUTE FUNCTION shop.later();
COMMENT ON TABLE shop.a IS 'the first';
COMMENT ON COLUMN shop.a.n IS 'how many';
CREATE TABLE shop.parts (a int) PARTITION BY LIST (a);
CREATE TABLE shop.b_part PARTITION OF shop.parts DEFAULT;
CREATE FUNCTION shop.of_a() RETURNS SETOF shop.a LANGUAGE sql AS 'SELECT * FROM shop.a';
CREATE VIEW shop.v AS SELECT id FROM shop.a;
COMMENT ON VIEW shop.v IS 'seen';
CREATE SEQUENCE shop.free INCREMENT -1;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO public;
"""


def facts(conn: psycopg.Connection) -> Facts:
    with conn.transaction():
        return extract(conn, options=NEEDED)


def test_it_reads_like_this(server: ScratchServer) -> None:
    with server.database() as one, closing(connect(one)) as conn:
        nothing = facts(conn)
        conn.execute(SCHEMA.encode())
        made, left_out = chapters(nothing, facts(conn))
        text = script(made, left_out, nothing.major)
        assert left_out == ()
    without_owners = re.sub(r"ALTER [^;]* OWNER TO [^;]*;\n", "", text)
    assert re.findall(r"(?m)^-- (.*)", without_owners)[1:] == [
        "schemas",
        "types",
        "functions",
        "sequences",
        "table shop.a",
        "table shop.parts",
        "table shop.b_part",
        "table shop.z",
        "foreign keys",
        "functions",
        "view shop.v",
        "what holds from now on",
    ]
    table = re.sub(r" CONSTRAINT a_\w+_not_null NOT NULL", " NOT NULL", without_owners)
    assert (
        table.partition("-- table shop.a\n")[2].partition("\n\n")[0]
        == """\
CREATE SEQUENCE shop.a_id_seq AS integer;
CREATE TABLE shop.a (
    id integer DEFAULT nextval('shop.a_id_seq'::regclass) NOT NULL,
    z integer,
    m shop.mood NOT NULL,
    n integer,
    CONSTRAINT a_pkey PRIMARY KEY (id),
    CONSTRAINT a_n_check CHECK ((n > 0))
);
COMMENT ON TABLE shop.a IS 'the first';
COMMENT ON COLUMN shop.a.n IS 'how many';
ALTER SEQUENCE shop.a_id_seq OWNED BY shop.a.id;
CREATE INDEX a_n ON shop.a USING btree (n);
CREATE TRIGGER t BEFORE INSERT ON shop.a FOR EACH ROW EXECUTE FUNCTION shop.later();"""
    )


@pytest.mark.slow
def test_it_builds_everything(major_server: ScratchServer) -> None:
    with (
        roles_for(major_server.conninfo) as found,
        built(found, major_server) as full,
        major_server.database() as other,
        closing(connect(other)) as bare,
    ):
        nothing, everything = facts(bare), facts(full)
        made, left_out = chapters(nothing, everything)
        bare.execute("SET client_min_messages = error")
        bare.execute(script(made, left_out, found.major).encode())
        names = {what for what, _ in left_out}
        assert names == {
            "server distant",
            "user mapping of public for server distant",
            "foreign table public.away",
            "column public.away.a",
            "column public.away.b",
            "subscription feed",
            "table public.child",
        }  # secrets, what needs them, and a security label
        there = facts(bare)
        same = reworded(bare, compare(there, everything))  # what the server says is the same in other words
        left = [each for each in same.without(compare(everything, there)) if label(each.fact) not in names]
        assert left == []
        bare.execute(f"DROP OWNED BY {', '.join(found.roles)} CASCADE".encode())
