"""Asks a server's planner about queries, inside a transaction that the caller holds.

Queries are planned generically: PREPARE, then EXPLAIN EXECUTE under plan_cache_mode = force_generic_plan. That
is one way for every major and needs no values. Where values are given they are planned for these
(force_custom_plan). Settings are SET LOCAL inside a savepoint that is rolled back, so nothing of a question
remains in the session.

EXPLAIN EXECUTE leaves out the partitions that the values given to EXECUTE do not need, and for NULL that is all of
them ("Subplans Removed", ExecInitAppend in nodeAppend.c). The generic plan has them: GENERIC_PLAN, which came with
16, shows it whole. Before, partitions of queries with parameters are not pruned at all.
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
_UNPRUNED: Settings = {"enable_partition_pruning": "off"}
_WHOLE = 16
"""The first major with EXPLAIN (GENERIC_PLAN)."""
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
    major = major_of(conn)
    conn.execute(joined("SAVEPOINT pgproof", *assigned(query, settings or {}, major)))
    try:
        cursor = conn.execute(joined(*explained(query, major), *LEFT))
    except BaseException:
        if not conn.closed:
            conn.execute(joined(*LEFT, "DEALLOCATE ALL"))
        raise
    cursor.nextset()
    row = cursor.fetchone()
    assert row is not None
    return plan.read(row[0])


def major_of(conn: psycopg.Connection[Any]) -> int:
    """The major version of the server."""
    return conn.info.server_version // 10_000


def options(major: int, *, is_generic: bool) -> str:
    """What stands in the parentheses of EXPLAIN."""
    return f"{'GENERIC_PLAN, ' if is_generic and major >= _WHOLE else ''}VERBOSE, FORMAT JSON"


def explained(query: Prepared, major: int) -> tuple[str, str, str]:
    """The statements that prepare a query, give its plan as JSON, and forget it.

    A cached generic plan would keep the settings that it was made under, so it is prepared anew each time.
    """
    arguments = ", ".join(query.values or ("NULL" for _ in query.types))
    execute = f"EXECUTE pgproof ({arguments})" if arguments else "EXECUTE pgproof"
    return (
        f"{prepare_head(query.types)}{query.text}",
        f"EXPLAIN ({options(major, is_generic=not query.values)}) {execute}",
        "DEALLOCATE pgproof",
    )


def way(query: Prepared) -> tuple[bool, bool]:
    """What two queries have to have in common for `assigned` to be the same for both."""
    return bool(query.values), bool(query.types)


def assigned(query: Prepared, settings: Settings, major: int) -> Iterator[str]:
    """The statements that make `settings`, on top of QUIET, for a query until the savepoint is left."""
    is_pruned_for_nothing = query.types and major < _WHOLE
    more = _CUSTOM if query.values else _UNPRUNED if is_pruned_for_nothing else {}
    for name, value in {**QUIET, **more, **settings}.items():
        yield f"SET LOCAL {name} = '{value}'"


def joined(*statements: str) -> bytes:
    """Statements as one message, in which a comment at the end of one does not swallow the next."""
    return "\n;".join(statements).encode()


def explain_text(conn: psycopg.Connection[Any], text: str, settings: Settings | None = None) -> Node:
    """The plan of a query without parameters."""
    return explain(conn, Prepared(text, ()), settings)
