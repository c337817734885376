"""What becomes of a query on the schema of another revision: while a deploy goes on, both versions are at work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import psycopg

from pgproof.contract.promise import Failure, Query
from pgproof.database import failure
from pgproof.errors import DatabaseError
from pgproof.explain import planner
from pgproof.explain.deploy import served, written
from pgproof.explain.facts import Attempt, Crossing, QueryFacts, Untaken
from pgproof.explain.planner import Prepared
from pgproof.explain.promised import attempt, result
from pgproof.explain.service import Bench
from pgproof.explain.study import studies
from pgproof.sql.modification import targets

_NO_SUCH_ROW = "23503"


def crossings(home: Bench, abroad: Bench, queries: Sequence[Query], *, is_old: bool) -> tuple[Crossing, ...]:
    """Of the queries that the schema `home` accepts, what the schema `abroad` makes of each.

    `is_old` says that they are those of the older revision. Raises DatabaseError if a server is lost.
    """
    try:
        return tuple(_crossings(home, abroad, queries, is_old))
    except psycopg.Error as error:
        raise DatabaseError(failure.problem(error)) from error


def _crossings(home: Bench, abroad: Bench, queries: Sequence[Query], is_old: bool) -> Iterator[Crossing]:
    asked = [_tried(query) for query in queries]
    here = zip(queries, asked, studies(home, asked, lambda: home), strict=True)
    accepted = [(query, tried, own) for query, tried, own in here if own.problem is None]
    there = studies(abroad, [tried for _, tried, _ in accepted], lambda: abroad)
    for (query, _, own), other in zip(accepted, there, strict=True):
        crossing = Crossing(
            query=query,
            is_old=is_old,
            problem=other.problem,
            refusals=written.refused(own, other),
            attempt=_refused(own, other),
        )
        if query.plans and other.problem is None:
            crossing = _given(home, abroad, _planned(home, abroad, crossing))
        yield crossing


def _tried(query: Query) -> Query:
    """The query with those promises alone for which it is run."""
    kept = tuple(p for p in query.promises if isinstance(p.value, Failure) or p.word == "succeeds")
    return replace(query, promises=kept)


def _refused(own: QueryFacts, other: QueryFacts) -> Attempt | None:
    """How the statement was refused abroad, if it was not at home."""
    if own.attempt is None or own.attempt.sqlstate or own.attempt.reason or other.attempt is None:
        return None
    return other.attempt if other.attempt.sqlstate else None


def _given(home: Bench, abroad: Bench, crossing: Crossing) -> Crossing:
    """A statement whose parameters have values is run with these on both schemas, and rolled back.

    What is not sure without them is taken or refused then, unless the schema at home takes none of it, there is no
    row to change, or only the row is missing that a foreign key refers to: the tables are as the files leave them.
    """
    query = crossing.query
    if crossing.attempt is not None or not targets(query.text) or not all(p.value for p in query.parameters):
        return crossing
    own = attempt.run(home.conn, query)
    if own.sqlstate or own.rows < 1:
        return crossing
    other = attempt.run(abroad.conn, query)
    if other.sqlstate and other.sqlstate != _NO_SUCH_ROW:
        return replace(crossing, attempt=other, unsure=())
    return replace(crossing, unsure=()) if other.rows > 0 else crossing


def _planned(home: Bench, abroad: Bench, crossing: Crossing) -> Crossing:
    """The crossing with what both servers say of the prepared query."""
    query = crossing.query
    types = tuple(each.type for each in query.parameters)
    here = planner.prepare(home.conn, query.text, types)
    there = planner.prepare(abroad.conn, query.text, types)
    untaken = _untaken(abroad, here, there)
    unsure = written.unsure(home, abroad, query)
    return replace(
        crossing,
        before=result.columns(home.conn, here),
        after=result.columns(abroad.conn, there),
        untaken=untaken,
        lost=served.lost(home, abroad, query, here, there),
        unsure=tuple(each for each in unsure if untaken is None or not each.is_of_type),  # that is said already
    )


def _untaken(abroad: Bench, here: Prepared, there: Prepared) -> Untaken | None:
    """That values of the types which parameters have at home are not taken abroad."""
    if here.types == there.types:
        return None
    try:
        planner.prepare(abroad.conn, here.text, here.types)
    except psycopg.Error as error:
        if abroad.conn.closed:
            raise
        pairs = zip(here.types, there.types, strict=False)
        changed = tuple((number, own, other) for number, (own, other) in enumerate(pairs, 1) if own != other)
        return Untaken(parameters=changed, message=error.diag.message_primary or str(error))
    return None
