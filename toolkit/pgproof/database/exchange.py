"""One message to the server and what comes back: several statements in one round trip.

The message is a simple query (protocol, "Simple Query"): the server parses all of it first, then runs statement
after statement until one fails, and answers at the end. What a driver throws away when one fails, how many had
ended well, is kept here, since it says which one failed when the server gives no position.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

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
_AT_ONCE, _LAST_WORDS = 10, 50
"""Ticks in which a server answers that was asked to cancel; and that it has at most, when asked again."""
_Word = TypeVar("_Word")


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


def send(conn: psycopg.Connection, text: str) -> Reply:
    """Send `text` on an idle connection and wait for the end of it.

    Raises nothing that a server or a person may cause.
    """
    sent: Generator[None, None, Reply] = sending(conn, text, news=lambda: None)
    try:
        next(sent)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    raise AssertionError("no news is never told")


def sending(
    conn: psycopg.Connection, text: str, *, news: Callable[[], _Word | None], watch: Watch | None = None
) -> Generator[_Word, None, Reply]:
    """As `send`, while `watch` is kept by somebody else; `news` is asked at each tick, and what it says yielded.

    An interruption may be thrown in there, and counts as if it had come while the server was waited for. If the
    generator is closed, the statement is cancelled and the connection is closed: nobody knows what came of it.
    """
    results: list[pq.abc.PGresult] = []
    error: psycopg.Error | None = None
    stop: KeyboardInterrupt | None = None
    try:
        conn.pgconn.send_query(text.encode())
        answers = _answers(conn.pgconn, results)
        while not conn.wait(_some(answers, 1), interval=TICK):
            if (told := news()) is not None:
                yield from _told(conn, told)
    except psycopg.Error as broken:
        error = broken
    except KeyboardInterrupt as interruption:
        stop = interruption
        error = _last_words(conn, results)
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


def _told(conn: psycopg.Connection, told: _Word) -> Generator[_Word, None, None]:
    """Yield what is told; if that ends badly, the statement that is running is cancelled."""
    try:
        yield told
    except KeyboardInterrupt:
        _cancel(conn)
        raise
    except BaseException:
        _cancel(conn)
        conn.close()
        raise


def _cancel(conn: psycopg.Connection) -> None:
    with suppress(psycopg.Error):
        conn.cancel_safe(timeout=_LAST_WORDS * TICK)


def _last_words(conn: psycopg.Connection, results: list[pq.abc.PGresult]) -> psycopg.Error | None:
    """Hear what the server has to say to being cancelled; if it says nothing, the connection is given up.

    The driver has asked it to cancel, unless the interruption came in one of the moments between two waits. It may
    have come in the midst of gathering, too, which ends a generator: so the rest is gathered by a new one.
    """
    answers = _answers(conn.pgconn, results)
    try:
        if _is_busy(conn) and not conn.wait(_some(answers, _AT_ONCE), interval=TICK):
            _cancel(conn)
            conn.wait(_some(answers, _LAST_WORDS), interval=TICK)
    except psycopg.Error as broken:
        return broken
    except KeyboardInterrupt:  # once more: there is no patience left
        conn.pgconn.finish()
    if _is_busy(conn):
        conn.pgconn.finish()
    return None


def _is_busy(conn: psycopg.Connection) -> bool:
    return conn.pgconn.transaction_status == TransactionStatus.ACTIVE


def _some(answers: PQGen[None], ticks: int) -> PQGen[bool]:
    """Go on gathering answers, until none has come for so many ticks; True when all are there."""
    quiet = 0
    try:
        wanted = next(answers)
        while quiet < ticks:
            ready = yield wanted
            quiet = 0 if ready else quiet + 1
            if ready:
                wanted = answers.send(ready)
    except StopIteration:
        return True
    return False


def _answers(pgconn: pq.abc.PGconn, results: list[pq.abc.PGresult]) -> PQGen[None]:
    """Gather the results of what was sent as they come; where one is cut off, another goes on with the rest."""
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
        before = len(results)
        results.extend(islice(iter(pgconn.get_result, None), 1))  # in one step, so that no interruption loses it
        if len(results) == before:
            return
        if results[-1].status in _COPIES:  # refused when the file is read; nobody could feed it
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
