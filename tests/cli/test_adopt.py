"""`adopt` as a person types it, on databases as other tools leave them."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.catalog.read import definitions
from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
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
    case = parts(path)
    expected, made = case.pop("expect"), case.pop("database")
    words = case.pop("words", "").split()
    lay_out(case, Path())
    before = contents(database, made)
    told = pgproof("adopt", *words)
    assert shown(told) == expected
    assert contents(database) == before
    if told.code == 0:
        assert "MISSING" not in pgproof("status").out
        assert pgproof("upgrade").code == 0
        assert pgproof("adopt", *words).err.startswith(
            "pgproof: error: the database has a history of pgproof already"
        )
    else:
        with closing(connect(database)) as conn:
            assert conn.execute("SELECT to_regclass('pgproof.history')").fetchone() == (None,)


def contents(database: Conninfo, made: str = "") -> object:
    """What the database holds without pgproof's own tables."""
    with closing(connect(database)) as conn:
        conn.execute(made.encode())
        with read_only(conn):
            return definitions(conn)


def shown(told: Told) -> str:
    text = re.sub(r"on PostgreSQL [^\n]+", "on PostgreSQL X", told.out + told.err)
    return f"{text}exit code {told.code}\n"
