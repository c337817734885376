"""A line on the terminal for as long as a command is at work; it is gone when the command says something."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from contextlib import suppress
from typing import Any, TextIO

from pgproof.report.words import duration

_PAUSE = 0.25
"""Seconds from one picture to the next."""
_ERASED = "\r\x1b[2K"


class Waiting:
    """Draws `label`, what is done now and the seconds on a terminal, `first` seconds from now on, in a thread.

    Whatever is written to standard output or standard error erases it first; it comes back behind the line.
    """

    def __init__(self, terminal: TextIO, label: str, first: float) -> None:
        self._terminal = terminal
        self._label = label
        self._first = first
        self._doing = "at work"
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._is_drawn = False
        self._is_whole = True
        """Whether what was written last has ended its line."""
        self._thread = threading.Thread(target=self._draw_on, daemon=True)
        self._streams = (sys.stdout, sys.stderr)

    def __enter__(self) -> Waiting:
        sys.stdout, sys.stderr = (_Erasing(each, self) for each in self._streams)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()
        sys.stdout, sys.stderr = self._streams
        self.erase()

    def tell(self, stage: str, what: str) -> None:
        """From now on this is done."""
        self._doing = f"{stage}: {what}" if what else stage

    def erase(self, text: str = "\n") -> None:
        """Take it away; behind `text`, which is written next, it may come back if that ends its line."""
        with self._lock:
            if self._is_drawn:
                self._put(_ERASED)
            self._is_drawn = False
            self._is_whole = text.endswith("\n") if text else self._is_whole

    def _draw_on(self) -> None:
        pause = self._first
        while not self._is_over.wait(pause):
            pause = _PAUSE
            with self._lock:
                if self._is_whole and not self._is_over.is_set():
                    seconds = int(time.monotonic() - self._began)
                    took = f", {duration(seconds)}" if seconds else ""
                    self._put(f"{_ERASED}{_fitting(f'{self._label}: {self._doing}', took)}")
                    self._is_drawn = True

    def _put(self, text: str) -> None:
        with suppress(OSError, ValueError):  # a terminal that has gone ends nothing
            self._terminal.write(text)
            self._terminal.flush()


def _fitting(text: str, end: str) -> str:
    """As much of the text as a line of the terminal has room for, with its end."""
    from rich.cells import cell_len, set_cell_size

    from pgproof.report.formats.shown import on_one_line

    text, width = on_one_line(text), shutil.get_terminal_size().columns - 1
    if cell_len(text + end) > width:
        text = set_cell_size(text, max(width - cell_len(end) - 3, 0)).rstrip() + "..."
    return set_cell_size(text + end, width).rstrip()


class _Erasing:
    """A stream before which the line goes away."""

    def __init__(self, stream: TextIO, waiting: Waiting) -> None:
        self._stream = stream
        self._waiting = waiting

    def write(self, text: str) -> int:
        """As the stream does."""
        if isinstance(text, str):
            self._waiting.erase(text)
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":
            self._waiting.erase()
        return getattr(self._stream, name)
