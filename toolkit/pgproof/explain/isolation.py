"""Makes the planner see only the indexes in question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql

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


class Hiding(StrEnum):
    """How other indexes may be kept from the planner. All of it is rolled back."""

    CATALOG = "mark them invalid in pg_index: a scratch database, as a superuser"
    DROP = "drop them, except those of constraints: a scratch database, as its owner"
    NONE = "not at all: a database that is not ours"


@contextmanager
def only(
    conn: psycopg.Connection[Any],
    snapshot: Snapshot,
    indexes: Sequence[Index],
    hiding: Hiding,
    *,
    everywhere: bool = False,
) -> Iterator[None]:
    """While it lasts, the planner sees no other index of these indexes' tables, as far as `hiding` allows.

    With `everywhere`, none of any table. The caller vouches that the database is a scratch one.
    Raises psycopg.Error.
    """
    if hiding is Hiding.NONE:
        yield
        return
    kept = family(snapshot, indexes)
    tables = {(index.schema, index.table) for index in (snapshot.indexes if everywhere else kept)}
    keep = {(index.schema, index.name) for index in kept}
    with savepoint(conn):
        if hiding is Hiding.CATALOG:
            names = {"tables": sorted(map(".".join, tables)), "keep": sorted(map(".".join, keep))}
            conn.execute(_hide(), names)
        else:
            others = [i for i in snapshot.indexes if (i.schema, i.table) in tables and not i.constraint]
            for index in others:
                if (index.schema, index.name) not in keep and index.parent is None:
                    conn.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(index.schema, index.name)))
        yield


@lru_cache(maxsize=1)
def _hide() -> bytes:
    return files("pgproof.explain").joinpath("hide_indexes.sql").read_bytes()
