"""`adopt` as a person types it, on databases as other tools leave them."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.catalog.extract import extract
from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.drift.scope import without
from tests.cli.told import Pgproof, Told
from tests.migrate.case import CASES, parts
from tests.migrate.test_layout import lay_out

ADOPTIONS = sorted(CASES.parent.joinpath("adopt").glob("*.txt"))


@pytest.fixture(autouse=True)
def _same_server(server: ScratchServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proofs are made on the server of the tests."""
    monkeypatch.setenv("PGPROOF_SCRATCH_URL", server.conninfo.secret)


@pytest.mark.parametrize("path", ADOPTIONS, ids=lambda path: path.stem)
def test_case(path: Path, pgproof: Pgproof, database: Conninfo) -> None:
    adopts(path, pgproof, database)


def adopts(path: Path, pgproof: Pgproof, database: Conninfo) -> None:
    """Adopt what the case has, and see that nothing else was changed."""
    case = parts(path)
    expected, made = case.pop("expect"), case.pop("database")
    words = case.pop("words", "").split()
    lay_out(case, Path())
    before = contents(database, made)
    told = pgproof("adopt", *words)
    assert shown(told) == expected
    assert contents(database) == before
    if told.code == 0:
        schema = words if "--schema" in words else []
        assert "MISSING" not in pgproof("status", *schema).out
        assert pgproof("upgrade", *schema).code == 0
        what = "schema one" if schema else "database"
        again = pgproof("adopt", *words).err
        assert again.startswith(f"pgproof: error: the {what} has a history of pgproof already")
    else:
        with closing(connect(database)) as conn:
            assert conn.execute("SELECT to_regclass('pgproof.history')").fetchone() == (None,)


def contents(database: Conninfo, made: str = "") -> object:
    """What the database holds without pgproof's own tables."""
    with closing(connect(database)) as conn:
        conn.execute(made.encode())
        with read_only(conn):
            return without(extract(conn, options=frozenset({"positions"})))


def shown(told: Told) -> str:
    text = re.sub(r"on PostgreSQL [^\n]+", "on PostgreSQL X", told.out + told.err)
    return f"{text}exit code {told.code}\n"


def test_schemas_are_adopted_one_by_one(pgproof: Pgproof, database: Conninfo) -> None:
    lay_out({"migrations/1_a.sql": "CREATE TABLE a ();\n", "migrations/2_b.sql": "CREATE TABLE b ();\n"}, Path())
    contents(database, 'CREATE SCHEMA one; CREATE SCHEMA "two words"; CREATE TABLE one.a (); CREATE TABLE a ()')
    by_catalog = pgproof("adopt", "--schema", "one")
    assert "by the catalog, which is that of 1_a:\n" in by_catalog.out
    assert by_catalog.out.endswith("1 migration adopted, 1 pending; next: pgproof upgrade --schema one\n")
    unlike = pgproof("adopt", "--schema", "two words", "--to", "1")
    assert unlike.code == 1
    assert '  - table "two words".a is missing\n' in unlike.out
    assert 'schema "two words" is empty' in pgproof("adopt", "--schema", "two words").err
    contents(database, 'CREATE TABLE "two words".a (); CREATE TABLE "two words".b ()')
    assert "next: pgproof status --schema 'two words'\n" in pgproof("adopt", "--schema", "two words").out
    assert pgproof("status", "--schema", "two words").code == 0
    assert pgproof("upgrade", "--schema", "one").code == 0
    assert pgproof("adopt", "--to", "1", "--schema", "public").code == 0
    assert pgproof("adopt", "--schema", "three").err == (
        'pgproof: error: no schema "three"\nHINT: CREATE SCHEMA three\n'
    )


def test_a_table_elsewhere_counts_for_a_schema_only_if_it_is_named(pgproof: Pgproof, database: Conninfo) -> None:
    lay_out({"migrations/1_a.sql": "CREATE TABLE a ();\n", "migrations/2_b.sql": "CREATE TABLE b ();\n"}, Path())
    contents(
        database,
        "CREATE SCHEMA one; CREATE TABLE one.a ();"
        "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);"
        "INSERT INTO schema_migrations VALUES ('1'), ('2')",
    )
    words = ["adopt", "--schema", "one", "--trust", "--dry-run"]
    assert "nothing says which migrations" in pgproof(*words).err
    assert "2 migrations would be adopted" in pgproof(*words, "--tool", "dbmate").out
