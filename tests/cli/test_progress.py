"""What a person and a program hear of a statement while it runs: bars on a terminal, else lines, or JSON."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.cli.terminal import screen, terminal
from tests.migrate.case import write

ALONE = "-- migrate:up transaction:false\n"
WAITS = "waiting for writers before build"
FILES = {
    "1-a.sql": "CREATE TABLE a (b int);",
    "2-b.sql": f"{ALONE}CREATE TABLE c ();\nCREATE INDEX CONCURRENTLY i ON a (b);",
}


@pytest.fixture(autouse=True)
def _here(database: Conninfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database.secret)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))


@pytest.fixture
def writer(database: Conninfo) -> Iterator[psycopg.Connection]:
    """Somebody who has written to the table `a`, in a transaction that is not over; 1-a is applied, 2-b is not."""
    write(Path("migrations"), FILES)
    subprocess.run([sys.executable, "-m", "pgproof", "upgrade", "--to", "1"], check=True, capture_output=True)
    with closing(connect(database, application_name="shop")) as conn:
        conn.execute("BEGIN; INSERT INTO a VALUES (1)")
        yield conn


@contextmanager
def running(*words: str) -> Iterator[subprocess.Popen[str]]:
    """`pgproof WORDS...` with a pipe for its output."""
    command = [sys.executable, "-m", "pgproof", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def until(process: subprocess.Popen[str], text: str) -> str:
    """Read lines until one has the text; that line."""
    assert process.stdout is not None
    for line in process.stdout:
        if text in line:
            return line
    raise AssertionError(process.stderr.read() if process.stderr else "")


def test_events_for_programs(writer: psycopg.Connection) -> None:
    with running("upgrade", "--format", "json") as process:
        found = json.loads(until(process, WAITS))
        writer.execute("COMMIT")
        rest, error = process.communicate()
    assert (process.returncode, error) == (0, "")
    assert found.pop("seconds") > 0.4
    assert found.pop("waited") > 0.0
    assert found.pop("held_by").startswith(f"backend {writer.info.backend_pid} (")
    assert found == {
        "event": "advanced",
        "migration": "2-b.sql",
        "direction": "upgrade",
        "number": 2,
        "of": 2,
        "command": "CREATE INDEX CONCURRENTLY",
        "relation": "a",
        "phase": WAITS,
        "unit": "lockers",
        "done": 0,
        "total": 1,
        "partitions_done": 0,
        "partitions": 0,
    }
    assert [json.loads(line)["event"] for line in rest.splitlines()][-3:] == ["landed", "ended", "done"]


def test_lines_where_there_is_no_terminal(writer: psycopg.Connection) -> None:
    with running("upgrade") as process:
        found = until(process, WAITS)
        writer.execute("COMMIT")
        rest, error = process.communicate()
    assert (process.returncode, error) == (0, "")
    begin = f"    statement 2: CREATE INDEX CONCURRENTLY on a: {WAITS}, 0 of 1 done; held up by backend "
    assert found.startswith(begin)
    assert re.search(r'"shop", idle in transaction, .* INSERT INTO a VALUES \(1\) \(after 2\.\d s\)\n$', found)
    assert [re.sub(r"\d+(\.\d)? m?s", "T", line) for line in rest.splitlines()] == [
        "  2-b  applied in T  (without a transaction)",
        "1 migration applied in T; the database is at 2-b",
    ]


@pytest.mark.parametrize("setting", ["", "NO_COLOR"])
def test_bars_on_a_terminal(writer: psycopg.Connection, database: Conninfo, setting: str) -> None:
    with terminal("upgrade", **({setting: "1"} if setting else {})) as shown:
        during = screen(shown.picture(WAITS))
        writer.execute("COMMIT")
        assert shown.end() == 0
    assert database.description in during[0]
    bars = "\n".join(during[1:])
    assert re.search(r"^[━╺╸ ]* +0 of 1 +migrations, ", bars, re.MULTILINE)
    assert re.search(r"^[━╺╸ ]* +1 of 2 +2-b, \d", bars, re.MULTILINE)
    assert f"0 of 1 done  {WAITS} (C" in bars
    assert during[-1].startswith(f"held up by backend {writer.info.backend_pid} (")
    assert max(map(len, during[1:])) <= 80
    assert ("\x1b[38;" in shown.written) is not bool(setting)
    assert [re.sub(r"\d+(\.\d)? m?s", "T", line) for line in screen(shown.written)] == [
        database.description,
        "  2-b  applied in T  (without a transaction)",
        "1 migration applied in T; the database is at 2-b",
    ]
    assert shown.written.rindex("\x1b[?25h") > shown.written.rindex("\x1b[?25l")


def test_ctrl_c_takes_the_bars_away(writer: psycopg.Connection, database: Conninfo) -> None:
    with terminal("upgrade") as shown:
        shown.picture(WAITS)
        assert shown.attributes[3] == shown.before[3] | termios.NOFLSH  # else half of a picture would be lost
        shown.type("\x03")
        assert shown.end() == 130
        assert shown.attributes == shown.before
    assert [line.removeprefix("^C") for line in screen(shown.written)] == [
        database.description,
        "  2-b  interrupted",
        "pgproof: error: interrupted",
        "COMMITTED: nothing",
        "LANDED: statement 1 of 2 of 2-b, and stays",
        "NEXT: run again: pgproof upgrade",
    ]
    assert shown.written.rindex("\x1b[?25h") > shown.written.rindex("\x1b[?25l")


@pytest.mark.parametrize(("term", "words"), [("dumb", ()), ("xterm", ("--format", "json"))])
def test_no_bars(writer: psycopg.Connection, term: str, words: tuple[str, ...]) -> None:
    with terminal("upgrade", *words, TERM=term) as shown:
        shown.until(WAITS)
        writer.execute("COMMIT")
        assert shown.end() == 0
    assert "\x1b" not in shown.written


def test_bars_for_the_way_back_and_again(database: Conninfo) -> None:
    write(
        Path("migrations"), {"1-a.sql": "-- migrate:up\nCREATE TABLE a (b int);\n-- migrate:down\nDROP TABLE a;\n"}
    )
    subprocess.run([sys.executable, "-m", "pgproof", "upgrade"], check=True, capture_output=True)
    with closing(connect(database, application_name="shop")) as conn:
        conn.execute("BEGIN; LOCK TABLE a")
        with terminal("redo") as shown:
            shown.until("waiting for a lock")
            shown.until(f"held up by backend {conn.info.backend_pid} (")
            conn.execute("COMMIT")
            assert shown.end() == 0
    assert [re.sub(r"\d+(\.\d)? m?s", "T", line) for line in screen(shown.written)] == [
        database.description,
        "  1-a  reverted in T",
        "1 migration reverted in T; nothing is applied any more",
        "  1-a  applied in T",
        "1 migration applied in T; the database is at 1-a",
    ]


def test_a_quick_run_draws_nothing(tmp_path: Path) -> None:
    write(Path("migrations"), {f"{number}-t.sql": f"CREATE TABLE t{number} ();" for number in range(1, 11)})
    with terminal("upgrade") as shown:
        assert shown.end() == 0
    assert "\x1b" not in shown.written
    assert len(screen(shown.written)) == 12
