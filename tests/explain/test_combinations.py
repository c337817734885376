"""Most common combinations of columns that were exported, as the planner takes them elsewhere."""

from __future__ import annotations

import json

import pytest

from pgproof.catalog.read import read as read_catalog
from pgproof.contract import profile
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.explain import planner
from pgproof.explain.size import exported, sweep
from pgproof.explain.size.own import OwnDatabase
from pgproof.explain.size.sweep import Asked
from tests.explain.test_export import generic, taken

TICKETS = """
CREATE TYPE urgency AS ENUM ('low', 'high');
CREATE TABLE tickets (
    urgency urgency NOT NULL,
    state text CHECK (state IN ('open', 'shut')),
    owner text,
    day date NOT NULL
);
CREATE STATISTICS tickets_states (mcv) ON urgency, state FROM tickets;
CREATE STATISTICS tickets_owners (mcv) ON owner, urgency FROM tickets;
CREATE STATISTICS tickets_days (mcv) ON day, (day - '2026-01-01'::date) FROM tickets;
"""
SOME_TICKETS = """
INSERT INTO tickets SELECT CASE WHEN n % 5 = 0 THEN 'high' ELSE 'low' END::urgency,
       CASE WHEN n % 5 = 0 THEN 'open' WHEN n % 5 < 4 THEN 'shut' END,
       CASE WHEN n % 5 = 0 THEN 'ann' WHEN n % 10 > 5 THEN 'bob' || n % 10 ELSE 'eve' END,
       '2026-02-01'::date + n % 7
  FROM generate_series(1, 10000) AS n;
VACUUM ANALYZE tickets
"""


@pytest.mark.parametrize("values", [False, True])
def test_most_common_combinations_come_back(major_server: ScratchServer, values: bool) -> None:
    """Values that the schema has, and NULL; of others, how often they go together, or with --values which."""
    known = ("urgency = 'high' AND state = 'open'", "urgency = 'high' AND state = 'shut'", "state IS NULL")
    queries = [f"SELECT * FROM tickets WHERE {each}" for each in (*known, "urgency = 'low' AND state IS NULL")]
    if values:
        queries.append("SELECT * FROM tickets WHERE urgency = 'high' AND owner = 'ann'")
        queries.append("SELECT * FROM tickets WHERE day = '2026-02-03' AND day - '2026-01-01'::date = 33")
    with major_server.database() as database, connect(database) as conn:
        for statement in (TICKETS + SOME_TICKETS).split(";"):
            conn.execute(statement.encode())
        found = taken(database, values=values)
        truth = [generic(conn, query)[1] for query in queries]
    assert ("bob" in found.text, "2026-02-03" in found.text) == (values, values)
    assert found.unread == ()
    assert truth[:4] == [2000, 1, 2000, 2000]
    with major_server.database() as empty, OwnDatabase(major_server, empty) as own:
        own.conn.execute(TICKETS.encode())
        snapshot = read_catalog(own.conn)
        tables = frozenset({("public", "tickets")})
        asked = [Asked(planner.Prepared(query, ()), tables) for query in queries]
        declared = profile.read("p.toml", "statistics = 'stats.json'\nsizes = [1e4]")

        def rows(text: str) -> list[float]:
            made = sweep.sweep(own, declared, snapshot, asked, exported.read("stats.json", text))
            assert not [each for each in made.said if "combinations" in each]
            return [next(s.root.rows for s in each.sizes if s.n_distinct == 1.0) for each in made.answers]

        without = json.loads(found.text)
        for each in without["extended"]:
            each["combinations"] = None
        assert rows(json.dumps(without))[:2] == pytest.approx([400, 1200], rel=0.2)
        assert rows(found.text) == pytest.approx(truth, rel=0.01)
        again = {each["name"]: each for each in json.loads(taken(empty, values=values).text)["extended"]}
        for each in json.loads(found.text)["extended"]:
            told = each["combinations"]
            came = again[each["name"]]["combinations"] if told is not None else None
            if told is not None and "hashes" not in told["told"]:
                assert sorted(came["items"], key=str) == sorted(told["items"], key=str)
            elif told is not None:
                assert sorted(item[1:] for item in came["items"]) == sorted(item[1:] for item in told["items"])


def test_combinations_that_the_type_does_not_take_are_named(server: ScratchServer, database: Conninfo) -> None:
    with server.database() as other, connect(other) as conn:
        for statement in (TICKETS + SOME_TICKETS).split(";"):
            conn.execute(statement.encode())
        text = taken(other).text
    with OwnDatabase(server, database) as own:
        own.conn.execute(TICKETS.replace("'low', 'high'", "'low', 'urgent'").encode())
        declared = profile.read("p.toml", "statistics = 'stats.json'\nsizes = [1e4]")
        asked = [Asked(planner.Prepared("SELECT * FROM tickets", ()), frozenset({("public", "tickets")}))]
        made = sweep.sweep(own, declared, read_catalog(own.conn), asked, exported.read("stats.json", text))
    said = 'public.tickets_states: invalid input value for enum urgency: "high"'
    assert f"most common combinations are left out of statistics {said}" in made.said


def test_a_value_that_no_list_of_the_schema_has_stays_where_it_is(database: Conninfo) -> None:
    """A CHECK that is not valid lists the most common value of its column, and not what else is in it."""
    with connect(database) as conn:
        conn.execute("CREATE TABLE t (note text, kind int)")
        conn.execute(
            "INSERT INTO t SELECT CASE WHEN n % 10 = 0 THEN 'secret' ELSE 'a' END, n % 2"
            " FROM generate_series(1, 1000) AS n"
        )
        conn.execute("ALTER TABLE t ADD CHECK (note IN ('a', 'b')) NOT VALID, ALTER note SET STATISTICS 1")
        conn.execute("CREATE STATISTICS s (mcv) ON note, kind FROM t")
        conn.execute("ALTER STATISTICS s SET STATISTICS 100")
        conn.execute("ANALYZE t")
        text = taken(database).text
        assert "secret" not in text
        (extended,) = json.loads(text)["extended"]
        assert [cells[0] for cells, *_ in extended["combinations"]["items"]] == ["a", "a"]
