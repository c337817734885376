"""Connections, and the transaction in which nothing can change."""

from __future__ import annotations

import os
import re
import shlex
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import psycopg
from psycopg.pq import TransactionStatus

from pgproof.database import failure
from pgproof.database.conninfo import Conninfo
from pgproof.database.version import ServerVersion
from pgproof.errors import DatabaseError, Problem

Connection = psycopg.Connection
Cursor = psycopg.Cursor
"""The types of a connection and of what it answers, for rooms that hold them and never speak to the driver."""

# (what libpq, psycopg or the server says, what to do about it)
_HINTS = (
    (r'database ".*" does not exist', "create it first, for example: createdb {server}{database}"),
    (r'role ".*" does not exist', "name an existing user in the address, or create the role"),
    (
        r"password authentication failed",
        "correct the password in the address, in PGPASSWORD or in the password file",
    ),
    (r"no password supplied", "set PGPASSWORD, or add a line to the password file ~/.pgpass"),
    (r"peer authentication failed", "name a host in the address, or connect as the user that the server expects"),
    (r"no pg_hba.conf entry|authentication failed", "the server's pg_hba.conf must let this user in from here"),
    (r"failed to resolve host|could not translate host", "correct the host name in the address"),
    (r"definition of service .* not found", "correct the service's name, or add it to ~/.pg_service.conf"),
    (
        r"[Cc]onnection refused|No such file or directory",
        "start the server, or correct host and port in the address",
    ),
    (
        r"timeout expired|timed out",
        "check host, port and firewall; connect_timeout in the address gives more time",
    ),
    (r"too many (clients|connections)|remaining connection slots", "wait, or close other connections"),
    (r"starting up|shutting down|in recovery mode", "wait until the server accepts connections"),
    (r"certificate|SSL", "correct sslmode and the certificates in the address"),
    (r"permission denied for database", "grant the user CONNECT on the database"),
    (
        r"unsupported startup parameter",
        "leave options (PGOPTIONS) out of the address: the pooler hands them to nobody",
    ),
)

_NAME_ONE = "name a database: export DATABASE_URL=postgresql://USER@HOST/DATABASE, or say --database URL"


def connect(
    conninfo: Conninfo,
    *,
    autocommit: bool = True,
    application_name: str = "pgproof",
    connect_timeout: int = 10,
) -> psycopg.Connection:
    """A connection to a server of a supported version. Raises DatabaseError.

    No prepared statements, so that a pooler in transaction mode can stand between. `application_name` and
    `connect_timeout` (seconds) give way to what the address or libpq's variables say.
    """
    patience = {} if conninfo.says("connect_timeout") else {"connect_timeout": connect_timeout}
    try:
        conn = psycopg.connect(
            conninfo.secret,
            autocommit=autocommit,
            prepare_threshold=None,
            client_encoding="UTF8",
            fallback_application_name=application_name,
            **patience,  # type: ignore[arg-type]  # a libpq parameter, typed as the keyword arguments before it
        )
    except psycopg.Error as error:
        problem = _connection_problem(conninfo, error)
    else:
        return _of_supported_version(conn, conninfo)
    raise DatabaseError(problem)  # outside of the handler: psycopg's frames hold the password


@contextmanager
def read_only(conn: psycopg.Connection, settings: Mapping[str, str] | None = None) -> Iterator[psycopg.Connection]:
    """One READ ONLY, REPEATABLE READ transaction: one snapshot for all that is asked, and nothing to undo.

    `settings` hold until its end (SET LOCAL). `conn` must be idle and in autocommit. It always rolls back. Raises
    DatabaseError if it cannot begin.
    """
    assert conn.autocommit
    with failure.told():
        assert conn.info.transaction_status == TransactionStatus.IDLE
        conn.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        for name, value in (settings or {}).items():
            with failure.told():
                conn.execute("SELECT pg_catalog.set_config(%s, %s, true)", (name, value))
        yield conn
    finally:
        if not conn.closed:
            with suppress(psycopg.OperationalError):  # the server has gone, and the transaction with it
                conn.execute("ROLLBACK")


def hang_up(conn: psycopg.Connection) -> None:
    """Let another thread's wait for an answer on `conn` end in an error. (Closing it here would not wake that.)"""
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(conn.fileno())) as end:
        end.shutdown(socket.SHUT_RDWR)


def _of_supported_version(conn: psycopg.Connection, conninfo: Conninfo) -> psycopg.Connection:
    try:
        ServerVersion(conn.info.server_version).require_supported(conninfo.description)
    except DatabaseError:
        conn.close()
        raise
    return conn


def _connection_problem(conninfo: Conninfo, error: psycopg.Error) -> Problem:
    said = _what_was_said(str(error))
    if conninfo.names_nothing:
        said, hint = f"{said} No database was named, so libpq's own address was tried.", _NAME_ONE
    else:
        hint = next((hint for pattern, hint in _HINTS if re.search(pattern, said)), "")
    return Problem(
        message=f"cannot connect to {conninfo.description}",
        detail=said,
        hint=hint.format(server=conninfo.server_options, database=shlex.quote(conninfo.database)),
        sqlstate=error.sqlstate or "",
    )


def _what_was_said(text: str) -> str:
    """The words of libpq, without the preface of psycopg, a list of attempts that repeats them, and questions."""
    text = text.partition("\nMultiple connection attempts failed")[0]
    text = re.sub(r"\A(connection failed|connection is bad): ", "", text)
    lines = [line.strip() for line in text.splitlines() if not line.strip().startswith("Is the server running")]
    sentence = " ".join(filter(None, lines))
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."
