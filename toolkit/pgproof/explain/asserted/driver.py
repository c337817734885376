"""Sends what `use` asks for on a connection of psycopg, asyncpg or SQLAlchemy, and undoes all of it.

The query goes to the server as the driver sends it, behind EXPLAIN, so that its parameters have the types that
they have in production. One with parameters `$1` for which there are no values is prepared, and planned for any.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import psycopg
from psycopg.rows import tuple_row

from pgproof.errors import InputError, Problem
from pgproof.explain.asserted.use import Asking, Statement, Use, asked

Params = Mapping[str, object] | Sequence[object] | None
Sending = Generator[tuple[str, Params], object, Use]
"""Yields a statement with its parameters (None for one without), is sent the first value of its first row."""

_EXPLAIN = "EXPLAIN (VERBOSE, FORMAT JSON)"
_NAME = "pgproof_asserted"
_COUNT = (
    f"SELECT pg_catalog.cardinality(parameter_types) FROM pg_catalog.pg_prepared_statements WHERE name = '{_NAME}'"
)
_NUMBERED = re.compile(r"\$[0-9]")


def use(conn: Any, query: Any, index: str, params: Params, *, strict: bool) -> Use:
    """Whether the query uses the index, on a connection of psycopg, or a connection or session of SQLAlchemy.

    Raises InputError where it is another, or there is no such index, and the driver's error where the server
    refuses the query.
    """
    if isinstance(conn, psycopg.Connection):
        text = _text(conn, query)
        with conn.transaction(force_rollback=True), conn.cursor(row_factory=tuple_row) as cursor:
            return _through(_sending(text, index, params, strict), lambda *sent: _first(cursor.execute(*sent)))
    if _is_of("sqlalchemy", conn) and not hasattr(conn, "run_sync"):
        return _by_sqlalchemy(conn, query, index, params, strict)
    raise InputError(_unknown(conn, "psycopg or SQLAlchemy"))


async def async_use(conn: Any, query: Any, index: str, params: Params, *, strict: bool) -> Use:
    """The same, on an asynchronous connection of asyncpg, psycopg or SQLAlchemy."""
    if _is_of("sqlalchemy", conn) and hasattr(conn, "run_sync"):
        found: Use = await conn.run_sync(use, query, index, params, strict=strict)
        return found
    if isinstance(conn, psycopg.AsyncConnection):
        return await _by_async_psycopg(conn, query, index, params, strict)
    if _is_of("asyncpg", conn):
        return await _by_asyncpg(conn, query, index, params, strict)
    raise InputError(_unknown(conn, "asyncpg, or an asynchronous one of psycopg or SQLAlchemy"))


def _sending(text: str, index: str, params: Params, strict: bool) -> Sending:
    """All that is sent, in order."""
    asking: Asking = asked(text, index, strict=strict)
    try:
        wanted = next(asking)
        while True:
            if isinstance(wanted, Statement):
                answer = yield wanted.text, None
            elif params is None and _NUMBERED.search(text):
                answer = yield from _for_any_values(text)
            else:
                answer = yield f"{_EXPLAIN} {text}", params
            wanted = asking.send(answer)
    except StopIteration as end:
        found: Use = end.value
        return found


def _for_any_values(text: str) -> Generator[tuple[str, Params], object, object]:
    """The plan of a query with parameters, without values.

    A prepared statement outlives a rollback: so does that of a query whose plan was refused, until the next one.
    """
    if (yield _COUNT, None) is not None:
        yield f"DEALLOCATE {_NAME}", None
    yield "SET LOCAL plan_cache_mode = 'force_generic_plan'", None
    yield f"PREPARE {_NAME} AS {text}", None
    count = yield _COUNT, None
    nulls = ", ".join(["NULL"] * int(str(count or 0)))
    answer = yield f"{_EXPLAIN} EXECUTE {_NAME}{f' ({nulls})' if nulls else ''}", None
    yield f"DEALLOCATE {_NAME}", None
    return answer


def _through(sending: Sending, execute: Callable[[str, Params], object]) -> Use:
    try:
        sent = next(sending)
        while True:
            sent = sending.send(execute(*sent))
    except StopIteration as end:
        found: Use = end.value
        return found


def _first(cursor: psycopg.Cursor[tuple[Any, ...]]) -> object:
    row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def _text(conn: psycopg.Connection[Any] | psycopg.AsyncConnection[Any], query: Any) -> str:
    """What psycopg takes for a query, as text."""
    if isinstance(query, str):
        return query
    if isinstance(query, bytes):
        return query.decode(conn.info.encoding)
    if isinstance(query, psycopg.sql.Composable):
        return query.as_string(conn)
    raise InputError(_no_query(query))


async def _by_async_psycopg(
    conn: psycopg.AsyncConnection[Any], query: Any, index: str, params: Params, strict: bool
) -> Use:
    sending = _sending(_text(conn, query), index, params, strict)
    async with conn.transaction(force_rollback=True), conn.cursor(row_factory=tuple_row) as cursor:
        try:
            sent = next(sending)
            while True:
                await cursor.execute(*sent)
                row = await cursor.fetchone() if cursor.description else None
                sent = sending.send(row[0] if row else None)
        except StopIteration as end:
            found: Use = end.value
            return found


async def _by_asyncpg(conn: Any, query: Any, index: str, params: Params, strict: bool) -> Use:
    if not isinstance(query, str):
        raise InputError(_no_query(query))
    values = tuple(params) if params is not None else None
    sending = _sending(query, index, values, strict)
    transaction = conn.transaction()
    await transaction.start()
    try:
        sent = next(sending)
        while True:
            sent = sending.send(await conn.fetchval(sent[0], *(sent[1] or ())))
    except StopIteration as end:
        found: Use = end.value
        return found
    finally:
        await transaction.rollback()


def _by_sqlalchemy(conn: Any, query: Any, index: str, params: Params, strict: bool) -> Use:
    was_begun = conn.in_transaction()
    at = conn.connection() if hasattr(conn, "get_bind") else conn  # a session has a connection
    text, values = query, None
    if not (isinstance(query, str) and params is None and _NUMBERED.search(query)):
        text, values = _compiled(at, query, params)

    def execute(sql: str, given: Params) -> object:
        bare = {"no_parameters": True} if given is None else {}
        result = at.exec_driver_sql(sql, given, execution_options=bare)
        row = result.fetchone() if result.returns_rows else None
        return row[0] if row else None

    try:
        with _undone(at, execute):
            return _through(_sending(text, index, values, strict), execute)
    finally:
        if not was_begun:
            conn.rollback()


@contextmanager
def _undone(conn: Any, execute: Callable[[str, Params], object]) -> Iterator[None]:
    """Within a transaction, or a part of the one that there is; a connection in autocommit has none."""
    is_alone = bool(getattr(conn.connection.dbapi_connection, "autocommit", False))
    execute("BEGIN" if is_alone else f"SAVEPOINT {_NAME}", None)
    try:
        yield
    finally:
        execute("ROLLBACK" if is_alone else f"ROLLBACK TO SAVEPOINT {_NAME}", None)
        if not is_alone:
            execute(f"RELEASE SAVEPOINT {_NAME}", None)


class _CaughtError(Exception):
    """What SQLAlchemy was about to send."""

    def __init__(self, text: str, params: Params) -> None:
        self.text = text
        self.params = params


def _compiled(conn: Any, query: Any, params: Params) -> tuple[str, Params]:
    """The text and the parameters that SQLAlchemy would hand to its driver for the query."""
    import sqlalchemy

    def catch(_conn: Any, _cursor: Any, text: str, values: Params, _context: Any, _many: bool) -> NoReturn:
        raise _CaughtError(text, values)

    statement = sqlalchemy.text(query) if isinstance(query, str) else query
    sqlalchemy.event.listen(conn, "before_cursor_execute", catch, retval=True)
    try:
        conn.execute(statement, dict(params) if isinstance(params, Mapping) else params)
    except _CaughtError as caught:
        return caught.text, caught.params
    except sqlalchemy.exc.ObjectNotExecutableError as error:
        raise InputError(_no_query(query)) from error
    finally:
        sqlalchemy.event.remove(conn, "before_cursor_execute", catch)
    raise InputError(_no_query(query))


def _is_of(package: str, thing: object) -> bool:
    return any(each.__module__.partition(".")[0] == package for each in type(thing).__mro__)


def _unknown(conn: object, which: str) -> Problem:
    kind = f"{type(conn).__module__}.{type(conn).__qualname__}"
    is_async = hasattr(conn, "run_sync") or _is_of("asyncpg", conn) or isinstance(conn, psycopg.AsyncConnection)
    function = "await assert_uses_index_async(...)" if is_async else "assert_uses_index(...)"
    is_known = is_async or isinstance(conn, psycopg.Connection) or _is_of("sqlalchemy", conn)
    return Problem(
        message=f"{kind} is no connection of {which}",
        hint=f"write {function}" if is_known else "give it the connection that the query is run on",
    )


def _no_query(query: object) -> Problem:
    return Problem(message=f"a {type(query).__qualname__} is no query", hint="give it the text of one statement")
