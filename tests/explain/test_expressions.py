"""Statistics of expressions and of ranges, exported and planned with elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from pgproof.catalog.read import read as read_catalog
from pgproof.contract import profile
from pgproof.contract.promise import Values
from pgproof.database.connection import Connection, connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.errors import CannotTell, InputError
from pgproof.explain import planner
from pgproof.explain.size import exported, inflate, shape, sweep
from pgproof.explain.size import inject as injecting
from pgproof.explain.size import model as models
from pgproof.explain.size.layout import Layout, layout
from pgproof.explain.size.own import OwnDatabase
from pgproof.explain.size.plans import explain
from pgproof.explain.size.sweep import Asked
from tests.explain.test_export import GUESTS, SOME_GUESTS, generic, near, taken, types

TABLES = frozenset({("public", "guests"), ("public", "visits")})
_STATISTICS = """
SELECT c.relname, s.staattnum, s.stainherit, s.stanullfrac, s.stawidth, s.stadistinct,
       ARRAY[stakind1, stakind2, stakind3, stakind4, stakind5], ARRAY[staop1, staop2, staop3, staop4, staop5],
       ARRAY[stacoll1, stacoll2, stacoll3, stacoll4, stacoll5],
       stanumbers1, stanumbers2, stanumbers3, stanumbers4, stanumbers5,
       stavalues1::text, stavalues2::text, stavalues3::text, stavalues4::text, stavalues5::text
"""
OF_COLUMNS = f"""{_STATISTICS}
  FROM pg_catalog.pg_statistic AS s JOIN pg_catalog.pg_class AS c ON c.oid = s.starelid
 WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1, 2
"""
OF_EXTENDED = f"""{_STATISTICS.replace("c.relname", "c.stxname")}
  FROM pg_catalog.pg_statistic_ext AS c JOIN pg_catalog.pg_statistic_ext_data AS d ON d.stxoid = c.oid
 CROSS JOIN LATERAL unnest(d.stxdexpr) WITH ORDINALITY AS s ORDER BY 1, s.ordinality
