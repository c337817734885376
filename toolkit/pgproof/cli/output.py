"""Putting out what a command tells while it is at work."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import click

from pgproof.cli import again
from pgproof.errors import PgproofError, Problem
from pgproof.migrate.event import Event, Planned
from pgproof.report.progress import plan_text, progress

if TYPE_CHECKING:
    from pgproof.cli.screen import Screen

_IDLE = "nothing to do"
_QUICK = 0.5
"""Seconds of a run that needs no bars, and may not be made to wait for the package that draws them."""


def tell(events: Generator[Event, None, None], form: str, *, goes_on: bool = False) -> None:
    """Put out what happens, in words or (`form` is "json") as JSON; on a terminal with bars, if it takes time.

    If it `goes_on` with what was told before, the database is not named again.
    """
    heard = _Heard(events, has_bars=form != "json" and _is_terminal())
    texts: Iterator[str]
    if form == "json":
        from pgproof.report.events import lines

        texts = lines(heard)
    else:
        texts = progress(heard)
    try:
        for text in islice(texts, int(goes_on), None):
            try:
                heard.write(again.completed(text) if text.startswith(_IDLE) else text)
            except KeyboardInterrupt as stop:
                heard.stop = stop
    finally:
        heard.close()
    if heard.stop:
        raise heard.stop


def show_plan(planned: Planned, last: str = "nothing was changed (--dry-run)\n") -> None:
    """Put out what would be done; `last` is the last line."""
    text = plan_text(planned, last)
    click.echo(text if planned.plan.steps else again.completed(text), nl=False)


def warn(problem: Problem) -> None:
    """Put a warning out on standard error."""
    place = f"{problem.place}: " if problem.place else ""
    click.echo(f"{place}warning: {problem.message}. {problem.detail}", err=True)


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
        self._screen: Screen | None = None
        self._early: list[tuple[float, Event]] = []
        """What came since the plan was made, and when, until there is a screen to show it."""
        self._open = ""
        """The beginning of a line that is not whole."""

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
            self._open = (self._open + text).rpartition("\n")[2]
            show((text,))

    def close(self) -> None:
        """Nothing more comes; a statement that is still running is cancelled."""
        self._events.close()
        if self._screen:
            self._screen.close()

    def _next(self) -> Event:
        stop, self.stop = self.stop, None
        try:
            return self._events.throw(stop) if stop else next(self._events)
        except PgproofError as error:
            again.complete(error)
            raise

    def _is_to_be_told(self, event: Event) -> bool:
        if self._screen is None and self._has_bars:
            now = time.monotonic()
            if self._early and now - self._early[0][0] > _QUICK:
                from pgproof.cli.screen import Screen

                self._screen = Screen(self._early, self._open)
            elif self._early or isinstance(event, Planned):
                self._early.append((now, event))
        return self._screen.hear(event) if self._screen else True


def _is_terminal() -> bool:
    """Whether the output is one that can move its cursor."""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in {"dumb", "unknown"}
