"""`plan` as a person types it: from the database, as a script, and tried."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.cli.told import Pgproof, Told
from tests.migrate import psql
from tests.migrate.case import write

FILES = {
    "01-a.sql": "-- migrate:up\nCREATE TABLE a (b text);\n-- migrate:down\nDROP TABLE a;\n",
    "02-b.sql": "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i\n  ON a (b);\nVACUUM a;\n",
}


def test_from_the_database(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), FILES)
    pgproof("upgrade", "--steps", "1")
    assert pgproof("plan") == Told(
        0,
        "DATABASE\nwould be applied, in this order:\n"
        "  02-b  (without a transaction)\n    CREATE INDEX CONCURRENTLY i ON a (b)\n    VACUUM a\n"
        "nothing was changed\n",
        "",
    )
    document = json.loads(pgproof("plan", "--format", "json").out)
    (step,) = document.pop("steps")
    assert document == {
        "schema": "pgproof.plan/1",
        "database": database.description,
        "direction": "upgrade",
        "current": 1,
    }
    assert (step["version"], step["transaction"], step["statements"][1]) == (2, False, "VACUUM a")
    assert "01-a  applied" in pgproof("status").out


def test_as_a_script_no_server_is_asked(pgproof: Pgproof, database: Conninfo, tmp_path: Path) -> None:
    write(Path("migrations"), FILES)
    told = pgproof("plan", "--sql", "--database", "host=/nowhere")
    assert (told.code, told.err) == (0, "")
    assert psql.run(told.out, database, tmp_path).stdout == "01-a\n02-b\n"
    assert pgproof("status").code == 0
    assert pgproof("upgrade").out == "DATABASE\nnothing to do: the database is at 02-b\n"
    assert "01-a.sql" not in pgproof("plan", "--sql", "--from", "01").out


def test_tried_on_scratch(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), FILES)
    pgproof("upgrade", "--steps", "1")
    told = pgproof("plan", "--scratch")
    assert (told.code, told.err) == (0, "")
    assert re.fullmatch(
        r"DATABASE\nwould be applied, in this order:\n  02-b .*"
        r"tried on PostgreSQL \d+\.\d+ \(.+\):\n  02-b  ran in T\nnothing was changed\n",
        told.out,
        re.DOTALL,
    )
    with closing(connect(database)) as conn:
        assert conn.execute("SELECT to_regclass('i')").fetchone() == (None,)


def test_what_fails_on_scratch_fails_with_its_place(pgproof: Pgproof) -> None:
    write(Path("migrations"), {**FILES, "03-c.sql": "SELECT 1;\nSELECT * FROM nowhere;\n"})
    told = pgproof("plan", "--scratch")
    assert told.code == 3
    assert told.out.endswith("  01-a  ran in T\n  02-b  ran in T\n  03-c  failed\n")
    assert told.err.startswith('migrations/03-c.sql:2:15: error: relation "nowhere" does not exist\n')
    assert "pgproof" not in pgproof("status").out.partition("\n")[2].replace("next: pgproof upgrade", "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sql", "--scratch"], "--sql goes with --from and --to alone."),
        (["--from", "1"], "--from goes with --sql: without it, the database knows where to begin."),
        (["--scratch", "--format", "json"], "--scratch has no JSON."),
        (["--sql", "--to", "9"], 'no migration of version "9" in migrations'),
    ],
)
def test_what_means_nothing_together(pgproof: Pgproof, words: list[str], said: str) -> None:
    write(Path("migrations"), FILES)
    told = pgproof("plan", *words)
    assert (told.code, told.out == "") == (2, "json" not in words)
    assert said in told.err
