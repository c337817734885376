"""Gives partitioned tables that have no partition one, so that there is something to plan for."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql

NAME = "pgproof_partition_"
"""How the names of the made partitions begin; no table of the files' own."""

_BOUNDS = {"h": "FOR VALUES WITH (MODULUS 1, REMAINDER 0)", "l": "DEFAULT", "r": "DEFAULT"}


def fill(conn: psycopg.Connection[Any]) -> None:
    """Make a partition for each partitioned table without any: applications make theirs as time goes on.

    The caller vouches that the database is a scratch one, in autocommit. A table for which it cannot be made stays
    as it is. Raises psycopg.Error if the server is lost.
    """
    for number, (schema, name, strategy) in enumerate(conn.execute(_vacant()).fetchall(), 1):
        part, whole = sql.Identifier(schema, f"{NAME}{number}"), sql.Identifier(schema, name)
        made = sql.SQL("CREATE TABLE {} PARTITION OF {} ").format(part, whole).as_bytes(conn)
        try:
            conn.execute(made + _BOUNDS[strategy].encode())
        except psycopg.Error:
            if conn.closed:
                raise


@lru_cache(maxsize=1)
def _vacant() -> bytes:
    return files("pgproof.explain").joinpath("vacant_tables.sql").read_bytes()
