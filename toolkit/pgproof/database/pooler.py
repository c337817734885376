"""What stands between us and the server, and what is not to be had through it.

Through a pooler that lends sessions by the transaction, whatever a session keeps beyond one is lost or, worse, met
by strangers: SET without LOCAL, session locks, temporary tables, prepared statements, LISTEN, SET ROLE.
"""

from __future__ import annotations

from contextlib import closing
from enum import StrEnum

import psycopg

from pgproof.database.connection import connect, hang_up
from pgproof.database.conninfo import Conninfo
from pgproof.database.failure import problem, told
from pgproof.database.pace import patience
from pgproof.errors import DatabaseError

_ROUNDS = 5
_PATIENCE = 3.0  # seconds


class Pooling(StrEnum):
    """Whose session it is: ours, ours until we leave, ours until a transaction ends."""

    NONE = "none"
    SESSION = "session"
    TRANSACTION = "transaction"


def is_pooled(conn: psycopg.Connection) -> bool:
    """True if the server's session is not the one that we were told when connecting. One round trip.

    A pooler invents the pid that it gives to its client (PgBouncer, Odyssey, PgCat do). Raises psycopg.Error.
    """
    return _backend(conn) != conn.info.backend_pid


def kind(conn: psycopg.Connection, conninfo: Conninfo) -> Pooling:
    """What kind of pooler there is, if any; `conn` must be idle and in autocommit.

    Two clients who are served by the same session at the same time have it by the transaction. That they never
    are proves less, and counts as pooling by the session. Where the second one gets no session within three
    seconds it is not known: then it counts as pooling by the transaction, with which one must be more careful.
    Raises DatabaseError.
    """
    with told():
        if not is_pooled(conn):
            return Pooling.NONE
    with closing(connect(conninfo)) as second, patience(_PATIENCE, lambda: hang_up(second)) as gave_up:
        try:
            is_shared = any(_backend(conn) == _backend(second) for _ in range(_ROUNDS))
        except psycopg.Error as error:
            if not gave_up.is_set():
                raise DatabaseError(problem(error)) from error
            return Pooling.TRANSACTION
    return Pooling.TRANSACTION if is_shared else Pooling.SESSION


def _backend(conn: psycopg.Connection) -> int:
    row = conn.execute("SELECT pg_catalog.pg_backend_pid()").fetchone()
    assert row
    return int(row[0])
