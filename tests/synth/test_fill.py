"""Rows that fit, made on every major: the server takes each, or says why not."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.synth import fill as filling
from pgproof.synth.content import Content, Loss, Values, content, losses
from pgproof.synth.fill import fill

TABLES = (Path(__file__).parent.parent / "cases" / "synth" / "tables.sql").read_bytes()
SLOW = """
CREATE SEQUENCE tries;
CREATE FUNCTION slow() RETURNS boolean LANGUAGE sql
    AS 'SELECT nextval(''tries'') > 0 AND pg_sleep(20) IS NOT NULL';
CREATE TABLE slow (id integer PRIMARY KEY, v integer CHECK (slow() AND v > 1));
CREATE TABLE quick (id integer PRIMARY KEY);
"""
FULL = (
    "excl hsh_0 hsh_1 job nothing own part_1 part_d secured tenant "
    "to_part tree types usr post c1 c2 d1 d2 e1 e2 e3"
)
RARE = {'public."we ird"': 3, "public.flag": 2, "public.lst_1": 2}
REFUSED = {
    "public.never": "fits never_a_check: (a > 3) and never_a_check1: (a < 2)",
    "public.refusing": "P0001 not here",
    "public.ruled": "the server takes the row and keeps none: a rule or a trigger puts it aside",
}


def test_each_table_is_filled_or_named(major_database: Conninfo) -> None:
    with closing(connect(major_database)) as conn:
        conn.execute(TABLES)
        filled = fill(conn, 3)
        expected = {f"public.{name}": 3 for name in FULL.split()} | RARE
        assert filled.rows == expected
        assert sorted(filled.refused) == sorted(REFUSED)
        for name, line in zip(filled.refused, filled.remarks, strict=True):
            assert line.startswith(f"no rows could be made for {name}: ")
            assert line.endswith(REFUSED[name])
        before = content(conn)
        found = values(before)
        assert found["public.job.state"].keys() == {"open", "done"}
        assert found["public.tree.parent"].keys() > {None}
        assert found["public.c1.o"].keys() - {None}
        assert not [each.name for each in before.tables.values() if each.name in expected and not each.rows]
        assert fill(conn, 3).rows == {}
        assert losses(before, content(conn)) == ()


def test_a_row_that_takes_too_long_is_not_tried_again(database: Conninfo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sequence remembers how often the server was asked: it is not rolled back."""
    monkeypatch.setattr(filling, "PATIENCE", "100ms")
    with closing(connect(database)) as conn:
        conn.execute(SLOW.encode())
        refused = fill(conn, 3).refused
        assert {name: each.sqlstate for name, each in refused.items()} == {"public.slow": "57014"}
        assert conn.execute("SELECT last_value FROM tries").fetchone() == (2,)


def values(found: Content) -> dict[str, Values]:
    """The values of each column."""
    return {
        f"{held.name}.{name}": values
        for held in found.tables.values()
        for name, _, values in held.columns.values()
    }


@pytest.mark.ends
def test_the_same_database_gets_the_same_rows_and_what_is_lost_is_named(major_database: Conninfo) -> None:
    script = (
        b"CREATE TABLE a (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), s text NOT NULL,"
        b" n int, at timestamptz DEFAULT now())"
    )
    with closing(connect(major_database)) as conn:
        conn.execute(script)
        fill(conn, 3)
        first = content(conn)
        conn.execute(b"DROP TABLE a; " + script)
        fill(conn, 3)
        before = content(conn)
        assert before.tables.keys().isdisjoint(first.tables)
        assert (values(before), losses(first, before)) == (values(first), ())
        conn.execute("UPDATE a SET s = 'x' || s WHERE n < 3; UPDATE a SET n = NULL")
        assert [str(each) for each in losses(before, content(conn))] == [
            "empties a.n",
            "rewrites 2 values of a.s",
        ]
        before = content(conn)
        conn.execute("DELETE FROM a WHERE s !~ 'x'; ALTER TABLE a RENAME TO aa; ALTER TABLE aa RENAME s TO ss")
        found = losses(before, content(conn))
        assert [str(each) for each in found] == ["deletes 1 row of a"]
        assert all(isinstance(each, Loss) for each in found)


GONE = """
ALTER TABLE a ADD new text; UPDATE a SET new = moved; ALTER TABLE a DROP moved, DROP gone, DROP twice, DROP empty;
CREATE TABLE b1 AS SELECT * FROM b ORDER BY n LIMIT 1; CREATE TABLE b2 AS SELECT * FROM b ORDER BY n OFFSET 1;
DROP TABLE b, c, d; CREATE TABLE d (n int)"""


