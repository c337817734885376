"""What no statement can bring about: the plan says so, with the reason, does the rest, and loses nothing."""

from __future__ import annotations

import pytest

from pgproof.database.scratch import ScratchServer
from pgproof.drift.planner.repair import repair
from tests.drift.test_ways import database, facts, run

CASES = {
    "an enumeration that a table is partitioned by": (
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (k e) PARTITION BY LIST (k)",
        "CREATE TYPE e AS ENUM ('b'); CREATE TABLE t (k e) PARTITION BY LIST (k)",
        {"type public.e": "column public.t.k depends on it, and table public.t is partitioned by it"},
    ),
    "a column of a table whose rows another one holds": (
        "CREATE TABLE t (a int); CREATE TABLE u (r t)",
        "CREATE TABLE t (a bigint); CREATE TABLE u (r t)",
        {"column public.t.a": "column public.u.r holds rows of table public.t"},
    ),
    "a new column amidst the rows that a function returns": (
        "CREATE TABLE t (a int, c text)",
        """CREATE TABLE t (a int, b int, c text);
        CREATE FUNCTION f() RETURNS SETOF t BEGIN ATOMIC SELECT * FROM t; END""",
        {"function public.f()": "the columns of its rows come in another order"},
    ),
    "a new parent of a child that was there": (
        "CREATE TABLE p (a int CHECK (a > 0)); CREATE TABLE c (a int)",
        "CREATE TABLE p (a int CHECK (a > 0)); CREATE TABLE c () INHERITS (p)",
        {
            "column public.c.a": "whether it is inherited alone follows from how the table was made",
            "constraint public.c.p_a_check": "whether it is inherited alone follows from how the table was made",
        },
    ),
}
FREED = (
    """CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
    CREATE TABLE t (a int, g int GENERATED ALWAYS AS (f(a)) STORED)""",
    "CREATE TABLE t (a int, g int)",
)


@pytest.mark.ends
def test_it_is_said(major_server: ScratchServer) -> None:
    for what, (one, other, said) in CASES.items():
        with database(major_server, one) as conn, database(major_server, other) as wanted:
            plan = repair(facts(conn), facts(wanted))
            assert dict(plan.impossible) == said, what
            run(conn, plan)


def test_what_a_column_was_generated_by_stays_before_15(major_server: ScratchServer) -> None:
    """DROP FUNCTION would drop the column, and say nothing."""
    one, other = FREED
    with database(major_server, one) as conn, database(major_server, other) as wanted:
        conn.execute("INSERT INTO t VALUES (1)")
        plan = repair(facts(conn), facts(wanted))
        assert [what for what, _ in plan.impossible] == (
            ["function public.f(integer)"] if major_server.version.major < 15 else []
        )
        run(conn, plan)
        assert conn.execute("SELECT g FROM t").fetchone() == (1,)
