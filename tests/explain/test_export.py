"""Statistics of a live database: what is told, what is not, and the plans that come of it elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from pgproof.catalog.read import read as read_catalog
from pgproof.contract import profile
from pgproof.contract.promise import Values
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import Binaries, ScratchServer, open_cluster
from pgproof.errors import InputError
from pgproof.explain import planner
from pgproof.explain.size import exported, shape, sweep
from pgproof.explain.size import model as models
from pgproof.explain.size.inject import inject
from pgproof.explain.size.layout import layout
from pgproof.explain.size.own import OwnDatabase
from pgproof.explain.size.plans import explain
from pgproof.explain.size.sweep import Asked
from pgproof.flows.stats import Export, export
from tests.cli.described import check
from tests.conftest import OPTIONS

SHOP = """
CREATE TYPE mood AS ENUM ('calm', 'wild');
CREATE TABLE people (id int PRIMARY KEY, email text NOT NULL, mood mood NOT NULL, secret text);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    person int NOT NULL REFERENCES people,
    status text NOT NULL CHECK (status IN ('new', 'paid')),
    note text
);
CREATE INDEX orders_person ON orders (person);
"""
ROWS = """
INSERT INTO people SELECT n, 'ann' || n || '@example.org', CASE n % 10 WHEN 0 THEN 'wild' ELSE 'calm' END::mood,
       'classified ' || n % 7 FROM generate_series(1, 1000) AS n;
INSERT INTO orders SELECT n, CASE WHEN n % 10 = 0 THEN 1 ELSE 1 + n % 1000 END,
       CASE WHEN n % 4 = 0 THEN 'new' ELSE 'paid' END, CASE WHEN n % 5 = 0 THEN 'gift' END
  FROM generate_series(1, 50000) AS n;
