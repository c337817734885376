"""Which statements run in no transaction block: the server is the judge of what the parser says."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.sql import statement, transaction
from pgproof.sql.source import Source
from pgproof.sql.statement import Statement

CASES = Path(__file__).parent.parent / "cases" / "sql" / "transaction"
NEVER = [line.split(" -> ") for line in (CASES / "none.txt").read_text(encoding="utf-8").splitlines()]
FINE = (CASES / "fine.txt").read_text(encoding="utf-8").splitlines()


def _only(text: str) -> Statement:
    script = statement.check(Source("", text))
    assert script.problems == ()
    return script.statements[0]


@pytest.mark.parametrize(("text", "command"), NEVER)
def test_never(text: str, command: str) -> None:
    assert transaction.why_no_transaction(_only(text)) == command


@pytest.mark.parametrize("text", FINE)
def test_fine(text: str) -> None:
    assert transaction.why_no_transaction(_only(text)) is None


@pytest.mark.parametrize("text", [text for text, _ in NEVER])
def test_the_server_agrees(database: Conninfo, text: str) -> None:
    with closing(connect(database)) as conn:
        _prepare(conn)
        conn.execute("BEGIN")
        with pytest.raises(psycopg.Error) as caught:
            conn.execute(text)
        conn.execute("ROLLBACK")
    assert caught.value.sqlstate == "25001", caught.value


@pytest.mark.parametrize("text", FINE)
def test_the_server_does_not_object_for_the_transaction(database: Conninfo, text: str) -> None:
    with closing(connect(database)) as conn:
        _prepare(conn)
        conn.execute("BEGIN")
        try:
            conn.execute(text)
        except psycopg.Error as error:
            assert error.sqlstate != "25001", error
        conn.execute("ROLLBACK")


def _prepare(conn: psycopg.Connection) -> None:
    conn.execute("CREATE TABLE t (a int)")
    conn.execute("CREATE INDEX i ON t (a)")
    conn.execute("CREATE TABLE p (a int) PARTITION BY LIST (a)")


@pytest.mark.parametrize(
    ("text", "boundary"),
    [
        ("BEGIN", transaction.Boundary.BEGIN),
        ("START TRANSACTION ISOLATION LEVEL SERIALIZABLE", transaction.Boundary.BEGIN),
        ("END", transaction.Boundary.END),
        ("ROLLBACK", transaction.Boundary.END),
        ("ABORT", transaction.Boundary.END),
        ("PREPARE TRANSACTION 'x'", transaction.Boundary.END),
        ("SAVEPOINT s", None),
        ("ROLLBACK TO s", None),
        ("SELECT 1", None),
    ],
)
def test_boundaries(text: str, boundary: transaction.Boundary | None) -> None:
    assert transaction.boundary(_only(text)) is boundary
