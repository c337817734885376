"""What a long piece of work does now, for whoever shows that: a word for each stage, if anybody hears.

Stages begin in the midst of flows that know nothing of each other, so that the ear is one of the context and no
argument of all of them. Threads that work for somebody take the context along (`side_by_side.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pgproof.migrate.event import Began, Event

Hear = Callable[[str, str], None]
"""Is told of a stage that begins, and of what in it: "building on PostgreSQL 15", "07-jobs" (or "")."""
_ear: ContextVar[Hear | None] = ContextVar("ear", default=None)


@contextmanager
def heard(hear: Hear) -> Iterator[None]:
    """In the block, `hear` is told of each stage, by the thread that begins it."""
    before = _ear.set(hear)
    try:
        yield
    finally:
        _ear.reset(before)


def now(stage: str, what: str = "") -> None:
    """A stage begins, or the next thing in it."""
    if hear := _ear.get():
        hear(stage, what)


def through(stage: str, events: Iterable[Event]) -> None:
    """Go through what is done with migrations: of each is told, in that stage, that it begins."""
    now(stage)
    for event in events:
        if isinstance(event, Began):
            now(stage, event.step.migration.label)
