"""A database that holds one of everything, and changes to it: `cases/catalog/everything.sql` and `changes.sql`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer

CASES = Path(__file__).parent.parent / "cases" / "catalog"
_CHANGE = re.compile(r"(?:@(?P<since>\d+)?(?:-(?P<until>\d+))? )?(?P<sql>[^-@].*)")
_ROLES = re.compile(r"\b(reader|writer)\b")


class Everything:
    """The statements for a server of that major, with roles and a tablespace of their own."""

    def __init__(self, major: int) -> None:
        self.major = major
        self._suffix = uuid4().hex[:12]
        self.tablespace = f"ts_{self._suffix}"

    @property
    def roles(self) -> tuple[str, str]:
        """The names of the roles."""
        return f"reader_{self._suffix}", f"writer_{self._suffix}"

    def script(self, database: str) -> str:
        """What builds it in that database."""
        lines, since = [], 0
        for line in CASES.joinpath("everything.sql").read_text().splitlines():
            if begin := re.match(r"-- from (\d+)", line):
                since = int(begin[1])
            elif self.major >= since:
                lines.append(self._named(line, database))
        return "\n".join(lines)

    def changes(self, database: str, *, every: int = 1, turn: int = 0, special: bool = False) -> Iterator[str]:
        """The changes, each to be undone; or every so manieth, and with `special` those that not all majors know.

        `turn` says which ones: a change is of the same turn on each major.
        """
        lines = CASES.joinpath("changes.sql").read_text().splitlines()
        for number, match in enumerate(filter(None, map(_CHANGE.match, lines))):
            is_special = bool(match["since"] or match["until"])
            if (number % every == turn % every or (special and is_special)) and int(
                match["since"] or 0
            ) <= self.major <= int(match["until"] or 99):
                yield self._named(match["sql"], database)

    def _named(self, text: str, database: str) -> str:
        text = text.replace("DATABASE_NAME", database).replace("TABLESPACE ts", f"TABLESPACE {self.tablespace}")
        return _ROLES.sub(rf"\1_{self._suffix}", text)


@contextmanager
def roles_for(server: Conninfo, like: Everything | None = None) -> Iterator[Everything]:
    """The statements, whose roles and tablespace are there; `server` is any database of it, and a superuser.

    With `like`, roles and tablespace are called as those on another server.
    """
    with closing(connect(server)) as conn:
        found = like or Everything(conn.info.server_version // 10_000)
        conn.execute("SET allow_in_place_tablespaces = on")
        conn.execute(f"CREATE TABLESPACE {found.tablespace} LOCATION ''".encode())
        for role in found.roles:
            conn.execute(f"CREATE ROLE {role}".encode())
        try:
            yield found
        finally:
            for role in found.roles:
                conn.execute(f"DROP OWNED BY {role} CASCADE".encode())
            for role in found.roles:
                conn.execute(f"DROP ROLE {role}".encode())
            conn.execute(f"DROP TABLESPACE {found.tablespace}".encode())


@contextmanager
def built(found: Everything, server: ScratchServer, script: str | None = None) -> Iterator[psycopg.Connection]:
    """A database that holds everything, or what another script builds; a superuser's connection, in autocommit."""
    with server.database() as database, closing(connect(database)) as conn:
        try:
            conn.execute((script or found.script(conn.info.dbname)).encode())
            conn.execute("RESET ALL; SET allow_system_table_mods = on; SET client_min_messages = error")
            yield conn
        finally:
            if conn.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                conn.execute("ROLLBACK")
            if conn.execute("SELECT 1 FROM pg_catalog.pg_subscription WHERE subname = 'feed'").fetchone():
                conn.execute("DROP SUBSCRIPTION feed")
            for role in found.roles:
                conn.execute(f"DROP OWNED BY {role} CASCADE".encode())
