"""Tests of somebody who uses asyncpg."""

import asyncio

import asyncpg

import pgproof
from pgproof.pytest_plugin import Database, Rows


def test_a_database_is_migrated(pgproof_db: Database, pgproof_rows: Rows) -> None:
    rows = pgproof_rows("jobs", 3)

    async def found() -> set[object]:
        conn = await asyncpg.connect(pgproof_db.url)
        try:
            return {each["job_id"] for each in await conn.fetch("SELECT job_id FROM jobs")}
        finally:
            await conn.close()

    assert asyncio.run(found()) == {each["job_id"] for each in rows}


def test_a_query_uses_an_index(pgproof_db: Database) -> None:
    async def ask() -> None:
        conn = await asyncpg.connect(pgproof_db.url)
        try:
            find = "SELECT * FROM jobs WHERE job_id = $1"
            await pgproof.assert_uses_index_async(conn, find, "jobs_job_id_key", ["a"])
        finally:
            await conn.close()

    asyncio.run(ask())
