"""Files without a transaction, statement by statement on a real server."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.errors import DatabaseError
from pgproof.migrate import history
from pgproof.migrate.event import Landed, Noticed
from pgproof.migrate.execute import execute
from pgproof.migrate.plan import plan_upgrade
from tests.migrate.running import ALONE, OURS, Files, down, refused, rows, second, session, tables, up


@pytest.mark.parametrize("head", ["", ALONE])
def test_a_session_that_somebody_ended_is_no_mistake_of_the_file(
    conn: psycopg.Connection, files: Files, head: str
) -> None:
    text = f"{head}SELECT pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid());\n"
    assert "\nNEXT: run again: pgproof upgrade" in refused(conn, files({"1-a.sql": text}))


@pytest.mark.parametrize("head", ["", ALONE])
def test_what_is_there_already_may_be_adopted(conn: psycopg.Connection, files: Files, head: str) -> None:
    """Not where a migration before it in the same run may have made it."""
    first = {"01-a.sql": "CREATE TABLE a (b int);\n"}
    again = {**first, "02-b.sql": f"{head}ALTER TABLE a ADD COLUMN b int;\n"}
    up(conn, files(first))
    hint = "\nHINT: if the database has all of 02-b already: pgproof adopt --to 02\n"
    assert hint in refused(conn, files(again))
    third = {**first, "02-b.sql": "SELECT 1;\n", "03-b.sql": again["02-b.sql"]}
    assert "HINT" not in refused(conn, files(third))


def test_a_file_without_a_transaction_goes_on_where_it_stopped(conn: psycopg.Connection, files: Files) -> None:
    text = ALONE + "CREATE TABLE a (b int);\nINSERT INTO a VALUES (1), (1);\n{index}\n"
    broken = files(
        {"1-a.sql": text.format(index="CREATE UNIQUE INDEX CONCURRENTLY i ON a (b);"), "2-b.sql": "SELECT 1;"}
    )
    assert refused(conn, broken).splitlines() == [
        'migrations/1-a.sql:4:1: could not create unique index "i"',
        "  CREATE UNIQUE INDEX CONCURRENTLY i ON a (b);",
        "  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "SQLSTATE: 23505",
        "DETAIL: Key (b)=(1) is duplicated.",
        "COMMITTED: nothing",
        "LANDED: statements 1 to 2 of 3 of 1-a, and stays; LEFT: invalid index public.i, which the next run drops",
        "NOT RUN: 2-b",
        "NEXT: mend migrations/1-a.sql and run: pgproof upgrade (it goes on at statement 3)",
    ]
    assert rows(conn) == [(1, "applying", 2, 3, 'could not create unique index "i"')]

    again = files({"1-a.sql": text.format(index="CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON a (b);")})
    said = [event.message for event in up(conn, again) if isinstance(event, Noticed)]
    assert said == ["dropped the index public.i, which an earlier attempt had left invalid"]
    assert conn.execute(
        "SELECT indisvalid, indisunique FROM pg_index WHERE indexrelid = 'i'::regclass"
    ).fetchone() == (
        True,
        False,
    )
    assert [row[:4] for row in rows(conn)] == [(1, "applied", 3, 3), (2, "applied", 1, 1)]
    assert conn.execute("SELECT count(*) FROM a").fetchone() == (2,)
    assert conn.execute("SELECT text FROM pgproof.history WHERE version = 1").fetchone() == (
        again.migrations[0].text,
    )


def test_a_transaction_of_the_file_s_own_counts_as_one(conn: psycopg.Connection, files: Files) -> None:
    text = ALONE + "CREATE TABLE a ();\nBEGIN;\nCREATE TABLE b ();\n{third};\nCOMMIT;\n"
    said = refused(conn, files({"1-a.sql": text.format(third="CREATE TABLE a ()")}))
    assert "LANDED: statement 1 of 5 of 1-a" in said
    assert tables(conn) == [*OURS, "public.a"]
    assert rows(conn) == [(1, "applying", 1, 5, 'relation "a" already exists')]
    up(conn, files({"1-a.sql": text.format(third="CREATE TABLE c ()")}))
    assert tables(conn) == [*OURS, "public.a", "public.b", "public.c"]


def test_a_lost_connection_without_a_transaction_undoes_one_statement(
    conn: psycopg.Connection, database: Conninfo, files: Files
) -> None:
    text = ALONE + "CREATE TABLE a ();\n{second};\n"
    said = refused(conn, files({"1-a.sql": text.format(second="SELECT pg_terminate_backend(pg_backend_pid())")}))
    assert "LANDED: statement 1 of 2 of 1-a, and stays\nNEXT: " in said
    with closing(connect(database)) as other:
        assert rows(other)[0][:4] == (1, "applying", 1, 2)
        up(other, files({"1-a.sql": text.format(second="SELECT 1")}))
        assert rows(other) == [(1, "applied", 2, 2, "")]


def test_a_stopped_downgrade_goes_on(conn: psycopg.Connection, files: Files) -> None:
    text = "-- migrate:up\nCREATE TABLE a ();\n-- migrate:down transaction:false\nDROP TABLE a;\n{last};\n"
    broken = files({"1-a.sql": text.format(last="DROP TABLE b")})
    up(conn, broken)
    with pytest.raises(DatabaseError, match="LANDED: statement 1 of 2 of 1-a, and stays") as caught:
        down(conn, broken, "0")
    assert "pgproof downgrade --to 0 (it goes on at statement 2)" in str(caught.value)
    down(conn, files({"1-a.sql": text.format(last="SELECT 1")}), "0")
    assert [row[1] for row in rows(conn)] == ["reverted"]


def test_of_two_one_by_one_the_second_changes_nothing(
    conn: psycopg.Connection, database: Conninfo, files: Files
) -> None:
    library = files({"1-a.sql": ALONE + "CREATE TABLE IF NOT EXISTS a ();\nCREATE TABLE IF NOT EXISTS b ();\n"})
    plan = plan_upgrade(library, history.read(conn))
    first = execute(session(conn), plan)
    while not isinstance(next(first), Landed):
        pass
    assert second(database, plan).startswith("somebody else runs 1-a.sql at the same time, or has just run it")
    assert not any(event for event in first if isinstance(event, Noticed))
    assert [row[:2] for row in rows(conn)] == [(1, "applied")]


def test_a_run_that_was_overtaken_goes_no_further(
    conn: psycopg.Connection, database: Conninfo, files: Files
) -> None:
    library = files({"1-a.sql": ALONE + "CREATE TABLE a ();\nCREATE TABLE b ();\nVACUUM a;\nCREATE TABLE c ();\n"})
    first = execute(session(conn), plan_upgrade(library, history.read(conn)))
    while not isinstance(next(first), Landed):
        pass
    with closing(connect(database)) as other:
        up(other, library)
        assert tables(other) == [*OURS, "public.a", "public.b", "public.c"]
    with pytest.raises(DatabaseError):
        list(first)
    assert [row[:2] for row in rows(conn)] == [(1, "applied")]
