"""`pgproof report`: the page is there as a whole, with what is to be said of a database; the exit code is kept."""

from __future__ import annotations

import json
import re
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.cli.told import Pgproof
from tests.migrate.case import write

GOOD = "-- migrate:up\nCREATE TABLE a (b int PRIMARY KEY);\n-- migrate:down\nDROP TABLE a;\n"
BAD = "CREATE TABLE a (b int PRIMARY KEY);\n-- Foreign key to the user\nCREATE INDEX c ON a (b);\n"

pytestmark = pytest.mark.ends


def content(path: str) -> Any:
    """The data on a page."""
    text = Path(path).read_text()
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_a_page_is_written_and_told(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1-a.sql": GOOD})
    told = pgproof("report")
    assert (told.code, told.err) == (0, "")
    first, last = told.out.splitlines()
    assert first.startswith("pgproof.html: 1 table, 1 migration, ")
    assert re.fullmatch(r"0 open, 0 accepted, \d+ hold", last)
    before = Path("pgproof.html").read_bytes()
    assert pgproof("report").code == 0
    assert Path("pgproof.html").read_bytes() == before
    page = content("pgproof.html")
    assert [each["name"] for each in page["tables"]] == ["a"]
    assert page["has"] == ["schema", "promises", "migrations"]


def test_the_exit_code_is_that_of_the_check(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1-a.sql": BAD})
    written = pgproof("report", "-o", "a.html")
    assert written.code == pgproof("check").code == 1
    assert written.out.endswith("\nnext: open a.html in a browser\n")
    (open_one,) = [each for each in content("a.html")["findings"] if each["state"] == "fails"]
    assert [[part["number"] for part in open_one["place"]["lines"]], open_one["migration"]] == [[1, 2, 3, 4], 0]
    told = pgproof("report", "-o", "no/a.html")
    assert told.code == 1
    assert told.err.count("cannot write no/a.html: No such file or directory") == 1
    assert "1 open" in told.out
    assert "in a browser" not in told.out
    assert not Path("no").exists()


def test_a_page_that_cannot_be_written(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1-a.sql": GOOD})
    told = pgproof("report", "-o", "migrations")
    assert told.code == 2
    assert "cannot write migrations: Is a directory" in told.err
    assert "HINT: name a file in it" in told.err
    assert told.out.startswith("not written: migrations: 1 table")


def test_a_database_beside_the_files(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), {"1-a.sql": GOOD})
    assert pgproof("upgrade").code == 0
    with closing(connect(database)) as conn:
        conn.execute("ALTER TABLE a ADD c text NOT NULL DEFAULT 'x'; ALTER TABLE a ALTER b TYPE bigint")
    write(Path("migrations"), {"2-b.sql": "CREATE TABLE b ();\n"})
    told = pgproof("report", "--database", database.secret)
    assert told.code == 1
    assert "DATABASE: 3 differences; 1 pending" in told.out
    page = content("pgproof.html")
    assert [each["condition"] for each in page["migrations"]] == ["applied", "pending"]
    assert [run["words"].split()[0] for run in page["migrations"][0]["runs"]] == ["applied"]
    rows = {each["label"]: each for each in page["live"]["drift"]["differences"]}
    assert {"word": "type", "expected": "integer", "actual": "bigint"} in rows["column public.a.b"]["rows"]
    extra = rows["column public.a.c"]
    assert extra["state"] == "unexpected"
    assert {"word": "type", "expected": "", "actual": "text"} in extra["rows"]


def test_a_database_that_cannot_be_compared(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), {"1-a.sql": GOOD})
    told = pgproof("report", "--database", database.secret)
    assert told.code == 4
    assert "DATABASE: cannot tell: " in told.out
    assert content("pgproof.html")["live"]["refusal"]


def test_a_schema_that_another_tool_builds(pgproof: Pgproof, database: Conninfo) -> None:
    program = (
        "import os, psycopg\nwith psycopg.connect(os.environ['DATABASE_URL']) as c: c.execute('CREATE TABLE a ()')"
    )
    Path("build.py").write_text(program)
    Path("pgproof.toml").write_text(f"build = {json.dumps([sys.executable, 'build.py'])}\n")
    with closing(connect(database)) as conn:
        conn.execute("CREATE TABLE a (b int)")
    told = pgproof("report", "--database", database.secret)
    assert (told.code, told.err) == (1, "")
    page = content("pgproof.html")
    assert page["has"] == ["schema", "promises", "drift"]
    assert [each["label"] for each in page["live"]["drift"]["differences"]] == ["column public.a.b"]


def test_nothing_is_written_where_nothing_can_be_said(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1-a.sql": "CREATE TABEL a ();\n"})
    told = pgproof("report")
    assert told.code == 2
    assert "1-a.sql:1:8: error:" in told.err
    write(Path("migrations"), {"1-a.sql": GOOD})
    told = pgproof("report", "--database", "postgresql://ann:s3cret@localhost:1/shop")
    assert told.code == 3
    assert "s3cret" not in told.out + told.err
    assert not Path("pgproof.html").exists()


def test_other_commands_write_their_findings_as_a_page(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), {"1-a.sql": GOOD})
    assert pgproof("upgrade").code == 0
    with closing(connect(database)) as conn:
        conn.execute("CREATE TABLE c ()")
    assert pgproof("check", "--output", "html:check.html").code == 0
    assert content("check.html")["has"] == []
    assert pgproof("drift", "--output", "html:drift.html").code == 1
    page = content("drift.html")
    assert [each["code"] for each in page["findings"]] == ["DRF102"]
    assert [each["label"] for each in page["live"]["drift"]["differences"]] == ["table public.c"]


def test_notes_alone_are_not_open(pgproof: Pgproof) -> None:
    """They do not count for the exit code, and no headline is red because of them."""
    query = "-- name: q :many\n-- uses: a_pkey\nSELECT b FROM a WHERE b = $1;\n"
    write(Path("checks"), {"q.sql": query})
    write(
        Path("migrations"), {"1-a.sql": "CREATE TABLE a (b int PRIMARY KEY, c int);\nCREATE INDEX a_c ON a (c);\n"}
    )
    told = pgproof("check", "--output", "markdown:a.md", "--output", "html:a.html")
    assert told.code == 0, told
    assert "\n• 1 open (1 note) · 0 accepted" in told.out
    assert Path("a.md").read_text().startswith("### pgproof check: nothing is open but 1 note\n")
    assert content("a.html")["headline"] == {"state": "holds", "text": "Nothing is open but 1 note"}
