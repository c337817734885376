"""How a figure grows with the rows: constant, as their logarithm, as they do, or worse.

Judged from a sweep, not from a formula. A class holds if no size has more than half as much again as the class
allows from any smaller size. The smallest of three sizes or more is left out: tables of a few pages are planned in
ways of their own.

A cost may rise once as much as `CACHE` and stay there: where the files outgrow effective_cache_size, a page that
is read again is one at random_page_cost (index_pages_fetched, costsize.c). That is no growth: what grows with the
rows goes on behind it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import combinations

from pgproof.contract.promise import Values
from pgproof.explain.facts import Sized

CACHE = 20.0
"""How much more a row costs at most that is found by an index, where nothing is expected in memory any more."""
_SLACK = 1.5
_ENOUGH = 3
_SEEN = 10.0
"""How many times as many rows what stays as it is behind a rise has to be seen at."""


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


def growth(points: Iterable[tuple[float, float]], rise: float = 1.0) -> Growth | None:
    """The least class that holds for these (rows, figure), which may `rise` once; None of fewer than two sizes."""
    ordered = sorted(points)
    judged = ordered[1:] if len(ordered) >= _ENOUGH else ordered
    if len({rows for rows, _ in judged}) < 2:
        return None
    found = next(kind for kind in Growth if _fits(kind, judged))
    if rise == 1.0 or found.is_within(Growth.LOG):
        return found
    after = [at for at in range(1, len(judged)) if judged[-1][0] >= _SEEN * judged[at][0]]
    lowered = [[*((rows, figure * rise) for rows, figure in judged[:at]), *judged[at:]] for at in after]
    is_one = [judged[at][1] <= _SLACK * rise * judged[at - 1][1] for at in after]
    fitting = (
        kind
        for kind in (Growth.CONSTANT, Growth.LOG)
        for at, ones, is_step in zip(after, lowered, is_one, strict=True)
        if is_step and _fits(kind, judged[:at]) and _fits(kind, ones) and _fits(kind, judged[at:])
    )
    return next(fitting, found)


def _fits(kind: Growth, points: Sequence[tuple[float, float]]) -> bool:
    return all(_holds(kind, a, b) for a, b in combinations(points, 2) if b[0] > a[0])


def of_cost(sizes: Sequence[Sized], values: Values, n_distinct: float = 1.0) -> Growth | None:
    """How the cost of a query grows over the sweep with such values; None where that is not known."""
    return growth(((each.size, each.root.cost) for each in of(sizes, values, n_distinct)), CACHE)


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
