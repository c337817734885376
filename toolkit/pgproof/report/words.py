"""Durations and statements in few characters."""

from __future__ import annotations

from pgproof.secret import hidden

_WIDTH = 90


def duration(seconds: float) -> str:
    """For people: "3 ms", "1.2 s", "4 min 5 s"."""
    if seconds < 1:
        return f"{max(1, round(seconds * 1000))} ms"
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)} min {rest:.0f} s" if minutes else f"{rest:.1f} s"


def one_line(text: str) -> str:
    """One line of a statement, cut where it is long, its white space reduced to blanks, its passwords masked."""
    text = hidden(" ".join(text.split()))
    return text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "..."


def counted(number: int, one: str, many: str) -> str:
    """A number and its noun: "1 migration", "3 migrations"."""
    return f"{number} {one if number == 1 else many}"
