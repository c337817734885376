"""Tests of somebody who uses asyncpg."""

import asyncio

import asyncpg

from pgproof.pytest_plugin.provision import Database, Rows


def test_a_database_is_migrated(pgproof_db: Database, pgproof_rows: Rows) -> None:
    rows = pgproof_rows("jobs", 3)

    async def found() -> set[object]:
        conn = await asyncpg.connect(pgproof_db.url)
        try:
            return {each["job_id"] for each in await conn.fetch("SELECT job_id FROM jobs")}
        finally:
            await conn.close()

    assert asyncio.run(found()) == {each["job_id"] for each in rows}
