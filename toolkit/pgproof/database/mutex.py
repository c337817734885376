"""One migrator at a time, on any number of machines, also behind PgBouncer.

A connection of its own (H) opens a transaction, takes an advisory lock in it, and then does nothing but keep it
open; the work is done on another connection. The lock ends with the transaction, so that a killed process frees
it at once, and a pooler that lends sessions by the transaction cannot give it to anybody else.

What must never be done here, because CREATE INDEX CONCURRENTLY waits for the transactions of all snapshots that it
sees, and PostgreSQL knows nothing of a circle that goes through two connections of one program:
- wait for the lock in the server (a waiter has a snapshot for as long as it waits);
- run any query on H after it has the lock, however short (SELECT 1 has a snapshot for some microseconds; if the
  index sees that one, it waits for the end of H's transaction, which waits for the index). SET takes none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from threading import Event, Lock, Thread, Timer

import psycopg
from psycopg.pq import TransactionStatus

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.failure import client_message, problem, told
from pgproof.database.holder import Held, Holder, held
from pgproof.database.pace import Pace
from pgproof.database.queries import query
from pgproof.errors import DatabaseError, Problem

_FIRST_DELAY, _LONGEST_DELAY = 0.05, 0.5  # seconds between attempts
_NEWS = 1.0  # seconds between two looks at who holds it
_PULSE = 1.0  # seconds between two signs of life of H
_PATIENCE = 3.0  # seconds that a pooler gets to find a second session
_TRANSACTION_TIMEOUT = 170000  # the first version that has the setting
# so that a network that is gone is noticed on our side as well
_ATTENTIVE = {
    "keepalives_idle": "5",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}


class MutexBusy(DatabaseError):  # noqa: N818  (a state, not a defect)
    """Another migrator held the lock for longer than we were ready to wait."""


class MutexLost(DatabaseError):  # noqa: N818
    """The connection that held the lock is gone: somebody else may be migrating by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """News for whoever waits: for `waited` seconds by now, and who holds the lock (None: it was just freed)."""

    waited: float
    held: Held | None


