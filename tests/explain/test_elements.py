"""What is in arrays, exported and planned with elsewhere."""

from __future__ import annotations

import json

import pytest

from pgproof.catalog.read import read as read_catalog
from pgproof.contract import profile
from pgproof.database.connection import connect
from pgproof.database.scratch import ScratchServer
from pgproof.explain import planner
from pgproof.explain.size import exported, sweep
from pgproof.explain.size.own import OwnDatabase
from pgproof.explain.size.sweep import Asked
from tests.explain.test_export import generic, taken

PAGES = """
CREATE TYPE kind AS ENUM ('news', 'blog', 'rare');
CREATE TABLE pages (kinds kind[], tags text[] NOT NULL, numbers int[], words tsvector)
"""
SOME_PAGES = """
INSERT INTO pages
SELECT CASE WHEN n % 10 = 0 THEN ARRAY['rare', 'news'] WHEN n % 10 < 6 THEN ARRAY['news'] END::kind[],
       ARRAY['tag' || n % 4, CASE WHEN n % 20 = 0 THEN 'secret' ELSE 'open' END], ARRAY[n % 5, n % 5 + 100],
       to_tsvector('simple', 'word' || n % 8)
  FROM generate_series(1, 10000) AS n;
VACUUM ANALYZE pages
"""
OF_LABELS = ("kinds @> '{rare}'", "kinds @> '{news}'", "kinds && '{blog,rare}'")
OF_VALUES = ("tags @> '{secret}'", "tags && '{tag1,tag2}'", "numbers @> '{3}'", "words @@ 'word3'::tsquery")


@pytest.mark.parametrize("values", [False, True])
def test_what_is_in_arrays_comes_back(major_server: ScratchServer, values: bool) -> None:
    """Labels always, values if asked for."""
    queries = [f"SELECT * FROM pages WHERE {each}" for each in (*OF_LABELS, *(OF_VALUES if values else ()))]
    with major_server.database() as database, connect(database) as conn:
        for statement in (PAGES + ";" + SOME_PAGES).split(";"):
            conn.execute(statement.encode())
        found = taken(database, values=values)
        truth = [generic(conn, query)[1] for query in queries]
    assert ("secret" in found.text) is values
    assert [each.partition(":")[0] for each in found.unread] == (
        [] if values else ["public.pages.tags", "public.pages.numbers", "public.pages.words"]
    )
    assert truth[:2] == pytest.approx([1000, 6000], rel=0.01)
    with major_server.database() as empty, OwnDatabase(major_server, empty) as own:
        own.conn.execute(PAGES.encode())
        asked = [Asked(planner.Prepared(query, ()), frozenset({("public", "pages")})) for query in queries]
        declared = profile.read("p.toml", "statistics = 'stats.json'\nsizes = [1e4]")

        def rows(text: str) -> list[float]:
            made = sweep.sweep(own, declared, read_catalog(own.conn), asked, exported.read("stats.json", text))
            return [next(s.root.rows for s in each.sizes if s.n_distinct == 1.0) for each in made.answers]

        assert rows(found.text) == pytest.approx(truth, rel=0.01, abs=1)
        came = {
            each["column"]: each.get("elements")
            for each in json.loads(taken(empty, values=values).text)["columns"]
        }
        for each in json.loads(found.text)["columns"]:
            told = each.get("elements")
            assert (came[each["column"]] is None) == (told is None)
            for part in ("frequencies", "counts") if told else ():
                assert came[each["column"]][part] == pytest.approx(told[part], rel=2e-5)
                assert came[each["column"]]["values"] == told["values"]
        without = json.loads(found.text)
        for each in without["columns"]:
            each.pop("elements", None)
        assert rows(json.dumps(without))[0] < truth[0] / 2
