"""Whether a row that was stored breaks a constraint: asked of the table, behind the statement that stored it."""

from __future__ import annotations

from typing import Any

import psycopg

from pgproof.sql.name import quote
from pgproof.synth.probe.fact import Guard
from pgproof.synth.shape import Bond, Table


def is_broken(conn: psycopg.Connection[Any], table: Table, guard: Guard) -> bool:
    """True if a row of the table breaks the guard now. None does before a row is tried. Raises psycopg.Error."""
    row = conn.execute(f"SELECT {_breaks(table, guard)}".encode()).fetchone()
    return bool(row and row[0])


def orphans(table: Table, key: Bond) -> str:
    """SQL of the rows of a table for which there is nothing that a foreign key of theirs refers to."""
    filled = "".join(f" AND {quote(each)} IS NOT NULL" for each in key.columns)
    return f"FROM ONLY {table.sql} AS one WHERE ({referring(key)}) IS NOT TRUE{filled}"


def referring(key: Bond) -> str:
    """The condition for rows, called `one`, that a foreign key finds something for.

    With PERIOD, the last column lies within what the ranges of the rows with the same key cover together.
    """
    plain = len(key.columns) - key.has_period
    same = " AND ".join(
        f"o.{quote(other)} = one.{quote(own)}"
        for own, other in zip(key.columns[:plain], key.referenced[:plain], strict=True)
    )
    if not key.has_period:
        return f"EXISTS (SELECT FROM {key.origin} AS o WHERE {same})"
    covered = f"SELECT pg_catalog.range_agg(o.{quote(key.referenced[-1])}) FROM {key.origin} AS o WHERE {same}"
    return f"one.{quote(key.columns[-1])} OPERATOR(pg_catalog.<@) ({covered})"


def refuses(guard: Guard, error: psycopg.Error) -> bool:
    """True if a refusal has the SQLSTATE and the name that it must have to be the guard's."""
    if not guard.sqlstate or error.sqlstate != guard.sqlstate:
        return False
    if guard.domain and guard.kind == "n":
        return error.diag.datatype_name == guard.name
    if guard.kind == "n":
        return error.diag.column_name == guard.name and error.diag.table_name == guard.table_name
    return error.diag.constraint_name == guard.name


def _breaks(table: Table, guard: Guard) -> str:
    match guard.kind:
        case "c":
            return f"EXISTS (SELECT FROM ONLY {table.sql} WHERE ({guard.condition}) IS FALSE)"
        case "n":
            return f"EXISTS (SELECT FROM ONLY {table.sql} WHERE {quote(guard.name)} IS NULL)"
        case "f":
            key = next(each for each in table.bonds if each.name == guard.name and each.kind == "f")
            return f"EXISTS (SELECT {orphans(table, key)})"
    keys = ", ".join(f"({each}) AS k{place}" for place, each in enumerate(guard.keys))
    rows = f"(SELECT ctid AS place, {keys} FROM ONLY {table.sql} WHERE {guard.predicate or 'true'})"
    signs = [sign_of(each) for each in guard.operators] or ["="] * len(guard.keys)
    alike = "".join(f" AND a.k{place} {sign} b.k{place}" for place, sign in enumerate(signs))
    return f"EXISTS (SELECT FROM {rows} AS a, {rows} AS b WHERE a.place < b.place{alike})"


def indexed(guard: Guard) -> str:
    """The condition for rows that are in the index of a key, with a value for each part of it."""
    return f"({guard.predicate or 'true'})" + "".join(f" AND ({each}) IS NOT NULL" for each in guard.keys)


def sign_of(operator: str) -> str:
    """An operator with its schema ("pg_catalog.="), as SQL has it between two values."""
    schema, _, sign = operator.partition(".")
    return f"OPERATOR({quote(schema)}.{sign})"
