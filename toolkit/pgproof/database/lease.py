"""The migration lease: a row that says who migrates, for pools with a single session.

It runs out a minute after the last sign of life. Until somebody else takes it nothing is lost; whoever does raises
its token, and then the fence stops every transaction of the one before. While such a transaction is open it has
the row locked, and nobody takes the lease. A statement outside of transactions cannot be fenced: while one that is
tagged as ours (watch.tag) runs on this database, nobody takes a lease either. What is left is a process that
sleeps for more than a minute exactly between its sign of life and such a statement.

Whoever takes or ends a lease has the advisory lock while doing so: a lease and a lock never are in force together.
"""

from __future__ import annotations

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import class_row

from pgproof.database.exclusion import Mutex, lost
from pgproof.database.failure import told
from pgproof.database.holder import Held, Holder, held
from pgproof.database.pace import Pace
from pgproof.database.queries import query
from pgproof.errors import Problem

_REMARK = Problem(
    message="the pool has one session for us: a lease is held instead of a lock",
    detail="A row in pgproof.lease says that we are at work; it runs out a minute after our last sign of life. "
    "No session is left to look whom a statement waits for.",
    hint="give pgproof a pool of three sessions or more, or the address of the server itself",
)


class Lease(Mutex):
    """The row, while its token is ours. Signs of life go over the worker, when it is idle."""

    remark = _REMARK

    def __init__(self, worker: psycopg.Connection, token: int, *, holder: Holder, pace: Pace) -> None:
        fence = psycopg.ClientCursor(worker).mogrify(query("lease_fence").decode(), {"token": token})
        self.fence = fence.rstrip().removesuffix(";")
        self._worker = worker
        self._token = token
        self._holder = holder
        self._pace = pace
        self._step = "begins"
        self._alive_at = pace.monotonic()

    def tell(self, step: str) -> None:
        """It is written with the next sign of life."""
        self._step = step

    def check(self, *, not_older_than: float = 0.0) -> None:
        """See Mutex."""
        now = self._pace.monotonic()
        if now - self._alive_at < not_older_than:
            return
        assert self._worker.info.transaction_status == TransactionStatus.IDLE
        values = {"token": self._token, "words": self._holder.words(self._step)}
        with told():
            renewed = self._worker.execute(query("lease_renew"), values).fetchone()
        if renewed is None:
            raise lost("Nothing was heard of us for too long, and somebody else has taken the lease")
        self._alive_at = now

    def follow(self, worker: psycopg.Connection) -> None:
        """Signs of life go over this connection from now on."""
        self._worker = worker

    def release(self) -> None:
        """See Mutex; where the worker is lost, the lease runs out by itself."""
        try:
            if not self._worker.closed and self._worker.info.transaction_status == TransactionStatus.IDLE:
                self._worker.execute("UPDATE pgproof.lease SET words = '' WHERE token = %s", [self._token])
        except psycopg.Error:
            return


class LeaseAttempts:
    """Attempts to get the lease, each in a transaction of the worker's."""

    def __init__(self, worker: psycopg.Connection, *, key: int, holder: Holder, pace: Pace) -> None:
        self._worker = worker
        self._key = key
        self._holder = holder
        self._pace = pace
        self._held: Held | None = None

    def once(self) -> Mutex | None:
        """The lease, if nobody has one, or one that has run out, and nobody has the lock."""
        with told():
            try:
                token = self._take()
            finally:
                _roll_back(self._worker)
        return None if token is None else Lease(self._worker, token, holder=self._holder, pace=self._pace)

    def holding(self) -> Held | None:
        """Who had the lease or the lock when it was asked last."""
        return self._held

    def close(self) -> None:
        """The worker is not ours."""

    def _take(self) -> int | None:
        conn = self._worker
        conn.execute("BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE")
        row = conn.execute("SELECT pg_catalog.pg_try_advisory_xact_lock(%s)", [self._key]).fetchone()
        if not (row and row[0]):
            conn.execute("ROLLBACK")
            self._held = held(conn, self._key)
            return None
        self._held = in_force(conn)
        if self._held is not None:
            return None
        _create_if_missing(conn)
        taken = conn.execute(query("lease_take"), {"words": self._holder.words("begins")}).fetchone()
        conn.execute("COMMIT")
        assert taken
        return int(taken[0])


def in_force(conn: psycopg.Connection) -> Held | None:
    """Who has the lease; one that has run out is ended here. Ask while the advisory lock is yours.

    Raises psycopg.Error.
    """
    row = conn.execute("SELECT pg_catalog.to_regclass('pgproof.lease') IS NOT NULL").fetchone()
    if not (row and row[0]):
        return None
    with conn.cursor(row_factory=class_row(Held)) as cursor:
        return cursor.execute(query("lease_in_force"), binary=True).fetchone()


def _create_if_missing(conn: psycopg.Connection) -> None:
    row = conn.execute("SELECT pg_catalog.to_regnamespace('pgproof') IS NOT NULL").fetchone()
    if not (row and row[0]):
        conn.execute("CREATE SCHEMA pgproof")
    conn.execute(query("lease_create"))


def _roll_back(conn: psycopg.Connection) -> None:
    if not conn.closed and conn.info.transaction_status != TransactionStatus.IDLE:
        conn.execute("ROLLBACK")
