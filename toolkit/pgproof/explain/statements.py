"""The queries that a live server has spent the most time on, as pg_stat_statements keeps them. Only read.

Its texts have `$n` for constants. What is no statement with a plan is left out, and so is what belongs to other
roles unless the user may see it (pg_read_all_stats).
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql

from pgproof.contract import parameter
from pgproof.contract.promise import Origin, Query
from pgproof.database import failure
from pgproof.errors import CannotTell, DatabaseError, InputError, PgproofError, Problem
from pgproof.sql import grammar
from pgproof.sql.grammar import GrammarError, TooDeep
from pgproof.sql.source import Source

_HIDDEN = "<insufficient privilege>"
_OLD, _NOT_LOADED = "42703", "55000"
_TITLE = 60


def busiest(conn: psycopg.Connection[Any], top: int) -> tuple[Query, ...]:
    """The `top` statements of this database by the time that they took, longest first.

    Raises InputError where the extension is not there, CannotTell where nothing may be seen, DatabaseError.
    """
    try:
        rows = conn.execute(_question(conn, top)).fetchall()
    except psycopg.Error as error:
        raise _refused(error) from error
    if rows and all(text == _HIDDEN for _, text in rows):
        raise CannotTell(
            Problem(
                message="the statements of other roles cannot be read",
                hint="GRANT pg_read_all_stats to the user that pgproof connects as",
            )
        )
    found = {number: _query(number, text) for number, text in rows if text != _HIDDEN}
    return tuple(query for query in found.values() if query is not None)


def _question(conn: psycopg.Connection[Any], top: int) -> sql.Composed:
    row = conn.execute(_view()).fetchone()
    if row is None:
        raise InputError(
            Problem(
                message=f'pg_stat_statements is not in database "{conn.info.dbname}"',
                hint="CREATE EXTENSION pg_stat_statements",
            )
        )
    view = sql.Identifier(row[0], "pg_stat_statements")
    ask = "SELECT queryid::text, query FROM {} WHERE dbid = {} ORDER BY total_exec_time DESC LIMIT {}"
    return sql.SQL(ask).format(view, sql.Literal(row[1]), sql.Literal(top))


def _refused(error: psycopg.Error) -> PgproofError:
    if error.sqlstate == _OLD:
        hint = "ALTER EXTENSION pg_stat_statements UPDATE"
        return InputError(Problem(message="pg_stat_statements is too old", hint=hint))
    if error.sqlstate == _NOT_LOADED:
        hint = "add it to shared_preload_libraries and restart the server"
        return InputError(Problem(message="pg_stat_statements is not loaded", hint=hint))
    return DatabaseError(failure.problem(error))


def _query(number: str, text: str) -> Query | None:
    """The statement as a documented query, or None where EXPLAIN does not take it."""
    try:
        kind = grammar.parse(text).stmts[0].stmt.WhichOneof("node")
    except TooDeep:
        kind = "select_stmt"
    except (GrammarError, IndexError):
        kind = "select_stmt"  # the server will say what is wrong with it
    if kind not in ("select_stmt", "insert_stmt", "update_stmt", "delete_stmt", "merge_stmt"):
        return None
    words = " ".join(text.split())
    title = words if len(words) <= _TITLE else f"{words[: _TITLE - 3]}..."
    source = Source(f"pg_stat_statements:{number}", text.strip().rstrip(";"))
    try:
        source, parameters = parameter.number(source)
    except GrammarError:
        parameters = ()
    return Query(
        id=f"statement {number}",
        title=title,
        source=source,
        origin=Origin.STATEMENTS,
        parameters=parameters,
    )


@lru_cache(maxsize=1)
def _view() -> bytes:
    return files("pgproof.explain").joinpath("statements_view.sql").read_bytes()
