"""News of a statement that is still running, for whoever waits with us."""

from __future__ import annotations

from pgproof.database.watchdog import Watch
from pgproof.migrate.event import Advanced
from pgproof.migrate.plan import Step
from pgproof.migrate.terms import Terms

_PERIOD = 0.5
"""Seconds between two words about a statement; the watchdog looks as often."""


class News:
    """What is new of a statement of `step` that is being sent now: asked in vain for as long as it is quick."""

    def __init__(self, terms: Terms, step: Step, number: int | None, watch: Watch | None) -> None:
        self._clock = terms.pace.monotonic
        self._step, self._number, self._watch = step, number, watch
        self._began = self._told = self._clock()

    def __call__(self) -> Advanced | None:
        """The news, if it is time for some."""
        now = self._clock()
        if now - self._told < _PERIOD:
            return None
        self._told = now
        last = self._watch.last if self._watch else None
        return Advanced(step=self._step, number=self._number, seconds=now - self._began, look=last)
