"""Tests of somebody who uses psycopg."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest

import pgproof
from pgproof.pytest_plugin import Database, Rows


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


def test_a_query_uses_an_index(conn: psycopg.Connection[Any]) -> None:
    find = "SELECT * FROM jobs WHERE agent_id = %s ORDER BY created_at DESC"
    pgproof.assert_uses_index(conn, find, "idx_jobs_agent_id_created_at", [uuid4()])
    with pytest.raises(AssertionError, match=r"instead: .*idx_jobs_agent_id_created_at"):
        pgproof.assert_uses_index(conn, find, "jobs_pkey", [uuid4()])
