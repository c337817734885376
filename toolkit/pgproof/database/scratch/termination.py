"""Undoing that happens whatever ends the process, short of SIGKILL."""

from __future__ import annotations

import atexit
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType

from pgproof.errors import DatabaseError

Undo = Callable[[], None]

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
_pending: dict[object, Undo] = {}
_thread = threading.local()


class Scope:
    """What some threads have begun, and another one may end for them.

    A thread that waits for a server cannot be interrupted; it hears that the server is gone.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: list[object] = []
        self._is_over = False

    @contextmanager
    def here(self) -> Iterator[None]:
        """What this thread begins in the block belongs to the scope."""
        _thread.scope = self
        try:
            yield
        finally:
            _thread.scope = None

    def add(self, key: object) -> bool:
        """False if the scope has ended."""
        with self._lock:
            self._keys.append(key)
            return not self._is_over

    def end(self) -> None:
        """Undo now what these threads have begun, the oldest first: with a server its databases go.

        Whoever begins anything there afterwards is interrupted.
        """
        with self._lock:
            self._is_over = True
        for key in tuple(self._keys):
            if undo := _pending.get(key):
                with suppress(DatabaseError):  # its own thread tells of it
                    undo()


@contextmanager
def undone(undo: Undo) -> Iterator[None]:
    """Run `undo` when the block ends, when SIGTERM or SIGHUP ends the process, or at the interpreter's exit.

    `undo` must be idempotent: a signal during it makes it run again. A child made by fork never runs it.
    Signals are listened to in the main thread, and only where they would otherwise kill: a program with
    a handler of its own ends in its own way, and this block with it. In the threads of a scope that has ended it
    raises KeyboardInterrupt.
    """
    key = object()
    _pending[key] = undo
    scope: Scope | None = getattr(_thread, "scope", None)
    _listen()
    try:
        if scope and not scope.add(key):
            raise KeyboardInterrupt
        yield
    finally:
        if key in _pending:
            try:
                undo()
            finally:
                _pending.pop(key, None)
                if not _pending:
                    _stop_listening()


def _undo_all() -> None:
    """The youngest first; one that fails does not keep the others."""
    with ExitStack() as stack:
        for undo in _pending.values():
            stack.callback(undo)


def _terminate(number: int, _: FrameType | None) -> None:
    """Undo, then die by the signal after all, so that whoever waits sees its conventional exit status."""
    signal.signal(number, signal.SIG_IGN)  # timeout(1) sends it twice
    try:
        _undo_all()
    finally:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def _listen() -> None:
    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _terminate)


def _stop_listening() -> None:
    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            if signal.getsignal(number) is _terminate:
                signal.signal(number, signal.SIG_DFL)


atexit.register(_undo_all)
os.register_at_fork(after_in_child=_pending.clear)
