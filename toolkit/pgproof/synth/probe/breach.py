"""Rows that break one constraint of a table and fit all others, as values to propose to the server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import psycopg

from pgproof.sql.condition import columns as named
from pgproof.sql.literal import literal
from pgproof.sql.name import quote
from pgproof.synth.candidate import candidates
from pgproof.synth.probe.breakage import indexed, referring, sign_of
from pgproof.synth.probe.fact import Guard
from pgproof.synth.probe.guard import Domain
from pgproof.synth.proposal import Combination, NoneFitsError, Part, insert, parts
from pgproof.synth.shape import Bond, Shape, Table
from pgproof.synth.stretch import Stretch, relation

_BROKEN = "what is to be broken"
_ROWS_TRIED = 12


def breaches(
    conn: psycopg.Connection[Any],
    table: Table,
    guard: Guard,
    shape: Shape,
    fitting: tuple[Part, ...],
    *,
    alone: bool = True,
) -> tuple[Part, ...]:
    """What may be in the columns of a row that breaks `guard`: its condition is turned round.

    `fitting` is what fits the table, for the columns that the guard is not about. Without `alone`, other
    conditions, keys and foreign keys of the table are left out of account. Raises NoneFitsError where nothing that
    was tried breaks it, psycopg.Error. `conn` is in a transaction.
    """
    if guard.kind == "n" and not any(each.name == guard.name and each.computed for each in table.columns):
        return _with(fitting, {guard.columns[0]: None})
    try:
        with conn.transaction():
            return (*fitting, *_broken(conn, table, guard, shape, alone=alone))
    except NoneFitsError as error:
        if _BROKEN not in str(error):
            raise
    raise NoneFitsError(f"no values that were tried for {', '.join(guard.columns)} break it")


def _broken(
    conn: psycopg.Connection[Any], table: Table, guard: Guard, shape: Shape, *, alone: bool
) -> tuple[Part, ...]:
    bonds = tuple(each for each in table.bonds if not _is(each, guard)) if alone else ()
    others = replace(table, bonds=bonds)
    match guard.kind:
        case "c" | "n":
            wish = _turned(table, guard)
            return parts(conn, replace(others, bonds=(*bonds, wish)), shape, about=wish.columns)
        case "f":
            return _orphan(conn, others, next(each for each in table.bonds if _is(each, guard)), shape)
        case "p" | "u" | "i" | "x":
            return _twin(conn, others, guard, shape)
    raise NoneFitsError("it is of a kind of which nothing is known here")


def of_domain(
    conn: psycopg.Connection[Any], guard: Guard, shape: Shape, fitting: tuple[Part, ...], domain: Domain
) -> tuple[Part, ...]:
    """As `breaches`, for a constraint of a domain."""
    if guard.kind == "n":
        return _with(fitting, {guard.columns[0]: domain.written(None)})
    listed = candidates(domain.number, shape.types, [guard.condition])
    for value in chain(listed, _stretched(conn, guard, shape, domain)):
        try:
            with conn.transaction():
                conn.execute(f"SELECT {literal(value)}::{domain.base}::{guard.domain}".encode())
        except psycopg.Error as error:
            if conn.closed:
                raise
            if error.diag.constraint_name == guard.name:
                return _with(fitting, {guard.columns[0]: domain.written(value)})
    raise NoneFitsError(f"no value that was tried breaks CHECK ({guard.condition})")


def _stretched(conn: psycopg.Connection[Any], guard: Guard, shape: Shape, domain: Domain) -> Iterator[str]:
    """Values of the type that a domain is over which break its CHECK, where none that was listed does."""
    for stretch in Stretch:
        values = relation(domain.base, domain.number, shape.types, (guard.condition,), stretch, 1)
        query = (
            f"SELECT value::pg_catalog.text FROM ({values}) AS v (place, value) WHERE ({guard.condition}) IS FALSE"
        )
        try:
            with conn.transaction():
                found = conn.execute(f"{query} ORDER BY place LIMIT 1".encode()).fetchall() if values else []
        except psycopg.Error:  # it fails for one of them
            if conn.closed:
                raise
            continue
        yield from (row[0] for row in found)


def _is(bond: Bond, guard: Guard) -> bool:
    return bond.name == guard.name and (bond.kind == guard.kind or guard.kind == "i")


def _wish(columns: Sequence[str], condition: str) -> Bond:
    return Bond(name=_BROKEN, kind="c", columns=tuple(columns), condition=f"({condition}) IS TRUE", made=True)


def _turned(table: Table, guard: Guard) -> Bond:
    """The opposite of a CHECK, or of a NOT NULL; generated columns are computed where it speaks of them."""
    condition = f"({guard.condition}) IS FALSE" if guard.kind == "c" else f"{quote(guard.name)} IS NULL"
    about = set(guard.columns)
    computed = [each for each in table.columns if each.name in about and each.computed]
    if computed:
        values = ", ".join(f"({each.computed}) AS {quote(each.name)}" for each in computed)
        condition = f"(SELECT {condition} FROM (SELECT {values}) AS g)"
        about -= {each.name for each in computed}
        about = about.union(*(named(each.computed) for each in computed))
    return _wish(sorted(about), condition)


def _with(fitting: tuple[Part, ...], fixed: Combination) -> tuple[Part, ...]:
    """The parts, with other values in some columns: the last part that has a column says what is in it."""
    return (*fitting, Part(columns=tuple(fixed), combinations=(fixed,)))


def _orphan(conn: psycopg.Connection[Any], table: Table, key: Bond, shape: Shape) -> tuple[Part, ...]:
    """Values that no row of the table that a foreign key refers to has; of one to itself, not the row's own."""
    columns, referenced = (", ".join(map(quote, names)) for names in (key.columns, key.referenced))
    one = ", ".join(f"{quote(each)} AS {quote(each)}" for each in key.columns)
    wish = f"(SELECT {referring(key)} FROM (SELECT {one}) AS one) IS NOT TRUE"
    wish += "".join(f" AND {quote(each)} IS NOT NULL" for each in key.columns)
    about, pinned = set(key.columns), dict[str, str | None]()
    if key.target == table.sql:
        wish += f" AND ROW({columns}) IS DISTINCT FROM ROW({referenced})"
        about |= set(key.referenced)
        pinned = dict.fromkeys(key.referenced)
    changed = replace(table, bonds=(*table.bonds, _wish(sorted(about), wish)))
    return parts(conn, changed, shape, pinned, about)


