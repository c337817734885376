"""Tests of somebody who uses SQLAlchemy."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import Engine, column, create_engine, select, table, text

import pgproof
from pgproof.pytest_plugin import Database, Rows


@pytest.fixture
def engine(pgproof_db: Database) -> Iterator[Engine]:
    made = create_engine(pgproof_db.sqlalchemy_url())
    yield made
    made.dispose()


def test_a_database_is_migrated(engine: Engine, pgproof_rows: Rows) -> None:
    (row,) = pgproof_rows("agents", name="ann")
    with engine.connect() as conn:
        assert conn.execute(text("SELECT id FROM agents WHERE name = 'ann'")).scalar_one() == row["id"]


def test_a_query_uses_an_index(engine: Engine) -> None:
    jobs = table("jobs", column("user_id"), column("status"))
    with engine.connect() as conn:
        find = select(jobs).where(jobs.c.user_id == uuid4(), jobs.c.status == "failed")
        pgproof.assert_uses_index(conn, find, "idx_jobs_user_status_created_at")
