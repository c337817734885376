"""How long a statement may wait for a lock, and how long it may run, as its file or the person says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pgproof.errors import Problem

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_TIME = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>us|ms|s|min|h|d)?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Milliseconds, as PostgreSQL's settings of the same names count; 0 is no limit, None what the server has."""

    lock_timeout: int | None = None
    statement_timeout: int | None = None

    def over(self, other: Limits) -> Limits:
        """These, and what `other` says where these say nothing."""
        return Limits(
            lock_timeout=other.lock_timeout if self.lock_timeout is None else self.lock_timeout,
            statement_timeout=other.statement_timeout
            if self.statement_timeout is None
            else self.statement_timeout,
        )

    def settings(self) -> Iterator[tuple[str, int]]:
        """Names and values of the settings that are given."""
        if self.lock_timeout is not None:
            yield "lock_timeout", self.lock_timeout
        if self.statement_timeout is not None:
            yield "statement_timeout", self.statement_timeout


NAMES = ("lock_timeout", "statement_timeout")


def milliseconds(text: str) -> int | None:
    """A time as PostgreSQL writes it ("2s", "5 min"; a number alone is in milliseconds); None if it is none."""
    match = _TIME.match(text.strip())
    if match is None:
        return None
    return round(float(match["number"]) * _UNITS[match["unit"] or "ms"] * 1000)


def with_setting(limits: Limits, name: str, text: str) -> Limits | Problem:
    """The limits with one more; the problem, without its place, of a time that is none."""
    value = milliseconds(text)
    if value is None:
        return Problem(
            message=f'"{text}" is not a time', hint="write for example 2s, 500ms or 5min; 0 is no limit"
        )
    if name == "lock_timeout":
        return replace(limits, lock_timeout=value)
    return replace(limits, statement_timeout=value)
