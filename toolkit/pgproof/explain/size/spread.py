"""Values of a type, spread evenly: what a histogram's bounds are, and what stands for one value of a column.

A value is text as the type's input takes it. Types that have no such thing here (jsonb, ranges, ...) get widths
and shares of NULL, and no values: the planner takes its defaults for conditions on them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from pgproof.explain.size.column import Column

BOUNDS = 101
"""default_statistics_target + 1, as ANALYZE has it."""
MIDDLE = 0.505
RARE = 0.377
_DIGITS = 32
_STEPS = 10**12


@dataclass(frozen=True, slots=True)
class Range:
    """What values are spread over: `count` numbers from 1 on, `days` up to `now`, words of `width` digits."""

    type: str
    count: float
    days: float
    width: int
    now: datetime


def range_of(column: Column, size: int, now: datetime) -> Range:
    """The range of a column's values at that size."""
    width = max(1, min(_DIGITS, int(column.width[size]) - 1))
    return Range(column.type.name, column.distinct[size], column.span[size], width, now)


def is_known(column: Column) -> bool:
    """Whether values of the column's type can be made."""
    return column.type.name in _MAKERS and bool(column.type.less)


def at(span: Range, fraction: float) -> str:
    """The value below which that fraction of the values lies."""
    return _MAKERS[span.type](span, fraction)


@lru_cache(maxsize=4096)
def histogram(span: Range) -> str:
    """The bounds of an even histogram as an array's text."""
    return array([at(span, number / (BOUNDS - 1)) for number in range(BOUNDS)])


def array(values: list[str] | tuple[str, ...]) -> str:
    """An array as its input takes it."""
    return "{" + ",".join(map(_quoted, values)) + "}"


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _uuid(_: Range, fraction: float) -> str:
    return str(UUID(int=_part(2**128 - 1, fraction)))


def _integer(span: Range, fraction: float) -> str:
    return str(1 + round((span.count - 1) * fraction))


def _float(span: Range, fraction: float) -> str:
    return repr(1 + (span.count - 1) * fraction)


def _word(span: Range, fraction: float) -> str:
    return format(_part(16**span.width - 1, fraction), f"0{span.width}x")


def _part(whole: int, fraction: float) -> int:
    """That fraction of a number too large for a float."""
    return whole * round(fraction * _STEPS) // _STEPS


def _moment(span: Range, fraction: float) -> str:
    return (span.now - timedelta(days=span.days * (1 - fraction))).isoformat(sep=" ")


def _day(span: Range, fraction: float) -> str:
    return _moment(span, fraction)[:10]


_MAKERS: Mapping[str, Callable[[Range, float], str]] = {
    "uuid": _uuid,
    **dict.fromkeys(("smallint", "integer", "bigint", "numeric"), _integer),
    **dict.fromkeys(("real", "double precision"), _float),
    **dict.fromkeys(("text", "character varying", "character"), _word),
    "timestamp with time zone": _moment,
    "timestamp without time zone": _moment,
    "date": _day,
}