@pytest.mark.ends
def test_what_is_dropped_is_counted_and_sought_elsewhere(major_database: Conninfo) -> None:
    with closing(connect(major_database)) as conn:
        conn.execute(
            "CREATE TABLE a (n int, gone int, moved text NOT NULL, empty int CHECK (empty IS NULL),"
            " twice int GENERATED ALWAYS AS (n * 2) STORED);"
            "CREATE TABLE b (n int UNIQUE NOT NULL); CREATE TABLE c (n text); CREATE TABLE d (n int)"
        )
        fill(conn, 3)
        before = content(conn)
        conn.execute(GONE.encode())
        assert [str(each) for each in losses(before, content(conn))] == [
            "drops a.gone with 3 values",
            "drops a.moved with 3 values, also in a.new",
            "drops b with 3 rows, also in b1, b2",
            "drops c with 3 rows",
            "deletes 3 rows of d",
        ]


OTHERS = """
CREATE TABLE a (n int NOT NULL); CREATE MATERIALIZED VIEW m AS SELECT n FROM a;
CREATE VIEW v AS SELECT 1 AS n; CREATE MATERIALIZED VIEW first AS SELECT n FROM v;
CREATE MATERIALIZED VIEW second AS SELECT n FROM m;
CREATE OR REPLACE VIEW v AS SELECT n FROM second;
CREATE MATERIALIZED VIEW bad AS SELECT 1 / (n - n) FROM a WITH NO DATA;
CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE FOREIGN TABLE distant (n int) SERVER s"""


@pytest.mark.ends
def test_materialized_views_hold_rows_too(major_database: Conninfo) -> None:
    with closing(connect(major_database)) as conn:
        conn.execute(OTHERS.encode())
        filled = fill(conn, 3)
        assert conn.execute("SELECT count(*) FROM first").fetchone() == (3,)
        assert filled.remarks == (
            "public.bad could not be refreshed: 22012 division by zero",
            "no rows were put into public.distant: it is a foreign table",
        )


NO_NULL = b"""
CREATE DOMAIN one AS int NOT NULL; CREATE DOMAIN two AS one; CREATE DOMAIN three AS int CHECK (VALUE IS NOT NULL);
CREATE TABLE x (id int PRIMARY KEY, o int NOT NULL, a two, b three);
CREATE TABLE y (id int PRIMARY KEY, o int NOT NULL REFERENCES x, a two, b three);
ALTER TABLE x ADD FOREIGN KEY (o) REFERENCES y"""


@pytest.mark.ends
def test_domains_that_take_no_null(major_database: Conninfo) -> None:
    """Also behind another domain, by a condition, and in tables that need each other."""
    with closing(connect(major_database)) as conn:
        conn.execute(NO_NULL)
        assert fill(conn, 3).rows == {"public.x": 3, "public.y": 3}
        assert not content(conn).unread


def test_a_table_that_cannot_be_read_is_named(major_database: Conninfo) -> None:
    """A virtual column is computed when it is read, not when a row is put in."""
    with closing(connect(major_database)) as conn:
        if conn.info.server_version < 180000:
            pytest.skip("virtual columns are new in 18")
        conn.execute("CREATE TABLE w (a int NOT NULL, b int GENERATED ALWAYS AS (1 / (a - a)) VIRTUAL)")
        assert fill(conn, 3).rows == {"public.w": 3}
        assert {name: each.sqlstate for name, each in content(conn).unread.items()} == {"public.w": "22012"}


def test_what_is_computed_anew_is_not_lost(major_database: Conninfo) -> None:
    """SET EXPRESSION (17) says itself what becomes of values; those of a column that is computed no more stay."""
    with closing(connect(major_database)) as conn:
        conn.execute("CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED)")
        conn.execute("INSERT INTO t VALUES (1), (2)")
        before = content(conn)
        if conn.info.server_version >= 170000:
            conn.execute("ALTER TABLE t ALTER b SET EXPRESSION AS (a * 3)")
        else:
            conn.execute("ALTER TABLE t DROP b, ADD b int GENERATED ALWAYS AS (a * 3) STORED")
        assert losses(before, content(conn)) == ()
        conn.execute("ALTER TABLE t ALTER b DROP EXPRESSION; UPDATE t SET b = 0")
        assert [str(each) for each in losses(before, content(conn))] == ["rewrites 2 values of t.b"]
