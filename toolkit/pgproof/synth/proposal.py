"""Rows to propose for a table: the server itself seeks values that go together, among all combinations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from pgproof.sql.condition import columns as named
from pgproof.sql.literal import literal
from pgproof.sql.name import quote
from pgproof.synth.attempt import attempt
from pgproof.synth.candidate import candidates
from pgproof.synth.shape import Bond, Column, Shape, Table
from pgproof.synth.stretch import Stretch, is_stretched, of_domains, relation

_COMBINATIONS = 20_000
_MOST = 24
"""Values for a column."""
_KEPT = 200
"""Combinations of values for columns that go together."""
_VARIED = 8
_NULL_AT = 3
"""Where NULL stands among the values of a column, at most."""
_NO_HINTS = "satisfies_hash_partition"
"""Holds the number of a table, which is another in each database (src/backend/partitioning/partbounds.c)."""

_BESIDE = 4
"""Values for a column beside one that has a whole stretch of them."""
_NO_STRETCHES: Mapping[str, str] = {}
_NOTHING: Mapping[str, str | None] = {}

Combination = Mapping[str, str | None]
"""A value for each of some columns."""
Values = Callable[[Column], Sequence[str]]


class NoneFitsError(Exception):
    """No combination of values that were tried goes together; the message says which conditions it was about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Columns of a table that constraints tie together, and values for them that go together."""

    columns: tuple[str, ...]
    combinations: tuple[Combination, ...]


def parts(
    conn: psycopg.Connection[Any],
    table: Table,
    shape: Shape,
    pinned: Mapping[str, str | None] = _NOTHING,
    about: Collection[str] | None = None,
) -> tuple[Part, ...]:
    """For each part of a table's columns, what may be in it, in the order in which to try.

    With `about`, only for those parts that one of these columns is in.

    Columns to which the server gives a value itself are not in it, unless the table's rows refer to it, or they
    are `pinned`: to a value, or (None) to any. Raises NoneFitsError. `conn` is in a transaction.
    """
    wanted = {each.name for each in table.columns if not each.is_own} | pinned.keys() | set(about or ())
    for key in table.foreign_keys:
        wanted |= set(key.columns)
        if key.target == table.sql and table.needs(key):
            wanted |= set(key.referenced)
    chosen = [each for each in table.columns if each.name in wanted and not each.is_generated]
    checks = [each for each in table.bonds if each.kind == "c" and _speaks_of(each, chosen)]
    groups = _groups(table, chosen, checks)
    return tuple(
        _part(conn, table, shape, group, checks, lambda column: _values(column, checks, shape, pinned))
        for group in groups
        if about is None or any(each.name in about for each in group)
    )


def insert(table: Table, row: Combination) -> str:
    """The statement that puts a row into a table."""
    if not row:
        return f"INSERT INTO {table.sql} DEFAULT VALUES"
    columns = ", ".join(map(quote, row))
    values = ", ".join(literal(each) for each in row.values())
    return f"INSERT INTO {table.sql} ({columns}) OVERRIDING SYSTEM VALUE VALUES ({values})"


def _values(
    column: Column, checks: Sequence[Bond], shape: Shape, pinned: Mapping[str, str | None]
) -> tuple[str, ...]:
    fixed = pinned.get(column.name)
    if fixed is not None:
        return (fixed,)
    about = [each.condition for each in checks if column.name in each.columns]
    return candidates(column.type_number, shape.types, [each for each in about if _NO_HINTS not in each])


def _speaks_of(check: Bond, chosen: Sequence[Column]) -> bool:
    about = frozenset(check.columns) if check.made else named(check.condition)
    return bool(check.columns) and about <= {each.name for each in chosen}


def _groups(table: Table, chosen: Sequence[Column], checks: Sequence[Bond]) -> list[list[Column]]:
    """The columns, those together that a CHECK or a foreign key speaks of together."""
    groups = [{each.name} for each in chosen]
    for bond in (*checks, *table.foreign_keys):
        tied = set(bond.columns) | (set(bond.referenced) if bond.target == table.sql else set())
        met = [group for group in groups if group & tied]
        groups = [*(group for group in groups if not group & tied), *([set().union(*met)] if met else [])]
    ordered = [[each for each in chosen if each.name in group] for group in groups]
    return sorted(ordered, key=lambda group: chosen.index(group[0]))


def _part(
    conn: psycopg.Connection[Any],
    table: Table,
    shape: Shape,
    group: list[Column],
    checks: Sequence[Bond],
    values: Values,
) -> Part:
    names = tuple(each.name for each in group)
    about = [each for each in checks if set(each.columns) & set(names)]
    conditions = [f"({each.condition}) IS NOT FALSE" for each in about]
    sources = _Sources(conn, table, shape, group, values)
    try:
        rows, is_slow = _found(conn, sources.query(conditions)), False
    except psycopg.errors.QueryCanceled:
        rows, is_slow = None, True
    if not rows and not is_slow:
        hints = {
            each.name: (
                *(bond.condition for bond in about if each.name in bond.columns),
                *of_domains(each.type_number, shape.types),
            )
            for each in group
        }
        rows = _sought(conn, table, shape, group, values, conditions, hints) or rows
    if rows is None:  # a condition that cannot be asked of these values: whatever fits, the table itself says
        rows = conn.execute(sources.query([]).encode()).fetchall()
    if not rows:
        raise NoneFitsError(_why(names, about, sources))
    return Part(columns=names, combinations=tuple(_varied([dict(zip(names, row, strict=True)) for row in rows])))


def _found(conn: psycopg.Connection[Any], query: str) -> list[tuple[Any, ...]] | None:
    """The combinations; None if a condition fails for one of the values. Raises QueryCanceled."""
    try:
        return attempt(conn, query).fetchall()
    except psycopg.errors.QueryCanceled:
        raise
    except psycopg.Error:
        if conn.closed:
            raise
        return None


def _sought(
    conn: psycopg.Connection[Any],
    table: Table,
    shape: Shape,
    group: list[Column],
    values: Values,
    conditions: Sequence[str],
    hints: Mapping[str, Sequence[str]],
) -> list[tuple[Any, ...]] | None:
    """Combinations out of whole stretches of values, for columns of which something is asked."""
    open_ones = [each for each in group if hints[each.name] and len(values(each)) > 1]
    number = sum(is_stretched(each.type_number, shape.types) for each in open_ones)
    for stretch in Stretch:
        longer = {
            each.name: relation(each.type, each.type_number, shape.types, hints[each.name], stretch, number)
            for each in open_ones
        }
        sources = _Sources(conn, table, shape, group, values, longer)
        try:
            rows = _found(conn, sources.query(conditions)) if any(longer.values()) else None
        except psycopg.errors.QueryCanceled:
            continue
        if rows:
            return rows
    return None


def _varied(found: list[Combination]) -> Iterator[Combination]:
    """The first ones such that each brings most values that none before it has."""
    seen: set[tuple[str, str | None]] = set()
    for _ in range(min(_VARIED, len(found))):
        best = max(found, key=lambda each: len(each.items() - seen))  # the first of the best
        found.remove(best)
        seen |= best.items()
        yield best
    yield from found


def _why(names: Sequence[str], about: Sequence[Bond], sources: _Sources) -> str:
    if sources.empty:
        return f"{', '.join(sources.empty)} has no rows that {', '.join(names)} could refer to"
    if not about:
        return f"no value that was tried for {', '.join(names)} is one of the type"
    texts = " and ".join(f"{each.name}: {each.condition}" for each in about)
    return f"none of {sources.count} combinations of values for {', '.join(names)} fits {texts}"


class _Sources:
    """Where the values of some columns come from: lists of constants, and rows of other tables."""

    def __init__(
        self,
        conn: psycopg.Connection[Any],
        table: Table,
        shape: Shape,
        group: Sequence[Column],
        values: Values,
        longer: Mapping[str, str] = _NO_STRETCHES,
    ) -> None:
        self.empty: list[str] = []
        self.count = 1
        self._names = [each.name for each in group]
        self._from: list[str] = []
        self._where: list[str] = []
        self._places: list[str] = []
        given: set[str] = set()
        for number, key in enumerate(key for key in table.foreign_keys if set(key.columns) <= set(self._names)):
            given |= self._refer(conn, table, key, number, given)
        free = [each for each in group if each.name not in given]
        most = max(2, min(_MOST, int(_COMBINATIONS ** (1 / max(1, len(free))))))
        if any(longer.values()):
            most = _BESIDE
        for number, column in enumerate(free):
            if longer.get(column.name):
                self._from.append(f"({longer[column.name]}) AS v{number} (v{number}_n, {quote(column.name)})")
                self._places.append(f"v{number}_n")
                continue
            proposed = [*values(column), *([] if column.is_needed else [None])]
            self._list(column, _known(conn, shape, column, tuple(proposed)), most, number)

    def _refer(
        self, conn: psycopg.Connection[Any], table: Table, key: Bond, number: int, given: set[str]
    ) -> set[str]:
        """Let columns come from the rows that a foreign key refers to; from nowhere if there are none."""
        columns = ", ".join(map(quote, key.referenced))
        row = conn.execute(f"SELECT EXISTS (SELECT FROM {key.origin})".encode()).fetchone()
        if not (row and row[0]):
            if not table.needs(key):
                self._null(table, key, number, given)
                return set(key.columns)
            if key.target != table.sql:
                self.empty.append(key.target)
                self._where.append("false")
                return set()
            pairs = zip(key.columns, key.referenced, strict=True)
            self._where += [f"{quote(one)} = {quote(other)}" for one, other in pairs if one != other]
            return set()
        fresh = [each if each not in given else f"f{number}_{each}" for each in key.columns]
        pairs = zip(key.columns, fresh, strict=True)
        self._where += [f"{quote(one)} = {quote(other)}" for one, other in pairs if one != other]
        self._from.append(
            f"(SELECT pg_catalog.row_number() OVER (ORDER BY {columns}), {columns}"
            f" FROM {key.origin} LIMIT {_MOST})"
            f" AS f{number} (f{number}_n, {', '.join(map(quote, fresh))})"
        )
        self._places.append(f"f{number}_n")
        return set(key.columns)

    def _null(self, table: Table, key: Bond, number: int, given: set[str]) -> None:
        types = {each.name: each.type for each in table.columns}
        fresh = [each for each in key.columns if each not in given]
        if fresh:
            nulls = ", ".join(f"NULL::{types[each]}" for each in fresh)
            self._from.append(f"(VALUES ({nulls})) AS f{number} ({', '.join(map(quote, fresh))})")

    def _list(self, column: Column, accepted: Sequence[str | None], most: int, number: int) -> None:
        values = [each for each in accepted if each is not None][:most]
        rows = [f"({place}, {_cast(column, value)})" for place, value in enumerate(values)]
        if None in accepted:
            rows.append(f"({min(len(values), _NULL_AT)}, {_cast(column, None)})")
        if not rows:
            self._where.append("false")
            rows = [f"(0, NULL::{column.type})"]
        self.count *= len(rows)
        self._from.append(f"(VALUES {', '.join(rows)}) AS v{number} (v{number}_n, {quote(column.name)})")
        self._places.append(f"v{number}_n")

    def query(self, conditions: Sequence[str]) -> str:
        """The query for combinations; those come first that are at the same place of all lists."""
        selected = ", ".join(f"{quote(each)}::pg_catalog.text" for each in self._names)
        where = " AND ".join([*self._where, *conditions]) or "true"
        order = "1"
        if self._places:
            places = ", ".join(self._places)
            order = f"GREATEST({places}) - LEAST({places}), {' + '.join(self._places)}, {places}"
        return f"SELECT {selected} FROM {', '.join(self._from)} WHERE {where} ORDER BY {order} LIMIT {_KEPT}"


def _known(
    conn: psycopg.Connection[Any], shape: Shape, column: Column, values: tuple[str | None, ...]
) -> Sequence[str | None]:
    """The values that the server takes as ones of the column's type; it is asked once for the same."""
    key = (column.type, values)
    if key not in shape.accepted:
        shape.accepted[key] = tuple(_accepted(conn, column, values))
    return shape.accepted[key]


def _accepted(conn: psycopg.Connection[Any], column: Column, values: Sequence[str | None]) -> list[str | None]:
    """The values that the server takes as ones of the column's type (and its domain, which may refuse NULL)."""
    try:
        attempt(conn, f"SELECT {', '.join(_cast(column, each) for each in values)}")
    except psycopg.Error:
        return list(_one_by_one(conn, column, values))
    return list(values)


def _one_by_one(
    conn: psycopg.Connection[Any], column: Column, values: Sequence[str | None]
) -> Iterator[str | None]:
    for each in values:
        try:
            attempt(conn, f"SELECT {_cast(column, each)}")
        except psycopg.Error:
            continue
        yield each


def _cast(column: Column, value: str | None) -> str:
    return f"{literal(value)}::{column.type}"