ANALYZE people;
ANALYZE orders;
"""


@contextmanager
def shop(server: ScratchServer) -> Iterator[Conninfo]:
    with server.database() as database:
        with connect(database) as conn:
            conn.execute((SHOP + ROWS).encode())
        yield database


def taken(database: Conninfo, *, values: bool = False) -> Export:
    found = export(database, schemas=(), key=b"key", values=values)
    check("stats", found.text)
    return found


def columns(found: Export) -> dict[str, dict[str, Any]]:
    return {f"{c['table']}.{c['column']}": c for c in json.loads(found.text)["columns"]}


def test_no_value_leaves_unless_asked_for(major_server: ScratchServer) -> None:
    with shop(major_server) as database:
        found = taken(database)
        assert "classified" not in found.text
        assert "example.org" not in found.text
        assert "gift" not in found.text
        told = columns(found)
        assert sorted(told["people.mood"]["labels"]) == ["calm", "wild"]
        assert sorted(told["orders.status"]["labels"]) == ["new", "paid"]
        assert len(told["people.secret"]["hashes"]) == 7
        assert "bounds" not in told["people.email"]
        assert found.unread == ()
        assert found.text == taken(database).text
        assert "classified 3" in taken(database, values=True).text


def test_what_may_not_be_read_is_named_with_its_grant(server: ScratchServer) -> None:
    with shop(server) as database, connect(database) as conn:
        conn.execute(
            "CREATE ROLE clerk LOGIN; GRANT SELECT ON orders TO clerk; GRANT SELECT (id) ON people TO clerk"
        )
        try:
            clerk = Conninfo.parse(f"{database.secret} user=clerk")
            found = taken(clerk)
            assert "public.people.secret: this role may not read the column" in found.unread
            assert found.grants == ("GRANT SELECT (email, mood, secret) ON public.people TO clerk;",)
            conn.execute(found.grants[0].encode())
            assert taken(clerk).unread == ()
        finally:
            conn.execute("DROP OWNED BY clerk; DROP ROLE clerk")


def test_a_table_that_nobody_analysed_is_named(server: ScratchServer, database: Conninfo) -> None:
    with connect(database) as conn:
        conn.execute("CREATE TABLE t (a int)")
    assert taken(database).unread == ("public.t.a: nobody has analysed the table",)


def test_what_is_left_out_of_arrays_and_ranges_is_named(major_server: ScratchServer) -> None:
    """Also below a domain; of a column that has nothing of the kind, nothing is said."""
    with major_server.database() as database, connect(database) as conn:
        conn.execute("CREATE DOMAIN span AS int4range")
        conn.execute("CREATE TABLE t (a int[], r int4range, d span, words tsvector, n int, none int[])")
        conn.execute(
            "INSERT INTO t SELECT ARRAY[n, n % 3], int4range(n, n + 5), int4range(n, n + 5),"
            " to_tsvector('simple', 'a'), n FROM generate_series(1, 100) AS n"
        )
        conn.execute("ANALYZE t")
        elements = "how often elements are in it, and how many, is exported with --values alone"
        ranges = "bounds and lengths of its ranges are exported with --values alone"
        assert taken(database).unread == (
            f"public.t.a: {elements}",
            f"public.t.r: {ranges}",
            f"public.t.d: {ranges}",
            f"public.t.words: {elements}",
        )


def test_plans_elsewhere_are_those_of_the_database(major_server: ScratchServer) -> None:
    queries = (
        "SELECT * FROM orders WHERE person = $1",
        "SELECT * FROM orders WHERE status = $1",
        "SELECT * FROM orders AS o JOIN people AS p ON p.id = o.person WHERE p.mood = 'wild'",
        "SELECT person, count(*) FROM orders GROUP BY person",
        "SELECT * FROM orders WHERE note IS NOT NULL",
    )
    with shop(major_server) as database:
        text = taken(database).text
        with connect(database) as conn:
            conn.execute("VACUUM orders, people")
            truth = [generic(conn, query) for query in queries]
    with major_server.database() as empty, OwnDatabase(major_server, empty) as own:
        own.conn.execute(SHOP.encode())
        snapshot = read_catalog(own.conn)
        tables = frozenset((each.schema, each.name) for each in snapshot.tables)
        asked = [Asked(planner.Prepared(query, types(own.conn, query)), tables) for query in queries]
        declared = profile.read("p.toml", "statistics = 'stats.json'\nsizes = [5e4]\n[settings]\njit = false")
        found = sweep.sweep(own, declared, snapshot, asked, exported.read("stats.json", text))
        for (kinds, rows), answer in zip(truth, found.answers, strict=True):
            sized = next(each for each in answer.sizes if each.values is Values.GENERIC and each.n_distinct == 1.0)
            assert [node.summary for node in sized.root.walk()] == kinds
            assert sized.root.rows == pytest.approx(rows, rel=0.1)
        hot = next(each for each in found.answers[0].sizes if each.values is Values.HOT)
        assert hot.root.rows == pytest.approx(5000, rel=0.1)
        unsized = profile.read("p.toml", "statistics = 'stats.json'")
        default = models.model(unsized, snapshot, shape.read(own.conn), exported.read("stats.json", text))
        assert default.rows["public", "orders"] == (5e3, 5e4, 5e5, 5e6)
        assert default.rows["public", "people"] == (1e2, 1e3, 1e4, 1e5)


def test_values_and_settings_come_back(major_server: ScratchServer) -> None:
    queries = (
        "SELECT * FROM orders WHERE id BETWEEN 40000 AND 41000",
        "SELECT * FROM people WHERE secret = 'classified 3'",
        "SELECT * FROM people WHERE secret > 'classified 4'",
        "SELECT * FROM orders AS o JOIN people AS p ON p.id = o.person WHERE p.id < 40",
        "SELECT * FROM orders WHERE person = 1",
        "SELECT * FROM orders ORDER BY note",
    )
    with shop(major_server) as database:
        with connect(database) as conn:
            conn.execute("VACUUM orders, people")
            name = sql.Identifier(conn.info.dbname)
            conn.execute(sql.SQL("ALTER DATABASE {} SET random_page_cost = 1.25").format(name))
            conn.execute(sql.SQL("ALTER DATABASE {} SET work_mem = '64kB'").format(name))
        with connect(database) as conn:
            truth = [generic(conn, query) for query in queries]
        text = taken(database, values=True).text
    assert json.loads(text)["settings"] == {"jit": "off", "random_page_cost": "1.25", "work_mem": "64kB"}
    with major_server.database() as empty, OwnDatabase(major_server, empty) as own:
        own.conn.execute(SHOP.encode())
        snapshot = read_catalog(own.conn)
        tables = frozenset((each.schema, each.name) for each in snapshot.tables)
        asked = [Asked(planner.Prepared(query, types(own.conn, query)), tables) for query in queries]
        declared = profile.read("p.toml", "statistics = 'stats.json'\nsizes = [5e4]")
        found = sweep.sweep(own, declared, snapshot, asked, exported.read("stats.json", text))
        assert "planned with its jit = off, random_page_cost = 1.25, work_mem = 64kB" in found.said
        for (kinds, rows), answer in zip(truth, found.answers, strict=True):
            root = next(each.root for each in answer.sizes if each.n_distinct == 1.0)
            assert [node.summary for node in root.walk()] == kinds
            assert root.rows == pytest.approx(rows, rel=0.02, abs=2)
        other = exported.read("stats.json", text.replace('"integer"', '"numeric"'))
        told = models.model(declared, snapshot, shape.read(own.conn), other).said
        as_numeric = "values of public.people.id as numeric, values of public.orders.person as numeric"
        assert f"stats.json speaks of {as_numeric}, which the migrations do not create" in told
        written = profile.read("p.toml", "statistics = 'stats.json'\nsizes = [5e4]\n[settings]\nwork_mem = '1GB'")
        sized = models.model(written, snapshot, shape.read(own.conn), exported.read("stats.json", text))
        assert "planned with its jit = off, random_page_cost = 1.25" in sized.said


CASES = Path(__file__).parents[1] / "cases" / "profile"
GUESTS = (CASES / "guests.sql").read_text()
SOME_GUESTS = (CASES / "guests_rows.sql").read_text()
CARS = """
CREATE TABLE cars (make int NOT NULL, model int NOT NULL, color text);
CREATE STATISTICS cars_make_model (ndistinct, dependencies, mcv) ON make, model FROM cars;
CREATE STATISTICS cars_color (ndistinct) ON make, (lower(color)) FROM cars;
"""
OLD_CARS = (
    CARS.replace("cars (make", "cars (gone int, make")
    + """
