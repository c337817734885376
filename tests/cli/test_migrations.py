"""`upgrade`, `downgrade` and `status` as a person types them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from pgproof.cli.failure import run
from pgproof.cli.root import root
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.migrate.case import write

UP = {
    "01-a.sql": "-- migrate:up\nCREATE TABLE a (b text);\n-- migrate:down\nDROP TABLE a;\n",
    "02-b.sql": "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i\n  ON a (b);\nVACUUM a;\n"
    "-- migrate:down\nDROP INDEX i;\n",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a command printed, and its exit code. Times are replaced by `T`."""

    code: int
    out: str
    err: str


Pgproof = Callable[..., Told]


@pytest.fixture
def pgproof(
    database: Conninfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Pgproof:
    """Runs the command in an empty folder, on an empty database named by DATABASE_URL."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database.secret)

    def told(*words: str) -> Told:
        monkeypatch.setattr(sys, "argv", ["pgproof", *words])
        code = run(root)
        printed = capsys.readouterr()
        out = printed.out.replace(database.description, "DATABASE")
        return Told(code, re.sub(r"\b\d+(\.\d+)? m?s\b", "T", out), printed.err)

    return told


def test_from_nothing_up_and_back(pgproof: Pgproof) -> None:
    write(Path("migrations"), UP)
    assert pgproof("upgrade", "--dry-run") == Told(
        0,
        "DATABASE\nwould be applied, in this order:\n"
        "  01-a\n    CREATE TABLE a (b text)\n"
        "  02-b  (without a transaction)\n    CREATE INDEX CONCURRENTLY i ON a (b)\n    VACUUM a\n"
        "nothing was changed (--dry-run)\n",
        "",
    )
    assert pgproof("status").out == (
        "DATABASE, migrations in migrations\n  01-a  pending\n  02-b  pending\n2 pending; next: pgproof upgrade\n"
    )
    assert pgproof("upgrade") == Told(
        0,
        "DATABASE\n  01-a  applied in T\n  02-b  applied in T  (without a transaction)\n"
        "2 migrations applied in T; the database is at 02-b\n",
        "",
    )
    assert pgproof("upgrade").out == "DATABASE\nnothing to do: the database is at 02-b\n"
    assert pgproof("upgrade", "--to", "1").out == (
        "DATABASE\nnothing to do: the database is at 02-b; to go back: pgproof downgrade --to 1\n"
    )
    assert pgproof("downgrade", "--to", "1", "--dry-run").out == (
        "DATABASE\nwould be reverted, in this order:\n  02-b\n    DROP INDEX i\nnothing was changed (--dry-run)\n"
    )
    assert pgproof("downgrade", "--to", "01").out == (
        "DATABASE\n  02-b  reverted in T\n1 migration reverted in T; the database is at 01-a\n"
    )
    assert pgproof("downgrade", "--to", "0").out == (
        "DATABASE\n  01-a  reverted in T\n1 migration reverted in T; nothing is applied any more\n"
    )
    assert pgproof("downgrade", "--to", "0").out == "DATABASE\nnothing to do: nothing is applied\n"


def test_dry_run_and_status_change_nothing(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), UP)
    assert [pgproof(*words).code for words in (["upgrade", "--dry-run"], ["status"])] == [0, 1]
    with closing(connect(database)) as conn:
        assert conn.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'pgproof'").fetchone() == (0,)


def test_status_for_programs(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), UP)
    pgproof("upgrade", "--to", "1")
    document = json.loads(pgproof("status", "--format", "json").out)
    first, second = document.pop("migrations")
    (finding,) = document.pop("findings")
    assert (finding["code"], finding["object"]) == ("HIS101", second["name"])
    said = {"database": database.description, "folder": "migrations", "pending": 1}
    assert document == {"schema": "pgproof.status/1", **said}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*[+]\d\d:\d\d", first.pop("applied_at"))
    assert first.pop("seconds") > 0
    assert first == {
        "version": 1,
        "name": "01-a.sql",
        "state": "applied",
        "reversible": True,
        "applied_by": dict(database.parameters)["user"],
        "statements_done": 1,
        "detail": "",
    }
    assert (second["state"], second["applied_at"]) == ("pending", None)


def test_an_edited_file_stops_the_run(pgproof: Pgproof) -> None:
    write(Path("migrations"), UP)
    pgproof("upgrade", "--to", "1")
    write(Path("migrations"), {"01-a.sql": UP["01-a.sql"].replace("text", "varchar")})
    told = pgproof("upgrade")
    assert (told.code, told.out) == (2, "")
    assert told.err == (
        "migrations/01-a.sql:2:1: error: 01-a.sql was edited after it was applied\n"
        "  CREATE TABLE a (b varchar);\n  ^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "DETAIL: Statement 1 of 1 changed.\n"
        "HINT: put the text of migrations/01-a.sql back as it was, and make the change in a new migration\n"
        "--- applied\n+++ migrations/01-a.sql\n@@ -1 +1 @@\n"
        "-CREATE TABLE a (b text);\n+CREATE TABLE a (b varchar);\n"
    )
    assert "edited" in pgproof("status").out
    assert pgproof("downgrade", "--to", "0").code == 2


def test_a_failure_is_told_once_with_what_is_committed(pgproof: Pgproof) -> None:
    write(Path("migrations"), {**UP, "03-c.sql": "CREATE TABLE a ();\n", "04-d.sql": "SELECT 1;\n"})
    told = pgproof("upgrade")
    assert told.code == 3
    assert told.out.endswith("  03-c  failed\n")
    assert told.err == (
        'migrations/03-c.sql:1:1: error: relation "a" already exists\n'
        "  CREATE TABLE a ();\n  ^^^^^^^^^^^^^^^^^\nSQLSTATE: 42P07\n"
        "COMMITTED: 01-a, 02-b\nROLLED BACK: 03-c, all of it\nNOT RUN: 04-d\n"
        "NEXT: mend migrations/03-c.sql and run: pgproof upgrade\n"
    )


def test_who_upgrades_a_database_of_another_tool_is_told_of_adopt(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), UP)
    with closing(connect(database)) as conn:
        conn.execute("CREATE TABLE a ()")
    told = pgproof("upgrade")
    assert told.code == 3
    assert "\nHINT: if another tool, or a person, has built this database: pgproof adopt\n" in told.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["upgrade", "--migrations", "nowhere"], 2, "pgproof: error: no such folder: nowhere\nHINT: "),
        (["upgrade", "--to", "9"], 2, 'error: no migration of version "9" in migrations\nHINT: did you mean 02 '),
        (["downgrade", "--to", "x"], 2, 'error: no migration of version "x" in migrations\nHINT: say the number'),
        (["downgrade"], 2, "Error: Say how far: --to VERSION, or --steps N."),
        (["upgrade", "--var", "x"], 2, "Error: Invalid value for '--var': say NAME=VALUE"),
        (["upgrade", "--database", "host=/nowhere password=s3cret"], 3, "error: cannot connect to database"),
        (["upgrade", "--database", "postgresql://u:s3cret@/a@b"], 2, "error: the database URL has an unquoted"),
        (["upgrade", "--database", "mysql://u:s3cret@h/d"], 2, 'error: "mysql://" is not the address'),
        (["upgrad"], 2, 'Error: There is no command "upgrad". Did you mean "upgrade"?'),
    ],
)
def test_what_cannot_be_done(pgproof: Pgproof, words: list[str], code: int, said: str) -> None:
    write(Path("migrations"), UP)
    told = pgproof(*words)
    assert said in told.err
    assert (told.code, told.out) == (code, "")
    assert "s3cret" not in told.err
    assert "Traceback" not in told.err


def test_mistakes_in_files_are_found_before_the_server_is_asked(pgproof: Pgproof) -> None:
    write(Path("migrations"), {**UP, "03-c.sql": "SELEC 1;\n", "3-d.sql": "SELECT 'é' fro m t;\n"})
    told = pgproof("upgrade", "--database", "host=/nowhere")
    assert told.code == 2
    assert told.err == (
        'migrations/03-c.sql:1:1: error: syntax error at or near "SELEC"\n'
        "  SELEC 1;\n  ^^^^^\nSQLSTATE: 42601\n\n"
        "migrations/3-d.sql:1:1: error: two files of version 3\n"
        "DETAIL: The other one is migrations/03-c.sql.\nHINT: give one of them another number\n\n"
        'migrations/3-d.sql:1:16: error: syntax error at or near "m"\n'
        "  SELECT 'é' fro m t;\n                 ^\nSQLSTATE: 42601\n"
        "NEXT: mend these files and run: pgproof upgrade --database host=/nowhere\n\n"
        "3 errors\n"
    )


def test_settings_of_the_project(pgproof: Pgproof) -> None:
    write(Path("sql"), {"1-a.sql": "-- pgproof: template\nCREATE TABLE {{ name }} (b {{ type }});\n"})
    write(
        Path(),
        {"pyproject.toml": '[tool.pgproof]\nmigrations = "sql"\nvariables = { name = "a", type = "int" }\n'},
    )
    assert "CREATE TABLE a (b text)\n" in pgproof("upgrade", "--dry-run", "--var", "type=text").out
    assert pgproof("upgrade").code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[tool.pgproof]\nmigratons = "sql"\n',
            'pyproject.toml:2:1: error: unknown setting "migratons" in [tool.pgproof]\n  migratons = "sql"\n',
        ),
        (
            "[tool.other]\nmigrations = 1\n[tool.pgproof]\nmigrations = 1\n",
            'pyproject.toml:4:1: error: setting "migrations" has the wrong type\n  migrations = 1\n',
        ),
        (
            '[tool.pgproof.variables]\n"a-b" = 1\n',
            'pyproject.toml:2:1: error: variable "a-b" has a name that no template can use\n  "a-b" = 1\n  ^^^^^',
        ),
        (
            "[tool]\npgproof = 3\n",
            "pyproject.toml:2:1: error: tool.pgproof is not a table\n  pgproof = 3\n  ^^^^^^^\nHINT: ",
        ),
        ("[tool.pgproof\n", "pyproject.toml:1:14: error: pyproject.toml is not valid TOML\n  [tool.pgproof\n"),
    ],
)
def test_wrong_settings(pgproof: Pgproof, text: str, said: str) -> None:
    write(Path(), {"pyproject.toml": text})
    told = pgproof("status")
    assert told.code == 2
    assert told.err.startswith(said)


def test_an_interrupt_rolls_back_and_says_so(database: Conninfo, tmp_path: Path) -> None:
    write(tmp_path / "migrations", {"1-a.sql": "CREATE TABLE a ();\nSELECT pg_sleep(600);\n"})
    words = [sys.executable, "-m", "pgproof", "upgrade"]
    environment = {**os.environ, "DATABASE_URL": database.secret}
    sleeping = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event = 'PgSleep' AND query LIKE '%pg_sleep(600)%'"
    )
    with (
        subprocess.Popen(
            words, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process,
        closing(connect(database)) as conn,
    ):
        while conn.execute(sleeping).fetchone() == (0,) and process.poll() is None:
            conn.execute("SELECT pg_sleep(0.01)")
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (
            130,
            "pgproof: error: interrupted\nCOMMITTED: nothing\nNOT RUN: 1-a\nNEXT: run again: pgproof upgrade\n",
        )
        assert out.endswith("  1-a  interrupted\n")
        assert conn.execute("SELECT to_regclass('a')").fetchone() == (None,)


def test_the_layout_that_the_settings_say(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1_a.up.sql": "BEGIN;\nCREATE TABLE a ();\nCOMMIT;\n"})
    assert pgproof("upgrade", "--dry-run").code == 0  # golang-migrate's, to look at
    write(Path(), {"pyproject.toml": '[tool.pgproof]\nlayout = "dbmate"\n'})
    for words in (
        ["upgrade"],
        ["status"],
        ["plan"],
        ["plan", "--sql"],
        ["redo"],
        ["sum"],
        ["downgrade", "--to", "0"],
    ):
        assert "transaction control inside a migration" in pgproof(*words).err
    write(Path(), {"pyproject.toml": '[tool.pgproof]\nlayout = "gose"\n'})
    assert 'unknown layout "gose"\nHINT: did you mean "goose"?' in pgproof("status").err


def test_a_session_that_may_not_write(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), UP)
    read_only = Conninfo.of(**{**dict(database.parameters), "options": "-c default_transaction_read_only=on"})
    told = pgproof("upgrade", "--database", read_only.secret)
    assert told.code == 3
    assert "cannot execute CREATE SCHEMA in a read-only transaction\nSQLSTATE: 25006\nHINT: connect to" in told.err


def test_of_a_very_long_line_the_part_around_the_mistake_is_shown(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"01-a.sql": f"SELECT '{'x' * 60_000}' nope nope, '{'y' * 60_000}';\n"})
    told = pgproof("upgrade")
    place, line, caret, *_ = told.err.splitlines()
    assert place.startswith("migrations/01-a.sql:1:60016: error: syntax error")
    assert len(line) < 200
    assert (line[caret.index("^") :][:4], caret.count("^")) == ("nope", 4)
    assert (line[2:6], line[-3:]) == ("...x", "...")


def test_a_hook_in_the_wrong_place(pgproof: Pgproof) -> None:
    write(Path("migrations"), {**UP, "before-upgrade.sql": "SELECT 1;\n"})
    assert "HINT: a hook lies in a folder: migrations/hooks/before-upgrade.sql" in pgproof("upgrade").err
