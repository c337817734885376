"""Makes the planner see only the indexes in question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import psycopg
from psycopg import sql

from pgproof.catalog.snapshot import Index, Snapshot
from pgproof.explain.planner import savepoint
from pgproof.sql.name import qualified


def family(snapshot: Snapshot, indexes: Sequence[Index]) -> tuple[Index, ...]:
    """The indexes and, for those of partitioned tables, all their parts down to the leaves."""
    found = dict.fromkeys(indexes)
    grown = list(found)
    while grown:
        grown = [part for index in grown for part in snapshot.parts_of(index) if part not in found]
        found |= dict.fromkeys(grown)
    return tuple(found)


class Hiding(StrEnum):
    """How other indexes may be kept from the planner. All of it is rolled back."""

    CATALOG = "mark them invalid in pg_index: a scratch database, as a superuser"
    DROP = "drop them, except those of constraints: a scratch database, as its owner"
    NONE = "not at all: a database that is not ours"


def scene(
    snapshot: Snapshot, indexes: Sequence[Index], hiding: Hiding, *, everywhere: bool = False
) -> tuple[str, ...]:
    """Statements after which the planner sees no other index of these indexes' tables, as far as `hiding` allows.

    With `everywhere`, none of any table. They are for a scratch database, and to be rolled back.
    """
    if hiding is Hiding.NONE:
        return ()
    kept = family(snapshot, indexes)
    keep = {(index.schema, index.name) for index in kept}
    tables = dict.fromkeys((index.schema, index.table) for index in kept)
    others = snapshot.indexes if everywhere else [i for table in tables for i in snapshot.indexes_on(*table)]
    hidden = [i for i in others if (i.schema, i.name) not in keep]
    if hiding is Hiding.CATALOG:
        return (hide(hidden),) if hidden else ()
    return tuple(
        f"DROP INDEX IF EXISTS {qualified(index.schema, index.name)}"
        for index in hidden
        if not index.constraint and index.parent is None
    )


def hide(indexes: Sequence[Index]) -> str:
    """The statement that marks indexes invalid, for a superuser of a scratch database.

    Those that are gone are left alone.

    The planner leaves out indexes that are not valid (get_relation_info in src/backend/optimizer/util/plancat.c).
    """
    names = (sql.Literal(qualified(index.schema, index.name)).as_string() for index in indexes)
    numbers = ", ".join(f"pg_catalog.to_regclass({name})" for name in names)
    return f"UPDATE pg_catalog.pg_index SET indisvalid = false WHERE indexrelid = ANY (ARRAY[{numbers}]::oid[])"


@contextmanager
def only(
    conn: psycopg.Connection[Any],
    snapshot: Snapshot,
    indexes: Sequence[Index],
    hiding: Hiding,
    *,
    everywhere: bool = False,
) -> Iterator[None]:
    """While it lasts, the planner sees the `scene` of these indexes. Raises psycopg.Error.

    The caller vouches that the database is a scratch one.
    """
    statements = scene(snapshot, indexes, hiding, everywhere=everywhere)
    if not statements:
        yield
        return
    with savepoint(conn):
        conn.execute(";\n".join(statements).encode())
        yield
