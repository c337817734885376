"""Migrations in Python, run on a real server: wholly, with their row of the history, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.migrate import history
from pgproof.migrate.event import Retried
from pgproof.migrate.execute import build, execute
from pgproof.migrate.library import Library, load
from pgproof.migrate.plan import plan_upgrade
from pgproof.migrate.session import Session
from tests.migrate.case import write
from tests.migrate.running import Files, down, leaseless, refused, rows, tables, up
from tests.run import terms


@pytest.fixture
def conn(database: Conninfo) -> Iterator[psycopg.Connection]:
    with closing(connect(database)) as opened:
        yield opened


@pytest.fixture
def files(tmp_path: Path) -> Files:
    def loaded(texts: dict[str, str]) -> Library:
        return load(write(tmp_path, texts))

    return loaded


FILL = """
def upgrade(conn):
    conn.execute("CREATE TABLE a (b int)")
    conn.execute("SET search_path = nowhere")
    with conn.cursor() as cursor:
        cursor.executemany("INSERT INTO public.a VALUES (%s)", [(n * n,) for n in range(4)])


def downgrade(conn):
    conn.execute("DROP TABLE a")
"""


def test_up_and_down(conn: psycopg.Connection, files: Files) -> None:
    library = files(
        {
            "1-a.py": FILL,
            "2-b.sql": "ALTER TABLE a ADD c int;\n-- migrate:down\n".replace("ALTER", "-- migrate:up\nALTER"),
        }
    )
    up(conn, library)
    assert conn.execute("SELECT b FROM a ORDER BY b").fetchall() == [(0,), (1,), (4,), (9,)]
    assert rows(conn) == [(1, "applied", 0, 0, ""), (2, "applied", 1, 1, "")]
    assert conn.execute("SHOW search_path").fetchone() == ('"$user", public',)
    assert history.texts(conn, [1]) == {1: FILL.lstrip()}
    assert up(conn, library) == []


def test_down_again(conn: psycopg.Connection, files: Files) -> None:
    library = files({"1-a.py": FILL})
    up(conn, library)
    down(conn, library, "0")
    assert "public.a" not in tables(conn)
    assert rows(conn) == [(1, "reverted", 0, 0, "")]


def test_a_refusal_is_told_at_the_line_that_led_to_it(conn: psycopg.Connection, files: Files) -> None:
    text = (
        'def fill(conn):\n    conn.execute("INSERT INTO nowhere VALUES (1)")\n\n\n'
        'def upgrade(conn):\n    conn.execute("CREATE TABLE a ()")\n    fill(conn)\n'
    )
    said = refused(conn, files({"1-a.py": text}))
    assert '1-a.py:2:5: relation "nowhere" does not exist\n      conn.execute("INSERT INTO nowhere' in said
    assert "SQLSTATE: 42P01" in said
    assert "ROLLED BACK: 1-a, all of it" in said
    assert "public.a" not in tables(conn)


def test_whatever_a_program_raises_is_told(conn: psycopg.Connection, files: Files) -> None:
    text = 'def upgrade(conn):\n    conn.execute("CREATE TABLE a ()")\n    {}["key"]\n'
    said = refused(conn, files({"1-a.py": text}))
    assert "1-a.py:3:5: KeyError: 'key'" in said
    assert "public.a" not in tables(conn)


@pytest.mark.parametrize(
    "end", ["conn.commit()", "conn.rollback()", 'conn.execute("COMMIT")', 'conn.execute("COMMIT; BEGIN")']
)
def test_the_transaction_is_ours(conn: psycopg.Connection, files: Files, end: str) -> None:
    library = files({"1-a.py": f"def upgrade(conn):\n    {end}\n"})
    said = refused(conn, library)
    assert "1-a.py:1:1: the function upgrade has ended the transaction" in said
    assert "ROLLED BACK: 1-a, all but what it committed by itself" in said
    assert rows(conn) == []


def test_a_deferred_constraint_speaks_at_commit(conn: psycopg.Connection, files: Files) -> None:
    text = (
        "def upgrade(conn):\n"
        '    conn.execute("CREATE TABLE a (b int PRIMARY KEY, c int REFERENCES a INITIALLY DEFERRED)")\n'
        '    conn.execute("INSERT INTO a VALUES (1, 2)")\n'
    )
    said = refused(conn, files({"1-a.py": text}))
    assert "1-a.py:1:1: at COMMIT: insert or update on table" in said


def test_a_lock_in_the_way_is_tried_again(database: Conninfo, conn: psycopg.Connection, files: Files) -> None:
    library = files(
        {
            "1-a.sql": "CREATE TABLE a (b int);\n",
            "2-b.py": 'def upgrade(conn):\n    conn.execute("INSERT INTO a VALUES (1)")\n'
            '    conn.execute("SET LOCAL lock_timeout = 50")\n    conn.execute("ALTER TABLE a ADD c int")\n',
        }
    )
    up(conn, library, "1")
    with closing(connect(database)) as other:
        other.execute("BEGIN")
        other.execute("LOCK a IN ROW EXCLUSIVE MODE")
        plan = plan_upgrade(library, history.read(conn))
        retried = 0
        for event in execute(Session(conn, database, terms(lock_retries=3)), plan):
            if isinstance(event, Retried):
                retried += 1
                assert event.problem.sqlstate == "55P03"
                other.execute("ROLLBACK")
    assert retried == 1
    assert conn.execute("SELECT count(*) FROM a").fetchone() == (1,)


def test_on_scratch_it_runs_without_a_history(conn: psycopg.Connection, files: Files) -> None:
    list(build(conn, files({"1-a.py": FILL})))
    assert tables(conn) == ["public.a"]
    assert conn.execute("SHOW search_path").fetchone() == ('"$user", public',)


def test_a_lease_that_is_lost_between_two_attempts_stops_it(
    database: Conninfo, conn: psycopg.Connection, files: Files
) -> None:
    text = (
        "def upgrade(conn):\n"
        "    conn.execute('SET LOCAL lock_timeout = 50')\n"
        "    conn.execute('ALTER TABLE a ADD c int')\n"
    )
    library = files({"1-a.sql": "CREATE TABLE a (b int);\n", "2-b.py": text})
    up(conn, library, "1")
    with closing(connect(database)) as other:
        other.execute("BEGIN; LOCK TABLE a")
        said = leaseless(database, conn, library, lambda: other.execute("ROLLBACK"))
    assert "the migration lock is lost" in said
    assert "ROLLED BACK: 2-b, all of it" in said
    assert "NEXT: run again: pgproof upgrade" in said
    assert rows(conn) == [(1, "applied", 1, 1, "")]
