"""Classes of growth, by figures whose class is known."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from pgproof.explain.size.growth import CACHE, Growth, growth

SIZES = (1e4, 1e6, 1e8, 1e10)


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (lambda n: 8.3, Growth.CONSTANT),
        (lambda n: 8.3 + math.log2(n) * 0.0025, Growth.CONSTANT),
        (lambda n: 1 / n, Growth.CONSTANT),
        (lambda n: math.log(n), Growth.LOG),
        (lambda n: 3.0 * n, Growth.LINEAR),
        (lambda n: 1e4 + 0.01 * n, Growth.LINEAR),
        (lambda n: math.sqrt(n), Growth.LINEAR),
        (lambda n: n**1.2, Growth.WORSE),
        (lambda n: n * n, Growth.WORSE),
    ],
)
def test_the_least_class_that_holds(figure: Callable[[float], float], expected: Growth) -> None:
    assert growth((n, figure(n)) for n in SIZES) is expected


def test_one_jump_counts() -> None:
    assert growth(zip(SIZES, (8, 8, 8, 8e2), strict=True)) is Growth.LINEAR


def test_the_smallest_of_many_is_left_out() -> None:
    assert growth(zip(SIZES, (8, 40, 40, 41), strict=True)) is Growth.CONSTANT
    assert growth([(1e4, 8.0), (1e6, 40.0)]) is Growth.LINEAR


def test_one_size_says_nothing() -> None:
    assert growth([(1e4, 8.0)]) is None
    assert growth([]) is None


def test_less_is_within_more() -> None:
    assert Growth.CONSTANT.is_within(Growth.LOG)
    assert Growth.LOG.is_within(Growth.LOG)
    assert not Growth.WORSE.is_within(Growth.LINEAR)


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ((0.89, 0.91, 8.3, 9.71), Growth.CONSTANT),  # the first rows by an index
        ((6, 6, 80, 120), Growth.CONSTANT),
        ((6, 6, 80, 8000), Growth.LINEAR),
        ((6, 6, 6, 80), Growth.LINEAR),  # whether it stays there nobody has seen
        ((6, 6, 600, 600), Growth.LINEAR),  # no cache saves as much
        ((1, 1, 10, 100), Growth.LINEAR),
    ],
)
def test_one_rise_where_the_cache_ends_is_no_growth(figures: tuple[float, ...], expected: Growth) -> None:
    points = list(zip(SIZES, figures, strict=True))
    assert growth(points, CACHE) is expected
    assert growth(points) is Growth.LINEAR


def test_a_rise_has_to_be_seen_to_end() -> None:
    assert growth([(1e5, 1), (1e6, 1), (1e7, 10), (1.2e7, 12)], CACHE) is Growth.LINEAR
