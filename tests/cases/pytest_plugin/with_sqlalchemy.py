"""Tests of somebody who uses SQLAlchemy."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text

from pgproof.pytest_plugin.provision import Database, Rows


@pytest.fixture
def engine(pgproof_db: Database) -> Iterator[Engine]:
    made = create_engine(pgproof_db.sqlalchemy_url())
    yield made
    made.dispose()


def test_a_database_is_migrated(engine: Engine, pgproof_rows: Rows) -> None:
    (row,) = pgproof_rows("agents", name="ann")
    with engine.connect() as conn:
        assert conn.execute(text("SELECT id FROM agents WHERE name = 'ann'")).scalar_one() == row["id"]
