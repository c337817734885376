"""Ctrl-C and SIGTERM, heard only where they may be."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruptions:
    """Signals that wait while something must not be left half done, and then do what they did before.

    A second one does not wait: who is held up by a reader that does not read gets away. They are held by a
    handler of our own. The mask of signals would not do: another thread (the watchdog) would be given them, and
    Python then interrupts the main thread all the same.
    """

    def __init__(self) -> None:
        self._before: dict[int, Callable[[int, FrameType | None], object]] = {}
        self._is_held = False
        self._waiting: int | None = None

    def take(self) -> None:
        """From now on they are held, but where it is listened. Only the main thread can have it so."""
        if threading.current_thread() is not threading.main_thread():
            return
        self._is_held = True
        for number in _SIGNALS:
            before = signal.getsignal(number)
            if callable(before) and number not in self._before:  # one that is ignored stays so
                self._before[number] = before
                signal.signal(number, self._heard)

    def hold(self) -> None:
        """Hold them again."""
        self._is_held = bool(self._before)

    def listen(self) -> None:
        """Let them through; one that waited comes now, and raises what it raises."""
        self._is_held = False
        number, self._waiting = self._waiting, None
        if number is not None:
            self._before[number](number, None)

    def give_back(self) -> None:
        """All is as it was before; one that waited comes now."""
        try:
            for number, before in reversed(self._before.items()):
                if signal.getsignal(number) == self._heard:  # else somebody has put theirs above ours
                    signal.signal(number, before)
        finally:
            self.listen()

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self._is_held and self._waiting is None:
            self._waiting = number
        else:
            self._before[number](number, frame)
