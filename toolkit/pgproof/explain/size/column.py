"""What a column holds at production size: how many values, how often, how wide; as declared, or by default.

The defaults are those of an application's tables: a key of another table has as many values as that has rows, a
list of values is used evenly, times are all different and come in order, and any other column that is not unique
has each value in a hundred rows, the most frequent one in a hundredth of all rows. A column that may be NULL is so
in a tenth of the rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pgproof.explain.size.shape import Attribute, Type

FAN_OUT = 100.0
HOT = 0.01
NULLS = 0.1
SPAN = 730.0
_TIMES = ("timestamp without time zone", "timestamp with time zone")
_NOW = ("now()", "CURRENT_TIMESTAMP", "clock_timestamp()", "statement_timestamp()", "transaction_timestamp()")
_WIDTHS = {"jsonb": 200.0, "json": 200.0, "xml": 200.0, "bytea": 100.0, "numeric": 8.0, "name": 64.0, "inet": 7.0}
_TEXT = 33.0  # bytes: a word of 32 characters
_INTEGERS = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
_NOTABLE = 1.25
"""How much more frequent than others a value is that ANALYZE lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elements:
    """What is most often in an array, or a tsvector, in the order of the values, of `type`.

    `frequencies` has the share of rows of each, then the least and the greatest one, and for arrays that of NULLs;
    `counts` is a histogram of how many there are in one, and behind it their average.
    """

    type: str = ""
    values: tuple[str, ...] = ()
    frequencies: tuple[float, ...] = ()
    counts: tuple[float, ...] = ()


NO_ELEMENTS = Elements()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """What is known of ranges, in a column of `type`: the share of `empty` ones among those that are not NULL.

    `bounds` are ranges from the histogram of lower bounds with that of upper ones; `lengths` are a histogram, of
    the type's subtype_diff. `empty` is None where nothing is known.
    """

    type: str = ""
    empty: float | None = None
    bounds: tuple[str, ...] = ()
    lengths: tuple[float, ...] = ()


NO_RANGES = Ranges()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column at the sizes of a profile: figures in tuples have one value for each.

    `values` are those of a list with their shares of the rows that have one, () where there is no list. `distinct`
    are numbers of values among the rows, before a factor of the sweep, which does not touch what `is_certain`.
    `hot` is the share of all rows that have the most frequent value, 0.0 where none stands out. `frequencies` are
    the shares of the most common values, `common` these values, `bounds` those of the histogram of the others, and
    `correlation` is how ordered the rows are, where statistics say so.
    """

    attribute: Attribute
    type: Type
    nulls: tuple[float, ...]
    distinct: tuple[float, ...]
    hot: tuple[float, ...]
    is_unique: bool = False
    is_ordered: bool = False
    values: tuple[tuple[str, float], ...] = ()
    span: tuple[float, ...] = ()
    width: tuple[float, ...] = ()
    frequencies: tuple[float, ...] = ()
    common: tuple[str, ...] = ()
    bounds: tuple[str, ...] = ()
    correlation: float | None = None
    elements: Elements = NO_ELEMENTS
    ranges: Ranges = NO_RANGES

    @property
    def is_certain(self) -> bool:
        """Whether the number of values follows from the schema."""
        return self.is_unique or bool(self.values)

    def hottest(self, size: int) -> float:
        """The share of the most frequent value at that size, where it is notably more than that of others."""
        return self.hot[size] if self.hot[size] * self.distinct[size] > _NOTABLE else 0.0


@dataclass(slots=True)
class Said:
    """What a profile says of one column, a value for each size; () and {} where it says nothing.

    `common` and `bounds` are values of `type`, as text: the most common ones, and bounds of a histogram.
    """

    fan_out: tuple[float, ...] = ()
    hot: tuple[float, ...] = ()
    nulls: tuple[float, ...] = ()
    span: tuple[float, ...] = ()
    width: tuple[float, ...] = ()
    shares: dict[str, float] = field(default_factory=dict)
    frequencies: tuple[float, ...] = ()
    type: str = ""
    common: tuple[str, ...] = ()
    bounds: tuple[str, ...] = ()
    correlation: float | None = None
    elements: Elements = NO_ELEMENTS
    ranges: Ranges = NO_RANGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What the schema says of one column: unique by itself, a list of values, rows of the table it refers to."""

    is_unique: bool = False
    labels: tuple[str, ...] = ()
    parent: tuple[float, ...] = ()


