"""A server's refusal, told in the server's own words at the place that the author wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg

from pgproof.errors import DatabaseError, Problem
from pgproof.place import Place

if TYPE_CHECKING:
    from pgproof.sql.statement import Statement

# What a caret should span: a quoted name or string, a word or number, else one character.
_TOKEN = re.compile(r'"(?:[^"\n]|"")*"|\'(?:[^\'\n]|\'\')*\'|[\w$]+|.')

_AGAIN = "run the command again, once the server takes connections"
_HINTS = {
    "25006": "connect to the primary, if this is a standby; else turn default_transaction_read_only off",
    "25P04": "let transaction_timeout be 0 for this role, or begin the file: SET LOCAL transaction_timeout = 0;",
    "57P01": _AGAIN,
    "57P05": "let idle_session_timeout be 0 for this role: ALTER ROLE ... SET idle_session_timeout = 0",
}
"""What to do where the server says what, but not what to do, by SQLSTATE."""
_DETAILS = {"57P01": "Somebody has ended this session (pg_terminate_backend), or shut the server down."}
"""Why, where the server does not say that."""


@contextmanager
def told() -> Iterator[None]:
    """What the server refuses inside the block is raised as DatabaseError."""
    try:
        yield
    except psycopg.Error as error:
        raise DatabaseError(problem(error)) from error


def problem(error: psycopg.Error, *, statement: Statement | None = None, before: int = 0) -> Problem:
    """`error` as a Problem; its place lies in `statement`, whose text must be what was sent, behind `before`
    characters of other text in the same message.

    PostgreSQL counts positions in characters from 1, and reports an error at the end of the input one behind
    the last character (protocol, "Error and Notice Message Fields", P). Without a position the place is the
    statement's own.
    """
    server = error.diag
    if server.message_primary is None:
        message, detail = client_message(error)
        hint = _AGAIN if isinstance(error, psycopg.OperationalError) else ""
        return Problem(message=message, detail=detail, hint=hint, place=statement.place if statement else None)
    state = server.sqlstate or ""
    return Problem(
        message=server.message_primary,
        detail=server.message_detail or _DETAILS.get(state, ""),
        hint=server.message_hint or _HINTS.get(state, ""),
        sqlstate=state,
        place=_place(error, statement, before) if statement else None,
        context=_context(error),
    )


def client_message(error: psycopg.Error) -> tuple[str, str]:
    """First line and rest of an error that the client made (a lost connection, for example)."""
    lines = [line.strip() for line in str(error).strip().splitlines()]
    return (lines[0], " ".join(lines[1:])) if lines else (type(error).__name__, "")


def position(error: psycopg.Error) -> int | None:
    """The 0-based offset in the message at which the server saw the error, if it says one."""
    given = error.diag.statement_position
    return int(given) - 1 if given else None


def _place(error: psycopg.Error, statement: Statement, before: int) -> Place:
    offset = _offset(error, statement, before)
    if offset is None:
        return statement.place
    token = _TOKEN.match(statement.text, offset)
    return statement.at(offset, token.end() - offset if token else 1)


def _offset(error: psycopg.Error, statement: Statement, before: int) -> int | None:
    """The 0-based offset in the statement's text. A query inside a function body is sought in that text."""
    server = error.diag
    if (at := position(error)) is not None:
        return at - before
    if server.internal_query and server.internal_position:
        begins = _offset_of_query(server.internal_query, statement.text)
        return None if begins is None else begins + int(server.internal_position) - 1
    return None


def _offset_of_query(query: str, text: str) -> int | None:
    """Where the text holds the query, if in exactly one place.

    PL/pgSQL blanks an INTO clause out, so that positions stay right (make_execsql_stmt in pl_gram.y): several
    blanks may stand for as many other characters.
    """
    parts = re.split(r"(  +)", query)
    pattern = "".join(f".{{{len(part)}}}" if part.startswith("  ") else re.escape(part) for part in parts)
    found = [match.start() for match in re.finditer(f"(?={pattern})", text, re.DOTALL)]
    return found[0] if len(found) == 1 else None


def _context(error: psycopg.Error) -> tuple[str, ...]:
    server = error.diag
    query = (server.internal_query or "").splitlines()
    context = (server.context or "").splitlines()
    return tuple(_labelled("QUERY", query) + _labelled("CONTEXT", context))


def _labelled(label: str, lines: list[str]) -> list[str]:
    """The lines as psql shows them: the first behind its label, the others as they are."""
    return [f"{label}: {line}" if index == 0 else line for index, line in enumerate(lines)]
