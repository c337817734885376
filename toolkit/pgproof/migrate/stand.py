"""Where files run and as whom: the search_path of --schema, and the role of --role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing

from pgproof.database import failure
from pgproof.database.connection import Connection, connect
from pgproof.database.conninfo import Conninfo
from pgproof.errors import DatabaseError, InputError, Problem, raise_all
from pgproof.migrate.message import Piece
from pgproof.migrate.plan import Step
from pgproof.migrate.session import Session
from pgproof.migrate.terms import Terms
from pgproof.sql.name import quote


def local(terms: Terms) -> Iterator[Piece]:
    """What holds until the end of a transaction, and is in force before its first statement."""
    if terms.schema:
        yield Piece(f"SET LOCAL search_path = {quote(terms.schema)}")
    yield from role(terms)


def role(terms: Terms) -> Iterator[Piece]:
    """The role alone, until the end of a transaction."""
    if terms.role:
        yield Piece(f"SET LOCAL role = {quote(terms.role)}")


def take(session: Session) -> None:
    """Set the search_path of a file that runs without a transaction, until the session is cleaned.

    The role is taken for each of its statements: what pgproof itself reads and writes between them is not its
    business. Raises DatabaseError, also behind a pooler that gives each transaction another session.
    """
    terms = session.terms
    if (terms.schema or terms.role) and session.is_pooled:
        raise DatabaseError(
            Problem(
                message="behind this pooler --schema and --role cannot hold outside of transactions",
                detail="It gives each transaction another session of the server.",
                hint="connect to the server itself, or to a pool in session mode",
            )
        )
    if terms.schema:
        with failure.told():
            session.keep(f"SET search_path = {quote(terms.schema)}")


def make(fresh: Conninfo, schema: str) -> None:
    """Make the schema (if it has a name) in a scratch database, and the search_path of each session that comes.

    So nothing that cleans a session between two files takes it away. Raises DatabaseError.
    """
    if not schema:
        return
    with closing(connect(fresh)) as conn, failure.told():
        conn.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(schema)}".encode())
        conn.execute(f"ALTER DATABASE {quote(fresh.database)} SET search_path = {quote(schema)}".encode())


def check(conn: Connection, schema: str) -> None:
    """Raise InputError if there is no schema of that name."""
    if not schema:
        return
    with failure.told():
        found = conn.execute("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %s", [schema]).fetchone()
    if found is None:
        raise InputError(Problem(message=f'no schema "{schema}"', hint=f"CREATE SCHEMA {quote(schema)}"))


def check_role(conn: Connection, name: str) -> None:
    """Raise InputError if there is no role of that name, or whoever connected may not take it."""
    if not name:
        return
    query = (
        "SELECT pg_catalog.pg_has_role(oid, 'MEMBER'), current_user FROM pg_catalog.pg_roles WHERE rolname = %s"
    )
    with failure.told():
        found = conn.execute(query, [name]).fetchone()
    if found is None:
        raise InputError(Problem(message=f'no role "{name}"', hint=f"CREATE ROLE {quote(name)}, or name another"))
    if not found[0]:
        raise InputError(
            Problem(
                message=f'"{found[1]}" may not take the role "{name}"',
                hint=f"let somebody who may run: GRANT {quote(name)} TO {quote(found[1])}",
            )
        )


def check_primary(conn: Connection) -> None:
    """Raise DatabaseError where nothing can be written, ever: on a standby. No round trip."""
    if conn.info.parameter_status("in_hot_standby") == "on":
        raise DatabaseError(
            Problem(
                message="this server is a standby, which only reads",
                detail="Nothing was run.",
                hint="connect to the primary; with several hosts in the address: target_session_attrs=read-write",
            )
        )


def check_strings(conn: Connection, steps: Iterable[Step]) -> None:
    """Raise InputError where this server would read a string otherwise than the file says.

    With standard_conforming_strings off a backslash in a plain string is an escape (4.1.2.1 of the manual), which
    no file means: pgproof cuts files by the standard, and a string would silently become another.
    """
    if conn.info.parameter_status("standard_conforming_strings") != "off":
        return
    problems = [
        Problem(
            message="a backslash in a string, and standard_conforming_strings is off",
            place=script.source.place(token.start, token.end - token.start),
            detail="The server would take it for an escape.",
            hint="ALTER DATABASE ... SET standard_conforming_strings = on; or write E'...', each backslash twice",
        )
        for script in (step.section.script for step in steps)
        for token in script.tokens
        if (text := token.of(script.source.text)).startswith("'") and "\\" in text
    ]
    raise_all(InputError, problems)
