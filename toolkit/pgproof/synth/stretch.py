"""Whole stretches of values for columns, where none of those that were listed fits: the server goes through them.

So roots of arithmetic are found by trial: numbers, days, hours and lengths of texts, or what the constants of the
conditions come to when two of them are put together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, DecimalException
from enum import Enum
from itertools import product

from pgproof.sql import grammar
from pgproof.sql.grammar import GrammarError
from pgproof.synth.shape import Type

_REACH = {1: 20_000, 2: 300, 3: 30}
"""How far from zero numbers go, by how many columns have stretches: some 300,000 combinations at most."""
_LIMITS = {"int2": 2**15 - 1, "int4": 2**31 - 1, "int8": 2**63 - 1}
_NUMBERS = (*_LIMITS, "numeric", "float4", "float8")
_TIMES = ("date", "timestamp", "timestamptz")
_TEXTS = ("text", "varchar", "bpchar")
_CONSTANTS = 24
"""Of which two are put together, at most."""
_LONGEST = 300


class Stretch(Enum):
    """What is gone through, in the order in which to try: a condition may fail for zero, and below."""

    DERIVED = "constants put together"
    POSITIVE = "from one on"
    WHOLE = "from below zero on"


def relation(
    type_: str, number: int, types: Mapping[int, Type], conditions: Sequence[str], stretch: Stretch, count: int
) -> str:
    """SQL of a stretch of values of a type, by its name and number, each with its place; "" if it has none.

    `conditions` speak of the value, and `count` columns are to have stretches. Of a domain, there are those values
    that it takes.
    """
    reach = _REACH.get(count, 0)
    if not reach or not is_stretched(number, types):
        return ""
    *domains, base = _line(number, types)
    source = _listed(base.name, conditions) if stretch is Stretch.DERIVED else _series(base.name, stretch, reach)
    taken = " AND ".join(f"({each}) IS NOT FALSE" for domain in domains for each in domain.conditions) or "true"
    selected = f"SELECT place, value::{type_} FROM ({source}) AS v (place, value) WHERE {taken}"
    return selected if source else ""


def is_stretched(number: int, types: Mapping[int, Type]) -> bool:
    """True of a type that has stretches of values."""
    return number in types and _line(number, types)[-1].name in (*_NUMBERS, *_TIMES, *_TEXTS)


def is_gone_through(number: int, types: Mapping[int, Type]) -> bool:
    """True of a number or a moment, of which a stretch has many, and of what has few values, all tried."""
    if number not in types:
        return False
    base = _line(number, types)[-1]
    return base.name in (*_NUMBERS, *_TIMES, "bool") or bool(base.labels)


def of_domains(number: int, types: Mapping[int, Type]) -> tuple[str, ...]:
    """The conditions of a domain, and of those that it is over; () of another type."""
    domains = _line(number, types)[:-1] if number in types else []
    return tuple(each for domain in domains for each in domain.conditions)


def _line(number: int, types: Mapping[int, Type]) -> list[Type]:
    """The type, and if it is a domain, what it is over, down to one that is none."""
    found = [types[number]]
    while found[-1].base:
        found.append(types[found[-1].base])
    return found


def _series(name: str, stretch: Stretch, reach: int) -> str:
    value, low = "n", 1 if stretch is Stretch.POSITIVE else -reach
    if name == "date":
        value = "'2020-01-01'::pg_catalog.date + n"
    elif name in _TIMES:  # at another hour each time
        value = f"('2020-01-01'::pg_catalog.timestamp + n * '7 hours'::pg_catalog.interval)::{name}"
    elif name in _TEXTS:
        low, reach = 0, 3 * _LONGEST if reach > _LONGEST else reach
        value = "pg_catalog.repeat((ARRAY['a', 'A', '1'])[n % 3 + 1], n / 3)"
    else:
        reach = min(reach, int(_LIMITS.get(name, reach)))
        value = f"n::pg_catalog.{name}"
    places = "pg_catalog.row_number() OVER (ORDER BY pg_catalog.abs(n), n)"
    return f"SELECT {places}, {value} FROM pg_catalog.generate_series({low}, {reach}) AS s (n)"


def _listed(name: str, conditions: Sequence[str]) -> str:
    if name not in _NUMBERS:
        return ""
    most = Decimal(_LIMITS.get(name, 2**63 - 1))
    values = dict.fromkeys(each for each in _derived(conditions) if abs(each) <= most)
    if name in _LIMITS:
        values = dict.fromkeys(each for each in values if each == each.to_integral_value())
    rows = ", ".join(f"({place}, ({value:f})::pg_catalog.{name})" for place, value in enumerate(values))
    return f"VALUES {rows}" if rows else ""


def _derived(conditions: Sequence[str]) -> Iterator[Decimal]:
    """What two constants of the conditions come to, by each kind of arithmetic, and what lies beside that."""
    numbers = list(dict.fromkeys(each for text in conditions for each in _constants(text)))[:_CONSTANTS]
    for one, other in product(numbers, [*numbers, Decimal(1)]):
        for value in _together(one, other):
            yield from (value, -value, value + 1, value - 1)


def _together(one: Decimal, other: Decimal) -> Iterator[Decimal]:
    yield from (one * other, one + other, one - other)
    try:
        yield from (round(one / other, 6), Decimal(one // other), round(one.sqrt(), 6))
    except DecimalException:
        return


def _constants(condition: str) -> Iterator[Decimal]:
    try:
        tokens = grammar.scan(condition)
    except GrammarError:
        return
    for token in tokens:
        written = token.of(condition).strip("'")
        try:
            value = Decimal(written) if token.kind in ("ICONST", "FCONST", "SCONST") else None
        except DecimalException:
            continue
        if value is not None and value.is_finite():
            yield value
