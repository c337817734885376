"""Putting out what a command tells while it is at work."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from inspect import GEN_CLOSED, getgeneratorstate
from itertools import islice
from typing import TYPE_CHECKING

import click

from pgproof.cli import again
from pgproof.cli.exact import put_json
from pgproof.cli.interruption import Interruptions
from pgproof.errors import PgproofError, Problem
from pgproof.migrate.event import Event, Planned
from pgproof.report.formats.shown import visible
from pgproof.report.progress import plan_text, progress

if TYPE_CHECKING:
    from pgproof.cli.screen import Screen

_IDLE = "nothing to do"
_QUICK = 0.5
"""Seconds of a run that needs no bars, and may not be made to wait for the package that draws them."""


def tell(
    events: Generator[Event, None, None],
    form: str,
    *,
    goes_on: bool = False,
    keep: Callable[[Event], None] = lambda _: None,
) -> None:
    """Put out what happens, in words or (`form` is "json") as JSON; on a terminal with bars, if it takes time.

    If it `goes_on` with what was told before, the database is not named again. In any other form nothing is put
    out meanwhile. `keep` is given each event.
    """
    heard = _Heard(events, form, keep)
    try:
        heard.begin()
        for text in islice(_texts(heard, form), int(goes_on), None):
            try:
                heard.write(again.completed(text) if text.startswith(_IDLE) else text)
            except KeyboardInterrupt as stop:
                heard.stop = stop
    finally:
        heard.close()
    if heard.stop:
        raise heard.stop


def _texts(heard: _Heard, form: str) -> Iterator[str]:
    if form == "text":
        return progress(heard)
    if form != "json":
        return _none(heard)
    from pgproof.report.events import lines

    return lines(heard)


def _none(heard: _Heard) -> Iterator[str]:
    for _ in heard:
        yield ""


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

    Ctrl-C is heard only where the next is waited for: there it is known what has to be cancelled and recorded, and
    nothing is half written or half drawn. So is a `stop` raised there that did not wait for it.
    """

    def __init__(self, events: Generator[Event, None, None], form: str, keep: Callable[[Event], None]) -> None:
        self._is_json = form == "json"
        self._keep = keep
        self.stop: KeyboardInterrupt | None = None
        self._interruptions = Interruptions()
        self._events = events
        self._has_bars = form == "text" and _is_terminal()
        self._screen: Screen | None = None
        self._early: list[tuple[float, Event]] = []
        """What came since the plan was made, and when, until there is a screen to show it."""
        self._open = ""
        """The beginning of a line that is not whole."""

    def begin(self) -> None:
        """From now on Ctrl-C waits for the right moment."""
        self._interruptions.take()

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        while True:
            try:
                event = self._next()
                self._keep(event)
                if self._is_to_be_told(event):
                    return event
            except KeyboardInterrupt as stop:
                if getgeneratorstate(self._events) == GEN_CLOSED:  # they have ended because of it
                    raise
                self.stop = stop

    def write(self, text: str) -> None:
        """Put text out."""
        if self._is_json:
            put_json(text)
            return
        text = visible(text)
        if self._screen:
            self._screen.write(text)
        else:
            self._open = (self._open + text).rpartition("\n")[2]
            show((text,))

    def close(self) -> None:
        """Nothing more comes; a statement that is still running is cancelled."""
        try:
            self._end()
        finally:
            try:
                if self._screen:
                    self._screen.close()
            finally:
                self._interruptions.give_back()

    def _end(self) -> None:
        try:
            self._interruptions.listen()
            self._events.close()
        finally:
            self._interruptions.hold()

    def _next(self) -> Event:
        stop, self.stop = self.stop, None
        try:
            self._interruptions.listen()
            return self._events.throw(stop) if stop else next(self._events)
        except PgproofError as error:
            self._interruptions.hold()
            again.complete(error)
            raise
        finally:
            self._interruptions.hold()

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
