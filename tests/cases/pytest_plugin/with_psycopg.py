"""Tests of somebody who uses psycopg."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from pgproof.pytest_plugin.provision import Database, Rows


@pytest.fixture
def conn(pgproof_db: Database) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(pgproof_db.url) as opened:
        yield opened


@pytest.mark.parametrize("name", ["one", "two", "three"])
def test_a_database_is_fresh_and_migrated(conn: psycopg.Connection[Any], name: str) -> None:
    assert conn.execute("SELECT count(*) FROM agents").fetchone() == (0,)
    assert conn.execute("SELECT count(*) FROM pgproof.history").fetchone() == (5,)
    conn.execute("INSERT INTO agents (name) VALUES (%s)", [name])
    conn.commit()


def test_rows_fit(conn: psycopg.Connection[Any], pgproof_rows: Rows) -> None:
    rows = pgproof_rows("jobs", 10, status="failed")
    assert len(rows) == 10
    found = conn.execute("SELECT id FROM jobs WHERE status = 'failed' ORDER BY id").fetchall()
    assert found == sorted((each["id"],) for each in rows)
    (again,) = pgproof_rows("jobs", user_id=rows[0]["user_id"])
    assert again["user_id"] == rows[0]["user_id"]
