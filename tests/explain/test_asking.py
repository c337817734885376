"""Questions asked together have the answers that they have one by one, whatever becomes of their neighbours."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
import pytest

from pgproof.catalog.read import read
from pgproof.contract.promise import Origin, Query
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.explain import asking, planner
from pgproof.explain.asking import Answer, Asking, Question, Unset, question
from pgproof.explain.isolation import Hiding, scene
from pgproof.explain.plan import Node
from pgproof.explain.planner import Prepared
from pgproof.explain.service import Bench
from pgproof.explain.study import studies
from pgproof.sql.source import Source

SCHEMA = "CREATE TABLE t (id integer PRIMARY KEY, a integer); CREATE INDEX t_a ON t (a)"


def each(questions: Sequence[Question]) -> Asking[Sequence[Answer]]:
    return (yield questions)


def test_an_error_is_the_answer_to_its_own_question(database: Conninfo) -> None:
    with connect(database) as conn:
        conn.execute(f"{SCHEMA}; BEGIN")
        hidden = scene(read(conn), [i for i in read(conn).indexes if i.name == "t_pkey"], Hiding.CATALOG)
        texts = [f"SELECT {n} / {0 if n == 57 else 1} FROM t WHERE a = $1 -- {n}" for n in range(230)]
        asked = [question(Prepared(text, ("integer",)), {"enable_seqscan": "off"}, hidden) for text in texts]
        shown = question(Prepared("SELECT a FROM t WHERE a = 7", ()), {"enable_seqscan": "off"})
        impossible = question(shown.query, scene=("DROP TABLE nothing",))
        found = asking.answered(conn, each([*asked, impossible, shown]))
        assert isinstance(found[57], psycopg.Error)
        assert found[57].sqlstate == "22012"
        assert [n for n, answer in enumerate(found) if not isinstance(answer, Node)] == [57, 230]
        assert isinstance(found[230], Unset)
        assert found[230].error.sqlstate == "42P01"
        assert {node.index for answer in found[:57] if isinstance(answer, Node) for node in answer.walk()} == {""}
        assert found[231] == planner.explain(conn, shown.query, dict(shown.settings))
        assert "t_a" in {node.index for node in found[231].walk()}
        assert conn.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
        assert all(index.valid for index in read(conn).indexes)


def test_queries_that_are_refused_do_not_spoil_those_beside_them(database: Conninfo) -> None:
    texts = {"good": "SELECT a FROM t WHERE id = 7", "bad": "SELECT b FROM t", "worse": "SELECT FROM WHERE"}
    with connect(database) as conn:
        conn.execute(f"{SCHEMA}; BEGIN")
        queries = [
            Query(id=f"{name}{n}", title="", source=Source("q.sql", text), origin=Origin.FILE)
            for n in range(45)
            for name, text in texts.items()
        ]
        facts = studies(Bench(conn, read(conn), Hiding.CATALOG), queries, lambda: "none")
    assert [f.query.id for f in facts] == [query.id for query in queries]
    said = {(f.query.id.rstrip("0123456789"), f.problem and f.problem.message) for f in facts}
    assert said == {
        ("good", None),
        ("bad", 'column "b" does not exist'),
        ("worse", 'syntax error at or near "WHERE"'),
    }
    place = next(f.problem.place for f in facts if f.query.id == "bad44" and f.problem)
    assert (place and place.column) == 8


def test_a_server_that_is_lost_is_no_answer(database: Conninfo) -> None:
    with connect(database) as conn:
        conn.execute(f"{SCHEMA}; BEGIN")
        ends = question(Prepared("SELECT 1", ()), scene=("SELECT pg_terminate_backend(pg_backend_pid())",))
        with pytest.raises(psycopg.OperationalError, match="terminat"):
            asking.answered(conn, each([ends]))


def test_whoever_goes_on_may_use_the_connection_while_others_are_asked_about(database: Conninfo) -> None:
    with connect(database) as conn:
        conn.execute(f"{SCHEMA}; BEGIN")
        line = asking.Line(conn)

        def counted(number: int) -> Asking[tuple[int, str]]:
            first = yield from asking.planned(question(Prepared(f"SELECT {number} FROM t", ())))
            row = line.conn.execute("SELECT %s", (number,)).fetchone()
            second = yield from asking.planned(
                question(Prepared(f"SELECT {number} FROM t WHERE a = 1", ()), scene=("DROP INDEX t_a",))
            )
            assert row
            return int(row[0]), f"{first.output} {second.output}"

        found = asking.each_answered(line, [counted(number) for number in range(250)])
        assert found == [(number, f"('{number}',) ('{number}',)") for number in range(250)]

        def failing(number: int) -> Asking[None]:
            yield from asking.planned(question(Prepared(f"SELECT {number}", ())))
            if number == 120:
                raise RuntimeError("enough")

        with pytest.raises(RuntimeError, match="enough"):
            asking.each_answered(line, [failing(number) for number in range(250)])
        assert conn.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
        assert [index.name for index in read(conn).indexes] == ["t_a", "t_pkey"]
