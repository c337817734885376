"""Makes the planner see only the indexes in question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import files
from typing import Any

import psycopg

from pgproof.catalog.snapshot import Index, Snapshot
from pgproof.explain.planner import savepoint


def family(snapshot: Snapshot, indexes: Sequence[Index]) -> tuple[Index, ...]:
    """The indexes and, for those of partitioned tables, all their parts down to the leaves."""
    found = list(indexes)
    names = {(i.schema, i.name) for i in found}
    grown = True
    while grown:
        parts = [i for i in snapshot.indexes if (i.schema, i.parent) in names and (i.schema, i.name) not in names]
        found += parts
        names |= {(i.schema, i.name) for i in parts}
        grown = bool(parts)
    return tuple(found)


@contextmanager
def only(conn: psycopg.Connection[Any], snapshot: Snapshot, indexes: Sequence[Index]) -> Iterator[None]:
    """While it lasts, the planner sees no other index of these indexes' tables.

    The caller vouches that the cluster is ours: pg_index is written to, and rolled back. Raises psycopg.Error.
    """
    kept = family(snapshot, indexes)
    tables = sorted({f"{index.schema}.{index.table}" for index in kept})
    keep = sorted(f"{index.schema}.{index.name}" for index in kept)
    with savepoint(conn):
        conn.execute(_hide(), {"tables": tables, "keep": keep})
        yield


@lru_cache(maxsize=1)
def _hide() -> bytes:
    return files("pgproof.explain").joinpath("hide_indexes.sql").read_bytes()
