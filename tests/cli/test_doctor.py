"""`doctor` as a person types it: what it says works does, what it says to type mends what it is about."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.flows import reached, started
from tests.cli.test_bad_input import FILES, nobody
from tests.cli.told import Pgproof
from tests.conftest import OPTIONS
from tests.database.bouncer import bouncer
from tests.migrate.case import write


@pytest.fixture
def conn(pgproof: Pgproof, database: Conninfo) -> Iterator[psycopg.Connection]:
    """The database, as the files build it."""
    write(Path("migrations"), FILES)
    assert pgproof("upgrade").code == 0
    with closing(connect(database)) as opened:
        yield opened


def test_what_works(pgproof: Pgproof, database: Conninfo) -> None:
    assert pgproof("init").code == 0
    told = pgproof("doctor")
    assert (told.code, told.err) == (0, ""), told.out
    for line in (
        "✓ ok           settings of pgproof.toml",
        "✓ ok           1 migration in migrations",
        "✓ ok           1 documented query in checks",
        "✓ ok           starts: PostgreSQL ",
        "✓ ok           DATABASE: PostgreSQL ",
        "- no           pgproof has applied nothing here yet: there is no history",
        "hint: pgproof upgrade begins it",
        "✓ ok           upgrade can write the history",
        "✓ ok           drift sees all that it compares",
        "✓ what is needed works · ",
    ):
        assert line in told.out, told.out
    assert pgproof("upgrade").code == 0
    assert "✓ ok           status and drift read the history" in pgproof("doctor").out


def test_as_json_it_is_the_same(pgproof: Pgproof, database: Conninfo) -> None:
    pgproof("init")
    told = pgproof("doctor", "--format", "json")
    document = json.loads(told.out)
    assert document["schema"] == "pgproof.doctor/1"
    assert [section["title"] for section in document["sections"]] == [
        "This machine",
        "This folder",
        "Scratch server",
        "Database",
    ]
    text = pgproof("doctor").out
    for section in document["sections"]:
        for check in section["checks"]:
            assert check["state"] in {"ok", "no", "cannot tell"}
            assert check["what"].replace(database.description, "DATABASE") in text


def test_a_database_that_is_not_there_and_its_password(pgproof: Pgproof) -> None:
    told = pgproof("doctor", "--database", "postgresql://ann:hunter2@127.0.0.1:1/shop")
    assert told.code == 1
    assert '✗ no           cannot connect to database "shop" at 127.0.0.1:1 as user ann' in told.out
    assert "? cannot tell" not in told.out
    assert "- cannot tell  what the user may do there" in told.out
    assert "hint: start the server, or correct host and port in the address" in told.out
    assert "hunter2" not in told.out + told.err


def test_what_is_typed_after_a_hint_mends_it(
    pgproof: Pgproof, conn: psycopg.Connection, database: Conninfo
) -> None:
    """Of a role that may only connect: each GRANT that is named is given, and then all is well."""
    with nobody(conn, database) as address:
        told = pgproof("doctor", "--database", address)
        assert told.code == 1
        assert "✗ no           may not read the history: status and drift cannot run" in told.out
        assert re.search(
            r"- no           stats export does not see all statistics of (\d+) of \1 tables?\n", told.out
        )
        assert "upgrade cannot run: this user may not write to the history" in told.out
        for grant in re.findall(r"hint: (GRANT .*)", told.out):
            conn.execute(grant.encode())
        mended = pgproof("doctor", "--database", address)
        assert mended.code == 0, mended.out
        assert "✓ ok           status and drift read the history" in mended.out
        assert "✓ ok           sees what other sessions run" in mended.out
        assert pgproof("status", "--database", address).code == 0
        role = re.search(r"as user (\w+)", mended.out + address) or re.search(r"user=(\w+)", address)
        assert role
        conn.execute(f"REVOKE pg_read_all_stats FROM {role[1]}".encode())


def test_a_user_who_may_not_begin(pgproof: Pgproof, database: Conninfo) -> None:
    pgproof("init")
    with closing(connect(database)) as conn, nobody(conn, database) as address:
        told = pgproof("doctor", "--database", address)
        assert told.code == 0
        assert "- no           upgrade cannot run: this user may not make the schema of the history" in told.out
        (grant,) = re.findall(r"hint: (GRANT CREATE .*)", told.out)
        conn.execute(grant.encode())
        assert "✓ ok           upgrade can write the history" in pgproof("doctor", "--database", address).out


def test_a_database_that_takes_no_writes(pgproof: Pgproof, database: Conninfo) -> None:
    address = Conninfo.of(**{**dict(database.parameters), "options": "-c default_transaction_read_only=on"})
    told = pgproof("doctor", "--database", address.secret)
    assert (
        "- no           upgrade cannot run: transactions are read-only (default_transaction_read_only)" in told.out
    )


@pytest.mark.parametrize(
    ("mode", "words"), [("transaction", "by the transaction"), ("session", "until one leaves")]
)
def test_a_pooler_is_seen(database: Conninfo, mode: str, words: str) -> None:
    with bouncer(database, mode=mode) as pooled:
        said = [check.what for check in reached.look(pooled, OPTIONS, None)]
    assert [line for line in said if line.startswith(f"a pooler in between, that lends sessions {words}")], said


def test_all_mistakes_of_the_folder_at_once(
    pgproof: Pgproof, database: Conninfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(Path("migrations"), {"1-a.sql": "-- migrate:up\nCREATE TABLE a (;\n", "x.sql": ""})
    write(Path("checks"), {"q.sql": "-- name: q\n-- uss: a\nSELECT 1;\n"})
    write(Path(), {"pyproject.toml": '[tool.pgproof]\nmigratons = "x"\n'})
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:hunter2@x:y/z")
    told = pgproof("doctor")
    assert told.code == 1
    assert '✗ no           settings: pyproject.toml:2:1: unknown setting "migratons" in [tool.pgproof]' in told.out
    assert 'hint: did you mean "migrations"?' in told.out
    assert "✗ no           its address: port in the database address is not a number" in told.out
    assert "✗ no           migrations in migrations: migrations/1-a.sql:2:17: " in told.out
    assert "✗ no           promises in checks: checks/q.sql:2:" in told.out
    assert "hunter2" not in told.out + told.err


def test_no_scratch_server(pgproof: Pgproof, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGPROOF_SCRATCH_URL", raising=False)
    told = pgproof("doctor", "--pg-bin", str(tmp_path))
    assert told.code == 1
    assert "✗ no           the folder of PostgreSQL's binaries will not do: " in told.out
    assert "hint: name the folder that holds initdb and postgres" in told.out
    monkeypatch.setenv("PGPROOF_SCRATCH_URL", "postgresql://ann:hunter2@127.0.0.1:1/x")
    told = pgproof("doctor")
    assert (told.code, "hunter2" in told.out + told.err) == (1, False)


def test_a_major_of_which_there_is_nothing() -> None:
    found = started.dumper(99, OPTIONS)
    assert (str(found.state), found.is_needed) == ("no", False)
    assert found.what.startswith("no pg_dump for PostgreSQL 99")
