"""pgproof is killed, cut off, cancelled while a statement runs that cannot be undone; then it is run again.

The oracle: the index is there and valid, every row was inserted once, and nobody typed anything but the command.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.migrate.case import write

BUILD = "CREATE INDEX CONCURRENTLY i ON a (b)"
TEXT = (
    "-- migrate:up transaction:false\nCREATE TABLE a (b int);\nINSERT INTO a VALUES (1);\n"
    "{build};\nINSERT INTO a VALUES (2);\n"
)
DEADLINE = 60.0


@contextmanager
def started(folder: Path, database: Conninfo, *words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "pgproof", "upgrade", "--database", database.secret, *words]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def old_snapshot(database: Conninfo) -> Iterator[psycopg.Connection]:
    """A transaction for whose end every concurrent build waits."""
    with closing(connect(database)) as conn:
        conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        conn.execute("SELECT 1")
        yield conn


def wait_for(conn: psycopg.Connection, question: str) -> int:
    """The first value of the first row, as soon as there is one."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        row = conn.execute(question).fetchone()
        if row is not None:
            return int(row[0])
        time.sleep(0.02)
    raise AssertionError(question)


def heard(process: subprocess.Popen[str], words: str) -> str:
    """What it says, up to a line with these words."""
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


def building(conn: psycopg.Connection, words: str = "CONCURRENTLY") -> int:
    """The backend that is running the statement and waits."""
    return wait_for(
        conn,
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
        f" AND query LIKE '/* pgproof:%{words}%' AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()",
    )


def finished(folder: Path, database: Conninfo, *words: str) -> str:
    with started(folder, database, *words) as process:
        out, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == 0, out
    return out


def assert_done_once(conn: psycopg.Connection, rows: int = 2) -> None:
    assert conn.execute("SELECT b, count(*) FROM a GROUP BY b ORDER BY b").fetchall() == [
        (number, 1) for number in range(1, rows + 1)
    ]
    indexes = conn.execute("SELECT indisvalid FROM pg_index WHERE indrelid = 'a'::regclass").fetchall()
    assert indexes == [(True,)]
    assert conn.execute("SELECT state, done, total, error FROM pgproof.history").fetchall() == [
        ("applied", 4, 4, "")
    ]


def journal(conn: psycopg.Connection) -> list[tuple[int, str]]:
    return conn.execute("SELECT number, outcome FROM pgproof.journal ORDER BY id").fetchall()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "migrations", {"1-a.sql": TEXT.format(build=BUILD)})
    return tmp_path


@pytest.mark.ends
@pytest.mark.slow
def test_a_build_that_outlives_its_run_is_waited_for(major_database: Conninfo, folder: Path) -> None:
    with closing(connect(major_database)) as conn:
        with old_snapshot(major_database), started(folder, major_database) as process:
            pid = building(conn)
            process.kill()
            process.wait()
            with started(folder, major_database) as second:
                said = heard(second, f"waiting for a statement that a dead run has left (backend {pid}; ")
                assert building(conn) == pid
                conn.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_xmin IS NOT NULL"
                    " AND state = 'idle in transaction' AND datname = current_database()"
                )
                out, _ = second.communicate(timeout=DEADLINE)
        assert second.returncode == 0, said + out
        assert "statement 3 had landed: an earlier run had sent it" in out
        assert_done_once(conn)
        assert journal(conn) == [(1, "landed"), (2, "landed"), (3, "landed"), (4, "landed")]


@pytest.mark.slow
@pytest.mark.parametrize(
    "build", [BUILD, "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON a (b)", "CREATE INDEX CONCURRENTLY ON a (b)"]
)
def test_a_build_that_outlives_its_run_is_cancelled_on_demand(
    database: Conninfo, folder: Path, build: str
) -> None:
    write(folder / "migrations", {"1-a.sql": TEXT.format(build=build)})
    with closing(connect(database)) as conn:
        with old_snapshot(database), started(folder, database) as process:
            building(conn)
            process.kill()
            process.wait()
            with started(folder, database, "--orphans", "cancel") as second:
                wait_for(conn, "SELECT count(*) FROM pgproof.journal HAVING count(*) = 4")
                conn.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_xmin IS NOT NULL"
                    " AND state = 'idle in transaction' AND datname = current_database()"
                )
                out, _ = second.communicate(timeout=DEADLINE)
        assert second.returncode == 0, out
        assert "which an earlier attempt had left invalid" in out
        assert_done_once(conn)
        assert [outcome for _, outcome in journal(conn)] == ["landed", "landed", "failed", "landed", "landed"]


