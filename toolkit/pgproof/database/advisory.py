"""The migration lock: an advisory lock in a transaction of a connection of its own, H, that does nothing else.

The lock ends with the transaction, so that a killed process frees it at once, and a pooler that lends sessions by
the transaction cannot give it to anybody else. The work is done on another connection.

What must never be done here, because CREATE INDEX CONCURRENTLY waits for the transactions of all snapshots that it
sees, and PostgreSQL knows nothing of a circle that goes through two connections of one program:
- wait for the lock in the server (a waiter has a snapshot for as long as it waits);
- run any query on H after it has the lock, however short (SELECT 1 has a snapshot for some microseconds; an index
  that sees that one waits for the end of H's transaction, which waits for the index). SET takes none.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from threading import Event, Lock, Thread

import psycopg
from psycopg.pq import TransactionStatus

from pgproof.database import lease
from pgproof.database.connection import connect, hang_up
from pgproof.database.conninfo import Conninfo
from pgproof.database.exclusion import Mutex, PoolTooSmall, lost
from pgproof.database.failure import client_message, problem, told
from pgproof.database.holder import Held, Holder, held
from pgproof.database.pace import Pace, patience
from pgproof.database.queries import query
from pgproof.errors import DatabaseError, Problem

_PULSE = 1.0  # seconds between two signs of life of H
_PATIENCE = 3.0  # seconds that a pooler gets to find us a session
_UNLIMITED = "SET LOCAL idle_in_transaction_session_timeout = 0"
_UNLIMITED_FROM_17 = "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL transaction_timeout = 0"
# so that a network that is gone is noticed on our side as well
_ATTENTIVE = {
    "keepalives_idle": "5",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}


class AdvisoryLock(Mutex):
    """The lock on H. A thread gives a sign of life every second, and publishes the step."""

    def __init__(self, conn: psycopg.Connection, *, holder: Holder, pace: Pace) -> None:
        self._conn = conn
        self._holder = holder
        self._pace = pace
        self._step = "begins"
        self._alive_at = pace.monotonic()
        self._lost = ""
        self._turn = Lock()
        self._ended = Event()
        self._pulse = Thread(target=self._beat, name="pgproof mutex", daemon=True)
        self._give_sign()
        self._pulse.start()

    def tell(self, step: str) -> None:
        """The thread sends it within a second."""
        self._step = step

    def check(self, *, not_older_than: float = 0.0) -> None:
        """See Mutex."""
        if not self._lost and self._pace.monotonic() - self._alive_at >= not_older_than:
            self._give_sign()
        if self._lost:
            raise lost(f"The connection that held it is gone: {self._lost}")

    def follow(self, worker: psycopg.Connection) -> None:
        """H does not depend on the worker."""

    def release(self) -> None:
        """See Mutex; a connection that is gone has freed the lock already."""
        self._ended.set()
        self._pulse.join()
        _leave(self._conn)

    def _beat(self) -> None:
        while not self._lost and not self._ended.wait(_PULSE):
            self._give_sign()

    def _give_sign(self) -> None:
        """Say the step on H. SET LOCAL is a statement without a snapshot, which is what makes it harmless."""
        words = self._holder.words(self._step).replace("'", "''")
        with self._turn:
            try:
                self._conn.execute(f"SET LOCAL application_name = '{words}'".encode())
            except psycopg.Error as error:
                self._lost = client_message(error)[0]
                return
            if self._conn.info.transaction_status != TransactionStatus.INTRANS:
                self._lost = "its transaction has ended"
            self._alive_at = self._pace.monotonic()


class AdvisoryAttempts:
    """Attempts to get the lock, each in a transaction of its own. Raises PoolTooSmall where two sessions are not
    to be had: one for H, one for `worker`.
    """

    def __init__(
        self, conninfo: Conninfo, worker: psycopg.Connection, *, key: int, holder: Holder, pace: Pace
    ) -> None:
        self._conn = connect(_attentive(conninfo))
        self._worker = worker
        self._key = key
        self._holder = holder
        self._pace = pace
        self._has_answered = False
        self._lease: Held | None = None

    def once(self) -> Mutex | None:
        """The lock, if it is free and nobody has a lease either."""
        if not self._try_guarded():
            return None
        self._lease = self._ask_worker()
        if self._lease is not None:
            self._conn.execute("ROLLBACK")
            return None
        return AdvisoryLock(self._conn, holder=self._holder, pace=self._pace)

    def holding(self) -> Held | None:
        """Who has the lock or the lease."""
        with told():
            return self._lease or held(self._conn, self._key)

    def close(self) -> None:
        """Leave the server."""
        _leave(self._conn)

    def _try_guarded(self) -> bool:
        if self._has_answered:
            return _try(self._conn, self._key)
        with patience(_PATIENCE, lambda: hang_up(self._conn)) as gave_up:
            try:
                found = _try(self._conn, self._key)
            except DatabaseError:
                if gave_up.is_set():
                    raise PoolTooSmall(_small_pool_problem()) from None
                raise
        self._has_answered = True
        return found

    def _ask_worker(self) -> Held | None:
        """The lease that is in force, asked for on the worker while H has its session.

        Who waits for a session cannot be called back (PgBouncer's query_wait_timeout is two minutes), but it gets
        the one that H leaves.
        """
        with patience(_PATIENCE, lambda: _leave(self._conn)) as gave_up, told():
            found = lease.in_force(self._worker)
        if gave_up.is_set():
            raise PoolTooSmall(_small_pool_problem())
        return found


def _try(conn: psycopg.Connection, key: int) -> bool:
    """One attempt; if it fails, its transaction has ended, which also gives a pooler its session back."""
    cursor = psycopg.ClientCursor(conn)  # several statements in one message have no parameters of the protocol's
    try:
        cursor.execute(query("mutex_try"), {"key": key})
        while cursor.nextset():
            pass
        row = cursor.fetchone()
        if not (row and row[0]):
            conn.execute("ROLLBACK")
            return False
        conn.execute(_UNLIMITED if conn.info.server_version < 170000 else _UNLIMITED_FROM_17)
    except psycopg.Error as error:
        raise DatabaseError(_trial_problem(error)) from error
    return True


def _leave(conn: psycopg.Connection) -> None:
    """End the transaction in peace, so that a pooler can keep its session; a lost connection has none."""
    with suppress(psycopg.Error):
        if not conn.closed and conn.info.transaction_status != TransactionStatus.IDLE:
            conn.execute("ROLLBACK")
    conn.close()


def _attentive(conninfo: Conninfo) -> Conninfo:
    ours = {name: value for name, value in _ATTENTIVE.items() if not conninfo.says(name)}
    return Conninfo.of(**{**ours, **dict(conninfo.parameters)})


def _trial_problem(error: psycopg.Error) -> Problem:
    said = problem(error)
    if "statement pooling" in said.message:  # PgBouncer's words
        hint = "use a pool that lends sessions by the transaction or longer, or connect to the server itself"
        return replace(said, hint=hint)
    return said


def _small_pool_problem() -> Problem:
    return Problem(
        message="the pooler has only one session for this database",
        detail=f"The migration lock needs one, and the work another: none came free within {_PATIENCE:.0f} s.",
        hint="connect to the server itself, or give the pool two sessions (PgBouncer: pool_size)",
    )
