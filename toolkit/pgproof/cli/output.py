"""Putting out what a command tells while it is at work."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from pgproof.migrate.event import Event
from pgproof.report.events import lines
from pgproof.report.progress import progress


def tell(events: Iterator[Event], form: str) -> None:
    """Put out what happens, in words or (`form` is "json") as JSON."""
    show(lines(events) if form == "json" else progress(events))


def show(texts: Iterable[str]) -> None:
    """Put pieces of text out as they come, so that a line can be seen before it is whole."""
    for text in texts:
        sys.stdout.write(text)
        sys.stdout.flush()
