"""What stands for the parameters of a query: a frequent or a rare value of the column that each is compared with.

Which column that is, the server's own deparsing of the conditions says: `(jobs.user_id = $1)` at a scan of jobs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pgproof.contract.promise import Values
from pgproof.explain.plan import Node
from pgproof.explain.size import spread, statistic
from pgproof.explain.size.column import Column
from pgproof.explain.size.model import Model
from pgproof.explain.size.shape import Shape
from pgproof.sql.condition import bare, conjuncts, subjects

_PARAMETER = re.compile(r"\$(\d+)")
_OPERATOR = re.compile(r"<=|>=|<>|<|>|=|~~|@>|<@|&&|\?")
_LOWER = re.compile(r'[\[(](?:"((?:[^"]|"")*)"|([^,]*)),')
"""What stands before the comma of a range, in quotes or without (8.17.5 of the manual)."""
_HALF, _FEW = 0.5, 0.01
_TURNED: Mapping[str, str] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_PLAIN: Mapping[str, str] = {
    **dict.fromkeys(("smallint", "integer", "bigint", "numeric", "real", "double precision"), "10"),
    **dict.fromkeys(("text", "character varying", "character", "name"), "x"),
    **dict.fromkeys(("json", "jsonb"), "{}"),
    "boolean": "true",
    "uuid": "81818181-8181-8181-8181-818181818181",
    "interval": "1 day",
}


_KINDS: Mapping[str, str] = {
    **dict.fromkeys(("smallint", "integer", "bigint", "numeric", "real", "double precision"), "number"),
    **dict.fromkeys(("timestamp with time zone", "timestamp without time zone", "date"), "moment"),
    **dict.fromkeys(("text", "character varying", "character", "name"), "text"),
    **{each: each for each in ("interval", "boolean", "uuid")},
}
"""Types whose values stand for each other; one of another kind is not what a column is compared with itself."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A parameter's column, and the operator between them, the column on its left.

    It is `both` if another parameter is the other end of a range of that column.
    """

    column: Column
    operator: str
    both: bool = False


def bounds(root: Node, shape: Shape, model: Model) -> dict[int, Bound]:
    """The column that each parameter (by number) is compared with, as far as the generic plan says that."""
    tables = {(each.schema, each.name): each for each in shape.tables}
    expressions = _expressions(shape, model)
    found: dict[int, Bound] = {}
    for node in root.walk():
        table = tables.get((node.schema, node.relation))
        for part in _conditions(node) if table is not None else ():
            assert table is not None
            numbers = [int(number) for number in _PARAMETER.findall(part)]
            keys = {a.name: (table.number, a.position) for a in shape.attributes[table.number]}
            named = {name: model.columns.get(key) for name, key in keys.items()}
            named |= expressions.get(table.number, {})
            columns = [named[name] for name in subjects(part) if name in named]
            for number, column in zip(numbers, columns * len(numbers), strict=False):
                if column is not None and number not in found:
                    found[number] = Bound(column, _operator(part))
    return {number: replace(each, both=_has_other_end(each, found.values())) for number, each in found.items()}


def _operator(part: str) -> str:
    found, parameter = _OPERATOR.search(part), _PARAMETER.search(part)
    if found is None or parameter is None:
        return "="
    return _TURNED.get(found[0], found[0]) if parameter.start() < found.start() else found[0]


def _has_other_end(bound: Bound, others: Iterable[Bound]) -> bool:
    turned = _TURNED.get(bound.operator, "")[:1]
    return bool(turned) and any(each.column is bound.column and each.operator[0] == turned for each in others)


def _expressions(shape: Shape, model: Model) -> dict[int, dict[str, Column]]:
    """What is known of expressions, by the number of their table, and bare."""
    owners = {each.number: each.owner for each in shape.relations}
    owners |= {each.number: each.owner for each in shape.extended}
    found: dict[int, dict[str, Column]] = {}
    for place, attribute in shape.expressions.items():
        column = model.columns.get(place) or model.expressions.get(place)
        if column is not None:
            found.setdefault(owners[place[0]], {}).setdefault(bare(attribute.name), column)
    return found


def arguments(
    types: Sequence[str],
    bound: Mapping[int, Bound],
    constants: Mapping[int, str],
    values: Values,
    size: int,
    now: datetime,
) -> tuple[str, ...]:
    """SQL for each parameter: what is given in `constants`, else such a value; NULL for types none is known of."""
    return tuple(
        constants.get(number) or _quoted(_argument(kind, bound.get(number), values, size, now))
        for number, kind in enumerate(types, 1)
    )


def _quoted(value: str | None) -> str:
    if value is None:
        return "NULL"
    quoted = value.replace("'", "''")
    return f"'{quoted}'" if "\\" not in value else "E'" + quoted.replace("\\", "\\\\") + "'"


def _argument(kind: str, bound: Bound | None, values: Values, size: int, now: datetime) -> str | None:
    is_array = kind.endswith("[]")
    name = kind.removesuffix("[]").partition("(")[0]
    if bound is None or _is_of_another_kind(name, bound.column.type.name):
        plain = now.isoformat(sep=" ") if name.startswith(("timestamp", "date")) else _PLAIN.get(name)
        return spread.array([plain]) if is_array and plain is not None else plain
    if bound.column.ranges.bounds:
        return _of_range(kind, bound.column, values)
    value = _value(bound, values, size, now)
    return spread.array([value]) if is_array and value is not None else value


def _is_of_another_kind(parameter: str, column: str) -> bool:
    """True for `$1` in `at > now() - $1`: it is an interval."""
    kinds = _KINDS.get(parameter), _KINDS.get(column)
    return None not in kinds and kinds[0] != kinds[1]


def _of_range(kind: str, column: Column, values: Values) -> str | None:
    """A range from the histogram, or where the parameter is no range, its lower bound; None where it has none."""
    bounds = column.ranges.bounds
    text = bounds[round((spread.MIDDLE if values is Values.HOT else spread.RARE) * (len(bounds) - 1))]
    if kind.rpartition(".")[2] == column.ranges.type.rpartition(".")[2]:
        return text
    lower = _LOWER.match(text)
    return (lower[1] or "").replace('""', '"') or lower[2] or None if lower else None


def _value(bound: Bound, values: Values, size: int, now: datetime) -> str | None:
    column = bound.column
    if not (column.values or column.common or column.bounds or spread.is_known(column)):
        return _PLAIN.get(column.type.name)
    if bound.operator in ("<", "<=", ">", ">=") and not column.values:
        fraction = _fraction(bound, _HALF if values is Values.HOT else _FEW)
        if column.bounds:
            return column.bounds[round(fraction * (len(column.bounds) - 1))]
        return spread.at(spread.range_of(column, size, now), fraction)
    chosen = statistic.hot_value if values is Values.HOT else statistic.rare_value
    return chosen(column, size, now)


def _fraction(bound: Bound, share: float) -> float:
    """Below which fraction of the values one lies that leaves that share of them; a range is in their midst."""
    is_upper = bound.operator[0] == "<"
    if bound.both:
        return (1 + share) / 2 if is_upper else (1 - share) / 2
    return share if is_upper else 1 - share


def _conditions(node: Node) -> Iterator[str]:
    for condition in (node.index_condition, node.recheck_condition, node.filter):
        yield from (part for part in conjuncts(condition) if "$" in part)
