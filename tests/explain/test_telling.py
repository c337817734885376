"""Plans in words, as a real server makes them: cases/explain/plans.txt has queries, and what is told of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.scratch import ScratchServer
from pgproof.explain import plan
from pgproof.explain.telling import Step, told
from pgproof.report import tree
from pgproof.sql.query import has_order

FOLDER = Path(__file__).parents[1] / "cases" / "explain"
FIGURES = re.compile(r" +[\d.,e+]+ rows? +cost [\d.,e+]+$", re.MULTILINE)


def cases() -> Iterator[tuple[str, str, str]]:
    """What each is about, settings and query, the tree without figures."""
    for text in (FOLDER / "plans.txt").read_text().split("-- ")[1:]:
        title, query, wanted = text.split("\n", 2)
        yield title, query, wanted


@pytest.fixture(scope="module")
def filled(server: ScratchServer) -> Iterator[psycopg.Connection]:
    with server.database() as database, connect(database) as conn:
        for statement in (FOLDER / "schema.sql").read_text().split(";\n"):
            conn.execute(statement.encode())
        yield conn


@pytest.mark.parametrize(("title", "query", "wanted"), list(cases()), ids=[title for title, _, _ in cases()])
def test_a_plan_in_words(filled: psycopg.Connection, title: str, query: str, wanted: str) -> None:
    assert FIGURES.sub("", drawn(filled, query)) == wanted.rstrip("\n") + "\n"


def test_figures_stand_in_columns(filled: psycopg.Connection) -> None:
    lines = drawn(filled, "SELECT * FROM jobs ORDER BY id LIMIT 3").splitlines()
    (top, *_), (below, *_) = ([line for line in lines if word in line] for word in ("Limit", "Index Scan"))
    assert "3 rows   cost " in top
    assert "20,000 rows   cost " in below
    assert top.index("   cost ") == below.index("   cost ")


def test_without_lines_that_are_not_ascii() -> None:
    steps = tuple(Step(name=name, notes=("does",), rows=1, cost=0.5, steps=()) for name in "ab")
    told = tree.render(Step(name="top", notes=(), rows=2e9, cost=1.5, steps=steps), is_unicode=False)
    assert told.isascii()
    assert FIGURES.sub("", told) == "top\n+- a\n|     does\n`- b\n      does\n"
    assert "2e+09 rows   cost 1.5" in told


def drawn(conn: psycopg.Connection, query: str) -> str:
    *settings, text = query.split("; ")
    with conn.transaction(force_rollback=True):
        conn.execute("SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL timezone = 'UTC'")
        for each in settings:
            conn.execute(each.replace("SET ", "SET LOCAL ").encode())
        ((document,),) = conn.execute(f"EXPLAIN (VERBOSE, FORMAT JSON) {text}".encode()).fetchall()
    return tree.render(told(plan.read(document), ordered=has_order(text)))
