"""A row that stands for any row of a table, without reading the table."""

from __future__ import annotations

from pgproof.catalog.snapshot import Snapshot, Table
from pgproof.sql.name import quote


def empty_row(snapshot: Snapshot, table: Table, alias: str) -> str:
    """SQL of one row of NULLs with the columns and types of `table`, named `alias`, for a FROM clause.

    OFFSET 0 keeps the planner from pulling the row up and seeing that it is NULL. No right on the table is needed.
    """
    nulls = ", ".join(f"NULL::{c.base_type} AS {quote(c.name)}" for c in snapshot.columns_of(table))
    return f"(SELECT {nulls} OFFSET 0) AS {quote(alias)}"
