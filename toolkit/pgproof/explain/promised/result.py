"""The columns that a query returns, as the server describes them before it runs (Describe of the protocol)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import psycopg

from pgproof.contract.promise import Returned
from pgproof.explain import planner
from pgproof.explain.facts import ResultColumn
from pgproof.explain.planner import Prepared
from pgproof.sql.name import quote


def columns(conn: psycopg.Connection[Any], query: Prepared) -> tuple[ResultColumn, ...]:
    """The columns of a prepared query; a domain is its base type. Raises psycopg.Error."""
    with planner.savepoint(conn):
        conn.execute((planner.prepare_head(query.types) + query.text).encode())
        described = conn.pgconn.describe_prepared(b"pgproof")
    numbers = range(described.nfields)
    names = [(described.fname(number) or b"").decode() for number in numbers]
    types = [described.ftype(number) for number in numbers]
    modifiers = [described.fmod(number) for number in numbers]
    rows = conn.execute(_type_names(), {"types": types, "modifiers": modifiers}).fetchall()
    return tuple(ResultColumn(name, kind, plain) for name, (kind, plain) in zip(names, rows, strict=True))


def promised(conn: psycopg.Connection[Any], wanted: Sequence[Returned]) -> tuple[ResultColumn, ...]:
    """The promised columns, types as the server writes them; one that it does not know stays as it is."""
    return tuple(_promised(conn, each) for each in wanted)


def _promised(conn: psycopg.Connection[Any], wanted: Returned) -> ResultColumn:
    text = f"SELECT NULL::{wanted.type} AS {quote(wanted.name)}"
    try:
        return columns(conn, Prepared(text, ()))[0]
    except psycopg.Error:
        if conn.closed:
            raise
        return ResultColumn(wanted.name, wanted.type, wanted.type)


@lru_cache(maxsize=1)
def _type_names() -> bytes:
    return files("pgproof.explain.promised").joinpath("type_names.sql").read_bytes()