ALTER TABLE cars DROP COLUMN gone;
INSERT INTO cars SELECT n % 100 / 10, n % 100, n % 3 FROM generate_series(1, 10000) AS n;
VACUUM ANALYZE cars
"""
)


@contextmanager
def cars(server: ScratchServer) -> Iterator[Conninfo]:
    with server.database() as database:
        with connect(database) as conn:
            for statement in OLD_CARS.split(";"):
                conn.execute(statement.encode())
        yield database


def test_extended_statistics_come_back(major_server: ScratchServer) -> None:
    queries = (
        "SELECT * FROM cars WHERE make = $1 AND model = $2",
        "SELECT make, model, count(*) FROM cars GROUP BY make, model",
        "SELECT make, lower(color), count(*) FROM cars GROUP BY make, lower(color)",
    )
    with cars(major_server) as database:
        found = taken(database)
        assert found.unread == ()
        with connect(database) as conn:
            truth = [generic(conn, query)[1] for query in queries]
    text = found.text
    with major_server.database() as empty, OwnDatabase(major_server, empty) as own:
        own.conn.execute(CARS.encode())
        snapshot = read_catalog(own.conn)
        asked = [
            Asked(planner.Prepared(query, types(own.conn, query)), frozenset({("public", "cars")}))
            for query in queries
        ]
        declared = profile.read("p.toml", "statistics = 'stats.json'\nsizes = [1e4, 1e6]")

        def rows(text: str, size: float) -> list[float]:
            made = sweep.sweep(own, declared, snapshot, asked, exported.read("stats.json", text))
            plans = [[each for each in answer.sizes if each.size == size] for answer in made.answers]
            return [next(each.root.rows for each in sizes if each.n_distinct == 1.0) for sizes in plans]

        assert rows(json.dumps({**json.loads(text), "extended": []}), 1e4)[0] < truth[0] / 5
        assert rows(text, 1e4) == pytest.approx(truth, rel=0.01)
        assert rows(text, 1e6)[1] == 10_000
        own.conn.execute("DROP STATISTICS cars_color")
        lost = models.model(declared, snapshot, shape.read(own.conn), exported.read("stats.json", text)).said
        assert "stats.json speaks of statistics public.cars_color, which the migrations do not create" in str(lost)


ALL = (SHOP + ROWS, *OLD_CARS.split(";"), *(GUESTS + SOME_GUESTS).split(";\n"))


@pytest.fixture(scope="module")
def of_each_major(major_binaries: dict[int, Binaries]) -> dict[int, str]:
    """What is exported of the same tables on each major."""
    found = {}
    for number, binaries in major_binaries.items():
        with open_cluster(binaries, OPTIONS) as server, server.database() as database, connect(database) as conn:
            for statement in ALL:
                conn.execute(statement.encode())
            found[number] = taken(database, values=True).text
    return found


@pytest.mark.slow
def test_statistics_of_each_major_come_back_on_each(
    of_each_major: dict[int, str], major_server: ScratchServer
) -> None:
    """An export of what was planned with is what was exported, to the digits that a float4 has."""
    assert major_server.version.major in of_each_major
    for text in of_each_major.values():
        with major_server.database() as empty, OwnDatabase(major_server, empty) as own:
            own.conn.execute((SHOP + CARS + GUESTS).encode())
            there = shape.read_expressed(own.conn)
            declared = profile.read("p.toml", "statistics = 'stats.json'\nsizes = [5e4]")
            model = models.model(declared, read_catalog(own.conn), there, exported.read("stats.json", text))
            inject(own, layout(model, there, 0, own.page, sweep.now(own.conn)))
            before, after = json.loads(text), json.loads(taken(empty, values=True).text)
        for old, new in zip(before["extended"], after["extended"], strict=True):
            assert in_order(new) == {**in_order(old), "expressions": [near(each) for each in old["expressions"]]}
        for part in ("columns", "expressions"):
            for old, new in zip(before[part], after[part], strict=True):
                assert new == near(old)


def near(column: dict[str, Any]) -> dict[str, Any]:
    """What is equal to these figures but for what a float4 and the export round off."""
    about = {key: value for key, value in column.items() if isinstance(value, float) or key == "frequencies"}
    return {**column, **{key: pytest.approx(value, rel=2e-5, abs=2e-5) for key, value in about.items()}}


def in_order(extended: dict[str, Any]) -> dict[str, Any]:
    """Extended statistics with their combinations in one order."""
    known = extended["combinations"]
    return {**extended, "combinations": known and {**known, "items": sorted(known["items"], key=str)}}


def test_extended_statistics_that_may_not_be_read_are_named_with_their_grant(server: ScratchServer) -> None:
    with cars(server) as database, connect(database) as conn:
        conn.execute("CREATE ROLE clerk LOGIN; GRANT SELECT ON cars TO clerk")
        try:
            clerk = Conninfo.parse(f"{database.secret} user=clerk")
            found, whole = taken(clerk), taken(database)
            reason = "this role neither owns the table nor may read all extended statistics"
            assert f"statistics public.cars_color: {reason}" in found.unread
            assert found.grants == ("GRANT SELECT ON pg_catalog.pg_statistic_ext_data TO clerk;",)
            conn.execute(found.grants[0].encode())
            assert taken(clerk).text == whole.text
            conn.execute("REVOKE SELECT ON pg_catalog.pg_statistic_ext_data FROM clerk")
            conn.execute("ALTER TABLE cars OWNER TO clerk")
            assert json.loads(taken(clerk).text)["extended"] == json.loads(whole.text)["extended"]
            conn.execute("ALTER TABLE cars OWNER TO CURRENT_USER")
        finally:
            conn.execute("DROP OWNED BY clerk; DROP ROLE clerk")


def types(conn: Any, query: str) -> tuple[str, ...]:
    with conn.transaction(force_rollback=True):
        return planner.prepare(conn, query).types


def generic(conn: Any, query: str) -> tuple[list[str], float]:
    root = explain(conn, planner.Prepared(query, types(conn, query)), [None])[0]
    return [node.summary for node in root.walk()], root.rows


def test_statistics_of_another_schema_are_refused(server: ScratchServer, database: Conninfo) -> None:
    with shop(server) as other:
        text = taken(other).text
    with connect(database) as conn:
        conn.execute("CREATE TABLE else_where (id int)")
        with pytest.raises(InputError, match="has the statistics of another schema"):
            exported.read("s.json", text).strangers(read_catalog(conn))
        conn.execute("CREATE TABLE orders (id int)")
        lost = exported.read("s.json", text).strangers(read_catalog(conn))
    assert lost == ("public.orders.note", "public.orders.person", "public.orders.status", "public.people")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not as it was exported"),
        ("[]", "is no export of statistics"),
        ('{"schema": "pgproof.check/1"}', "is no export of statistics"),
        ('{"schema": "pgproof.stats/1"}', "is not as it was exported"),
        ('{"schema": "pgproof.stats/1", "relations": [1], "columns": []}', "is not as it was exported"),
    ],
)
def test_a_file_that_is_no_export_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        exported.read("s.json", text)
