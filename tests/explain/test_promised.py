"""What promises ask of a server beyond an index: nodes, results, attempts, losses. Nothing of it stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from pgproof.catalog.read import read
from pgproof.contract.promise import Forbidden, Origin, Parameter, Query, Returned
from pgproof.database.conninfo import Conninfo
from pgproof.explain import plan, planner
from pgproof.explain.facts import Loss, ResultColumn
from pgproof.explain.isolation import Hiding
from pgproof.explain.plan import Node
from pgproof.explain.promised import attempt, coverage, node_type, reading, result
from pgproof.explain.promised.loss import losses
from pgproof.explain.service import Bench, services
from pgproof.sql.source import Source

SCHEMA = """
    CREATE TABLE owners (id integer PRIMARY KEY, name text NOT NULL);
    CREATE TABLE pets (
        id integer PRIMARY KEY,
        owner_id integer REFERENCES owners DEFERRABLE INITIALLY DEFERRED,
        kind varchar(10) CONSTRAINT pets_kind CHECK (kind IN ('cat', 'dog')),
        weight numeric(5, 2),
        tags text[]
    );
    CREATE INDEX pets_owner ON pets (owner_id) INCLUDE (kind);
    CREATE INDEX pets_tags ON pets USING gin (tags);
    CREATE TABLE visits (id bigint, pet_id integer) PARTITION BY HASH (pet_id);
    CREATE TABLE visits_0 PARTITION OF visits FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    CREATE TABLE visits_1 PARTITION OF visits FOR VALUES WITH (MODULUS 2, REMAINDER 1);
    CREATE INDEX visits_pet ON visits (pet_id);