def key_of(schema: str = "pgproof") -> int:
    """The key of the lock that guards the history in `schema`; the database is part of every advisory lock."""
    digest = hashlib.sha256(f"pgproof migrations {schema}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


class Mutex:
    """The lock, held until `release`. A thread gives a sign of life every second, and publishes the step."""

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

    @property
    def backend(self) -> int:
        """The pid of H's session, as its client knows it (behind a pooler: the pooler's word)."""
        return self._conn.info.backend_pid

    def tell(self, step: str) -> None:
        """Say what is being done now ("07-jobs 2/5"), for those who wait. Costs nothing: it is sent within 1 s."""
        self._step = step

    def check(self, *, not_older_than: float = 0.0) -> None:
        """Return if the lock is still ours, as of so many seconds ago at most (0: ask now, one round trip).

        Raises MutexLost.
        """
        if not self._lost and self._pace.monotonic() - self._alive_at >= not_older_than:
            self._give_sign()
        if self._lost:
            raise MutexLost(_lost_problem(self._lost))

    def release(self) -> None:
        """Free the lock. It is free in any case: errors of a connection that is gone are not told."""
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


def seek(
    conninfo: Conninfo,
    worker: psycopg.Connection,
    *,
    key: int,
    holder: Holder,
    wait: float | None,
    pace: Pace,
) -> Generator[Waiting, None, Mutex]:
    """Get the lock, with news about every second for as long as it takes; its value is the Mutex.

    `worker` is the connection that will do the work, idle and in autocommit: a pooler must have a session for it
    while the lock has another. `wait` in seconds: None for ever, 0 to try once. Whoever waits may stop iterating
    (`close`) at any time; a good reason is that nothing is pending any more. Raises MutexBusy and DatabaseError.
    """
    assert worker.info.transaction_status == TransactionStatus.IDLE
    conn = connect(_attentive(conninfo))
    try:
        yield from _poll(conn, key, wait, pace)
        if not _has_room_for(worker, conn):
            raise DatabaseError(_small_pool_problem())
        return Mutex(conn, holder=holder, pace=pace)
    except BaseException:
        _leave(conn)
        raise


@contextmanager
def hold(
    conninfo: Conninfo,
    worker: psycopg.Connection,
    *,
    key: int,
    holder: Holder,
    wait: float | None,
    pace: Pace,
    waiting: Callable[[Waiting], None] = lambda _: None,
) -> Iterator[Mutex]:
    """`seek` for the length of a block; `waiting` hears its news. Raises MutexBusy and DatabaseError."""
    search = seek(conninfo, worker, key=key, holder=holder, wait=wait, pace=pace)
    while True:
        try:
            waiting(next(search))
        except StopIteration as end:
            mutex: Mutex = end.value
            break
    try:
        yield mutex
    finally:
        mutex.release()


def _poll(conn: psycopg.Connection, key: int, wait: float | None, pace: Pace) -> Iterator[Waiting]:
    begin = pace.monotonic()
    told_at: float | None = None
    for delay in pace.delays(_FIRST_DELAY, _LONGEST_DELAY):
        if _try(conn, key):
            return
        now = pace.monotonic()
        is_late = wait is not None and now - begin >= wait
        if is_late or told_at is None or now - told_at >= _NEWS:
            told_at = now
            with told():
                holding = held(conn, key)
            if is_late:
                raise MutexBusy(_busy_problem(holding, now - begin))
            yield Waiting(waited=now - begin, held=holding)
        pace.sleep(delay if wait is None else max(0.0, min(delay, begin + wait - now)))


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
        conn.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        if conn.info.server_version >= _TRANSACTION_TIMEOUT:
            conn.execute("SET LOCAL transaction_timeout = 0")
    except psycopg.Error as error:
        raise DatabaseError(_trial_problem(error)) from error
    return True


def _has_room_for(worker: psycopg.Connection, conn: psycopg.Connection) -> bool:
    """False if a pooler had no session for the worker until the lock gave up its own, after three seconds.

    A client that waits for a session cannot be called back (PgBouncer's query_wait_timeout is two minutes); it
    gets the one that the lock lets go.
    """
    gave_up = Event()

    def give_up() -> None:
        gave_up.set()
        with suppress(psycopg.Error):
            conn.execute("ROLLBACK")

    timer = Timer(_PATIENCE, give_up)
    timer.start()
    try:
        with told():
            worker.execute("SELECT 1")
    finally:
        timer.cancel()
        timer.join()
    return not gave_up.is_set()


def _leave(conn: psycopg.Connection) -> None:
    """End the transaction in peace, so that a pooler can keep its session; a lost connection has none."""
    with suppress(psycopg.Error):
        if not conn.closed and conn.info.transaction_status != TransactionStatus.IDLE:
            conn.execute("ROLLBACK")
    conn.close()


def _attentive(conninfo: Conninfo) -> Conninfo:
    ours = {name: value for name, value in _ATTENTIVE.items() if not conninfo.says(name)}
    return Conninfo.of(**{**ours, **dict(conninfo.parameters)})


def _busy_problem(holding: Held | None, waited: float) -> Problem:
    stuck = (
        f" If nothing works there any more, this frees it: SELECT pg_terminate_backend({holding.backend})."
        if holding and holding.backend
        else ""
    )
    who = f"{holding} holds the migration lock." if holding else "Others take the migration lock in turns."
    return Problem(
        message="another migrator is at work on this database",
        detail=f"{who[:1].upper()}{who[1:]} Waited {waited:.1f} s for it.{stuck}",
        hint="run again when it has ended, or wait for longer: --lock-wait SECONDS",
    )


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


def _lost_problem(reason: str) -> Problem:
    return Problem(
        message="the migration lock is lost",
        detail=f"The connection that held it is gone: {reason}. Another migrator may be at work by now, so "
        "nothing more was sent.",
        hint="run again",
    )
