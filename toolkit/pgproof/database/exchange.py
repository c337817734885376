"""One message to the server and what comes back: several statements in one round trip.

The message is a simple query (protocol, "Simple Query"): the server parses all of it first, then runs statement
after statement until one fails, and answers at the end. What a driver throws away when one fails, how many had
ended well, is kept here, since it says which one failed when the server gives no position.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg
from psycopg import pq
from psycopg.abc import PQGen
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.waiting import READY_R, WAIT_R, WAIT_RW

from pgproof.database.watchdog import Watch

_FAILED = frozenset({ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE, ExecStatus.NONFATAL_ERROR})
_COPIES = frozenset({ExecStatus.COPY_IN, ExecStatus.COPY_OUT, ExecStatus.COPY_BOTH})
TICK = 0.1
"""Seconds for which a signal may go unseen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came of a message: `done` statements ended well, and `error` is what stopped the next one, if any.

    `lost`: the connection is gone, so what happened is not known beyond `done` (the server answers at the end of
    the message, so that `done` may be 0 though all of it was committed). `stop`: the person's interruption; the
    server was asked to cancel and had five seconds to answer. `watch` is what was seen of others meanwhile.
    """

    done: int
    error: psycopg.Error | None = None
    lost: bool = False
    stop: KeyboardInterrupt | None = None
    watch: Watch | None = None
    _results: Sequence[pq.abc.PGresult] = field(default=(), repr=False, compare=False)

    def rows(self, index: int) -> int:
        """How many rows the statement of that index (from 0), which ended well, returned or touched."""
        return self._results[index].command_tuples or 0

    @property
    def is_well(self) -> bool:
        """True if all of it was done and nobody interrupts."""
        return self.error is None and not self.lost and self.stop is None


def send(conn: psycopg.Connection, text: str, *, watch: Watch | None = None) -> Reply:
    """Send `text` on an idle connection and wait for the end of it, while `watch` is kept by somebody else.

    Raises nothing that a server or a person may cause.
    """
    results: list[pq.abc.PGresult] = []
    error: psycopg.Error | None = None
    stop: KeyboardInterrupt | None = None
    try:
        conn.wait(_answers(conn.pgconn, text.encode(), results), interval=TICK)
    except psycopg.Error as broken:
        error = broken
    except KeyboardInterrupt as interruption:
        stop = interruption
    done = next((number for number, result in enumerate(results) if result.status in _FAILED), len(results))
    if done < len(results):
        error = psycopg.errors.error_from_result(results[done], encoding=conn.info.encoding)
    return Reply(
        done=done,
        error=error,
        lost=conn.pgconn.status != ConnStatus.OK,
        stop=stop,
        watch=watch,
        _results=results,
    )


def _answers(pgconn: pq.abc.PGconn, text: bytes, results: list[pq.abc.PGresult]) -> PQGen[None]:
    """Send, then gather the results as they come, so that they are there when this is cut off."""
    pgconn.send_query(text)
    while pgconn.flush() != 0:
        while not (ready := (yield WAIT_RW)):
            pass
        if ready & READY_R:
            pgconn.consume_input()
    while True:
        while pgconn.is_busy():
            while not (yield WAIT_R):
                pass
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:
            return
        results.append(result)
        if result.status in _COPIES:  # refused when the file is read; nobody could feed it
            pgconn.finish()
            return


def is_idle(conn: psycopg.Connection) -> bool:
    """True if the connection is alive, and no transaction is open on it."""
    return not conn.closed and conn.info.transaction_status == TransactionStatus.IDLE


def roll_back(conn: psycopg.Connection) -> None:
    """End a transaction that is open; a connection that is lost has none any more."""
    if not conn.closed and conn.info.transaction_status != TransactionStatus.IDLE:
        with suppress(psycopg.Error):
            conn.execute("ROLLBACK")


def listen(conn: psycopg.Connection, hear: Callable[[str, str], None]) -> None:
    """Have `hear` told severity and message of what the server says besides results, as it comes."""

    def heard(notice: psycopg.errors.Diagnostic) -> None:  # its fields are gone when this returns
        hear(notice.severity or "", notice.message_primary or "")

    conn.add_notice_handler(heard)
