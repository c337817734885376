"""Assertions for tests, with any runner of tests."""

from __future__ import annotations

from typing import Any

from pgproof.explain.asserted import driver
from pgproof.explain.asserted.driver import Params
from pgproof.explain.asserted.use import NoIndexError, Use
from pgproof.report.use import unused


def assert_uses_index(conn: Any, query: Any, index: str, params: Params = None, *, strict: bool = False) -> None:
    """Assert that PostgreSQL answers the query by that index.

    `conn` is a connection of psycopg, or a connection or session of SQLAlchemy; `query` and `params` are what it
    executes (for SQLAlchemy also the text with `:name`). The server is asked for the plan, with these parameters
    as the driver sends them, and nothing is run. A query with `$1` and without `params` is planned for any values.
    Nothing of it remains: what is set for it is rolled back, and the transaction goes on as it was.

    Tables of tests are small, and small tables are read as a whole, or by any index. So if the server does not
    use the index by itself, it is asked once more with sequential scans closed and pages for free: then that
    index is taken that leads to the fewest rows. (In a pgproof_db, one is used if it costs no more than that.)
    With `strict` it is not asked again. An index that is only read as a whole, without a bound and for no
    order, is not used; nor does a query use one that reads nothing.

    Raises AssertionError with the plan in words, and what is read instead, and where there is no such index;
    InputError where `conn` is none that can be asked; the driver's error where the server refuses the query.

    >>> with psycopg.connect(database) as conn:
    ...     find = "SELECT * FROM jobs WHERE job_id = %s"
    ...     pgproof.assert_uses_index(conn, find, "jobs_job_id_key", ["a"])
    """
    __tracebackhide__ = True
    try:
        found = driver.use(conn, query, index, params, strict=strict)
    except NoIndexError as error:
        said = str(error)
    else:
        said = _said(found)
    if said:
        raise AssertionError(said)


async def assert_uses_index_async(
    conn: Any, query: Any, index: str, params: Params = None, *, strict: bool = False
) -> None:
    """The same on an asynchronous connection: of asyncpg (`params` is a sequence), psycopg or SQLAlchemy."""
    __tracebackhide__ = True
    try:
        found = await driver.async_use(conn, query, index, params, strict=strict)
    except NoIndexError as error:
        said = str(error)
    else:
        said = _said(found)
    if said:
        raise AssertionError(said)


def _said(found: Use) -> str:
    return "" if found.holds else unused(found)
