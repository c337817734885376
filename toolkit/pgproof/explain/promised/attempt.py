"""Runs a documented statement behind its set-up, in a part of a transaction that is always rolled back.

Only on a scratch database. What is checked at the end of a transaction is checked at once (SET CONSTRAINTS).
"""

from __future__ import annotations

from typing import Any

import psycopg

from pgproof.contract.promise import Query
from pgproof.explain import planner
from pgproof.explain.facts import Attempt

_PATIENCE = "SET LOCAL statement_timeout = '10s'; SET LOCAL lock_timeout = '2s'"


def run(conn: psycopg.Connection[Any], query: Query) -> Attempt:
    """What came of it. The caller vouches for the scratch database. Raises psycopg.Error if the server is lost."""
    with planner.savepoint(conn):
        conn.execute(_PATIENCE)
        for number, each in enumerate(query.setup):
            if error := _error(conn, each.text):
                return _failed(error, number)
        try:
            rows = _execute(conn, query)
            conn.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except psycopg.Error as error:
            if conn.closed:
                raise
            return _failed(error)
        return Attempt(rows=rows)


def _execute(conn: psycopg.Connection[Any], query: Query) -> int:
    """Run the statement with the values of its parameters; how many rows it touched or returned (-1: neither)."""
    if not query.parameters:
        return conn.execute(query.text.encode()).rowcount
    types = tuple(each.type for each in query.parameters)
    conn.execute((planner.prepare_head(types) + query.text).encode())
    values = ", ".join(each.value or "NULL" for each in query.parameters)
    return conn.execute(f"EXECUTE pgproof ({values})".encode()).rowcount


def _error(conn: psycopg.Connection[Any], text: str) -> psycopg.Error | None:
    try:
        conn.execute(text.encode())
    except psycopg.Error as error:
        if conn.closed:
            raise
        return error
    return None


def _failed(error: psycopg.Error, setup: int | None = None) -> Attempt:
    diag = error.diag
    return Attempt(
        sqlstate=error.sqlstate or "",
        constraint=diag.constraint_name or "",
        message=diag.message_primary or str(error),
        table=diag.table_name or "",
        column=diag.column_name or "",
        setup=setup,
    )
