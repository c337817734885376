"""Plans of a query for several values, and of many queries in one message."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from pgproof.database.connection import Connection
from pgproof.explain import plan, planner
from pgproof.explain.plan import Node
from pgproof.explain.planner import Prepared

Arguments = Sequence[tuple[str, ...] | None]
"""For which values a query is planned (SQL), None for any."""
_MOST = 30
"""Queries of a message."""


def explain(conn: Connection, prepared: Prepared, arguments: Arguments) -> list[Node]:
    """The plans with these arguments, None being the generic plan; one round trip. Raises psycopg.Error."""
    return _read(conn, [(prepared, arguments)])[0]


def explain_all(conn: Connection, asked: Sequence[tuple[Prepared, Arguments]]) -> list[list[Node] | psycopg.Error]:
    """As `explain` for many queries, in few messages; an error stands for its query. `conn` is in autocommit.

    Raises psycopg.Error if the server is lost.
    """
    if len(asked) > _MOST:
        return [each for at in range(0, len(asked), _MOST) for each in explain_all(conn, asked[at : at + _MOST])]
    try:
        return list(_read(conn, asked)) if asked else []
    except psycopg.Error as error:
        if conn.closed:
            raise
        conn.execute("DEALLOCATE ALL")
        if len(asked) == 1:
            return [error]
    middle = len(asked) // 2
    return explain_all(conn, asked[:middle]) + explain_all(conn, asked[middle:])


def _read(conn: Connection, asked: Sequence[tuple[Prepared, Arguments]]) -> list[list[Node]]:
    answers = iter(_roots(conn, asked))
    found = [[next(answers) for _ in arguments] for _, arguments in asked]
    pruned = [
        (roots, at, prepared)
        for (prepared, arguments), roots in zip(asked, found, strict=True)
        for at, (given, root) in enumerate(zip(arguments, roots, strict=True))
        if given is None and any(node.removed for node in root.walk())
    ]
    if pruned:  # before 16: see `planner`
        (before,) = conn.execute("SHOW enable_partition_pruning").fetchone() or ("on",)
        conn.execute("SET enable_partition_pruning = off")
        whole = _roots(conn, [(prepared, (None,)) for _, _, prepared in pruned])
        conn.execute(f"SET enable_partition_pruning = {before}")
        for (roots, at, _), root in zip(pruned, whole, strict=True):
            roots[at] = root
    return found


def _roots(conn: Connection, asked: Sequence[tuple[Prepared, Arguments]]) -> list[Node]:
    major = planner.major_of(conn)
    cursor = conn.execute(planner.joined(*(part for each in asked for part in _script(*each, major))))
    found: list[Node] = []
    while True:
        if cursor.description is not None:
            row = cursor.fetchone()
            assert row is not None
            found.append(plan.read(row[0]))
        if not cursor.nextset():
            break
    return found


def _script(prepared: Prepared, arguments: Arguments, major: int) -> list[str]:
    parts = [planner.prepare_head(prepared.types) + prepared.text]
    for given in arguments:
        mode = "force_generic_plan" if given is None else "force_custom_plan"
        constants = ", ".join(given or ("NULL",) * len(prepared.types))
        execute = f"EXECUTE pgproof ({constants})" if constants else "EXECUTE pgproof"
        options = planner.options(major, is_generic=given is None)
        parts += [f"SET plan_cache_mode = {mode}", f"EXPLAIN ({options}) {execute}"]
    return [*parts, "DEALLOCATE pgproof"]
