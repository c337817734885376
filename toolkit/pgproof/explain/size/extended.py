"""Extended statistics (CREATE STATISTICS) that were exported: how many combinations, and what follows from what.

They have no input, so that they are written as the bytes that the server keeps (statext_ndistinct_serialize in
src/backend/statistics/mvdistinct.c, statext_dependencies_serialize in dependencies.c). `combination.py` has the
lists of most common combinations. Statistics of expressions are as those of columns (serialize_expr_stats in
src/backend/statistics/extended_stats.c).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pgproof.explain.size import combination
from pgproof.explain.size.combination import Combinations, Part
from pgproof.sql.name import quote

_HEADER = struct.Struct("=III")  # magic, type, number of items
_DISTINCT_MAGIC, _DEPENDENCIES_MAGIC, _TYPE = 0xA352BFA4, 0xB4549A2C, 1
_DISTINCT = struct.Struct("=di")  # number of combinations, number of columns
_DEPENDENCY = struct.Struct("=dh")  # degree, number of columns
NUMBERS, DEPENDENCIES, COMBINATIONS = "d", "f", "m"
"""Kinds of extended statistics, as in pg_statistic_ext.stxkind."""

Name = tuple[str, str]
Figures = tuple[tuple[tuple[Part, ...], float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Extended statistics of a table of this database: `positions` of columns by name, `kinds` as in stxkind.

    `keys` are these columns in the table's order, `expressions` are SQL.
    """

    number: int
    schema: str
    name: str
    owner: int
    kinds: list[str]
    positions: dict[str, int]
    keys: list[str]
    expressions: list[str]

    @property
    def texts(self) -> dict[Part, str]:
        """All that they are about, as SQL, in the order of their lists."""
        found: dict[Part, str] = {name: quote(name) for name in self.keys}
        return found | {-number: text for number, text in enumerate(self.expressions, 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """Extended statistics of another database: `rows` its table (schema, name) had when it was analysed.

    `distinct` has numbers of combinations. Of each of `dependencies`, the last column follows from those before
    it, in that share of the rows. `inherited` tells those of a table with all that inherits from it. `expressions`
    are what is known of each by its number, `texts` SQL of these.
    """

    schema: str
    name: str
    table: tuple[str, str]
    inherited: bool
    rows: float
    distinct: Figures
    dependencies: Figures
    combinations: Combinations
    expressions: Mapping[int, Mapping[str, Any]]
    texts: Mapping[int, str]

    @property
    def parts(self) -> frozenset[str]:
        """The columns that they speak of."""
        spoken = [*(parts for parts, _ in (*self.distinct, *self.dependencies)), self.combinations.parts]
        return frozenset(part for parts in spoken for part in parts if isinstance(part, str))

    def fits(self, found: Statistics) -> bool:
        """Whether those have all the columns and, as the same SQL, the expressions that this speaks of."""
        own = {-number: text for number, text in enumerate(found.expressions, 1)}
        return self.parts <= set(found.positions) and all(own.get(n) == text for n, text in self.texts.items())


def told(
    found: Mapping[str, Any], combinations: dict[str, Any] | None, expressions: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """A row of `export_extended.sql` as JSON has it, with its combinations and what is known of its expressions.

    It has names for numbers of columns.
    """
    names = {int(number): name for number, name in found["columns"].items()}

    def figures(written: Mapping[str, float] | None) -> list[dict[str, Any]]:
        numbered = ((key.replace("=>", ",").split(","), share) for key, share in (written or {}).items())
        return [{"columns": [names.get(int(k), int(k)) for k in keys], "figure": n} for keys, n in numbered]

    parts = ("schema", "name", "table_schema", "table", "inherited")
    return {
        **{part: found[part] for part in parts},
        "distinct": figures(found["distinct"]),
        "dependencies": figures(found["dependencies"]),
        "combinations": combinations,
        "expressions": expressions,
    }


def read(
    written: Sequence[Mapping[str, Any]],
    rows: Mapping[Name, float],
    hashes: Mapping[tuple[Name, Part], Sequence[str]],
    figures: Callable[[Mapping[str, Any]], Mapping[str, Any]],
) -> Iterator[Extended]:
    """What `told` has written. `rows` are those of tables, `hashes` those of values of columns.

    `figures` reads what is written of one expression. Raises KeyError, TypeError or ValueError.
    """
    for each in written:
        table = (str(each["table_schema"]), str(each["table"]))
        spoken = each.get("expressions", [])
        expressions = {int(one["position"]): figures(one) for one in spoken}
        known: dict[Part, Sequence[str]] = {part: found for (of, part), found in hashes.items() if of == table}
        known |= {number: one["hashes"] for number, one in expressions.items()}
        yield Extended(
            schema=str(each["schema"]),
            name=str(each["name"]),
            table=table,
            inherited=bool(each["inherited"]),
            rows=rows.get(table, 1.0),
            distinct=_figures(each["distinct"]),
            dependencies=_figures(each["dependencies"]),
            combinations=combination.read(each.get("combinations"), known),
            expressions=expressions,
            texts={int(one["position"]): str(one["expression"]) for one in spoken},
        )


def _figures(written: Sequence[Mapping[str, Any]]) -> Figures:
    return tuple(
        (tuple(p if isinstance(p, int) else str(p) for p in each["columns"]), float(each["figure"]))
        for each in written
    )


def row(found: Statistics, said: Extended, rows: float, lasting: frozenset[Part]) -> dict[str, Any]:
    """The row of pg_statistic_ext_data for a table of so many rows, as `inject_extended.sql` takes it.

    There are as many more combinations as there are rows, but where each column has a list of values (`lasting`).
    """
    distinct = []
    for parts, number in said.distinct:
        times = 1.0 if lasting.issuperset(parts) else rows / said.rows
        distinct.append((_numbers(found, parts), float(max(1, round(min(rows, number * times))))))
    dependencies = [(_numbers(found, parts), degree) for parts, degree in said.dependencies]
    return {
        "number": found.number,
        "inherited": said.inherited,
        "distinct": _packed(_DISTINCT_MAGIC, _DISTINCT, distinct, NUMBERS in found.kinds),
        "dependencies": _packed(_DEPENDENCIES_MAGIC, _DEPENDENCY, dependencies, DEPENDENCIES in found.kinds),
    }


def _numbers(found: Statistics, parts: Sequence[Part]) -> list[int]:
    return [part if isinstance(part, int) else found.positions[part] for part in parts]


def _packed(
    magic: int, head: struct.Struct, items: Sequence[tuple[list[int], float]], is_wanted: bool
) -> str | None:
    """Those items as the server keeps them, in hexadecimal digits; None where there are none."""
    if not items or not is_wanted:
        return None
    content = _HEADER.pack(magic, _TYPE, len(items))
    for numbers, figure in items:
        content += head.pack(figure, len(numbers)) + struct.pack(f"={len(numbers)}h", *numbers)
    return content.hex()
