"""Asks a server's planner about queries, inside a transaction that the caller holds.

Queries are planned generically: PREPARE, then EXPLAIN EXECUTE under plan_cache_mode = force_generic_plan. That
is one way for every major (EXPLAIN (GENERIC_PLAN) came with 16) and needs no values. Where values are given they
are planned for these (force_custom_plan). Settings are SET LOCAL
inside a savepoint that is rolled back, so nothing of a question remains in the session.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from pgproof.explain import plan
from pgproof.explain.plan import Node

Settings = Mapping[str, str]

# No parallel plans and no JIT: neither changes which index can serve a query, both add noise to the tree.
QUIET: Settings = {
    "plan_cache_mode": "force_generic_plan",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
}


_CUSTOM: Settings = {"plan_cache_mode": "force_custom_plan"}
_TYPES = "SELECT parameter_types::text[] FROM pg_catalog.pg_prepared_statements WHERE name = 'pgproof'"
LEFT = ("ROLLBACK TO SAVEPOINT pgproof", "RELEASE SAVEPOINT pgproof")
"""The statements that leave a savepoint with nothing of it remaining."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A query: its text, and the types of its parameters, "" where the server is to infer one.

    With `values` (a constant each) it is planned for these, else for any.
    """

    text: str
    types: tuple[str, ...]
    values: tuple[str, ...] = ()


@contextmanager
def savepoint(conn: psycopg.Connection[Any]) -> Iterator[None]:
    """A part of the open transaction that is always rolled back, also after an error in it.

    A prepared statement outlives a rollback, so that is dropped too.
    """
    conn.execute("SAVEPOINT pgproof")
    try:
        yield
    finally:
        if not conn.closed:
            conn.execute(joined(*LEFT, "DEALLOCATE ALL"))


def prepare(conn: psycopg.Connection[Any], text: str, types: Sequence[str] = ()) -> Prepared:
    """Let the server parse `text` with parameters `$1, $2, ...`; `types` are SQL types, "" to be inferred.

    Raises psycopg.Error: what is wrong with the query. The server's position counts from `prepare_head(types)`.
    """
    with savepoint(conn):
        conn.execute(f"{prepare_head(types)}{text}".encode())
        row = conn.execute(_TYPES).fetchone()
    return Prepared(text, tuple(row[0]) if row else ())


def prepare_head(types: Sequence[str]) -> str:
    """What stands before the query's text when it is prepared."""
    declared = ", ".join(each or "unknown" for each in types)
    return f"PREPARE pgproof ({declared}) AS " if declared else "PREPARE pgproof AS "


def explain(conn: psycopg.Connection[Any], query: Prepared, settings: Settings | None = None) -> Node:
    """The plan of a prepared query under `settings` (on top of QUIET). Raises psycopg.Error.

    The server's position counts from `prepare_head`. What the planner is asked often, `asking` asks together.
    """
    conn.execute(joined("SAVEPOINT pgproof", *assigned(query, settings or {})))
    try:
        cursor = conn.execute(joined(*explained(query), *LEFT))
    except BaseException:
        if not conn.closed:
            conn.execute(joined(*LEFT, "DEALLOCATE ALL"))
        raise
    cursor.nextset()
    row = cursor.fetchone()
    assert row is not None
    return plan.read(row[0])


def explained(query: Prepared) -> tuple[str, str, str]:
    """The statements that prepare a query, give its plan as JSON, and forget it.

    A cached generic plan would keep the settings that it was made under, so it is prepared anew each time.
    """
    arguments = ", ".join(query.values or ("NULL" for _ in query.types))
    execute = f"EXECUTE pgproof ({arguments})" if arguments else "EXECUTE pgproof"
    return (
        f"{prepare_head(query.types)}{query.text}",
        f"EXPLAIN (VERBOSE, FORMAT JSON) {execute}",
        "DEALLOCATE pgproof",
    )


def assigned(query: Prepared, settings: Settings) -> Iterator[str]:
    """The statements that make `settings`, on top of QUIET, for a query until the savepoint is left."""
    for name, value in {**QUIET, **(_CUSTOM if query.values else {}), **settings}.items():
        yield f"SET LOCAL {name} = '{value}'"


def joined(*statements: str) -> bytes:
    """Statements as one message, in which a comment at the end of one does not swallow the next."""
    return "\n;".join(statements).encode()


def explain_text(conn: psycopg.Connection[Any], text: str, settings: Settings | None = None) -> Node:
    """The plan of a query without parameters."""
    return explain(conn, Prepared(text, ()), settings)
