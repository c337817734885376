"""Putting out what a command tells while it is at work."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from pgproof.migrate.event import Began, Event, Planned
from pgproof.report.events import lines
from pgproof.report.progress import progress

if TYPE_CHECKING:
    from pgproof.cli.screen import Screen
    from pgproof.migrate.plan import Plan


def tell(events: Generator[Event, None, None], form: str, *, goes_on: bool = False) -> None:
    """Put out what happens, in words or (`form` is "json") as JSON; on a terminal with bars, if it takes time.

    If it `goes_on` with what was told before, the database is not named again.
    """
    heard = _Heard(events, has_bars=form != "json" and _is_terminal())
    texts = lines(heard) if form == "json" else progress(heard)
    try:
        for text in islice(texts, int(goes_on), None):
            try:
                heard.write(text)
            except KeyboardInterrupt as stop:
                heard.stop = stop
    finally:
        heard.close()
    if heard.stop:
        raise heard.stop


def show(texts: Iterable[str]) -> None:
    """Put pieces of text out as they come, so that a line can be seen before it is whole."""
    for text in texts:
        sys.stdout.write(text)
        sys.stdout.flush()


class _Heard:
    """Events on their way to who tells them, and a screen that hears them, too.

    A `stop`, an interruption that came while one was told, is raised where the next is waited for: there it is
    known what has to be cancelled and recorded.
    """

    def __init__(self, events: Generator[Event, None, None], *, has_bars: bool) -> None:
        self.stop: KeyboardInterrupt | None = None
        self._events = events
        self._has_bars = has_bars
        self._plan: Plan | None = None
        self._screen: Screen | None = None

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        while True:
            event = self._next()
            try:
                if self._is_to_be_told(event):
                    return event
            except KeyboardInterrupt as stop:
                self.stop = stop

    def write(self, text: str) -> None:
        """Put text out."""
        if self._screen:
            self._screen.write(text)
        else:
            show((text,))

    def close(self) -> None:
        """Nothing more comes; a statement that is still running is cancelled."""
        self._events.close()
        if self._screen:
            self._screen.close()

    def _next(self) -> Event:
        if self.stop is None:
            return next(self._events)
        stop, self.stop = self.stop, None
        return self._events.throw(stop)

    def _is_to_be_told(self, event: Event) -> bool:
        if isinstance(event, Planned):
            self._plan = event.plan
        elif self._has_bars and self._plan and self._screen is None and isinstance(event, Began):
            from pgproof.cli.screen import Screen

            self._screen = Screen(self._plan)
        return self._screen.hear(event) if self._screen else True


def _is_terminal() -> bool:
    """Whether the output is one that can move its cursor."""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in {"dumb", "unknown"}
