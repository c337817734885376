"""What becomes of a query on the schema of another revision: while a deploy goes on, both versions are at work."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from pgproof.contract.promise import Query
from pgproof.explain import planner
from pgproof.explain.facts import Crossing, QueryFacts, ResultColumn
from pgproof.explain.promised import result
from pgproof.explain.service import Bench
from pgproof.explain.study import study
from pgproof.finding import Verdict


def crossings(home: Bench, abroad: Bench, queries: Sequence[Query], *, is_old: bool) -> tuple[Crossing, ...]:
    """Of the queries that the schema `home` accepts, what the schema `abroad` makes of each.

    `is_old` says that they are those of the older revision. Raises DatabaseError if a server is lost.
    """
    found = []
    for query in queries:
        own = study(home, query, lambda: home) if query.plans else None
        if own is None or own.problem is not None:
            continue
        other = study(abroad, query, lambda: abroad)
        found.append(
            Crossing(
                query=query,
                is_old=is_old,
                problem=other.problem,
                before=_columns(home, query),
                after=() if other.problem else _columns(abroad, query),
                lost=_lost(own, other),
            )
        )
    return tuple(found)


def _columns(bench: Bench, query: Query) -> tuple[ResultColumn, ...]:
    """The columns of the result; those of a query that does not prepare are not known."""
    try:
        types = tuple(each.type for each in query.parameters)
        return result.columns(bench.conn, planner.prepare(bench.conn, query.text, types))
    except psycopg.Error:
        if bench.conn.closed:
            raise
        return ()


def _lost(own: QueryFacts, other: QueryFacts) -> tuple[tuple[str, str], ...]:
    """The indexes that serve the query at home and not abroad, each with the reason."""
    abroad = {service.index.name: service for service in other.services}
    lost = []
    for service in own.services:
        if service.verdict is not Verdict.HOLDS:
            continue
        name, there = service.index.name, abroad.get(service.index.name)
        if there is None:
            lost.append((name, "it is not there"))
        elif there.verdict is Verdict.FAILS:
            lost.append((name, there.reason))
    return tuple(lost)
