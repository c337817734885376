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
    columns, referenced = (", ".join(map(quote, names)) for names in (key.columns, key.referenced))
    filled = "".join(f" AND {quote(each)} IS NOT NULL" for each in key.columns)
    return (
        f"FROM ONLY {table.sql} WHERE (({columns}) IN (SELECT {referenced} FROM {key.origin})) IS NOT TRUE{filled}"
    )


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


def sign_of(operator: str) -> str:
    """An operator with its schema ("pg_catalog.="), as SQL has it between two values."""
    schema, _, sign = operator.partition(".")
    return f"OPERATOR({quote(schema)}.{sign})"
