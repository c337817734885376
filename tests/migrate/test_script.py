"""`plan --sql`: psql runs the script, and leaves what pgproof would."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.catalog.extract import extract
from pgproof.database.connection import Connection, connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.drift.scope import without
from pgproof.flows.plan import offline
from pgproof.flows.status import exit_code, status
from pgproof.flows.upgrade import upgrade
from pgproof.migrate.event import Ended, Event
from pgproof.migrate.execute import build
from pgproof.migrate.library import load
from tests.migrate import psql
from tests.migrate.case import CASES, parts, write
from tests.run import terms

# what psql reads in its own way, and what lives on in its session
FILES = parts(CASES / "script" / "words-of-psql.txt")
COUNT = (
    "SELECT (SELECT count(*) FROM w), (SELECT array_agg(n ORDER BY n) FROM log), (SELECT count(*) FROM other.o)"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "m", FILES)


@pytest.fixture
def conn(database: Conninfo) -> Iterator[Connection]:
    with closing(connect(database)) as opened:
        yield opened


def script(folder: Path, to: str | None = None, after: str | None = None) -> str:
    return "".join(offline(folder, variables={}, to=to, after=after, tool="test"))


def is_ended(event: Event) -> bool:
    return isinstance(event, Ended)


def catalog(conn: Connection) -> object:
    with read_only(conn):
        return without(extract(conn, options=frozenset({"positions"})))


def test_psql_leaves_what_the_files_build(
    conn: Connection, database: Conninfo, folder: Path, server: ScratchServer, tmp_path: Path
) -> None:
    ran = psql.run(script(folder), database, tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.split() == [name.removesuffix(".sql") for name in FILES]
    with server.database() as other, closing(connect(other)) as built:
        list(build(built, load(folder)))
        assert catalog(built) == catalog(conn)
        assert built.execute(COUNT).fetchone() == conn.execute(COUNT).fetchone()
        rows = "SELECT a, t FROM w ORDER BY a, t"
        assert built.execute(rows).fetchall() == conn.execute(rows).fetchall()


def test_what_is_applied_is_skipped(conn: Connection, database: Conninfo, folder: Path, tmp_path: Path) -> None:
    first = psql.run(script(folder, to="3"), database, tmp_path)
    assert (first.returncode, len(first.stdout.split())) == (0, 3)
    before = conn.execute("SELECT * FROM pgproof.history ORDER BY id").fetchall()
    again = psql.run(script(folder), database, tmp_path)
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.split() == ["04-alone", "05-last"]
    assert conn.execute("SELECT * FROM pgproof.history ORDER BY id").fetchall()[:3] == before
    assert psql.run(script(folder), database, tmp_path).stdout == ""
    counted = conn.execute(COUNT).fetchone()
    assert counted
    assert counted[1] == [2, 3, 4, 5, 6]


def test_pgproof_and_psql_take_turns(conn: Connection, database: Conninfo, folder: Path, tmp_path: Path) -> None:
    list(upgrade(database, folder, variables={}, to="2", terms=terms()))
    assert psql.run(script(folder, to="4"), database, tmp_path).stdout.split() == ["03-session", "04-alone"]
    list(upgrade(database, folder, variables={}, to=None, terms=terms()))
    assert exit_code(status(database, folder, variables={})) == 0
    outcomes = conn.execute("SELECT number, outcome FROM pgproof.journal ORDER BY id").fetchall()
    assert outcomes == [
        (1, "landed"),
        (2, "landed"),
        (3, "landed"),
        (4, "landed"),
        (5, "landed"),
        (6, "landed"),
        (7, "landed"),
    ]


def test_it_stops_at_the_first_error_and_pgproof_goes_on(
    conn: Connection, database: Conninfo, folder: Path, tmp_path: Path
) -> None:
    conn.execute("CREATE TABLE log (); CREATE SCHEMA other")
    ran = psql.run(script(folder), database, tmp_path)
    assert ran.returncode == 3
    assert 'ERROR:  relation "log" already exists' in ran.stderr
    assert ran.stdout.split() == ["01-words", "02-bodies"]
    conn.execute("DROP TABLE log; DROP SCHEMA other")
    conn.execute("CREATE TABLE i ()")
    ran = psql.run(script(folder), database, tmp_path)
    assert 'ERROR:  relation "i" already exists' in ran.stderr
    refused = psql.run(script(folder), database, tmp_path)
    assert "04-alone.sql was edited or is half done; ask pgproof status" in refused.stderr
    conn.execute("DROP TABLE i")
    list(upgrade(database, folder, variables={}, to=None, terms=terms()))
    counted = conn.execute(COUNT).fetchone()
    assert counted
    assert counted[1] == [2, 3, 4, 5, 6]
    assert exit_code(status(database, folder, variables={})) == 0


def test_an_edited_file_is_refused(database: Conninfo, folder: Path, tmp_path: Path) -> None:
    psql.run(script(folder, to="1"), database, tmp_path)
    write(folder, {"01-words.sql": "SELECT 1;\n"})
    ran = psql.run(script(folder), database, tmp_path)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "01-words.sql was edited or is half done; ask pgproof status" in ran.stderr


BATCHES = {
    "01-t.sql": 'CREATE TABLE t (id bigint PRIMARY KEY, "a b" text, times int NOT NULL DEFAULT 0);\n'
    "INSERT INTO t SELECT n * 3, 'a' FROM generate_series(1, 1000) AS n;\n"
    'CREATE TABLE "T 1" ("at it" timestamptz, n int DEFAULT 0);\n'
    "INSERT INTO \"T 1\" SELECT '2024-01-01'::timestamptz + (i / 7) * interval '1 s'\n"
    "FROM generate_series(1, 100) AS i;\n",
    "02-b.sql": "-- migrate:up transaction:false\nSET statement_timeout = '1min';\n"
    "-- pgproof: batch 300 over t.id sleep 1ms lag 10s\n"
    "UPDATE t SET \"a b\" = $pgproof$'b' 100% \\ $1 :x$pgproof$, times = times + 1 WHERE id BETWEEN $1 AND $2;\n"
    "CREATE TABLE kept AS SELECT current_setting('statement_timeout') AS s;\n"
    '-- pgproof: batch 10 over "T 1"."at it"\n'
    'UPDATE "T 1" SET n = n + 1 WHERE "at it" BETWEEN $1 AND $2;\n',
    "03-d.sql": "-- migrate:up transaction:false\n-- pgproof: batch\n"
    "WITH few AS (SELECT id FROM t WHERE id <= 1500 LIMIT 200)\n"
    "DELETE FROM t WHERE id IN (SELECT id FROM few);\nVACUUM t;\n",
}
LEFT = """SELECT (SELECT array_agg(DISTINCT ("a b", times)::text) FROM t), (SELECT count(*) FROM t),
                 (SELECT array_agg(DISTINCT n) FROM "T 1"), (SELECT s FROM kept),
                 (SELECT array_agg((h.version, b.number, b.upto, b.batches, b.rows)::text ORDER BY h.id, number)
                    FROM pgproof.batch AS b JOIN pgproof.history AS h ON h.id = b.history_id),
                 (SELECT array_agg((number, outcome)::text ORDER BY id) FROM pgproof.journal)"""


@pytest.mark.ends
def test_batches_leave_what_pgproof_leaves(
    major_database: Conninfo, major_server: ScratchServer, tmp_path: Path
) -> None:
    folder = write(tmp_path / "m", BATCHES)
    ran = psql.run(script(folder), major_database, tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert exit_code(status(major_database, folder, variables={})) == 0
    assert not [
        each for each in upgrade(major_database, folder, variables={}, to=None, terms=terms()) if is_ended(each)
    ]
    with (
        major_server.database() as other,
        closing(connect(other)) as by_us,
        closing(connect(major_database)) as conn,
    ):
        list(upgrade(other, folder, variables={}, to=None, terms=terms()))
        left = conn.execute(LEFT).fetchone()
        assert left == by_us.execute(LEFT).fetchone()
        assert left is not None
        assert (left[1], left[2], left[3]) == (500, [1], "1min")
        assert left[0] == ["(\"'b' 100% \\\\ $1 :x\",1)"]


def test_timeouts_of_statements_hold_for_them_alone(conn: Connection, database: Conninfo, tmp_path: Path) -> None:
    shown = "SELECT current_setting('lock_timeout') || ' ' || current_setting('statement_timeout')"
    text = (
        "-- migrate:up transaction:false\nSET statement_timeout = '9min';\nCREATE TABLE s (t text);\n"
        f"-- pgproof: lock_timeout 2s\nINSERT INTO s {shown};\nINSERT INTO s {shown};\n"
        f"-- pgproof: statement_timeout 3s\nBEGIN;\nINSERT INTO s {shown};\nCOMMIT;\n"
        f"-- pgproof: lock_timeout 4s\n-- pgproof: batch\nINSERT INTO s {shown}"
        " WHERE (SELECT count(*) FROM s) < 4 LIMIT 1;\n"
        f"INSERT INTO s {shown};\n"
        "-- pgproof: lock_timeout 1s\nVACUUM s;\nBEGIN;\nTRUNCATE s;\nROLLBACK;\n"
        f"INSERT INTO s {shown};\n"
    )
    ran = psql.run(script(write(tmp_path / "m", {"1-s.sql": text})), database, tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    landed = conn.execute("SELECT array_agg(number ORDER BY id) FROM pgproof.journal WHERE outcome = 'landed'")
    assert landed.fetchone() == (list(range(1, 15)),)
    assert [row[0] for row in conn.execute("SELECT t FROM s").fetchall()] == [
        "2s 9min",
        "0 9min",
        "0 3s",
        "4s 0",
        "0 9min",
        "0 9min",
    ]


def test_pgproof_goes_on_behind_the_batches_of_psql(conn: Connection, database: Conninfo, tmp_path: Path) -> None:
    folder = write(tmp_path / "m", BATCHES)
    assert psql.run(script(folder, to="1"), database, tmp_path).returncode == 0
    conn.execute("ALTER TABLE t ADD CONSTRAINT wall CHECK (id < 1500 OR times = 0)")
    ran = psql.run(script(folder), database, tmp_path)
    assert ran.returncode == 3
    assert 'violates check constraint "wall"' in ran.stderr
    assert conn.execute("SELECT times, count(*) FROM t GROUP BY 1 ORDER BY 1").fetchall() == [(0, 700), (1, 300)]
    assert "is half done; ask pgproof status" in psql.run(script(folder), database, tmp_path).stderr
    conn.execute("ALTER TABLE t DROP CONSTRAINT wall")
    list(upgrade(database, folder, variables={}, to="2", terms=terms()))
    assert conn.execute("SELECT times, count(*) FROM t GROUP BY 1").fetchall() == [(1, 1000)]


@pytest.mark.parametrize("has_role", [False, True])
def test_batches_of_a_schema(conn: Connection, database: Conninfo, tmp_path: Path, has_role: bool) -> None:
    conn.execute("CREATE SCHEMA one")
    folder = write(tmp_path / "m", BATCHES)
    as_who = conn.info.user if has_role else ""
    text = "".join(offline(folder, variables={}, to=None, after=None, tool="test", schema="one", role=as_who))
    ran = psql.run(text, database, tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert conn.execute("SELECT count(*), max(times) FROM one.t").fetchone() == (500, 1)
    assert exit_code(status(database, folder, variables={}, schema="one")) == 0


def test_the_same_files_give_the_same_script(folder: Path) -> None:
    assert script(folder) == script(folder)
    assert "01-words" not in script(folder, after="1")
    assert script(folder, after="0") == script(folder)
    assert "05-last" not in script(folder, to="04-alone")


@pytest.mark.slow
def test_on_every_major(major_database: Conninfo, folder: Path, tmp_path: Path) -> None:
    ran = psql.run(script(folder), major_database, tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert exit_code(status(major_database, folder, variables={})) == 0