"""


def run(conn: Connection, script: str) -> None:
    for statement in script.split(";\n"):
        conn.execute(statement.encode())


@contextmanager
def guests(server: ScratchServer) -> Iterator[Conninfo]:
    with server.database() as database:
        with connect(database) as conn:
            run(conn, GUESTS)
            run(conn, SOME_GUESTS)
        yield database


def catalog(conn: Connection) -> list[tuple[Any, ...]]:
    """What pg_statistic and pg_statistic_ext_data have, without the digits that the export rounds off."""
    found = [*conn.execute(OF_COLUMNS), *conn.execute(OF_EXTENDED)]
    return [tuple(rounded(each) for each in row) for row in found]


def rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value


def asked(conn: Connection, queries: Sequence[str]) -> list[Asked]:
    return [Asked(planner.Prepared(query, types(conn, query)), TABLES) for query in queries]


def placed(own: OwnDatabase, text: str) -> tuple[Layout, models.Model]:
    """The layout and the model of an export of 10,000 guests."""
    there = shape.read_expressed(own.conn)
    declared = profile.read("p.toml", "statistics = 'stats.json'\nsizes = [1e4]")
    model = models.model(declared, read_catalog(own.conn), there, exported.read("stats.json", text))
    return layout(model, there, 0, own.page, sweep.now(own.conn)), model


def swept(own: OwnDatabase, text: str, queries: Sequence[str]) -> tuple[list[tuple[list[str], float]], list[str]]:
    """Nodes and rows of the plans for any values, and what is said of them."""
    declared = profile.read("p.toml", "statistics = 'stats.json'\nsizes = [1e4]\n[settings]\njit = false")
    found = sweep.sweep(
        own, declared, read_catalog(own.conn), asked(own.conn, queries), exported.read("s.json", text)
    )
    roots = [
        next(s.root for s in each.sizes if s.values is Values.GENERIC and s.n_distinct == 1.0)
        for each in found.answers
    ]
    return [([node.summary for node in root.walk()], root.rows) for root in roots], found.said


ANY = (
    "SELECT * FROM guests WHERE lower(email) = $1",
    "SELECT * FROM guests WHERE (age > 17) IS NOT TRUE",
    "SELECT age % 10, count(*) FROM guests GROUP BY age % 10",
    "SELECT * FROM guests WHERE age % 10 = $1 AND upper(city) = $2",
    "SELECT * FROM guests AS g JOIN visits AS v ON lower(v.email) = lower(g.email)",
)
GIVEN = (
    "SELECT * FROM guests WHERE lower(email) = 'ann7@example.org'",
    "SELECT * FROM guests WHERE lower(email) < 'ann2'",
    "SELECT * FROM guests WHERE age % 10 = 3 AND upper(city) = 'BONN'",
    "SELECT * FROM guests WHERE to_tsvector('simple', note) @@ 'rare'::tsquery",
    "SELECT * FROM visits WHERE during && '[2026-02-01,2026-02-03)'::daterange",
    "SELECT * FROM visits WHERE during @> '2026-03-01'::date",
    "SELECT * FROM visits WHERE during <@ '[2026-01-01,2026-01-20)'::daterange",
    "SELECT * FROM visits WHERE rooms @> 40",
    "SELECT * FROM visits WHERE during = 'empty'",
)


@pytest.mark.ends
def test_plans_are_those_of_loaded_rows(major_server: ScratchServer) -> None:
    """Row for row what ANALYZE has written, and the same plans, with and without values."""
    with guests(major_server) as database, connect(database) as conn:
        plain, full = taken(database), taken(database, values=True)
        truth = {query: generic(conn, query) for query in (*ANY, *GIVEN)}
        written = catalog(conn)
    assert "ann7" not in plain.text
    assert "BONN" not in plain.text
    assert "2026-" not in plain.text
    assert full.unread == plain.grants == ()
    assert [each.partition(":")[0] for each in plain.unread] == [
        "public.guests_words.to_tsvector",
        "public.visits.during",
        "public.visits.rooms",
    ]
    with major_server.database() as empty, OwnDatabase(major_server, empty) as own:
        run(own.conn, GUESTS)
        for text, queries in ((full.text, GIVEN), (plain.text, ANY)):
            plans, _ = swept(own, text, queries)
            for query, (kinds, rows) in zip(queries, plans, strict=True):
                assert kinds == truth[query][0], query
                assert rows == pytest.approx(truth[query][1], rel=0.01, abs=1), query
        made, _ = placed(own, full.text)
        inflate.inflate(own, made.relations)
        assert injecting.inject(own, made) == ()
        injecting.verify(own, made)
        assert catalog(own.conn) == written
        again = json.loads(taken(empty, values=True).text)
        before = json.loads(full.text)
        assert again["expressions"] == [near(each) for each in before["expressions"]]
        older = {**before, "expressions": []}
        older["extended"] = [{k: v for k, v in e.items() if k != "expressions"} for e in before["extended"]]
        older["columns"] = [{k: v for k, v in c.items() if k != "ranges"} for c in before["columns"]]
        del older["expressions"]
        plans, _ = swept(own, json.dumps(older), GIVEN)
        alike = [
            q for q, (_, rows) in zip(GIVEN, plans, strict=True) if rows == pytest.approx(truth[q][1], rel=0.05)
        ]
        assert alike == [GIVEN[2], GIVEN[-1]]  # by the list of combinations, and by how many are alike


@pytest.mark.ends
def test_each_role_reads_what_it_may(major_server: ScratchServer) -> None:
    """The owner what it is shown, others what is granted, by the GRANT that is named."""
    with guests(major_server) as database, connect(database) as conn:
        whole = {values: json.loads(taken(database, values=values).text) for values in (False, True)}
        conn.execute("CREATE ROLE clerk LOGIN; GRANT SELECT ON guests, visits TO clerk")
        try:
            clerk = Conninfo.parse(f"{database.secret} user=clerk")
            found = taken(clerk)
            index = "public.guests_lower.lower: this role neither owns the index nor may read all statistics"
            untold = "before 17 what is known of ranges stands in pg_statistic alone, which this role may not read"
            assert index in found.unread
            assert (f"public.visits.during: {untold}" in found.unread) is (major_server.version.major < 17)
            assert found.grants == (
                "GRANT SELECT ON pg_catalog.pg_statistic TO clerk;",
                "GRANT SELECT ON pg_catalog.pg_statistic_ext_data TO clerk;",
            )
            for grant in found.grants:
                conn.execute(grant.encode())
            assert json.loads(taken(clerk, values=True).text) == whole[True]
            conn.execute("REVOKE SELECT ON pg_catalog.pg_statistic, pg_catalog.pg_statistic_ext_data FROM clerk")
            conn.execute("ALTER TABLE guests OWNER TO clerk; ALTER TABLE visits OWNER TO clerk")
            for values, known in whole.items():
                own = json.loads(taken(clerk, values=values).text)
                assert own["expressions"] == known["expressions"]
                assert own["extended"] == known["extended"]
                if major_server.version.major >= 17:
                    assert own["columns"] == known["columns"]
            conn.execute("ALTER TABLE guests OWNER TO CURRENT_USER; ALTER TABLE visits OWNER TO CURRENT_USER")
        finally:
            conn.execute("DROP OWNED BY clerk; DROP ROLE clerk")


def test_parameters_have_values_of_their_expressions(server: ScratchServer) -> None:
    queries = (
        "SELECT * FROM guests WHERE lower(email) = $1",
        "SELECT * FROM visits WHERE during && $1",
        "SELECT * FROM visits WHERE during @> $1::date",
    )
    with guests(server) as database:
        text = taken(database, values=True).text
    with server.database() as empty, OwnDatabase(server, empty) as own:
        run(own.conn, GUESTS)
        declared = profile.read("p.toml", "statistics = 'stats.json'\nsizes = [1e4]")
        known = exported.read("s.json", text)
        found = sweep.sweep(own, declared, read_catalog(own.conn), asked(own.conn, queries), known)
        hot = [next(s.root.rows for s in each.sizes if s.values is Values.HOT) for each in found.answers]
    assert hot == pytest.approx([1034, 300, 160], rel=0.3)


def changed(text: str, change: Callable[[dict[str, Any]], None]) -> str:
    found = json.loads(text)
    change(found)
    return json.dumps(found)


def known(found: dict[str, Any]) -> dict[str, Any]:
    """The first expression of guests_known."""
    named = next(each for each in found["extended"] if each["name"] == "guests_known")
    first: dict[str, Any] = named["expressions"][0]
    return first


def _bounds(found: dict[str, Any]) -> None:
    next(each for each in found["columns"] if each["column"] == "during")["ranges"]["bounds"][0] = "[9,1)"


def _words(found: dict[str, Any]) -> None:
    known(found)["values"][0] = "ten"


def _text(found: dict[str, Any]) -> None:
    next(each for each in found["expressions"] if each["index"] == "guests_lower")["expression"] = "upper(email)"


def _index(found: dict[str, Any]) -> None:
    next(each for each in found["expressions"] if each["index"] == "guests_lower")["index"] = "gone"


def _type(found: dict[str, Any]) -> None:
    next(each for each in found["columns"] if each["column"] == "during")["type"] = "int4range"


def _extended(found: dict[str, Any]) -> None:
    known(found)["expression"] = "(age % 11)"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_bounds, 'values are left out of public.visits.during: invalid input syntax for type date: "9"'),
        (_words, "values are left out of statistics public.guests_known: invalid input syntax for type integer"),
        (_text, "speaks of upper(email) in index public.guests_lower, which the migrations do not create"),
        (_index, "speaks of index public.gone, which the migrations do not create"),
        (_type, "speaks of values of public.visits.during as int4range, which the migrations do not create"),
        (_extended, "speaks of statistics public.guests_known, which the migrations do not create"),
    ],
)
def test_what_does_not_fit_is_left_out_and_named(
    server: ScratchServer, database: Conninfo, export_of_guests: str, change: Any, words: str
) -> None:
    with OwnDatabase(server, database) as own:
        run(own.conn, GUESTS)
        _, said = swept(own, changed(export_of_guests, change), GIVEN[:1])
    assert [each for each in said if words in each], said


@pytest.fixture(scope="module")
def export_of_guests(server: ScratchServer) -> str:
    with guests(server) as database:
        return taken(database, values=True).text


@pytest.mark.parametrize(
    ("part", "value", "words"),
    [
        ("nulls", "NaN", "nan is no figure"),
        ("nulls", "1.5", "1.5 is no share of rows"),
        ("frequencies", "[2]", "2 is no share of rows"),
        ("ranges", '{"empty": -1}', "-1 is no share of rows"),
        ("ranges", '{"bounds": []}', "KeyError: 'empty'"),
        ("position", '"first"', "ValueError"),
        ("table", '"guests"', "not as it was exported"),
    ],
)
def test_figures_that_cannot_be_are_refused(part: str, value: str, words: str) -> None:
    figures: dict[str, Any] = {"nulls": 0, "width": 4, "distinct": 2, "correlation": None, "frequencies": []}
    key = {
        "schema": "public",
        "table": ["public", "t"],
        "index": "i",
        "position": 1,
        "expression": "a",
        "type": "x",
    }
    head = {"schema": "pgproof.stats/1", "settings": {}, "relations": [], "columns": [], "extended": []}
    text = json.dumps({**head, "expressions": [{**key, **figures, part: json.loads(value)}]})
    if part == "table":
        text = text.replace('"guests"', "7")
    with pytest.raises(InputError) as error:
        exported.read("s.json", text)
    assert words in str(error.value)


def test_statistics_that_are_lost_are_seen(
    server: ScratchServer, database: Conninfo, export_of_guests: str
) -> None:
    """Fail closed: nothing is planned on what is not as it was written."""
    with OwnDatabase(server, database) as own:
        run(own.conn, GUESTS)
        made, _ = placed(own, export_of_guests)
        inflate.inflate(own, made.relations)
        injecting.inject(own, made)
        injecting.verify(own, made)
        own.conn.execute("UPDATE pg_catalog.pg_statistic_ext_data SET stxdexpr = NULL")
        with pytest.raises(CannotTell, match="guests"):
            injecting.verify(own, made)


PARTED = """
CREATE TABLE parted (id int, name text) PARTITION BY RANGE (id);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES FROM (0) TO (5000);
CREATE TABLE parted_b PARTITION OF parted FOR VALUES FROM (5000) TO (10000);
CREATE INDEX parted_lower ON parted (lower(name));
"""


def test_a_partition_has_what_one_like_it_had(server: ScratchServer) -> None:
    """Production has other partitions than the migrations create."""
    query = "SELECT * FROM parted WHERE lower(name) = $1"
    with server.database() as database, connect(database) as conn:
        run(conn, PARTED.replace("parted_a", "p1").replace("parted_b", "p2"))
        conn.execute("INSERT INTO parted SELECT n, 'Name' || n % 20 FROM generate_series(0, 9999) AS n")
        conn.execute("VACUUM ANALYZE parted")
        text = taken(database).text
        truth = explain(conn, planner.Prepared(query, ("text",)), [None])[0].rows
    with server.database() as empty, OwnDatabase(server, empty) as own:
        run(own.conn, PARTED)
        plans, said = swept_parted(own, text, query)
    assert truth == pytest.approx(500, rel=0.05)
    assert plans == pytest.approx(truth, rel=0.05)
    assert "public.p1" in " ".join(said)


def swept_parted(own: OwnDatabase, text: str, query: str) -> tuple[float, list[str]]:
    declared = profile.read("p.toml", "statistics = 'stats.json'\nsizes = [1e4]")
    names = frozenset({("public", "parted")})
    wanted = [Asked(planner.Prepared(query, ("text",)), names)]
    found = sweep.sweep(own, declared, read_catalog(own.conn), wanted, exported.read("s.json", text))
    return next(s.root.rows for s in found.answers[0].sizes if s.n_distinct == 1.0), found.said