def column(attribute: Attribute, kind: Type, rows: tuple[float, ...], part: Part, said: Said) -> Column:
    """The column of a table with so many rows at each size."""
    every = range(len(rows))
    nulls = said.nulls or ((0.0 if attribute.not_null else NULLS),) * len(rows)
    filled = tuple(rows[k] * (1 - nulls[k]) for k in every)
    values = _values(part.labels, said.shares)
    is_time = kind.name in _TIMES
    is_unique = part.is_unique or kind.is_range  # as ANALYZE has it (compute_range_stats)
    if is_unique:
        distinct = filled
    elif values:
        distinct = (float(sum(share > 0 for _, share in values)),) * len(rows)
    else:
        distinct = _distinct(kind, filled, part, said)
    most = float(_INTEGERS.get(kind.name, 2**63))
    capped = tuple(max(1.0, min(distinct[k], max(1.0, filled[k]), most)) for k in every)
    is_listed = is_unique or bool(values)
    hot = said.hot or ((0.0 if is_listed or is_time or kind.name == "date" else HOT),) * len(rows)
    is_known = is_named(said.type, kind) and not values
    return Column(
        attribute=attribute,
        type=kind,
        nulls=nulls,
        distinct=capped,
        hot=tuple(min(hot[k], 1 - nulls[k]) for k in every),
        is_unique=is_unique,
        is_ordered=_is_ordered(attribute, kind),
        values=values,
        span=said.span or (SPAN,) * len(rows),
        width=said.width or (_width(attribute, kind, values),) * len(rows),
        frequencies=() if is_listed else said.frequencies,
        common=said.common if is_known and not is_listed else (),
        bounds=said.bounds if is_known else (),
        correlation=said.correlation,
        elements=said.elements,
        ranges=said.ranges,
    )


def _distinct(kind: Type, filled: tuple[float, ...], part: Part, said: Said) -> tuple[float, ...]:
    """How many values there are in so many rows with one, where they are neither unique nor listed."""
    if said.fan_out:
        return tuple(rows / fan_out for rows, fan_out in zip(filled, said.fan_out, strict=True))
    if part.parent:
        return tuple(map(min, filled, part.parent))
    if kind.name == "date":
        return said.span or (SPAN,) * len(filled)
    return tuple(rows / (1.0 if kind.name in _TIMES else FAN_OUT) for rows in filled)


def is_named(written: str, kind: Type) -> bool:
    """Whether that is the type's name: it was once written without its schema."""
    return written in (kind.name, kind.name.rpartition(".")[2])


def _values(labels: tuple[str, ...], shares: dict[str, float]) -> tuple[tuple[str, float], ...]:
    """Each value with its share; what is not said is shared by the others, and all of it adds up to 1."""
    if not labels:
        return ()
    silent = [label for label in labels if label not in shares]
    rest = max(0.0, 1 - sum(shares.values()))
    found = {label: shares.get(label, rest / len(silent) if silent else 0.0) for label in labels}
    total = sum(found.values()) or 1.0
    return tuple(sorted(((label, share / total) for label, share in found.items()), key=_frequent_first))


def _frequent_first(value: tuple[str, float]) -> tuple[float, str]:
    return -value[1], value[0]


def _is_ordered(attribute: Attribute, kind: Type) -> bool:
    """Whether rows come in the order of the column: numbers of a sequence, and times."""
    if attribute.is_identity or attribute.default.startswith("nextval("):
        return True
    return kind.name in _TIMES or attribute.default in _NOW


def _width(attribute: Attribute, kind: Type, values: tuple[tuple[str, float], ...]) -> float:
    """Bytes on average, with the length word of what varies."""
    if attribute.length > 0:
        return float(attribute.length)
    if values:
        return sum(len(value.encode()) * share for value, share in values) + 1
    if kind.category == "S" and attribute.modifier > 4:  # VARHDRSZ
        most = attribute.modifier - 4
        return float(most + 1 if kind.name == "character" else min(_TEXT, most / 2 + 1))
    return _WIDTHS.get(kind.name, 41.0 if kind.category == "A" else _TEXT)
