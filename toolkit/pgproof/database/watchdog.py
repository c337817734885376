"""A thread that looks after the statement that is running, and cancels it when it does harm or takes too long.

It needs neither SET (which leaks through a pooler) nor a transaction, so it also serves statements that cannot run
in one. For as long as statements are quick it does nothing, not even connect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

import psycopg

from pgproof.database.connection import connect, hang_up
from pgproof.database.conninfo import Conninfo
from pgproof.database.watch import Blockage, Limits, Reason, look
from pgproof.errors import DatabaseError

_TICK = 0.1  # seconds between two thoughts of the thread: what is shorter is never looked at
_PERIOD = 0.5  # seconds between two looks at the same statement
_PATIENCE = 1.0  # seconds that an answer may take when somebody waits for it


@dataclass(slots=True, kw_only=True)
class Watch:
    """What was seen of one statement: `last` by the last look.

    `blockage` is the last look at which it waited or others waited for it.
    """

    tag: str
    limits: Limits
    looks: int = 0
    last: Blockage | None = None
    blockage: Blockage | None = None
    reason: Reason | None = None


class Watchdog:
    """For the length of a block. It cannot harm: a failure of its own connection only makes it blind.

    `seen` hears every look that has something to tell, in the watchdog's thread. `blind` says why there were none
    lately, if there were none (no session left in a pool, for example).
    """

    def __init__(self, conninfo: Conninfo, *, seen: Callable[[Watch], None] = lambda _: None) -> None:
        self.blind = ""
        self._conninfo = conninfo
        self._seen = seen
        self._watch: Watch | None = None
        self._conn: psycopg.Connection | None = None
        self._is_mute = False
        self._turn = Lock()
        self._ended = Event()
        self._thread = Thread(target=self._run, name="pgproof watchdog", daemon=True)

    @contextmanager
    def watching(self, tag: str, limits: Limits) -> Iterator[Watch]:
        """Look after the statement that begins with `tag` (watch.tag), which is sent inside of the block.

        Where it was cancelled, the server's answer is QueryCanceled (57014) and the Watch has a reason.
        """
        watch = Watch(tag=tag, limits=limits)
        self._watch = watch
        try:
            yield watch
        finally:
            self._watch = None
            self._let_answer()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(_TICK * 3)
        if self._thread.is_alive():  # it waits for an answer that may be long in coming
            if self._conn is not None:
                hang_up(self._conn)
            self._thread.join(_PATIENCE)

    def _run(self) -> None:
        known: Watch | None = None
        ticks = 0
        while not self._ended.wait(_TICK):
            watch = self._watch
            ticks = ticks + 1 if watch is known else 0
            if watch is not None and watch is known and ticks % round(_PERIOD / _TICK) == 1:
                with self._turn:
                    self._look(watch)
                self._is_mute = False
            known = watch
        if self._conn is not None:
            self._conn.close()

    def _look(self, watch: Watch) -> None:
        self.blind = "its connection has not answered yet"
        try:
            if self._conn is None or self._conn.closed:
                self._conn = connect(self._conninfo, application_name="pgproof watchdog")
            found = look(self._conn, watch.tag, watch.limits)
        except (DatabaseError, psycopg.Error) as error:
            self.blind = str(error)
            return
        self.blind = ""
        watch.looks += 1
        watch.last = found
        if found is None:
            return
        watch.reason = found.reason or watch.reason
        if found.waited is not None or found.victims:
            watch.blockage = found
            self._seen(watch)

    def _let_answer(self) -> None:
        """Wait for the look under way: the server may answer who was cancelled before it answers who cancelled."""
        if self._is_mute:  # waited in vain before
            return
        if self._turn.acquire(timeout=_PATIENCE):
            self._turn.release()
        else:
            self._is_mute = True
