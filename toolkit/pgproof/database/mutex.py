"""One migrator at a time, on any number of machines, also behind PgBouncer.

The lock of `advisory` where two sessions are to be had, else the lease of `lease`: whoever has the one keeps out
whoever wants the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg.pq import TransactionStatus

from pgproof.database.advisory import AdvisoryAttempts
from pgproof.database.conninfo import Conninfo
from pgproof.database.exclusion import Attempts, Mutex, MutexBusy, MutexLost, PoolTooSmall, busy
from pgproof.database.holder import Held, Holder
from pgproof.database.lease import LeaseAttempts
from pgproof.database.pace import Pace
from pgproof.errors import DatabaseError, Problem

__all__ = ["Mutex", "MutexBusy", "MutexLost", "Waiting", "hold", "key_of", "seek"]

_FIRST_DELAY, _LONGEST_DELAY = 0.05, 0.5  # seconds between attempts
_NEWS = 1.0  # seconds between two looks at who holds it


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """News for whoever waits: for `waited` seconds by now, and who holds the lock (None: it was just freed)."""

    waited: float
    held: Held | None


def key_of(schema: str = "pgproof") -> int:
    """The key of the lock that guards the history in `schema`; the database is part of every advisory lock."""
    digest = hashlib.sha256(f"pgproof migrations {schema}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


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
    while the lock has another; if it has not, which takes three seconds to know, the lease is taken. `wait` in
    seconds: None for ever, 0 to try once. Whoever waits may stop iterating (`close`) at any time; a good reason is
    that nothing is pending any more. Raises MutexBusy and DatabaseError.
    """
    assert worker.autocommit
    if worker.closed:
        raise DatabaseError(
            Problem(message="the connection is lost", detail="Nothing was changed.", hint="run the command again")
        )
    assert worker.info.transaction_status == TransactionStatus.IDLE
    attempts: Attempts = AdvisoryAttempts(conninfo, worker, key=key, holder=holder, pace=pace)
    try:
        return (yield from _poll(attempts, wait, pace))
    except PoolTooSmall:
        pass
    attempts = LeaseAttempts(worker, key=key, holder=holder, pace=pace)
    return (yield from _poll(attempts, wait, pace))


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


def _poll(attempts: Attempts, wait: float | None, pace: Pace) -> Generator[Waiting, None, Mutex]:
    begin = pace.monotonic()
    told_at: float | None = None
    try:
        for delay in pace.delays(_FIRST_DELAY, _LONGEST_DELAY):
            mutex = attempts.once()
            if mutex is not None:
                return mutex
            now = pace.monotonic()
            if wait is not None and now - begin >= wait:
                raise busy(attempts.holding(), now - begin)
            if told_at is None or now - told_at >= _NEWS:
                told_at = now
                yield Waiting(waited=now - begin, held=attempts.holding())
            pace.sleep(delay if wait is None else max(0.0, min(delay, begin + wait - now)))
    except BaseException:
        attempts.close()
        raise
    raise AssertionError("delays have no end")