"""


@contextmanager
def opened(database: Conninfo, hiding: Hiding = Hiding.CATALOG) -> Iterator[Bench]:
    with psycopg.connect(database.secret, prepare_threshold=None) as conn:
        yield Bench(conn, read(conn), hiding)
        conn.rollback()


@pytest.fixture
def pets(database: Conninfo) -> Conninfo:
    with psycopg.connect(database.secret) as conn:
        conn.execute(SCHEMA)
    return database


def query(text: str, *setup: str, values: tuple[str, ...] = ()) -> Query:
    return Query(
        id="q",
        title="q",
        source=Source("q.sql", text),
        origin=Origin.FILE,
        parameters=tuple(Parameter(number, value=value) for number, value in enumerate(values, 1)),
        setup=tuple(Source("q.sql", each) for each in setup),
    )


ATTEMPTS = [
    (query("INSERT INTO owners VALUES (1, 'a')"), ("", "", 1)),
    (query("UPDATE owners SET name = $1", "INSERT INTO owners VALUES (1, 'a')", values=("'b'",)), ("", "", 1)),
    (query("INSERT INTO owners VALUES (1, NULL)"), ("23502", "", 0)),
    (query("INSERT INTO pets VALUES (1, 7, 'cat')"), ("23503", "pets_owner_id_fkey", 0)),
    (query("INSERT INTO pets VALUES (1, NULL, 'cow')"), ("23514", "pets_kind", 0)),
    (query("INSERT INTO pets VALUES (1, NULL, NULL)"), ("", "", 1)),
    (query("SELECT nothing"), ("42703", "", 0)),
    (query("CREATE TABLE more (id integer)"), ("", "", -1)),
    (query("VACUUM owners"), ("25001", "", 0)),
]


@pytest.mark.parametrize(("asked", "expected"), ATTEMPTS, ids=lambda each: getattr(each, "text", ""))
def test_attempts(pets: Conninfo, asked: Query, expected: tuple[str, str, int]) -> None:
    with opened(pets) as bench:
        found = attempt.run(bench.conn, asked)
        assert (found.sqlstate, found.constraint, found.rows) == expected
        assert bench.conn.execute("SELECT count(*) FROM owners").fetchone() == (0,)
        assert bench.conn.execute("SELECT to_regclass('more')").fetchone() == (None,)


def test_a_set_up_that_is_refused_is_told_from_the_statement(pets: Conninfo) -> None:
    with opened(pets) as bench:
        found = attempt.run(bench.conn, query("SELECT 1", "SELECT 2", "INSERT INTO owners VALUES (1)"))
        assert (found.setup, found.sqlstate, found.column) == (1, "23502", "name")


def test_result_columns_are_the_servers(pets: Conninfo) -> None:
    with opened(pets) as bench:
        asked = planner.prepare(
            bench.conn, 'SELECT kind, weight, weight * 2 AS "Twice", tags FROM pets WHERE id = $1'
        )
        assert result.columns(bench.conn, asked) == (
            ResultColumn("kind", "character varying(10)", "character varying"),
            ResultColumn("weight", "numeric(5,2)", "numeric"),
            ResultColumn("Twice", "numeric", "numeric"),
            ResultColumn("tags", "text[]", "text[]"),
        )
        assert result.columns(bench.conn, planner.prepare(bench.conn, "DELETE FROM pets")) == ()
        wanted = (Returned("a", "int"), Returned("b", "timestamptz(3)"), Returned("c", "nosuch"))
        assert [each.type for each in result.promised(bench.conn, wanted)] == [
            "integer",
            "timestamp(3) with time zone",
            "nosuch",
        ]


@pytest.mark.parametrize("hiding", [Hiding.CATALOG, Hiding.DROP])
def test_every_index_is_missed_when_it_is_dropped(pets: Conninfo, hiding: Hiding) -> None:
    cases = {
        "SELECT kind FROM pets WHERE owner_id = $1": "pets_owner",
        "SELECT * FROM pets WHERE id = $1": "pets_pkey",
        "SELECT * FROM owners WHERE id = $1": "owners_pkey",
        "SELECT * FROM pets WHERE tags @> $1": "pets_tags",
        "SELECT * FROM visits WHERE pet_id = $1": "visits_pet",
    }
    with opened(pets, hiding) as bench:
        for text, name in cases.items():
            asked, index = planner.prepare(bench.conn, text), bench.snapshot.index(name)
            assert index
            (found,) = losses(bench, asked, services(bench, asked, (index,)))
            assert found.is_missed, text
            assert found.instead, text
        asked = planner.prepare(bench.conn, "INSERT INTO owners VALUES (1, 'a') ON CONFLICT (id) DO NOTHING")
        index = bench.snapshot.index("owners_pkey")
        assert index
        assert losses(bench, asked, services(bench, asked, (index,))) == ()
        assert read(bench.conn) == bench.snapshot


def test_nothing_is_dropped_where_nothing_may_be(pets: Conninfo) -> None:
    with opened(pets, Hiding.NONE) as bench:
        asked, index = (
            planner.prepare(bench.conn, "SELECT * FROM pets WHERE id = $1"),
            bench.snapshot.index("pets_pkey"),
        )
        assert index
        found: tuple[Loss, ...] = losses(bench, asked, services(bench, asked, (index,)))
        assert found == ()


@pytest.mark.parametrize(
    ("text", "index", "whole", "outside"),
    [
        ("SELECT kind FROM pets WHERE owner_id = $1", "pets_owner", True, ()),
        ("SELECT count(*) FROM pets WHERE owner_id > $1", "pets_owner", True, ()),
        ("SELECT kind, weight FROM pets WHERE owner_id = $1", "pets_owner", False, ("weight",)),
        ("SELECT kind FROM pets WHERE owner_id = $1 AND weight > 2", "pets_owner", False, ("weight",)),
        ("SELECT pet_id FROM visits WHERE pet_id > $1", "visits_pet", True, ()),
        ("SELECT id FROM visits WHERE pet_id > $1", "visits_pet", False, ("id",)),
    ],
)
def test_coverage(pets: Conninfo, text: str, index: str, whole: bool, outside: tuple[str, ...]) -> None:
    with opened(pets) as bench:
        named = bench.snapshot.index(index)
        assert named
        found = coverage.of(bench, planner.prepare(bench.conn, text), named)
        assert (found.is_whole, found.outside) == (whole, outside)


def test_conditions_that_an_index_decides_are_told_from_those_looked_at_again(pets: Conninfo) -> None:
    with opened(pets) as bench:
        index = bench.snapshot.index("pets_owner")
        assert index
        asked = planner.prepare(bench.conn, "SELECT * FROM pets AS p WHERE owner_id = $1 AND weight > 2")
        (found,) = services(bench, asked, (index,))
        assert (found.node, found.conditions, found.rechecks) == ("p", ("p.owner_id = $1",), ())
        assert [part.split()[0] for part in found.filters] == ["p.weight"]


def node(kind: str, *children: Node, **values: str) -> Node:
    return Node(kind=kind, children=children, **values)  # type: ignore[arg-type]


def test_scans_are_told_apart_by_alias_occurrence_and_sub_plan() -> None:
    first = node("Seq Scan", relation="t", alias="a")
    second = node("Index Scan", relation="t", alias="a", index="i")
    inner = node("Index Scan", relation="t", alias="b", index="i", subplan="SubPlan 1")
    root = node("Nested Loop", first, second, inner)
    assert [plan.name_of(root, each) for each in (first, second, inner)] == ["a", "a#2", "b@SubPlan 1"]


def test_forbidden_nodes_are_found_by_kind_and_table() -> None:
    scans = node("Seq Scan", relation="t", alias="a"), node("Seq Scan", relation="p_1", alias="p_1")
    root = node("Hash Join", *scans, node("Aggregate", strategy="Hashed"))
    assert list(node_type.found(root, Forbidden("seq scan"))) == list(scans)
    assert list(node_type.found(root, Forbidden("sequential scan", "t"))) == [scans[0]]
    assert list(node_type.found(root, Forbidden("seq scan", "p"))) == [scans[1]]
    assert [each.kind for each in node_type.found(root, Forbidden("hashaggregate"))] == ["Aggregate"]
    assert list(node_type.found(root, Forbidden("sort"))) == []


def test_what_is_not_read(pets: Conninfo) -> None:
    cases = {
        "SELECT p.id FROM pets AS p LEFT JOIN owners AS o ON o.id = p.owner_id": ("owners",),
        "SELECT p.id, o.name FROM pets AS p LEFT JOIN owners AS o ON o.id = p.owner_id": (),
        "WITH owners AS (SELECT 1 AS id) SELECT * FROM owners": (),
        "SELECT * FROM visits WHERE pet_id = 1": (),
        "SELECT * FROM pets WHERE false": ("pets",),
    }
    with opened(pets) as bench:
        for text, unread in cases.items():
            root = planner.explain(bench.conn, planner.prepare(bench.conn, text))
            assert reading.unread(bench.snapshot, text, root) == unread, text
