"""News of a statement that is still running, for whoever waits with us."""

from __future__ import annotations

from collections.abc import Callable

from pgproof.database.watchdog import Watch
from pgproof.migrate.event import Advanced, Noticed
from pgproof.migrate.plan import Step
from pgproof.migrate.terms import Terms

_PERIOD = 0.5
"""Seconds between two words about a statement; the watchdog looks as often."""
_BLIND = 2.0
"""Seconds without a look after which somebody has to know that there is none."""


class News:
    """What is new of a statement of `step` that is being sent now: asked in vain for as long as it is quick.

    `blind` tells, once, why nobody looks after it ("" while somebody does).
    """

    def __init__(
        self, terms: Terms, step: Step, number: int | None, watch: Watch | None, blind: Callable[[], str]
    ) -> None:
        self._clock = terms.pace.monotonic
        self._step, self._number, self._watch = step, number, watch
        self._began = self._told = self._clock()
        self._blind = blind

    def __call__(self) -> Advanced | Noticed | None:
        """The news, if it is time for some."""
        now = self._clock()
        if now - self._told < _PERIOD:
            return None
        self._told = now
        if self._watch and not self._watch.looks and now - self._began >= _BLIND and (why := self._blind()):
            message = f"nobody can see what this statement waits for, or cancel it: {why}"
            return Noticed(step=self._step, severity="PGPROOF", message=message)
        last = self._watch.last if self._watch else None
        return Advanced(step=self._step, number=self._number, seconds=now - self._began, look=last)
