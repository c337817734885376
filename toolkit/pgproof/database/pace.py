"""The clock and the patience of whoever waits for a server, as values: rooms below read neither."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Timer

_GROWTH = 1.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How time passes: `monotonic` tells seconds, `sleep` lets them pass, `jitter` gives numbers in [0, 1).

    A command makes it of `time.monotonic`, `time.sleep` and `random.random`.
    """

    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    jitter: Callable[[], float]

    def delays(self, first: float, most: float) -> Iterator[float]:
        """Seconds to wait between attempts, without end: growing from `first` to `most`, each a random part of it.

        A part between a half and the whole, so that many who began together do not come back together.
        """
        delay = first
        while True:
            yield delay * (0.5 + self.jitter() / 2)
            delay = min(delay * _GROWTH, most)


@contextmanager
def patience(seconds: float, give_up: Callable[[], None]) -> Iterator[Event]:
    """If the block lasts for longer, `give_up` is called, in a thread, and the event is set.

    `give_up` must let what the block waits for end, and raise nothing.
    """
    gave_up = Event()

    def ring() -> None:
        gave_up.set()
        give_up()

    timer = Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    try:
        yield gave_up
    finally:
        timer.cancel()
        timer.join()
