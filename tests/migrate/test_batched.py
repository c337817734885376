"""Statements in batches, on a real server: every row once, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.errors import InputError
from pgproof.migrate import history
from pgproof.migrate.event import Landed, Noticed, Retried
from pgproof.migrate.execute import build, execute
from pgproof.migrate.library import Library, load
from pgproof.migrate.plan import plan_upgrade
from pgproof.migrate.session import Session
from tests.migrate.case import write
from tests.migrate.running import ALONE, Files, leaseless, refused, rows, up
from tests.run import terms

# a trigger counts how often each row was touched
TABLE = """
CREATE TABLE t (id bigint PRIMARY KEY, word text, times int NOT NULL DEFAULT 0);
INSERT INTO t SELECT n * 3, 'a' FROM generate_series(1, 1000) AS n;
CREATE FUNCTION count_it() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.times := OLD.times + 1; RETURN NEW; END';
CREATE TRIGGER count_it BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION count_it();
"""
RANGES = f"{ALONE}-- pgproof: batch 300 over t.id\nUPDATE t SET word = 'b' WHERE id BETWEEN $1 AND $2;\n"
LIMITED = (
    f"{ALONE}CREATE TABLE old AS SELECT 1 AS n;\n-- pgproof: batch\nDELETE FROM t WHERE id IN (SELECT id FROM t"
    " WHERE word = 'a' LIMIT 300);\nCREATE TABLE after ();\n"
)


@pytest.fixture
def conn(database: Conninfo) -> Iterator[psycopg.Connection]:
    with closing(connect(database)) as opened:
        yield opened


@pytest.fixture
def files(tmp_path: Path) -> Files:
    def loaded(texts: dict[str, str]) -> Library:
        return load(write(tmp_path, texts))

    return loaded


def touched(conn: psycopg.Connection) -> list[tuple[int, str, int]]:
    return conn.execute("SELECT times, word, count(*) FROM t GROUP BY 1, 2 ORDER BY 1, 2").fetchall()


def batches(conn: psycopg.Connection) -> list[tuple[int, str | None, int]]:
    return conn.execute("SELECT number, upto, batches FROM pgproof.batch ORDER BY number").fetchall()


def test_ranges_of_a_key(conn: psycopg.Connection, files: Files) -> None:
    library = files({"1-t.sql": TABLE, "2-b.sql": RANGES})
    events = up(conn, library)
    assert touched(conn) == [(1, "b", 1000)]
    assert batches(conn) == [(1, "3000", 4)]
    assert rows(conn) == [(1, "applied", 4, 4, ""), (2, "applied", 1, 1, "")]
    assert [each.number for each in events if isinstance(each, Landed)] == [1]


def test_until_no_row_is_touched(conn: psycopg.Connection, files: Files) -> None:
    up(conn, files({"1-t.sql": TABLE, "2-b.sql": LIMITED}))
    assert touched(conn) == []
    assert batches(conn) == [(2, None, 5)]
    assert rows(conn)[1] == (2, "applied", 3, 3, "")


def test_other_types_of_keys_and_equal_values(conn: psycopg.Connection, files: Files) -> None:
    table = (
        'CREATE TABLE "T 1" (k uuid, "at it" timestamptz, n int DEFAULT 0);\n'
        "INSERT INTO \"T 1\" SELECT gen_random_uuid(), '2024-01-01'::timestamptz + (i / 7) * interval '1 s'"
        ' FROM generate_series(1, 100) AS i;\nINSERT INTO "T 1" VALUES (NULL, NULL);\n'
    )
    by = ALONE + "".join(
        f'-- pgproof: batch 10 over public."T 1".{column} sleep 1ms lag 1s\n'
        f'UPDATE "T 1" SET n = n + 1 WHERE {column} BETWEEN $1 AND $2;\n'
        for column in ("k", '"at it"')
    )
    up(conn, files({"1-t.sql": table, "2-b.sql": by.replace('"at it" sleep', '"at it" sleep')}))
    assert conn.execute('SELECT n, count(*) FROM "T 1" GROUP BY n ORDER BY n').fetchall() == [(0, 1), (2, 100)]


def test_it_goes_on_behind_the_last_batch(conn: psycopg.Connection, files: Files) -> None:
    library = files({"1-t.sql": TABLE, "2-b.sql": RANGES})
    up(conn, library, "1")
    conn.execute("ALTER TABLE t ADD CONSTRAINT c CHECK (id <> 2001 OR word = 'a')")
    said = refused(conn, library)
    assert '2-b.sql:3:1: new row for relation "t" violates check constraint "c"' in said
    assert "LANDED: 2 batches (600 rows) of statement 1 of 2-b, and stays" in said
    assert touched(conn) == [(0, "a", 400), (1, "b", 600)]
    assert rows(conn)[1][1:4] == ("applying", 0, 1)
    conn.execute("ALTER TABLE t DROP CONSTRAINT c")
    events = up(conn, library)
    assert "goes on behind 2 batches" in next(each.message for each in events if isinstance(each, Noticed))
    assert touched(conn) == [(1, "b", 1000)]
    assert rows(conn)[1] == (2, "applied", 1, 1, "")


def test_an_edited_statement_begins_anew(conn: psycopg.Connection, files: Files) -> None:
    up(conn, files({"1-t.sql": TABLE, "2-b.sql": RANGES}), "1")
    conn.execute("ALTER TABLE t ADD CONSTRAINT c CHECK (id <> 2001 OR word <> 'b')")
    refused(conn, files({"2-b.sql": RANGES}))
    events = up(conn, files({"2-b.sql": RANGES.replace("'b'", "'c'")}))
    assert "begin anew" in next(each.message for each in events if isinstance(each, Noticed))
    assert touched(conn) == [(1, "c", 400), (2, "c", 600)]


def test_a_lock_in_the_way_is_waited_out(database: Conninfo, conn: psycopg.Connection, files: Files) -> None:
    text = RANGES.replace("-- pgproof: batch", "-- pgproof: lock_timeout 50ms\n-- pgproof: batch")
    library = files({"1-t.sql": TABLE, "2-b.sql": text})
    up(conn, library, "1")
    with closing(connect(database)) as other:
        other.execute("BEGIN; SELECT FROM t WHERE id = 1500 FOR UPDATE")
        retried = []
        for event in execute(
            Session(conn, database, terms(lock_retries=3)), plan_upgrade(library, history.read(conn))
        ):
            if isinstance(event, Retried):
                retried.append(event.problem.sqlstate)
                other.execute("ROLLBACK")
    assert retried == ["55P03"]
    assert touched(conn) == [(1, "b", 1000)]


def test_a_lease_that_is_lost_between_two_attempts_stops_it(
    database: Conninfo, conn: psycopg.Connection, files: Files
) -> None:
    text = RANGES.replace("-- pgproof: batch", "-- pgproof: lock_timeout 50ms\n-- pgproof: batch")
    library = files({"1-t.sql": TABLE, "2-b.sql": text})
    up(conn, library, "1")
    with closing(connect(database)) as other:
        other.execute("BEGIN; SELECT FROM t WHERE id = 1500 FOR UPDATE")
        said = leaseless(database, conn, library, lambda: other.execute("ROLLBACK"))
    assert "the migration lock is lost" in said
    assert touched(conn) == [(0, "a", 700), (1, "b", 300)]


def test_a_connection_lost_between_batches(database: Conninfo, conn: psycopg.Connection, files: Files) -> None:
    library = files({"1-t.sql": TABLE, "2-b.sql": RANGES})
    up(conn, library, "1")
    kill = (
        "CREATE TABLE once (); CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
        " IF NEW.id = 2001 AND to_regclass('once') IS NOT NULL"
        " THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END$$;"
        "CREATE TRIGGER z BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION die()"
    )
    conn.execute(kill.encode())
    with closing(connect(database)) as used:
        said = refused(used, library)
    assert "the connection is lost" in said or "terminating connection" in said
    conn.execute("DROP TABLE once")
    up(conn, library)
    assert touched(conn) == [(1, "b", 1000)]


def test_on_scratch(conn: psycopg.Connection, files: Files) -> None:
    list(build(conn, files({"1-t.sql": TABLE, "2-b.sql": RANGES, "3-c.sql": LIMITED.replace("'a'", "'b'")})))
    assert touched(conn) == []


@pytest.mark.parametrize(
    ("directive", "statement", "said"),
    [
        ("batch 10 over t", "UPDATE t SET a = 1 WHERE id BETWEEN $1 AND $2", '"t" is not TABLE.COLUMN'),
        ("batch many", "DELETE FROM t", "a batch that cannot be read"),
        ("batch sleep soon", "DELETE FROM t", "a batch that cannot be read"),
        ("batch 10 over t.id", "UPDATE t SET a = 1 WHERE id > $1", r"a batched statement that uses \$1\n"),
        ("batch", "UPDATE t SET a = $1", r"a batched statement that uses \$1\n"),
        ("batch", "DELETE FROM t", "a batched statement without a LIMIT"),
        ("batch", "SELECT 1 LIMIT 1", "a batched statement that changes no rows"),
    ],
)
def test_mistakes(files: Files, directive: str, statement: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        files({"1-a.sql": f"{ALONE}-- pgproof: {directive}\n{statement};\n"})


def test_a_batch_needs_no_transaction_and_a_statement(files: Files) -> None:
    with pytest.raises(InputError, match="a batched statement in a transaction"):
        files({"1-a.sql": "-- pgproof: batch\nDELETE FROM t WHERE id IN (SELECT id FROM t LIMIT 1);\n"})
    block = "BEGIN;\n-- pgproof: batch\nDELETE FROM t WHERE id IN (SELECT id FROM t LIMIT 1);\nCOMMIT;\n"
    with pytest.raises(InputError, match=r"between BEGIN and COMMIT"):
        files({"1-a.sql": ALONE + block})
    with pytest.raises(InputError, match=r"1-a.sql:3:1: no statement below `-- pgproof: batch`"):
        files({"1-a.sql": f"{ALONE}VACUUM;\n-- pgproof: batch\n"})


def test_a_pause_longer_than_sessions_may_be_idle(conn: psycopg.Connection, files: Files) -> None:
    library = files({"1-t.sql": TABLE, "2-b.sql": RANGES.replace("over t.id", "over t.id sleep 300ms")})
    up(conn, library, "1")
    conn.execute("SET idle_session_timeout = '100ms'")
    up(conn, library)
    assert touched(conn) == [(1, "b", 1000)]
