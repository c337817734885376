"""The queries that a live server has spent the most time on, as pg_stat_statements keeps them. Only read.

Its texts have `$n` for constants. What is no statement with a plan is left out, as is what asks the system alone
(pg_catalog) or is pgproof's own work, and what belongs to other roles unless the user may see it
(pg_read_all_stats).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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
from pgproof.sql.query import names_in, tables_in
from pgproof.sql.source import Source

_HIDDEN = "<insufficient privilege>"
_OLD, _NOT_LOADED = "42703", "55000"
_NO_RIGHT = "42501"
_NOT_THEIRS = ("pg_catalog", "information_schema", "pgproof")
_TITLE = 60
_GRANT = "GRANT pg_read_all_stats to the user that pgproof connects as"


@dataclass(frozen=True, slots=True, kw_only=True)
class Busiest:
    """The statements as queries, longest time first; `said` is what could not be seen."""

    queries: tuple[Query, ...]
    said: tuple[str, ...]


def busiest(conn: psycopg.Connection[Any], top: int) -> Busiest:
    """The `top` statements of this database that have a plan, by the time that they took.

    Raises InputError where the extension is not there, CannotTell where nothing may be seen, DatabaseError.
    """
    try:
        rows = conn.execute(_question(conn)).fetchall()
    except psycopg.Error as error:
        raise _refused(error) from error
    hidden = sum(text == _HIDDEN for _, text in rows)
    found: dict[str, Query] = {}
    for number, text in rows:
        if len(found) < top and text != _HIDDEN and number not in found and (query := read(number, text)):
            found[number] = query
    if hidden and not found:
        raise CannotTell(Problem(message="the statements of other roles cannot be read", hint=_GRANT))
    return Busiest(queries=tuple(found.values()), said=(_unseen(hidden),) if hidden else ())


def _unseen(hidden: int) -> str:
    what = "1 statement of another role was" if hidden == 1 else f"{hidden} statements of other roles were"
    return f"{what} not to be seen in pg_stat_statements: {_GRANT}"


def _question(conn: psycopg.Connection[Any]) -> sql.Composed:
    row = conn.execute(_view()).fetchone()
    if row is None:
        raise InputError(
            Problem(
                message=f'pg_stat_statements is not in database "{conn.info.dbname}"',
                hint="CREATE EXTENSION pg_stat_statements",
            )
        )
    view = sql.Identifier(row[0], "pg_stat_statements")
    ask = "SELECT queryid::text, query FROM {} WHERE dbid = {} ORDER BY total_exec_time DESC, queryid"
    return sql.SQL(ask).format(view, sql.Literal(row[1]))


def _refused(error: psycopg.Error) -> PgproofError:
    if error.sqlstate == _OLD:
        hint = "ALTER EXTENSION pg_stat_statements UPDATE"
        return InputError(Problem(message="pg_stat_statements is too old", hint=hint))
    if error.sqlstate == _NOT_LOADED:
        hint = "add it to shared_preload_libraries and restart the server"
        return InputError(Problem(message="pg_stat_statements is not loaded", hint=hint))
    problem = failure.problem(error)
    if error.sqlstate == _NO_RIGHT:
        hint = "GRANT USAGE on the schema of pg_stat_statements, and SELECT on that view, to the user"
        return CannotTell(replace(problem, hint=problem.hint or hint))
    return DatabaseError(problem)


def read(number: str, text: str) -> Query | None:
    """The statement as a documented query; None where EXPLAIN does not take it, or it asks the system alone."""
    if _asks_the_system(text):
        return None
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


def _asks_the_system(text: str) -> bool:
    """Whether it is about tables of the system or pgproof alone, or about none, but calls `pg_catalog.f()`."""
    tables = tables_in(text)
    if not tables:
        return "pg_catalog" in names_in(text)
    return all(schema in _NOT_THEIRS or name.startswith("pg_") for schema, name, _ in tables)


@lru_cache(maxsize=1)
def _view() -> bytes:
    return files("pgproof.explain").joinpath("statements_view.sql").read_bytes()
