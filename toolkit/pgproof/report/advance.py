"""How far a running statement is, in words, and which of these words are worth a line."""

from __future__ import annotations

from pgproof.database.watch import Advance
from pgproof.migrate.event import Advanced
from pgproof.report.words import duration

_LOCK = "waiting for a lock"


class Thinned:
    """Remembers what was told of the statements of a run.

    Seconds to be silent about a statement: `first` in the beginning, `least` after each word, `most` at all.
    Between the two it is told when it has come `points` of a hundred further. A new phase is told at once.
    """

    def __init__(self, *, first: float, least: float, most: float, points: float) -> None:
        self._first, self._least, self._most, self._points = first, least, most, points
        self._told: Advanced | None = None

    def is_worth(self, event: Advanced) -> bool:
        """True if this is to be told; then it counts as told."""
        if not phase(event) or event.seconds < self._first:
            return False
        told = self._told
        if told is not None and _is_same(told, event):
            since = event.seconds - told.seconds
            on = (percent(event) or 0.0) - (percent(told) or 0.0)
            if since < self._least or (since < self._most and on < self._points):
                return False
        self._told = event
        return True


def for_people() -> Thinned:
    """For those who read it afterwards."""
    return Thinned(first=2.0, least=10.0, most=60.0, points=10.0)


def for_programs() -> Thinned:
    """About once a second."""
    return Thinned(first=0.0, least=1.0, most=1.0, points=0.0)


def _is_same(one: Advanced, other: Advanced) -> bool:
    """The same statement, sent once, in the same phase."""
    return (
        one.step is other.step
        and one.number == other.number
        and one.seconds <= other.seconds
        and phase(one) == phase(other)
    )


def of(event: Advanced) -> Advance | None:
    """What the server says of it."""
    return event.look.advance if event.look else None


def phase(event: Advanced) -> str:
    """What it is at, in the server's words; empty if nothing is known."""
    if (found := of(event)) is not None:
        return found.phase
    return _LOCK if event.look and event.look.waited is not None else ""


def percent(event: Advanced) -> float | None:
    """How much of the phase is done, from 0 to 100; None if nobody knows."""
    found = of(event)
    return min(100.0, 100.0 * found.done / found.total) if found and found.total else None


def holder(event: Advanced) -> str:
    """Who is in its way, the nearest of them; empty if nobody is."""
    blockers = event.look.blockers if event.look and event.look.waited is not None else ()
    return str(blockers[0]) if blockers else ""


def command(event: Advanced) -> str:
    """Which command it is and on what, if the server says."""
    found = of(event)
    if found is None:
        return ""
    on = f" on {found.relation}" if found.relation else ""
    at = min(found.partitions_done + 1, found.partitions)
    return f"{found.command}{on}{f', partition {at} of {found.partitions}' if at else ''}"


def so_far(event: Advanced) -> str:
    """How much of the phase is done: a share of a hundred, or of the transactions waited for; or nothing."""
    found = of(event)
    if found is None or not found.total:
        return ""
    return f"{found.done} of {found.total} done" if found.unit == "lockers" else f"{percent(event):.0f} %"


def line(event: Advanced) -> str:
    """All of it, in a line of its own."""
    which = f"statement {event.number}" if event.number is not None else ""
    at = f"{phase(event)}, {so_far(event)}" if so_far(event) else phase(event)
    by = f"; held up by {holder(event)}" if holder(event) else ""
    words = ": ".join(filter(None, (which, command(event), at)))
    return f"    {words}{by} (after {duration(event.seconds)})\n"
