"""What an index can do for a query, asked of a real planner, where indexes may be hidden and where not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from pgproof.catalog.read import read
from pgproof.database.conninfo import Conninfo
from pgproof.explain import advice, equivalence, planner, proof
from pgproof.explain.facts import Order, Service
from pgproof.explain.isolation import Hiding
from pgproof.explain.plan import Node, matches_nothing, order_sources
from pgproof.explain.service import Bench, chosen, services
from pgproof.finding import Verdict

SCHEMA = """
    CREATE TABLE owners (id integer PRIMARY KEY, name text);
    CREATE TABLE pets (
        id integer PRIMARY KEY,
        owner_id integer REFERENCES owners,
        kind varchar(10) NOT NULL CHECK (kind IN ('cat', 'dog')),
        born date,
        died date CHECK (died >= '2000-01-01'),
        CHECK (died IS NULL OR died >= born)
    );
    CREATE INDEX pets_owner_born ON pets (owner_id, born DESC);
    CREATE INDEX pets_owner_kind ON pets (owner_id, kind, born);
    CREATE INDEX pets_lower_kind ON pets (lower(kind));
    CREATE INDEX pets_living ON pets (born) WHERE died IS NULL;
"""


@contextmanager
def opened(database: Conninfo, hiding: Hiding) -> Iterator[Bench]:
    with psycopg.connect(database.secret, prepare_threshold=None) as conn:
        if hiding is Hiding.NONE:
            conn.read_only = True
        yield Bench(conn, read(conn), hiding)
        conn.rollback()


@pytest.fixture
def pets(database: Conninfo) -> Conninfo:
    with psycopg.connect(database.secret) as conn:
        conn.execute(SCHEMA)
    return database


def asked(bench: Bench, query: str, index: str) -> Service:
    found = bench.snapshot.index(index)
    assert found
    return services(bench, planner.prepare(bench.conn, query), [found])[0]


CASES: list[tuple[str, str, Verdict, tuple[str, ...], Order]] = [
    ("SELECT * FROM pets WHERE owner_id = $1", "pets_owner_born", Verdict.HOLDS, ("owner_id",), Order.NONE),
    (
        "SELECT * FROM pets WHERE owner_id = $1 ORDER BY born DESC LIMIT 3",
        "pets_owner_born",
        Verdict.HOLDS,
        ("owner_id",),
        Order.INDEX,
    ),
    (
        "SELECT * FROM pets WHERE owner_id = $1 ORDER BY born",
        "pets_owner_kind",
        Verdict.HOLDS,
        ("owner_id",),
        Order.SORT,
    ),
    (
        "SELECT * FROM pets WHERE owner_id = $1 ORDER BY kind, id",
        "pets_owner_kind",
        Verdict.HOLDS,
        ("owner_id",),
        Order.PREFIX,
    ),
    ("SELECT * FROM pets WHERE kind = $1", "pets_owner_kind", Verdict.FAILS, ("kind",), Order.NONE),
    ("SELECT * FROM pets WHERE id = $1", "pets_owner_kind", Verdict.FAILS, (), Order.NONE),
    ("SELECT * FROM pets WHERE lower(kind) = $1", "pets_lower_kind", Verdict.HOLDS, ("lower(kind)",), Order.NONE),
    ("SELECT * FROM pets WHERE died IS NULL AND kind = 'cat'", "pets_living", Verdict.HOLDS, (), Order.NONE),
    ("SELECT * FROM pets WHERE died = $1", "pets_living", Verdict.FAILS, (), Order.NONE),
    (
        "SELECT p.* FROM pets AS p JOIN owners AS o ON o.id = p.owner_id WHERE o.name = $1",
        "pets_owner_born",
        Verdict.HOLDS,
        ("owner_id",),
        Order.NONE,
    ),
    ("SELECT * FROM owners", "pets_owner_born", Verdict.FAILS, (), Order.NONE),
    ("SELECT * FROM pets WHERE id = NULL", "pets_owner_born", Verdict.UNKNOWN, (), Order.NONE),
    (
        "SELECT owner_id, max(born) FROM pets GROUP BY owner_id ORDER BY owner_id",
        "pets_owner_born",
        Verdict.HOLDS,
        (),
        Order.INDEX,
    ),
]


@pytest.mark.parametrize("hiding", [Hiding.CATALOG, Hiding.DROP])
def test_services(pets: Conninfo, hiding: Hiding) -> None:
    with opened(pets, hiding) as bench:
        for query, index, verdict, keys, order in CASES:
            service = asked(bench, query, index)
            in_the_way = hiding is Hiding.DROP and service.verdict is Verdict.UNKNOWN
            if in_the_way:  # an index of a constraint cannot be dropped, and wins
                assert "pets_pkey" in service.reason or "contradicts" in service.reason, query
                continue
            assert (service.verdict, service.keys, service.order) == (verdict, keys, order), query


def test_where_nothing_may_be_hidden_a_use_is_proved_and_the_opposite_stays_open(pets: Conninfo) -> None:
    with opened(pets, Hiding.NONE) as bench:
        for query, index, verdict, keys, order in CASES:
            service = asked(bench, query, index)
            if service.verdict is Verdict.HOLDS:
                assert (verdict, keys) == (Verdict.HOLDS, service.keys), query
                if service.order is Order.INDEX:
                    assert order is Order.INDEX
            elif service.verdict is Verdict.FAILS:
                assert verdict is Verdict.FAILS, query
            else:
                assert service.reason


def test_hiding_leaves_nothing_behind(pets: Conninfo) -> None:
    for hiding in (Hiding.CATALOG, Hiding.DROP):
        with opened(pets, hiding) as bench:
            asked(bench, CASES[0][0], CASES[0][1])
            bench.conn.commit()
            assert all(index.valid for index in read(bench.conn).indexes)
            assert read(bench.conn).indexes == bench.snapshot.indexes


def test_an_invalid_index_serves_nothing(pets: Conninfo) -> None:
    with psycopg.connect(pets.secret) as conn:
        conn.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'pets_owner_born'::regclass")
    with opened(pets, Hiding.CATALOG) as bench:
        service = asked(bench, CASES[0][0], CASES[0][1])
        assert (service.verdict, service.reason) == (Verdict.FAILS, "it is invalid, so the planner leaves it out")


def test_chosen_is_the_planners_own_choice(pets: Conninfo) -> None:
    with psycopg.connect(pets.secret, autocommit=True) as conn:
        conn.execute("INSERT INTO pets SELECT n, NULL, 'cat' FROM generate_series(1, 20) AS n")
        conn.execute("ANALYZE pets")
    with opened(pets, Hiding.NONE) as bench:
        query = planner.prepare(bench.conn, "UPDATE pets SET born = $2 WHERE owner_id = $1")
        assert query.types == ("integer", "date")
        assert chosen(planner.explain(bench.conn, query)) == ("Seq Scan on pets",)


def test_advice_is_an_index_that_was_tried(pets: Conninfo) -> None:
    with opened(pets, Hiding.CATALOG) as bench:
        text = "SELECT * FROM pets WHERE owner_id = $1 AND kind = $2 ORDER BY died DESC NULLS LAST, id LIMIT 3"
        query = planner.prepare(bench.conn, text)
        service = asked(bench, text, "pets_owner_born")
        assert advice.alternatives(bench, query, service.index) == ()
        proposed = advice.proposal(bench, query, service)
        assert proposed == "CREATE INDEX ON pets (owner_id, kind, died DESC NULLS LAST, id)"
        bench.conn.execute(proposed.encode())
        fresh = Bench(bench.conn, read(bench.conn), Hiding.CATALOG)
        assert advice.alternatives(fresh, query, service.index) == ("pets_owner_id_kind_died_id_idx",)


CONTRADICTIONS: list[tuple[str, list[str] | None, tuple[str, ...]]] = [
    ("SELECT * FROM pets WHERE kind = 'cow'", ["pets_kind_check"], ("kind = 'cow'",)),
    ("SELECT * FROM pets WHERE kind = 'cat'", None, ()),
    ("SELECT * FROM pets WHERE kind = $1", None, ()),
    ("SELECT * FROM pets WHERE died < '1999-12-31' AND id = $1", ["pets_died_check"], ("died < '1999-12-31'",)),
    ("SELECT * FROM pets WHERE died < born", ["pets_check"], ("died < born",)),
    (
        "SELECT count(*) FROM pets AS p JOIN owners AS o ON o.id = p.owner_id WHERE p.kind = 'cow'",
        ["pets_kind_check"],
        ("kind = 'cow'",),
    ),
    ("DELETE FROM pets WHERE kind IN ('cow', 'hen')", ["pets_kind_check"], ("kind = ANY('{cow,hen}')",)),
    ("SELECT * FROM pets WHERE kind IN ('cow', 'cat')", None, ()),
    ("SELECT * FROM pets WHERE id = $1 AND id IS NULL", [], ("id IS NULL", "id = $1")),
    ("SELECT * FROM pets WHERE id = NULL", [], ()),
]


@pytest.mark.parametrize(("query", "constraints", "conditions"), CONTRADICTIONS)
def test_contradictions(
    pets: Conninfo, query: str, constraints: list[str] | None, conditions: tuple[str, ...]
) -> None:
    with opened(pets, Hiding.NONE) as bench:
        found = proof.contradiction(bench, planner.prepare(bench.conn, query))
        if constraints is None:
            assert found is None
            return
        assert found is not None
        assert [c.name for c in found.constraints] == constraints
        assert found.conditions == conditions


REFUSALS: list[tuple[str, list[tuple[str, str, Verdict]]]] = [
    ("UPDATE pets SET kind = 'cow' WHERE id = $1", [("pets_kind_check", "23514", Verdict.FAILS)]),
    ("UPDATE pets SET kind = 'cat', born = now() WHERE id = $1", [("pets_kind_check", "23514", Verdict.HOLDS)]),
    ("UPDATE pets SET kind = $1", []),
    (
        "UPDATE pets SET kind = NULL",
        [("kind NOT NULL", "23502", Verdict.FAILS), ("pets_kind_check", "23514", Verdict.HOLDS)],
    ),
    ("UPDATE pets SET died = '1990-01-01'", [("pets_died_check", "23514", Verdict.FAILS)]),
    ("INSERT INTO pets (id) VALUES ($1)", [("kind NOT NULL", "23502", Verdict.FAILS)]),
    (
        "INSERT INTO pets VALUES (1, NULL, 'dog', '2020-01-02', '2020-01-01')",
        [
            ("pets_check", "23514", Verdict.FAILS),
            ("pets_died_check", "23514", Verdict.HOLDS),
            ("pets_kind_check", "23514", Verdict.HOLDS),
        ],
    ),
    ("INSERT INTO pets (id, kind) SELECT 1, 'cow'", []),
    ("DELETE FROM pets", []),
]


@pytest.mark.parametrize(("statement", "expected"), REFUSALS)
def test_refusals_are_what_the_server_does(
    pets: Conninfo, statement: str, expected: list[tuple[str, str, Verdict]]
) -> None:
    with opened(pets, Hiding.NONE) as bench:
        found = proof.refusals(bench, statement)
        assert sorted((r.constraint, r.sqlstate, r.verdict) for r in found) == expected
    refused = {state for _, state, verdict in expected if verdict is Verdict.FAILS}
    if refused:
        assert tried(pets, statement) in refused


def tried(database: Conninfo, statement: str) -> str:
    """The SQLSTATE with which the server refuses the statement on a row that fits."""
    with psycopg.connect(database.secret) as conn:
        conn.execute("INSERT INTO pets VALUES (7, NULL, 'cat', '2001-01-01', '2002-01-01')")
        with pytest.raises(psycopg.Error) as error:
            conn.execute(statement.replace("$1", "7").encode())
        conn.rollback()
        return error.value.sqlstate or ""


def test_expressions_are_compared_in_the_servers_form(pets: Conninfo) -> None:
    with opened(pets, Hiding.NONE) as bench:
        stored = next(c.expression for c in bench.snapshot.constraints if c.name == "pets_kind_check")
        assert stored
        pairs = [("kind IN ('cat', 'dog')", stored), ("kind IN ('cat')", stored), ("nothing = 1", stored)]
        answers = equivalence.same(bench, pairs, schema="public", table="pets")
        assert answers[:2] == (True, False)
        assert answers[2] == 'column "nothing" does not exist'
        assert equivalence.same(bench, [("'x'::varchar(5)", "'x'::text::varchar(5)")]) == (True,)


def node(kind: str, *children: Node, **values: Any) -> Node:
    return Node(kind=kind, children=children, **values)


def test_order_comes_from_where_it_comes() -> None:
    scan = node("Index Scan", index="i", relation="t")
    assert order_sources(node("Limit", node("Merge Append", scan, scan, sort_key=("a",)))) == (scan, scan)
    sort = node("Sort", scan)
    assert order_sources(node("Limit", sort)) == (sort,)
    loop = node("Nested Loop", scan, node("Seq Scan", relation="u"))
    assert order_sources(loop) == (scan,)
    join = node("Hash Join", scan, node("Hash"))
    assert order_sources(join) == (join,)


def test_a_plan_that_matches_nothing() -> None:
    false = node("Result", one_time_filter="false")
    assert matches_nothing(node("Limit", node("Sort", false)))
    assert not matches_nothing(node("Result", one_time_filter="$1"))
    assert not matches_nothing(node("Append", false, node("Seq Scan", relation="t")))
