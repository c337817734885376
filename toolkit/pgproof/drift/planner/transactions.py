"""Steps put into transactions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pgproof.drift.planner.online import How, Step
from pgproof.drift.planner.plan import Hazard, Statement


@dataclass(frozen=True, slots=True)
class Planned:
    """A step, of which object, and what it may cost."""

    step: Step
    about: str
    hazards: frozenset[Hazard] = frozenset()


def numbered(parts: Iterable[Sequence[Planned]]) -> Iterator[Statement]:
    """The steps, each with its transaction; those of one part share none with those of another. Pure."""
    number, is_open = 0, False
    for part in parts:
        is_open = False
        for each in part:
            is_outside = each.step.how is How.OUTSIDE
            if not is_outside and not (is_open and each.step.how is How.TOGETHER):
                number += 1
            is_open = each.step.how is How.TOGETHER
            transaction = None if is_outside else number
            yield Statement(sql=each.step.sql, about=each.about, hazards=each.hazards, transaction=transaction)
