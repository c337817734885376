"""A terminal on which bars stand below the lines for as long as a run goes on, if it takes any time.

Nothing here is done in another thread: whoever waits for a statement hears of it twice a second. Meanwhile Ctrl-C
is held back (`cli/interruption.py`): in the midst of drawing it would leave a bar on the screen.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pgproof.cli.tty import Tty
from pgproof.migrate.event import Advanced, Batched, Began, Ended, Event, Landed
from pgproof.report.bars import Bars

if TYPE_CHECKING:
    from rich.live import Live

_WORTH = 1.0  # seconds to go for which they are worth the while
_ECHO = 2  # columns kept free for the `^C` that the terminal echoes: a line that went on in the next would stay
_PAUSE = 0.1  # seconds between two looks of quick migrations


class Screen:
    """Lines, and bars below. What stays when it is closed are the lines.

    `early` is what came before, and when, from the plan on; `text` the beginning of a line that is not whole.
    """

    def __init__(self, early: Sequence[tuple[float, Event]], text: str) -> None:
        self._bars = Bars(early)
        self._drawn = 0.0
        self._live: Live | None = None
        self._text = text
        """What is not on the screen yet; without bars, the beginning of a line that is."""
        self._is_urgent = False
        self._tty = Tty(sys.stdout)

    def hear(self, event: Event) -> bool:
        """Take note of an event; False if no line need be told of it, since a bar shows it."""
        now = time.monotonic()
        self._bars.hear(event, now)
        self._is_urgent = not isinstance(event, Began | Ended | Landed) or _is_silent(event)
        is_slow = isinstance(event, Advanced | Batched) or self._bars.seconds_to_go(now) > _WORTH
        if self._live is None and is_slow:
            self._start()
        if self._live is None or not isinstance(event, Advanced | Batched):
            return True
        self._draw()
        return False

    def write(self, text: str) -> None:
        """Put text out, above the bars; a line that is not whole waits for its end when there are any."""
        self._text += text
        if self._live is None:
            self._text = self._text.rpartition("\n")[2]
            _put(text)
        elif self._is_urgent or time.monotonic() - self._drawn > _PAUSE:
            self._draw()

    def close(self) -> None:
        """Take the bars away."""
        if self._live is None:
            return
        try:
            self._draw()
        finally:
            self._live.stop()
            self._live = None
            _put(self._text)
            self._tty.give_back()

    def _start(self) -> None:
        from rich.cells import cell_len
        from rich.console import Console
        from rich.live import Live

        self._tty.keep()
        console = Console(file=sys.stdout, force_terminal=True, highlight=False, markup=False, emoji=False)
        above = (cell_len(self._text) - 1) // console.width if self._text else 0
        _put(f"\r\x1b[{above}A\x1b[J" if above else "\r\x1b[J")
        console.width = max(console.width - _ECHO, 1)
        self._live = Live(
            console=console,
            auto_refresh=False,
            transient=True,
            get_renderable=lambda: self._bars.draw(time.monotonic()),
        )
        self._live.start()

    def _draw(self) -> None:
        """The lines that are whole, and the bars as they are now."""
        assert self._live is not None
        self._drawn = time.monotonic()
        lines, end, self._text = self._text.rpartition("\n")
        if end:
            self._live.console.print(lines, soft_wrap=True)
        self._live.refresh()


def _is_silent(event: Event) -> bool:
    """A migration in Python begins, of which nothing is heard until it has ended."""
    return isinstance(event, Began) and bool(event.step.section.function)


def _put(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