def _twin(conn: psycopg.Connection[Any], table: Table, guard: Guard, shape: Shape) -> tuple[Part, ...]:
    """A row that collides with one that is there; what no other key speaks of may be as it is there."""
    there = _row(conn, table, guard) or _made(conn, table, guard, shape)
    about = frozenset[str]().union(*(named(each) for each in (*guard.keys, guard.predicate) if each))
    if any(column.name in about and column.is_generated for column in table.columns):
        unique = {name for each in table.bonds if each.kind in "pux" for name in each.columns}
        about = frozenset(there) - (unique - about)
    apart = _apart(conn, table, guard)
    fixed = {name: value for name, value in there.items() if name in about - apart.keys()}
    types = {each.name: each.type for each in table.columns}
    wishes = [
        _wish((name,), f"{quote(name)}::pg_catalog.text = ({literal(value)}::{types[name]})::pg_catalog.text")
        for name, value in fixed.items()
        if value is not None
    ]
    if guard.predicate:
        wishes.append(_wish(sorted(named(guard.predicate)), f"({guard.predicate}) IS TRUE"))
    wishes += [_wish((name,), condition) for name, condition in apart.items()]
    changed = replace(table, bonds=(*table.bonds, *wishes))
    return parts(conn, changed, shape, fixed, {name for each in wishes for name in each.columns})


def _row(conn: psycopg.Connection[Any], table: Table, guard: Guard) -> Combination:
    """The first row of the table that is in an index, with a value for each key; {} if there is none."""
    names = [each.name for each in table.columns if not each.is_generated]
    selected = ", ".join(f"{quote(each)}::pg_catalog.text" for each in names)
    query = f"SELECT {selected} FROM ONLY {table.sql} WHERE {indexed(guard)} ORDER BY ctid LIMIT 1"
    row = conn.execute(query.encode()).fetchone()
    return dict(zip(names, row, strict=True)) if row else {}


def _made(conn: psycopg.Connection[Any], table: Table, guard: Guard, shape: Shape) -> Combination:
    """A row that is in the index, which is put into the table and stays there."""
    about = frozenset[str]().union(*(named(each) for each in (*guard.keys, guard.predicate) if each))
    wished = replace(table, bonds=(*table.bonds, _wish(sorted(about), indexed(guard))))
    found = parts(conn, wished, shape)
    for number in range(_ROWS_TRIED):
        row = {name: value for p in found for name, value in p.combinations[number % len(p.combinations)].items()}
        try:
            with conn.transaction():
                conn.execute(insert(table, row).encode())
        except psycopg.Error:
            if conn.closed:
                raise
            continue
        if there := _row(conn, table, guard):
            return there
    raise NoneFitsError("no row that could be made is in the index with a value for each of its keys")


def _apart(conn: psycopg.Connection[Any], table: Table, guard: Guard) -> dict[str, str]:
    """Columns of EXCLUDE that collide with values other than their own (`<>`), each with the condition for it."""
    found: dict[str, str] = {}
    for key, operator in zip(guard.keys, guard.operators, strict=False):
        with_ = sign_of(operator)
        query = f"SELECT ({key}) {with_} ({key}), ({key})::pg_catalog.text, pg_catalog.pg_typeof({key})::text"
        where = f"({guard.predicate or 'true'}) AND ({key}) IS NOT NULL"
        row = conn.execute(
            f"{query} FROM ONLY {table.sql} WHERE {where} ORDER BY ctid LIMIT 1".encode()
        ).fetchone()
        columns = named(key)
        if row is not None and not row[0] and len(columns) == 1:
            found[next(iter(columns))] = f"({literal(row[1])}::{row[2]} {with_} ({key})) IS TRUE"
    return found
