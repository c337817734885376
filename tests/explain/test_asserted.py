"""assert_uses_index, with the drivers that people have, on a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from typing import Any

import asyncpg
import psycopg
import pytest
import sqlalchemy as sa
from psycopg.rows import dict_row
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

import pgproof
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.errors import InputError

pytestmark = pytest.mark.ends

SCHEMA = """
CREATE TABLE job (id int PRIMARY KEY, agent int NOT NULL, state text, made timestamptz NOT NULL, tags text[]);
CREATE INDEX by_agent ON job (agent, made DESC);
CREATE INDEX by_state ON job (state) WHERE state <> 'done';
CREATE INDEX by_tags ON job USING gin (tags);
CREATE INDEX by_made ON job (made);
CREATE INDEX "Lower State" ON job (lower(state));
CREATE TABLE log (at date NOT NULL, n int) PARTITION BY RANGE (at);
CREATE INDEX log_at ON log (at);
CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE log_2 PARTITION OF log FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE TABLE other (id int, agent int);
CREATE TABLE pair (a int, b int, c int);
CREATE INDEX pair_a ON pair (a); CREATE INDEX pair_ab ON pair (a, b, c);
"""
AGENT = "SELECT * FROM job WHERE agent = %s"


@pytest.fixture(scope="module")
def address(major_server: ScratchServer) -> Iterator[Conninfo]:
    """A database that nothing is written to."""
    with major_server.database() as made:
        with psycopg.connect(made.secret) as conn:
            conn.execute(SCHEMA)
        yield made


@pytest.fixture
def conn(address: Conninfo) -> Iterator[psycopg.Connection[Any]]:
    """A connection of psycopg."""
    with closing(psycopg.connect(address.secret)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("query", "index", "params"),
    [
        (AGENT, "by_agent", [7]),
        ("SELECT * FROM job WHERE agent = $1 AND made > $2", "by_agent", None),
        ("SELECT * FROM pair WHERE a = $1 AND b = $2", "pair_ab", None),
        ("SELECT * FROM job WHERE agent = $1 ORDER BY made DESC LIMIT 10", "by_agent", None),
        ("SELECT * FROM job WHERE state = 'open'", "by_state", None),
        ("SELECT * FROM job WHERE lower(state) = %(state)s", "Lower State", {"state": "a%"}),
        ("SELECT * FROM job WHERE tags @> ARRAY['x']", "public.by_tags", None),
        ("SELECT * FROM job ORDER BY made", "by_made", None),
        ("SELECT max(made) FROM job", "by_made", None),
        (
            "SELECT max(agent) FROM (SELECT abs(agent) AS agent FROM job ORDER BY made DESC LIMIT 9) AS j",
            "by_made",
            None,
        ),
        ("UPDATE job SET state = 'x' WHERE id = %s", "job_pkey", [1]),
        ("SELECT * FROM log WHERE at = %s", "log_at", ["2026-01-05"]),
        ("SELECT * FROM log WHERE at > '2026-01-05'", "log_at", None),
        (psycopg.sql.SQL("SELECT * FROM {} WHERE id = %s").format(psycopg.sql.Identifier("job")), "job_pkey", [1]),
        (b"SELECT * FROM job WHERE id = 1", "job_pkey", None),
    ],
)
def test_a_query_uses_an_index(conn: psycopg.Connection[Any], query: Any, index: str, params: Any) -> None:
    pgproof.assert_uses_index(conn, query, index, params)


@pytest.mark.parametrize(
    ("query", "index", "said"),
    [
        (
            "SELECT * FROM job WHERE id = 1",
            "by_agent",
            r"no scan of the plan uses it\ninstead: Index Scan using job_pkey on job\n",
        ),
        ("SELECT count(*) FROM log", "log_at", "it is only read as a whole: .* bounds its first key, at"),
        ("SELECT * FROM job WHERE made = now()", "by_agent", "instead: .*by_made"),
        (
            "SELECT * FROM other WHERE agent = 1",
            "by_agent",
            "the query does not read job\ninstead: Seq Scan on other",
        ),
        ("SELECT * FROM job WHERE agent = 1 AND false", "by_agent", "so that nothing is read at all"),
        ("SELECT * FROM log LIMIT 9", "log_at", "it is only read as a whole|no scan of the plan uses it"),
        ("SELECT 1", "by_agent", "the query does not read job"),
        ("SELECT * FROM job WHERE agent = 1", "by_agnt", 'no index "by_agnt".*\n.*did you mean "by_agent"'),
        ("SELECT * FROM job WHERE state = 'done'", "by_state", "no scan of the plan uses it"),
    ],
)
def test_one_that_does_not_is_told_what_serves_it(
    conn: psycopg.Connection[Any], query: str, index: str, said: str
) -> None:
    with pytest.raises(AssertionError, match=said):
        pgproof.assert_uses_index(conn, query, index)


def test_the_plan_is_told_in_words(conn: psycopg.Connection[Any]) -> None:
    with pytest.raises(AssertionError) as caught:
        pgproof.assert_uses_index(conn, "SELECT * FROM job WHERE id = 1 ORDER BY id", "by_made")
    assert "the plan, with sequential scans closed and pages for free:" in str(caught.value)
    assert "\n  Index Scan using job_pkey on job " in str(caught.value)
    assert "the index leads to the rows where job.id = 1" in str(caught.value)


def test_types_of_parameters_are_those_of_the_driver(conn: psycopg.Connection[Any]) -> None:
    """PostgreSQL compares numeric with numeric then, which no index on an int is for."""
    with pytest.raises(AssertionError, match="numeric"):
        pgproof.assert_uses_index(conn, AGENT, "by_agent", [Decimal(7)])


def test_by_itself_a_small_table_is_read_as_a_whole(database: Conninfo) -> None:
    with closing(psycopg.connect(database.secret)) as conn:
        conn.execute(SCHEMA)
        conn.execute("INSERT INTO job VALUES (1, 1, 'a', now()); ")
        conn.commit()
        conn.autocommit = True
        conn.execute("VACUUM ANALYZE job")
        pgproof.assert_uses_index(conn, AGENT, "by_agent", [1])
        with pytest.raises(AssertionError, match="the plan, as the server makes it now:\n  Seq Scan on job"):
            pgproof.assert_uses_index(conn, AGENT, "by_agent", [1], strict=True)
        conn.execute("INSERT INTO job SELECT g, g, 'a', now() FROM generate_series(2, 3000) AS g")
        conn.execute("VACUUM ANALYZE job")
        pgproof.assert_uses_index(conn, AGENT, "by_agent", [1], strict=True)


def test_partitions_without_it_are_named(database: Conninfo) -> None:
    with closing(psycopg.connect(database.secret, autocommit=True)) as conn:
        conn.execute(SCHEMA)
        conn.execute("CREATE TABLE log_3 PARTITION OF log FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')")
        conn.execute("CREATE INDEX better ON log_2 (at, n)")
        with pytest.raises(
            AssertionError,
            match=r"not all partitions are read by it: .* using better on log_2, and without the others",
        ):
            pgproof.assert_uses_index(conn, "SELECT n FROM log WHERE at > '2026-01-05' AND n = 1", "log_at")


def test_an_invalid_index_is_told(database: Conninfo) -> None:
    with closing(psycopg.connect(database.secret, autocommit=True)) as conn:
        conn.execute(SCHEMA)
        conn.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'by_agent'::regclass")
        with pytest.raises(AssertionError, match="it is invalid"):
            pgproof.assert_uses_index(conn, AGENT, "by_agent", [1])


@pytest.mark.parametrize("is_alone", [True, False])
def test_the_connection_is_left_as_it_was(conn: psycopg.Connection[Any], is_alone: bool) -> None:
    conn.autocommit = is_alone
    conn.row_factory = dict_row
    with conn.transaction(force_rollback=True):
        conn.execute("INSERT INTO other VALUES (1, 1)")
        pgproof.assert_uses_index(conn, AGENT, "by_agent", [1])
        pgproof.assert_uses_index(conn, "SELECT FROM job WHERE id = $1", "job_pkey")
        with pytest.raises(psycopg.errors.UndefinedTable):
            pgproof.assert_uses_index(conn, "SELECT * FROM nowhere", "by_agent")
        with pytest.raises(psycopg.errors.UndefinedColumn):
            pgproof.assert_uses_index(conn, "SELECT $1 FROM job WHERE nothing = $2", "by_agent")
        with pytest.raises(psycopg.errors.DivisionByZero):  # once it is prepared
            pgproof.assert_uses_index(conn, "SELECT 1 / 0 FROM job WHERE id = $1", "job_pkey")
        pgproof.assert_uses_index(conn, "SELECT FROM job WHERE id = $1", "job_pkey")
        assert conn.execute("SELECT count(*) AS n FROM other").fetchone() == {"n": 1}
    assert conn.execute("SHOW enable_seqscan").fetchone() == {"enable_seqscan": "on"}
    assert conn.execute("SELECT name FROM pg_prepared_statements").fetchall() == []


@pytest.fixture
def engine(address: Conninfo) -> Iterator[sa.Engine]:
    """An engine of SQLAlchemy."""
    made = sa.create_engine(address.secret_url("postgresql+psycopg"))
    yield made
    made.dispose()


JOB = sa.table("job", sa.column("id", sa.Integer), sa.column("agent", sa.Integer), sa.column("state", sa.Text))


def test_with_sqlalchemy(engine: sa.Engine) -> None:
    uses: Callable[..., None] = pgproof.assert_uses_index
    with engine.connect() as conn:
        uses(conn, "SELECT * FROM job WHERE agent = :agent AND '%' <> ''", "by_agent", {"agent": 7})
        assert not conn.in_transaction()
        uses(conn, sa.select(JOB).where(JOB.c.agent == 7, JOB.c.state.like("a%")), "by_agent")
        uses(conn, sa.select(JOB.c.state).where(JOB.c.id.in_([1, 2])), "job_pkey")
        uses(conn, sa.update(JOB).where(JOB.c.id == 1).values(state="x"), "job_pkey")
        uses(conn, sa.text("SELECT * FROM job WHERE id = :id"), "job_pkey", {"id": 1})
        uses(conn, "SELECT * FROM job WHERE id = $1", "job_pkey")
        conn.rollback()
        with conn.begin():
            conn.execute(sa.text("INSERT INTO other VALUES (1, 1)"))
            with pytest.raises(AssertionError, match=r"instead: .*job_pkey"):
                uses(conn, sa.select(JOB).where(JOB.c.id == 1), "by_agent")
            with pytest.raises(sa.exc.ProgrammingError):
                uses(conn, "SELECT * FROM nowhere", "by_agent")
            assert conn.execute(sa.text("SELECT count(*) FROM other")).scalar_one() == 1
            conn.execute(sa.text("DELETE FROM other"))
        with pytest.raises(InputError, match="a int is no query"):
            uses(conn, 3, "by_agent")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as alone:
        uses(alone, sa.select(JOB).where(JOB.c.agent == 7), "by_agent")
        assert alone.execute(sa.text("SHOW enable_seqscan")).scalar_one() == "on"
    with Session(engine) as session:
        uses(session, sa.select(JOB).where(JOB.c.agent == 7), "by_agent")


def test_with_asynchronous_connections(address: Conninfo) -> None:
    asyncio.run(_asynchronous(address))


async def _asynchronous(address: Conninfo) -> None:
    uses = pgproof.assert_uses_index_async
    by_asyncpg = await asyncpg.connect(address.secret_url())
    try:
        await uses(by_asyncpg, "SELECT * FROM job WHERE agent = $1", "by_agent", [7])
        await uses(by_asyncpg, "SELECT * FROM job WHERE agent = $1", "by_agent")
        async with by_asyncpg.transaction():
            with pytest.raises(AssertionError, match=r"instead: .*job_pkey"):
                await uses(by_asyncpg, "SELECT * FROM job WHERE id = $1", "by_agent", [7])
            with pytest.raises(asyncpg.UndefinedTableError):
                await uses(by_asyncpg, "SELECT * FROM nowhere", "by_agent")
            assert await by_asyncpg.fetchval("SHOW enable_seqscan") == "on"
        with pytest.raises(InputError, match=r"write await assert_uses_index_async\(\.\.\.\)"):
            pgproof.assert_uses_index(by_asyncpg, "SELECT 1", "by_agent")
    finally:
        await by_asyncpg.close()
    async with await psycopg.AsyncConnection.connect(address.secret) as by_psycopg:
        await uses(by_psycopg, AGENT, "by_agent", [7])
        with pytest.raises(AssertionError, match="no index"):
            await uses(by_psycopg, AGENT, "nothing_like_it", [7])
    engine = create_async_engine(address.secret_url("postgresql+asyncpg"))
    async with engine.connect() as conn:
        await uses(conn, sa.select(JOB).where(JOB.c.agent == 7), "by_agent")
        await uses(conn, "SELECT * FROM job WHERE agent = $1", "by_agent")
    async with AsyncSession(engine) as session:
        await uses(session, "SELECT * FROM job WHERE agent = :agent", "by_agent", {"agent": 7})
    await engine.dispose()


@pytest.mark.parametrize("conn", [None, "postgresql://h/d", closing])
def test_what_is_no_connection_is_refused(conn: Any) -> None:
    with pytest.raises(InputError, match="is no connection of psycopg or SQLAlchemy"):
        pgproof.assert_uses_index(conn, "SELECT 1", "by_agent")
