"""Reads a snapshot from a server, inside the transaction that the caller holds."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import class_row, dict_row, scalar_row

from pgproof.catalog.snapshot import Column, Constraint, Index, Snapshot, Table, Trigger
from pgproof.sql.declared import Key


def read(conn: psycopg.Connection[Any]) -> Snapshot:
    """The catalog as this session sees it: six queries, whatever the number of objects.

    For one consistent state call it in a REPEATABLE READ transaction. Raises psycopg.Error.
    """
    return Snapshot(
        tables=tuple(conn.cursor(row_factory=class_row(Table)).execute(_sql("tables"))),
        columns=tuple(conn.cursor(row_factory=class_row(Column)).execute(_sql("columns"))),
        constraints=tuple(_constraint(row) for row in _rows(conn, "constraints")),
        indexes=tuple(_index(row) for row in _rows(conn, "indexes")),
        triggers=tuple(Trigger(**(row | {"events": tuple(row["events"])})) for row in _rows(conn, "triggers")),
        names=frozenset(conn.cursor(row_factory=scalar_row).execute(_sql("names"))),
    )


def rows(conn: psycopg.Connection[Any], schema: str, table: str) -> list[dict[str, Any]]:
    """All rows of a table, in any order, as the server writes them in JSON. Raises psycopg.Error."""
    query = sql.SQL("SELECT pg_catalog.to_jsonb(t.*) FROM {} AS t").format(sql.Identifier(schema, table))
    return conn.cursor(row_factory=scalar_row).execute(query).fetchall()


def _constraint(row: dict[str, Any]) -> Constraint:
    return Constraint(**(row | {"columns": tuple(row["columns"]), "referenced": tuple(row["referenced"])}))


def _index(row: dict[str, Any]) -> Index:
    keys = tuple(Key(**key) for key in row["keys"])
    return Index(**(row | {"keys": keys, "include": tuple(row["include"])}))


def _rows(conn: psycopg.Connection[Any], name: str) -> list[dict[str, Any]]:
    return conn.cursor(row_factory=dict_row).execute(_sql(name)).fetchall()


@lru_cache
def _sql(name: str) -> bytes:
    return files("pgproof.catalog").joinpath(f"{name}.sql").read_bytes()
