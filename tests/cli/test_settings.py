"""Commands on databases whose settings, or whose rights, are not what a program would like."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.sql.name import quote
from tests.cli.told import Pgproof
from tests.migrate.case import write

FILES = {
    "1-a.sql": "-- migrate:up\nCREATE TABLE public.a (b text DEFAULT 'it''s');\n"
    "-- migrate:down\nDROP TABLE public.a;\n",
    "2-i.sql": "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON public.a (b);\n"
    "-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY public.i;\n",
    "R-f.sql": "CREATE OR REPLACE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n",
}
ODD = {
    "DateStyle": "German",
    "IntervalStyle": "iso_8601",
    "TimeZone": "Asia/Kolkata",
    "bytea_output": "escape",
    "client_min_messages": "error",
    "default_transaction_deferrable": "on",
    "default_transaction_isolation": "serializable",
    "search_path": "nowhere",
    "standard_conforming_strings": "off",
    "escape_string_warning": "off",
    "quote_all_identifiers": "on",
    "lc_messages": "C",
    "idle_in_transaction_session_timeout": "5s",
    "statement_timeout": "20s",
}


@contextmanager
def stranger(conn: psycopg.Connection) -> Iterator[str]:
    """A role that may log in, and nothing else."""
    name = f"stranger_{uuid4().hex}"
    conn.execute(f"CREATE ROLE {name} LOGIN".encode())
    try:
        yield name
    finally:
        conn.execute(f"DROP OWNED BY {name}; DROP ROLE {name}".encode())


def test_odd_settings_of_a_database(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), FILES)
    with closing(connect(database)) as conn:
        for name, value in ODD.items():
            conn.execute(f"ALTER DATABASE {quote(conn.info.dbname)} SET {name} = '{value}'".encode())
    for words in (
        ["upgrade"],
        ["upgrade"],
        ["status"],
        ["history", "--statements"],
        ["redo", "--steps", "2"],
        ["downgrade", "--to", "0"],
        ["plan"],
        ["upgrade", "--to", "1"],
        ["status", "--format", "json"],
    ):
        told = pgproof(*words)
        assert told.err == "", words
        assert told.code == (1 if words == ["status", "--format", "json"] else 0), told.out


def as_role(database: Conninfo, role: str) -> str:
    return Conninfo.of(**{**dict(database.parameters), "user": role}).secret


@pytest.mark.parametrize("words", [("upgrade",), ("status",), ("history",), ("downgrade", "--steps", "1")])
def test_a_history_that_may_not_be_read(pgproof: Pgproof, database: Conninfo, words: tuple[str, ...]) -> None:
    write(Path("migrations"), FILES)
    assert pgproof("upgrade").code == 0
    with closing(connect(database)) as conn, stranger(conn) as role:
        told = pgproof(*words, "--database", as_role(database, role))
    assert told.code == 3
    assert (
        "pgproof: error: cannot read the table pgproof.history: permission denied for schema pgproof\n" in told.err
    )
    assert (
        "GRANT USAGE ON SCHEMA pgproof TO USER; GRANT SELECT ON ALL TABLES IN SCHEMA pgproof TO USER\n" in told.err
    )


def test_what_a_role_may_not_do_is_no_mistake_of_the_file(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), {"1-a.sql": "CREATE TABLE public.a ();\n"})
    with closing(connect(database)) as conn, stranger(conn) as role:
        conn.execute(f"GRANT CREATE ON DATABASE {quote(conn.info.dbname)} TO {role}".encode())
        conn.execute(f"REVOKE CREATE ON SCHEMA public FROM public, {role}".encode())
        told = pgproof("upgrade", "--database", as_role(database, role))
    assert told.code == 3
    assert "1-a.sql:1:14: error: permission denied for schema public" in told.err
    verb = "grant what is missing, or connect as who may, and run"
    assert f"\nNEXT: {verb}: pgproof upgrade --database " in told.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_no_room_for_the_output(database: Conninfo, tmp_path: Path) -> None:
    write(tmp_path / "migrations", FILES)
    words = [sys.executable, "-m", "pgproof", "upgrade", "--database", database.secret]
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(words, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert (ran.returncode, ran.stderr.splitlines()[0]) == (
            2,
            "pgproof: error: cannot write the output: No space left on device",
        )
        assert subprocess.run(words, cwd=tmp_path, stdout=full, stderr=full, check=False).returncode == 2
    again = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (again.returncode, again.stderr) == (0, "")


def test_no_output_at_all(pgproof: Pgproof, database: Conninfo, tmp_path: Path) -> None:
    write(tmp_path / "migrations", FILES)
    words = shlex.join([sys.executable, "-m", "pgproof", "upgrade", "--database", database.secret])
    for closed in (">&-", ">&- 2>&-"):
        ran = subprocess.run(["sh", "-c", f"{words} {closed}"], cwd=tmp_path, stderr=subprocess.PIPE, check=False)
        assert (ran.returncode, ran.stderr) == (0, b"")
    assert pgproof("status").code == 0


@pytest.mark.parametrize(
    ("written", "code"),
    [(r"'c:\dir\n'", 2), (r"'x\'", 2), (r"E'c:\\dir\\n'", 0), (r"$$c:\dir\n$$", 0), (r"'c:/dir' -- \n", 0)],
)
def test_a_string_that_the_server_would_read_otherwise(
    pgproof: Pgproof, database: Conninfo, written: str, code: int
) -> None:
    write(Path("migrations"), {"1-a.sql": f"CREATE TABLE public.a AS SELECT {written}\n AS path;\n"})
    with closing(connect(database)) as conn:
        conn.execute(f"ALTER DATABASE {quote(conn.info.dbname)} SET standard_conforming_strings = off".encode())
    told = pgproof("upgrade")
    assert told.code == code, told.err
    assert ("1-a.sql:1:33: error: a backslash in a string" in told.err) is (code == 2)
    if code == 0:
        with closing(connect(database)) as conn:
            path = conn.execute("SELECT replace(path, chr(92), '/') FROM public.a").fetchone()
            assert path in (("c:/dir/n",), ("c:/dir",))
