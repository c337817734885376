"""A column's values in ranges of so many rows, one after the other (by an index, if there is one)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from pgproof.database.queries import query


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRange:
    """From the first to the last value of a range, both in it; in text, as the server writes them."""

    first: str
    last: str


def following(
    conn: psycopg.Connection[Any], table: Sequence[str], column: str, above: str | None, size: int
) -> KeyRange | None:
    """The range of the next `size` rows whose values are greater than `above` (None: of the first rows).

    Rows of equal values are in one range, so that there may be more; those without a value are in none. None if
    nothing is left. Raises psycopg.Error.
    """
    name = sql.Identifier(column)
    bound = sql.SQL("") if above is None else sql.SQL(" AND {} > {}").format(name, sql.Literal(above))
    rows = sql.SQL("SELECT {0} AS k FROM {1} WHERE {0} IS NOT NULL{2} ORDER BY {0} LIMIT {3}").format(
        name, sql.Identifier(*table), bound, sql.Literal(size)
    )
    ends = "(SELECT k::text FROM r ORDER BY r.k LIMIT 1), (SELECT k::text FROM r ORDER BY r.k DESC LIMIT 1)"
    found = conn.execute(sql.SQL("WITH r AS ({}) SELECT {}").format(rows, sql.SQL(ends))).fetchone()
    return None if found is None or found[0] is None else KeyRange(first=found[0], last=found[1])


def about(conn: psycopg.Connection[Any], table: Sequence[str]) -> int | None:
    """About how many rows a table has, as the last ANALYZE counted; None if none did. Raises psycopg.Error."""
    name = sql.Identifier(*table).as_string(conn)
    count = "SELECT reltuples::bigint FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass(%s)"
    found = conn.execute(count, [name]).fetchone()
    return found[0] if found and found[0] >= 0 else None


def replica_lag(conn: psycopg.Connection[Any]) -> float:
    """How many seconds the slowest replica is behind in replaying; 0 without replicas. Raises psycopg.Error.

    Whoever may not see it (pg_monitor may) sees none.
    """
    found = conn.execute(query("replica_lag")).fetchone()
    return float(found[0]) if found and found[0] is not None else 0.0
