"""What is odd and allowed: views in a circle, 1,600 columns, names that have to be quoted, of roles, too."""

from __future__ import annotations

from contextlib import closing

import pytest

from pgproof.database.connection import connect
from pgproof.database.scratch import ScratchServer
from pgproof.drift.planner.repair import repair
from tests.drift.test_ways import database, facts, run, unlike

CIRCLE = """
CREATE TABLE t (a int); CREATE VIEW one AS SELECT 1 AS x; CREATE VIEW two AS SELECT x FROM one;
CREATE OR REPLACE VIEW one AS SELECT x FROM two; CREATE VIEW over_it AS SELECT x FROM two;
CREATE VIEW beside AS SELECT a FROM t;
"""
MOST = 1600
"""The columns of a table (MaxHeapAttributeNumber in src/include/access/htup_details.h)."""


def test_views_that_select_from_each_other(major_server: ScratchServer) -> None:
    """They are read, compared, and said to be impossible; all else is made, and dropped."""
    with database(major_server, "CREATE TABLE t (a int)") as bare, database(major_server, CIRCLE) as full:
        before, wanted = facts(bare), facts(full)
        assert (before.unmodelled, wanted.unmodelled) == ((), ())
        assert repair(wanted, wanted).statements == ()
        plan = repair(before, wanted)
        assert {what for what, _ in plan.impossible} == {
            "view public.one",
            "view public.two",
            "view public.over_it",
        }
        run(bare, plan)
        assert sorted(each.fact.name[1] for each in unlike(wanted, facts(bare)) if each.fact.kind) == [
            "one",
            "over_it",
            "two",
        ]
        back = repair(wanted, before)
        assert {what for what, _ in back.impossible} == {"view public.one", "view public.two"}
        run(full, back)
        left = {each.fact.name[1] for each in unlike(before, facts(full)) if each.fact.kind}
        assert left == {"one", "two"}


@pytest.mark.ends
def test_as_many_columns_as_there_can_be(major_server: ScratchServer) -> None:
    columns = ", ".join(f"c{number} int" for number in range(MOST))
    with (
        database(major_server, f"CREATE TABLE wide ({columns})") as full,
        database(major_server, "") as bare,
    ):
        wanted = facts(full)
        assert sum(each.kind == "column" for each in wanted) == MOST
        run(bare, repair(facts(bare), wanted))
        assert unlike(wanted, facts(bare)) == []
        full.execute("ALTER TABLE wide ALTER c1599 SET NOT NULL")
        changed = unlike(wanted, facts(full))
        assert [each.fact.name[-1] for each in changed if each.fact.kind == "column"] == ["c1599"]


@pytest.mark.ends
@pytest.mark.parametrize("role", ["my-app", 'a "b"', "x: SELECT, y", "Ünï😀", "user", "r" * 63], ids=len)
def test_roles_whose_names_have_to_be_quoted(major_server: ScratchServer, role: str) -> None:
    name = '"' + role.replace('"', '""') + '"'
    made = f"""
        CREATE SCHEMA s AUTHORIZATION {name}; CREATE TABLE s.t (a int); ALTER TABLE s.t OWNER TO {name};
        CREATE TABLE u (a int); GRANT SELECT, UPDATE (a) ON u TO {name};
        CREATE POLICY p ON u TO {name} USING (true); GRANT USAGE ON SCHEMA public TO {name} WITH GRANT OPTION;
        ALTER DEFAULT PRIVILEGES FOR ROLE {name} GRANT SELECT ON TABLES TO PUBLIC;
        ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT INSERT ON TABLES TO {name};
        CREATE FOREIGN DATA WRAPPER {name}; CREATE SERVER {name} FOREIGN DATA WRAPPER {name};
        CREATE USER MAPPING FOR {name} SERVER {name}; CREATE FOREIGN TABLE f (a int) SERVER {name};
        """
    with closing(connect(major_server.conninfo)) as conn:
        conn.execute(f"CREATE ROLE {name}".encode())
        try:
            with database(major_server, made) as full, database(major_server, "") as bare:
                wanted, before = facts(full), facts(bare)
                for one, other, way in ((bare, wanted, before), (full, before, wanted)):
                    plan = repair(way, other)
                    assert plan.impossible == ()
                    run(one, plan)
                    assert unlike(other, facts(one)) == []
                bare.execute(f"DROP OWNED BY {name}".encode())
        finally:
            conn.execute(f"DROP ROLE {name}".encode())


AS_WRITTEN = r"""
CREATE TABLE t (
    at timestamptz DEFAULT '2024-03-01 12:00+02',
    d date CHECK (d > '2024-05-06'), i interval DEFAULT '1 day 02:03',
    f float8 DEFAULT 0.1, b bytea DEFAULT '\xdeadbeef', t text DEFAULT E'a\\b''c', m money DEFAULT '1234.50'::money
);
CREATE TABLE e (at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE e1 PARTITION OF e FOR VALUES FROM ('2024-01-01 00:00+00') TO ('2024-02-01 00:00+00');
CREATE VIEW v AS SELECT '3 mons'::interval AS h, 1e-7::float8 AS g, '\x00'::bytea AS b FROM t;
"""
OTHERWISE = """
SET timezone = 'Asia/Tokyo';
SET datestyle = 'German'; SET intervalstyle = 'sql_standard'; SET bytea_output = 'escape';
SET extra_float_digits = -5; SET quote_all_identifiers = on; SET standard_conforming_strings = off;
"""


def test_how_a_session_writes_constants_is_no_difference(major_server: ScratchServer) -> None:
    """Roles and databases have such settings of their own (ALTER ROLE ... SET)."""
    with database(major_server, AS_WRITTEN) as conn:
        before = facts(conn)
        conn.execute(OTHERWISE.encode())
        assert unlike(before, facts(conn)) == []
