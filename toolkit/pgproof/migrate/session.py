"""The connection that does the work, with all that watches over it; it is replaced when it is lost."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import nullcontext, suppress

from pgproof.database import exchange, failure, pooler, watch
from pgproof.database.connection import Connection, connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.exchange import Reply
from pgproof.database.mutex import Mutex
from pgproof.database.pooler import Pooling
from pgproof.database.watchdog import Watchdog
from pgproof.errors import DatabaseError, Problem
from pgproof.migrate import history
from pgproof.migrate.event import Event, Noticed
from pgproof.migrate.message import Part, Piece
from pgproof.migrate.news import News
from pgproof.migrate.plan import Step
from pgproof.migrate.terms import Terms

_PATIENCE = 30.0
"""Seconds to wait for a server that was lost."""
_FIRST_DELAY, _LONGEST_DELAY = 0.1, 1.0
_LOOK = 0.1
_FRESH = 2.0
"""How many seconds old the last sign of life of the lock may be, where a migration's own row guards it as well."""


class Session:
    """A connection, idle and in autocommit, the terms of the run, and who guards it.

    Without a mutex nobody is kept away; without a watchdog nobody is told who blocks.
    """

    ASKING = f"asking what became of it, for {_PATIENCE:.0f} s if the server does not let us in"

    def __init__(
        self,
        conn: Connection,
        conninfo: Conninfo,
        terms: Terms,
        *,
        mutex: Mutex | None = None,
        watchdog: Watchdog | None = None,
    ) -> None:
        assert conn.autocommit
        assert exchange.is_idle(conn)
        self.conn = conn
        self.terms = terms
        self._conninfo = conninfo
        self._mutex = mutex
        self._watchdog = watchdog
        self._kept = ""
        self._said: list[tuple[str, str]] = []
        self._pooling: Pooling | None = None
        self._is_blind_told = False
        exchange.listen(conn, self._hear)

    @property
    def is_pooled(self) -> bool:
        """True behind a pooler that lends sessions by the transaction. Asked of the server once."""
        if self._pooling is None:
            self._pooling = pooler.kind(self.conn, self._conninfo)
        return self._pooling is Pooling.TRANSACTION

    @property
    def fence(self) -> tuple[Piece, ...]:
        """What has to be among the first of each transaction: it fails if the lock is not ours any more."""
        fence = self._mutex.fence if self._mutex else ""
        return (Piece(fence, Part.RECORD),) if fence else ()

    def tag(self, step: Step, number: int | None = None) -> str:
        """The comment in front of what is sent, by which it is found on the server."""
        where = str(step.migration.version) if number is None else f"{step.migration.version}:{number}"
        return watch.tag(str(self.terms.run), where)

    def send(
        self,
        step: Step,
        text: str,
        *,
        tag: str = "",
        number: int | None = None,
        limits: watch.Limits | None = None,
    ) -> Generator[Event, None, Reply]:
        """Send a message, statement `number` of a step or all of it; while it runs, say so.

        If a lock was waited for, the context of its error says whose.
        """
        limits = limits or watch.Limits(victims=self.terms.victims)
        with self._watchdog.watching(tag, limits) if self._watchdog and tag else nullcontext() as watched:
            news = News(self.terms, step, number, watched, self._blind)
            sent: Generator[Event, None, Reply] = exchange.sending(self.conn, text, news=news, watch=watched)
            return (yield from sent)

    def _blind(self) -> str:
        """Why the watchdog sees nothing, if it does not; told once in a run."""
        if self._watchdog is None or self._is_blind_told or not self._watchdog.blind:
            return ""
        self._is_blind_told = True
        return self._watchdog.blind

    def notices(self, step: Step) -> Iterator[Noticed]:
        """What the server said since this was asked last."""
        while self._said:
            severity, message = self._said.pop(0)
            yield Noticed(step=step, severity=severity, message=message)

    def tell(self, step: Step, number: int | None = None) -> None:
        """Publish which step is on, and that it goes on only if the lock is ours. Raises MutexLost."""
        if self._mutex is None:
            return
        total = len(step.section.statements)
        self._mutex.tell(step.migration.label if number is None else f"{step.migration.label} {number}/{total}")
        self._mutex.check(not_older_than=_FRESH if number is None else 0.0)

    def keep(self, settings: str) -> None:
        """Send settings that a connection that replaces this one must have, too. Raises psycopg.Error."""
        self._kept = settings
        if settings:
            self.conn.execute(settings.encode())

    def reconnect(self) -> Problem | None:
        """Replace a connection that is lost, as soon as the server lets us; the problem if it does not."""
        begin = self.terms.pace.monotonic()
        for delay in self.terms.pace.delays(_FIRST_DELAY, _LONGEST_DELAY):
            try:
                fresh = connect(self._conninfo)
            except DatabaseError as error:
                if self.terms.pace.monotonic() - begin > _PATIENCE:
                    return error.problems[0]
                self.terms.pace.sleep(delay)
                continue
            self.conn.close()
            self.conn = fresh
            if self._mutex:
                self._mutex.follow(fresh)
            exchange.listen(fresh, self._hear)
            if self._kept:
                fresh.execute(self._kept.encode())
            return None
        raise AssertionError("delays have no end")

    def silence(self, run: str, *, cancels: bool = False) -> None:
        """Wait until the server is done with all that a run, which hears no answer any more, has sent to it.

        With `cancels` what is at work is cancelled: somebody who interrupts does not want to wait for it. Nothing
        of the run can arrive later either. Raises psycopg.Error.
        """
        own = watch.tag(run, "")[: -len(" */ ")]
        values = {"tag": own, "cancels": cancels}
        while self.conn.execute(history.query("sessions_of_run"), values).fetchall():
            self.terms.pace.sleep(_LOOK)

    def pause(self, seconds: float) -> None:
        """Let time pass between two messages, in which the server does not end the session for being idle.

        A pooler has sessions of its own to look after, and gets no settings.
        """
        with suppress(DatabaseError), failure.told():
            if not self.is_pooled:
                self.conn.execute("SET idle_session_timeout = 0")
        self.terms.pace.sleep(seconds)

    def close(self) -> None:
        """Close the connection that there is now."""
        self.conn.close()

    def _hear(self, severity: str, message: str) -> None:
        self._said.append((severity, message))
