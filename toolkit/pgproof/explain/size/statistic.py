"""A row of pg_statistic, as ANALYZE would write it of a column whose figures are known.

Slots as in src/include/catalog/pg_statistic.h: 1 most common values, 2 histogram, 3 correlation, 4 most common
elements, 5 how many elements there are, 6 lengths of ranges, 7 their bounds. Numbers of values
above a tenth of the rows are written as a negative share of them (compute_scalar_stats in
src/backend/commands/analyze.c).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pgproof.explain.size import spread
from pgproof.explain.size.column import Column, is_named

MOST_COMMON = 100
"""default_statistics_target: a column of no more values than that has all of them listed."""
_MCV, _HISTOGRAM, _CORRELATION, _ELEMENTS, _COUNTS, _LENGTHS, _BOUNDS = 1, 2, 3, 4, 5, 6, 7
_FLOAT, _FLOAT_LESS = 701, 672
"""double precision and its "<" (src/include/catalog/pg_type.dat, pg_operator.dat)."""
_DEFAULT_COLLATION = 100
_SCALES = 0.1

Row = dict[str, Any]
"""The columns of a row by the names that `inject_statistics.sql` has for them."""


def row(column: Column, rows: float, size: int, factor: float, now: datetime, *, inherited: bool = False) -> Row:
    """The statistics of a column at that size in a table of so many rows (its partitions' if `inherited`)."""
    kind, attribute, nulls = column.type, column.attribute, column.nulls[size]
    number = distinct(column, rows, size, factor)
    found: Row = {
        "relation": attribute.relation,
        "name": attribute.name,
        "position": attribute.position,
        "inherited": inherited,
        "nulls": nulls,
        "width": max(1, round(column.width[size])),
        "distinct": stored_distinct(column, number, rows, size),
    }
    if kind.is_range:
        return found | _ranges(column)
    common = _common(column, number, size, now) if kind.equal else ()
    slots: list[tuple[int, int, str | None, str | None]] = []
    if common:
        shares = spread.array([repr(round(share, 9)) for _, share in common])
        slots.append((_MCV, kind.equal, shares, spread.array([value for value, _ in common])))
    listed = sum(share for _, share in common)
    if kind.less and column.bounds:
        slots.append((_HISTOGRAM, kind.less, None, spread.array(column.bounds)))
    elif spread.is_known(column) and not column.values and listed < (1 - nulls) * 0.999:
        slots.append((_HISTOGRAM, kind.less, None, spread.histogram(spread.range_of(column, size, now))))
    if kind.less and kind.name != "tsvector":  # of which ANALYZE knows elements alone (ts_typanalyze.c)
        order = 1.0 if column.is_ordered else _correlation(common, number, nulls)
        order = order if column.correlation is None else column.correlation
        slots.append((_CORRELATION, kind.less, "{" + repr(round(order, 6)) + "}", None))
    for place, (what, operator, numbers, values) in enumerate(slots, 1):
        found |= {f"kind{place}": what, f"operator{place}": operator, f"collation{place}": attribute.collation}
        found |= {f"numbers{place}": numbers, f"values{place}": values, f"type{place}": kind.number}
    return found | _elements(column, len(slots))


def _ranges(column: Column) -> Row:
    """The slots of ranges: ANALYZE knows nothing else of them (compute_range_stats in rangetypes_typanalyze.c)."""
    known, kind = column.ranges, column.type
    if known.empty is None:
        return {}
    bounds = known.bounds if is_named(known.type, kind) else ()
    slots: list[tuple[int, int, int, str | None, str | None]] = []
    if bounds:
        slots.append((_BOUNDS, 0, kind.range, None, spread.array(bounds)))
    lengths = spread.array([repr(each) for each in known.lengths]) if bounds and known.lengths else None
    slots.append((_LENGTHS, _FLOAT_LESS, _FLOAT, "{" + repr(known.empty) + "}", lengths))
    found: Row = {}
    for place, (what, operator, number, numbers, values) in enumerate(slots, 1):
        found |= {f"kind{place}": what, f"operator{place}": operator, f"collation{place}": 0}
        found |= {f"numbers{place}": numbers, f"values{place}": values, f"type{place}": number}
    return found


def _elements(column: Column, before: int) -> Row:
    """The slots of what is in arrays, behind so many others; there are none where the type is another."""
    known, kind = column.elements, column.type
    is_same = kind.name == "tsvector" or is_named(f"{known.type}[]", kind)
    if not known.values or not kind.element_equal or not is_same:
        return {}
    if kind.element_labels and not set(known.values) <= set(kind.element_labels):
        return {}
    slots = [(_ELEMENTS, known.frequencies, known.values), (_COUNTS, known.counts, None)]
    found: Row = {}
    for place, (what, numbers, values) in enumerate((s for s in slots if s[1]), before + 1):
        found |= {f"kind{place}": what, f"operator{place}": kind.element_equal, f"type{place}": kind.element}
        found[f"collation{place}"] = column.attribute.collation or (
            _DEFAULT_COLLATION if kind.name == "tsvector" else 0
        )
        found[f"numbers{place}"] = spread.array([repr(each) for each in numbers])
        found[f"values{place}"] = spread.array(values) if values else None
    return found


def distinct(column: Column, rows: float, size: int, factor: float) -> float:
    """How many values there are, `factor` times what is expected where that is not certain."""
    if column.is_certain:
        return column.distinct[size]
    return max(1.0, min(column.distinct[size] * factor, max(1.0, rows * (1 - column.nulls[size]))))


def stored_distinct(column: Column, number: float, rows: float, size: int) -> float:
    """The number of values as stadistinct has it."""
    if column.is_unique:
        return -(1 - column.nulls[size])
    if column.values or number <= rows * _SCALES:
        return float(round(number))
    return -min(1.0, number / rows)


def common(column: Column, rows: float, size: int, now: datetime) -> tuple[str, ...]:
    """The most common values of a column, the most frequent first, as `row` writes them."""
    found = _common(column, distinct(column, rows, size, 1.0), size, now) if column.type.equal else ()
    return tuple(value for value, _ in found)


def hot_value(column: Column, size: int, now: datetime) -> str:
    """A value that as many rows have as any."""
    if column.values:
        return column.values[0][0]
    if column.common:
        return column.common[0]
    if column.bounds:
        return column.bounds[round(spread.MIDDLE * (len(column.bounds) - 1))]
    return spread.at(spread.range_of(column, size, now), spread.MIDDLE)


def rare_value(column: Column, size: int, now: datetime) -> str:
    """A value that few rows have."""
    if column.values:
        return [value for value, share in column.values if share > 0][-1]
    if column.bounds:
        return column.bounds[round(spread.RARE * (len(column.bounds) - 1))]
    if column.common:
        return column.common[-1]
    return spread.at(spread.range_of(column, size, now), spread.RARE)


def _common(column: Column, number: float, size: int, now: datetime) -> tuple[tuple[str, float], ...]:
    """The most common values with their shares of all rows, the most frequent first."""
    nulls = column.nulls[size]
    if column.values:
        return tuple((value, share * (1 - nulls)) for value, share in column.values if share > 0)
    if column.common:
        return tuple(zip(column.common, column.frequencies, strict=False))
    if column.is_unique or not spread.is_known(column):
        return ()
    hot = column.hottest(size)
    span = spread.range_of(column, size, now)
    first, second = hot_value(column, size, now), rare_value(column, size, now)
    if column.frequencies:
        count = len(column.frequencies)
        spaced = [spread.at(span, (place + 0.25) / count) for place in range(count)]
        spaced += [spread.at(span, place / max(1, count - 1)) for place in range(count)]  # each of few numbers
        return tuple(zip(dict.fromkeys([first, *spaced]), column.frequencies, strict=False))
    if number > MOST_COMMON:
        return ((first, hot),) if hot else ()
    even = [spread.at(span, (place + 0.25) / number) for place in range(round(number))]
    values = list(dict.fromkeys([first, second, *even]))[: round(number)]
    share = (1 - nulls - hot) / max(1, len(values) - 1) if hot else (1 - nulls) / len(values)
    return tuple((value, hot if hot and value == first else share) for value in values)


def _correlation(common: tuple[tuple[str, float], ...], number: float, nulls: float) -> float:
    """Of values that lie at random: rows of one value count as ordered, so it is the sum of the squared shares."""
    filled = max(1e-9, 1 - nulls)
    known = sum((share / filled) ** 2 for _, share in common)
    rest = max(0.0, 1 - sum(share for _, share in common) / filled)
    return min(1.0, known + rest * rest / max(1.0, number - len(common)))
