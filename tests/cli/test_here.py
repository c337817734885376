"""`pgproof` alone: where one stands, and what to type. No server is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.told import Pgproof
from tests.migrate.case import write

NOWHERE = "postgresql://ann:hunter2@127.0.0.1:1/shop"
"""Nobody listens there: whoever asks fails."""


@pytest.fixture(autouse=True)
def unset(pgproof: Pgproof, monkeypatch: pytest.MonkeyPatch) -> None:
    """No database is named until a test names one."""
    monkeypatch.delenv("DATABASE_URL")


def next_of(text: str) -> list[str]:
    """The commands that it says come next."""
    lines = text.partition("\nnext:\n")[2].partition("\n\n")[0].splitlines()
    return [line[2:].partition("  ")[0].strip() for line in lines]


def test_an_empty_folder(pgproof: Pgproof) -> None:
    told = pgproof()
    assert (told.code, told.err) == (0, "")
    assert "  migrations  there is no folder migrations\n" in told.out
    assert next_of(told.out) == ["pgproof init", "pgproof new create agents"]
    write(Path("migrations"), {"README": ""})
    assert "  migrations  none in migrations\n" in pgproof().out


def test_step_by_step_as_it_says(pgproof: Pgproof, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pgproof("init").code == 0
    told = pgproof()
    assert (
        "  settings    pgproof.toml\n  migrations  1 file in migrations\n  promises    1 file in checks\n"
        in told.out
    )
    assert "  database    none is named\n" in told.out
    assert next_of(told.out) == [
        "pgproof check",
        "export DATABASE_URL=postgresql://USER@HOST/DATABASE",
        "pgproof upgrade",
    ]
    monkeypatch.setenv("DATABASE_URL", NOWHERE)
    told = pgproof()
    assert '  database    database "shop" at 127.0.0.1:1 as user ann\n' in told.out
    assert "hunter2" not in told.out
    assert next_of(told.out) == ["pgproof check", "pgproof status", "pgproof drift"]
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("PGDATABASE", "other")
    assert 'database "other" at ' in pgproof().out


def test_migrations_of_others_without_promises(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"V1__a.sql": "CREATE TABLE a ();\n", "V2__b.sql": "CREATE TABLE b ();\n"})
    told = pgproof()
    assert "2 files in migrations, as flyway has them" in told.out
    assert "pgproof init" in next_of(told.out)


def test_settings_that_are_wrong(pgproof: Pgproof) -> None:
    write(Path(), {"pgproof.toml": 'migratons = "x"\n'})
    told = pgproof()
    assert (told.code, told.out) == (2, "")
    assert 'did you mean "migrations"?' in told.err


def test_a_word_that_is_no_command(pgproof: Pgproof) -> None:
    told = pgproof("chekc")
    assert told.code == 2
    assert 'Did you mean "check"?' in told.err
