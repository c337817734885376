"""The place of a server's error, in characters, in the author's file."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.failure import problem
from pgproof.errors import Problem
from pgproof.sql.source import Source
from pgproof.sql.statement import Statement, split


@pytest.fixture
def conn(database: Conninfo) -> Iterator[psycopg.Connection]:
    with connect(database) as opened:
        yield opened


def failure(conn: psycopg.Connection, statement: Statement) -> Problem:
    with pytest.raises(psycopg.Error) as failed:
        conn.execute(statement.text.encode())
    return problem(failed.value, statement=statement)


def last_statement(text: str) -> Statement:
    return split(Source("07-x.sql", text)).statements[-1]


@pytest.mark.parametrize(
    ("text", "line", "marked"),
    [
        ("select 1;\nselect nope from pg_class", 2, "nope"),
        ("select 'äöü€😀', nope", 1, "nope"),
        ("-- Größe 😀\nselect 'ж', /* ц */ \"Ünique\" from pg_class", 2, '"Ünique"'),
        ("select 1,\n  lower('x'),\n  'é' || nope.b", 3, "nope"),
        ("create table t (a int,\n\ta int)", 1, "create table t (a int,"),  # without a position: the statement
        ("select '1é'::int", 1, "'1é'"),
        ("select 1 !! 2", 1, "!"),
        ("select sum(x) over w from (values (1)) as v(x)", 1, "w"),
    ],
)
def test_place(conn: psycopg.Connection, text: str, line: int, marked: str) -> None:
    place = failure(conn, last_statement(text)).place
    assert place is not None
    assert place.line == line
    assert place.text == text.split("\n")[line - 1]
    assert place.text[place.column - 1 : place.column - 1 + place.width] == marked
    assert place.caret.strip() == "^" * len(marked)


@pytest.mark.parametrize("text", ["select * from", "select 'é' from", "select *\nfrom"])
def test_end_of_input_is_one_behind_the_last_character(conn: psycopg.Connection, text: str) -> None:
    found = failure(conn, last_statement(text))
    assert found.message == "syntax error at end of input"
    assert found.place is not None
    assert found.place.column == len(text.split("\n")[-1]) + 1
    assert found.place.caret.endswith("^")
    assert len(found.place.caret) == found.place.column


def test_words_of_the_server(conn: psycopg.Connection) -> None:
    text = """do $$ begin
      raise exception 'no %', 'way' using detail = 'The detail.', hint = 'do it', errcode = 'P1234';
    end $$"""
    found = failure(conn, last_statement(text))
    assert (found.message, found.detail, found.hint, found.sqlstate) == ("no way", "The detail.", "do it", "P1234")
    assert found.context == ("CONTEXT: PL/pgSQL function inline_code_block line 2 at RAISE",)
    assert found.place is not None
    assert found.place.line == 1


def test_a_query_inside_a_block_is_found_in_the_file(conn: psycopg.Connection) -> None:
    text = "select 1;\ndo $$ declare n int; begin\n  select nöpe into n from pg_class;\nend $$"
    found = failure(conn, last_statement(text))
    assert found.sqlstate == "42703"
    assert found.place is not None
    assert (found.place.line, found.place.column, found.place.width) == (3, 10, 4)
    assert found.context[0].startswith("QUERY: select n")
    assert found.context[-1].startswith("CONTEXT: PL/pgSQL function inline_code_block line 2 at SQL statement")


def test_a_query_inside_a_function_elsewhere_is_told_in_words(conn: psycopg.Connection) -> None:
    conn.execute("create function f() returns int language plpgsql as $$ begin return (select a.b); end $$")
    found = failure(conn, last_statement("select 1, f()"))
    assert found.place is not None
    assert found.place.column == 1
    assert any("a.b" in line for line in found.context)


def test_without_a_statement_there_is_no_place(conn: psycopg.Connection) -> None:
    with pytest.raises(psycopg.Error) as failed:
        conn.execute("select nope")
    assert problem(failed.value).place is None


def test_a_lost_connection_has_words_and_the_statements_place(database: Conninfo) -> None:
    statement = last_statement("select\n pg_sleep(10)")
    with connect(database) as victim, connect(database) as killer:
        killer.execute("select pg_terminate_backend(%s)", (victim.info.backend_pid,))
        with pytest.raises(psycopg.OperationalError) as failed:
            for _ in range(100):
                victim.execute("select 1")
        found = problem(failed.value, statement=statement)
        again = problem(psycopg.OperationalError("the connection is lost\n\tsorry"), statement=statement)
    assert found.message == "terminating connection due to administrator command"
    assert "pg_terminate_backend" in found.detail
    assert found.place == statement.place
    assert (again.message, again.detail) == ("the connection is lost", "sorry")
    assert {found.hint, again.hint} == {"run the command again, once the server takes connections"}


def until_hung_up(conn: psycopg.Connection) -> None:
    """Wait until the server has closed its end: what is sent to it just before makes its last words be lost."""
    end = select.poll()
    end.register(conn.fileno(), getattr(select, "POLLRDHUP", select.POLLHUP))
    assert end.poll(60_000), "the server ends the session"


@pytest.mark.parametrize("name", ["idle_session_timeout", "transaction_timeout"])
def test_a_limit_that_ends_the_session_is_named(major_database: Conninfo, name: str) -> None:
    with closing(connect(major_database)) as conn:
        if name == "transaction_timeout" and conn.info.server_version < 170000:
            pytest.skip("transaction_timeout is new in 17")
        conn.execute(f"SET {name} = '20ms'".encode())
        if name == "transaction_timeout":
            conn.execute("BEGIN")
        until_hung_up(conn)
        with pytest.raises(psycopg.Error) as ended:
            conn.execute("SELECT 1")
    assert f"let {name} be 0 for this role" in problem(ended.value).hint
