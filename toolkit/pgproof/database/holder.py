"""Who runs migrations: as one says it of oneself, and as others see it on the server.

The words stand in application_name, where monitoring shows them too. It has 63 bytes of ASCII (NAMEDATALEN), and
unlike a query's text it is there for every role (pg_stat_get_activity in pgstatfuncs.c).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from pgproof.database.queries import query

_ROOM = 63
_ROOM_FOR_HOST = 28
_WORDS = re.compile(r"pgproof (?P<host>\S*)#(?P<pid>\d+)(?: (?P<step>.*))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A run of migrations: the machine and the process that it runs in."""

    host: str
    pid: int

    def words(self, step: str) -> str:
        """What application_name says while `step` is on. A long host keeps its end, a long step its beginning."""
        host = re.sub(r"\s", "_", _ascii(self.host))[-_ROOM_FOR_HOST:]
        return f"pgproof {host}#{self.pid} {_ascii(step)}"[:_ROOM].strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Who holds the lock, as its waiters see it.

    `backend` is the pid of its session on the server, 0 if it holds a lease; `user` the role; `words` its
    application_name. `since` and `seconds` (of the server's clock) are None where our role may not know.
    """

    backend: int
    user: str
    words: str
    since: datetime | None
    seconds: float | None

    @property
    def step(self) -> str:
        """What it was doing when last heard of; empty if it does not say."""
        found = _WORDS.fullmatch(self.words)
        return (found and found["step"]) or ""

    @property
    def who(self) -> str:
        """For messages: `process 4711 on web-1 (role app, backend 812)`."""
        found = _WORDS.fullmatch(self.words)
        name = f"process {found['pid']} on {found['host']}" if found else f'"{self.words}"'
        backend = f", backend {self.backend}" if self.backend else ""
        return f"{name} (role {self.user}{backend})"

    def __str__(self) -> str:
        since = f" since {self.since:%Y-%m-%d %H:%M:%S%z}" if self.since else ""
        seconds = f" ({self.seconds:.0f} s)" if self.seconds is not None else ""
        return f"{self.who}{since}{seconds}{f', at {self.step}' if self.step else ''}"


def held(conn: psycopg.Connection, key: int) -> Held | None:
    """Who holds the advisory lock `key` of this database; None if nobody does. Raises psycopg.Error."""
    with conn.cursor(row_factory=class_row(Held)) as cursor:
        return cursor.execute(query("mutex_holder"), {"key": key}, binary=True).fetchone()


def _ascii(text: str) -> str:
    """The server would write other characters as several of its own."""
    return "".join(char if " " <= char <= "~" else "?" for char in text)
