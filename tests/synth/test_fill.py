"""Rows that fit, made on every major: the server takes each, or says why not."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.synth.content import Loss, content, losses
from pgproof.synth.fill import fill

TABLES = (Path(__file__).parent.parent / "cases" / "synth" / "tables.sql").read_bytes()
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
        found = content(conn)
        assert found["public.job"]["state"].keys() == {"open", "done"}
        assert found["public.tree"]["parent"].keys() > {None}
        assert found["public.c1"]["o"].keys() - {None}
        assert not [table for table in expected if table in found and not found[table][""].total()]
        assert fill(conn, 3).rows == {}
        assert losses(found, content(conn)) == ()


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
        assert before == first
        conn.execute("UPDATE a SET s = 'x' || s WHERE n < 3; UPDATE a SET n = NULL")
        assert [str(each) for each in losses(before, content(conn))] == [
            "empties a.n",
            "rewrites 2 values of a.s",
        ]
        before = content(conn)
        conn.execute("DELETE FROM a WHERE s !~ 'x'; ALTER TABLE a DROP COLUMN at")
        found = losses(before, content(conn))
        assert [str(each) for each in found] == ["deletes 1 row of a"]
        assert all(isinstance(each, Loss) for each in found)
