"""How a figure grows with the rows: constant, as their logarithm, as they do, or worse.

Judged from a sweep, not from a formula. A class holds if no size has more than half as much again as the class
allows from any smaller size. The smallest of three sizes or more is left out: tables of a few pages are planned in
ways of their own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import combinations

from pgproof.contract.promise import Values
from pgproof.explain.facts import Sized

_SLACK = 1.5
_ENOUGH = 3


class Growth(StrEnum):
    """How much more there is when there are more rows; from the least to the most."""

    CONSTANT = "constant"
    LOG = "log"
    LINEAR = "linear"
    WORSE = "worse than linear"

    def is_within(self, promised: Growth) -> bool:
        """Whether this is no more than what was promised."""
        order = list(Growth)
        return order.index(self) <= order.index(promised)


def growth(points: Iterable[tuple[float, float]]) -> Growth | None:
    """The least class that holds for these (rows, figure); None of fewer than two numbers of rows."""
    ordered = sorted(points)
    judged = ordered[1:] if len(ordered) >= _ENOUGH else ordered
    if len({rows for rows, _ in judged}) < 2:
        return None
    pairs = [(a, b) for a, b in combinations(judged, 2) if b[0] > a[0]]
    for kind in Growth:
        if all(_holds(kind, a, b) for a, b in pairs):
            return kind
    return Growth.WORSE


def of_cost(sizes: Sequence[Sized], values: Values, n_distinct: float = 1.0) -> Growth | None:
    """How the cost of a query grows over the sweep with such values; None where that is not known."""
    return growth((each.size, each.root.cost) for each in of(sizes, values, n_distinct))


def of_rows(sizes: Sequence[Sized], values: Values, n_distinct: float = 1.0) -> Growth | None:
    """How the rows that a query returns grow; None where that is not known."""
    return growth((each.size, max(1.0, each.root.rows)) for each in of(sizes, values, n_distinct))


def of(sizes: Sequence[Sized], values: Values, n_distinct: float = 1.0) -> tuple[Sized, ...]:
    """One line of the sweep, from the smallest size on."""
    line = [each for each in sizes if each.values is values and each.n_distinct == n_distinct]
    return tuple(sorted(line, key=_size))


def _size(sized: Sized) -> float:
    return sized.size


def _holds(kind: Growth, small: tuple[float, float], large: tuple[float, float]) -> bool:
    ratio = large[1] / small[1] if small[1] > 0 else 1.0
    match kind:
        case Growth.CONSTANT:
            allowed = 1.0
        case Growth.LOG:
            allowed = math.log(max(2.0, large[0])) / math.log(max(2.0, small[0]))
        case Growth.LINEAR:
            allowed = large[0] / small[0]
        case _:
            return True
    return ratio <= allowed * _SLACK