@pytest.mark.ends
@pytest.mark.slow
def test_a_build_whose_session_is_ended_is_done_again(major_database: Conninfo, folder: Path) -> None:
    with closing(connect(major_database)) as conn:
        with old_snapshot(major_database), started(folder, major_database) as process:
            conn.execute("SELECT pg_terminate_backend(%s)", [building(conn)])
            out, _ = process.communicate(timeout=DEADLINE)
        assert process.returncode == 3
        assert "terminating connection due to administrator command" in out
        assert "LANDED: statements 1 to 2 of 4 of 1-a, and stays; LEFT: invalid index public.i" in out
        assert "dropped the index public.i" in finished(folder, major_database)
        assert_done_once(conn)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_build_is_cancelled_by_a_signal(database: Conninfo, folder: Path, number: int, code: int) -> None:
    with closing(connect(database)) as conn:
        with old_snapshot(database), started(folder, database) as process:
            building(conn)
            os.kill(process.pid, number)
            out, _ = process.communicate(timeout=DEADLINE)
        assert process.returncode == code
        assert "interrupted\nCOMMITTED: nothing\nLANDED: statements 1 to 2 of 4 of 1-a, and stays\n" in out
        assert out.splitlines()[-1].startswith("NEXT: run again: pgproof upgrade --database ")
        assert journal(conn)[-1] == (3, "cancelled")
        finished(folder, database)
        assert_done_once(conn)


@pytest.mark.slow
def test_a_whole_migration_outlives_its_run(database: Conninfo, folder: Path) -> None:
    """It commits after its run was killed: the next one waits for it and has nothing to do."""
    write(
        folder / "migrations", {"1-a.sql": "CREATE TABLE a (b int);\nINSERT INTO a VALUES (1);\nLOCK TABLE c;\n"}
    )
    with closing(connect(database)) as conn, closing(connect(database)) as blocker:
        conn.execute("CREATE TABLE c ()")
        blocker.execute("BEGIN; LOCK TABLE c")
        with started(folder, database) as process:
            building(conn, "LOCK TABLE c")
            process.kill()
            process.wait()
        with started(folder, database) as impatient:
            heard(impatient, "`--orphans cancel` would end it")
            os.kill(impatient.pid, signal.SIGINT)
            out, _ = impatient.communicate(timeout=DEADLINE)
        assert impatient.returncode == 130
        assert "interrupted while waiting\nDETAIL: Nothing was run.\nHINT: run it again, or with --orphans" in out
        with started(folder, database) as second:
            heard(second, "waiting for a statement that a dead run has left")
            blocker.execute("COMMIT")
            out, _ = second.communicate(timeout=DEADLINE)
        assert second.returncode == 0, out
        assert out.endswith("nothing to do: the database is at 1-a\n")
        assert conn.execute("SELECT count(*) FROM a").fetchone() == (1,)


@pytest.mark.slow
@pytest.mark.parametrize("answer", ["again", "landed"])
def test_of_what_cannot_be_seen_the_person_is_asked(database: Conninfo, folder: Path, answer: str) -> None:
    text = "-- migrate:up transaction:false\nINSERT INTO a VALUES (1);\nCALL p();\nINSERT INTO a VALUES (3);\n"
    write(folder / "migrations", {"1-a.sql": text})
    with closing(connect(database)) as conn, closing(connect(database)) as blocker:
        conn.execute("CREATE TABLE a (b int); CREATE TABLE c ()")
        conn.execute(
            "CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN INSERT INTO a VALUES (2); COMMIT; LOCK c; END'"
        )
        blocker.execute("BEGIN; LOCK TABLE c")
        with started(folder, database) as process:
            conn.execute("SELECT pg_terminate_backend(%s)", [building(conn, "CALL p()")])
            out, _ = process.communicate(timeout=DEADLINE)
            assert process.returncode == 4, out
            assert "1-a.sql:3:1: error: nobody can tell whether statement 2 of 3 has landed\n" in out
            assert "HINT: look, and say which: --unsure again" in out
        blocker.execute("COMMIT")
        with started(folder, database) as process:
            out, _ = process.communicate(timeout=DEADLINE)
            assert (process.returncode, "nobody can tell" in out) == (4, True)
        finished(folder, database, "--unsure", answer)
        rows = [number for (number,) in conn.execute("SELECT b FROM a ORDER BY b")]
        assert rows == ([1, 2, 2, 3] if answer == "again" else [1, 2, 3])


@pytest.mark.slow
def test_settings_of_a_file_hold_when_it_goes_on(database: Conninfo, folder: Path) -> None:
    head = "-- migrate:up transaction:false\nCREATE SCHEMA s;\nSET search_path = s;\nCREATE TABLE a (b int);\n"
    write(
        folder / "migrations", {"1-a.sql": head + "INSERT INTO a VALUES (nothing);\nINSERT INTO a VALUES (2);\n"}
    )
    with closing(connect(database)) as conn:
        with started(folder, database) as process:
            process.communicate(timeout=DEADLINE)
            assert process.returncode != 0
        write(folder / "migrations", {"1-a.sql": head + "INSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\n"})
        finished(folder, database)
        assert conn.execute("SELECT b FROM s.a ORDER BY b").fetchall() == [(1,), (2,)]
