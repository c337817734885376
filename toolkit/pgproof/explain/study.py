"""Everything that can be learnt about one documented query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import psycopg

from pgproof.catalog.snapshot import Index
from pgproof.contract.promise import Failure, Forbidden, Origin, Query, Returned, Served
from pgproof.database import failure
from pgproof.errors import DatabaseError
from pgproof.explain import advice, found, planner, proof
from pgproof.explain.facts import Attempt, Order, QueryFacts, Refusal, Service
from pgproof.explain.isolation import Hiding, family
from pgproof.explain.left_out import left_out
from pgproof.explain.plan import Node
from pgproof.explain.planner import Prepared, Settings
from pgproof.explain.promised import attempt, coverage, node_type, reading, result
from pgproof.explain.promised.loss import losses
from pgproof.explain.service import Bench, chosen, services
from pgproof.finding import Verdict
from pgproof.sql.name import nearest
from pgproof.sql.source import Piece, Source
from pgproof.sql.statement import Statement

# SQLSTATEs: connections, serialization, resources, lock_not_available, cancellation and shutdown, system errors
_NOT_OF_THE_QUERY = ("08", "40", "53", "55P03", "57", "58")
_ALL_PARTITIONS = {"enable_partition_pruning": "off", "constraint_exclusion": "off"}

Spare = Callable[[], Bench | str]
"""Gives a scratch bench to decide on what another one could not, or says why there is none."""


def study(bench: Bench, query: Query, spare: Spare) -> QueryFacts:
    """What the server says about `query`. An error of the query is a fact.

    Raises DatabaseError where the server is lost, or could not answer for reasons of its own.
    """
    types = tuple(p.type for p in query.parameters)
    if not query.plans:
        return QueryFacts(query=query, attempt=_attempt(bench, query, spare))
    try:
        prepared = planner.prepare(bench.conn, query.text, types)
        values = tuple(p.value for p in query.parameters)
        if query.is_custom and all(values):
            prepared = replace(prepared, values=values)
        facts = _facts(bench, query, prepared, spare)
        if query.origin is Origin.STATEMENTS and bench.hiding is not Hiding.NONE:
            served = found.serving(bench, prepared)
            return replace(facts, serving=served, unserved=found.unserved(bench, prepared, served))
        return _more(bench, query, prepared, facts, spare) if query.promises else facts
    except psycopg.Error as error:
        if bench.conn.closed or (error.sqlstate or "").startswith(_NOT_OF_THE_QUERY):
            raise DatabaseError(failure.problem(error)) from error
        head = planner.prepare_head(types)
        return QueryFacts(query=query, problem=failure.problem(error, statement=_sent(query.source, head)))


def _facts(bench: Bench, query: Query, prepared: Prepared, spare: Spare) -> QueryFacts:
    named = {word: _index(bench, prepared, word.text) for word in query.uses}
    indexes = [index for index in named.values() if index is not None]
    missing = tuple(word for word, index in named.items() if index is None)
    served = _services(bench, prepared, indexes, spare) if indexes else ()
    facts = QueryFacts(
        query=query,
        services=served,
        missing=missing,
        fallback=_fallback(bench, query, prepared) if missing and not indexes else None,
        contradiction=proof.contradiction(bench, replace(prepared, values=())),
        refusals=_refusals(bench, query, prepared),
        chosen=chosen(bench, prepared) if bench.hiding is Hiding.NONE else (),
    )
    if Served.ORDER in query.serves and served and all(s.order in (Order.SORT, Order.PREFIX) for s in served):
        other = advice.alternatives(bench, prepared, served[0].index)
        proposed = "" if other else advice.proposal(bench, prepared, served[0])
        return replace(facts, alternatives=other, advice=proposed)
    return facts


def _refusals(bench: Bench, query: Query, prepared: Prepared) -> tuple[Refusal, ...]:
    """What constraints say to the constants that it writes, and to the columns that it leaves out."""
    written = proof.refusals(bench, query.text)
    known = {(each.table, each.constraint) for each in written}
    return (*written, *(e for e in left_out(bench, prepared) if (e.table, e.constraint) not in known))


def _more(bench: Bench, query: Query, prepared: Prepared, facts: QueryFacts, spare: Spare) -> QueryFacts:
    """The facts with those that only some promises ask for."""
    forbidden = [each.value for each in query.promises if isinstance(each.value, Forbidden)]
    wanted = [each.value for each in query.promises if isinstance(each.value, Returned)]
    covered = [s.index for s in facts.services if Served.COLUMNS in query.serves and s.verdict is Verdict.HOLDS]
    # on scratch, what the partitions of today do not hold says nothing
    settings: Settings = {} if bench.hiding is Hiding.NONE else _ALL_PARTITIONS
    root = planner.explain(bench.conn, prepared, settings)
    return replace(
        facts,
        plan=root,
        unread=reading.unread(bench.snapshot, query.text, root),
        without=_without(bench, prepared, settings, forbidden),
        losses=losses(bench, prepared, facts.services) if query.origin is Origin.FILE else (),
        coverage=tuple(coverage.of(bench, prepared, index) for index in covered),
        returned=result.columns(bench.conn, prepared) if wanted else (),
        wanted=result.promised(bench.conn, wanted),
        attempt=_attempt(bench, query, spare),
    )


def _without(bench: Bench, prepared: Prepared, settings: Settings, forbidden: Sequence[Forbidden]) -> Node | None:
    """The plan when forbidden nodes are disabled, if there are such."""
    if not forbidden:
        return None
    return planner.explain(bench.conn, prepared, {**settings, **node_type.against(forbidden)})


def _attempt(bench: Bench, query: Query, spare: Spare) -> Attempt | None:
    """What comes of running a statement that is to be refused or accepted: on a scratch database alone."""
    if not any(isinstance(each.value, Failure) or each.word == "succeeds" for each in query.promises):
        return None
    other = spare() if bench.hiding is Hiding.NONE else bench
    if isinstance(other, str):
        return Attempt(reason=f"statements are run on a scratch server alone, and there is none: {other}")
    try:
        return attempt.run(other.conn, query)
    except psycopg.Error as error:
        raise DatabaseError(failure.problem(error)) from error


def _index(bench: Bench, prepared: Prepared, name: str) -> Index | None:
    """The index of that name; where several schemas have one, that of a table that the query reads."""
    same = bench.snapshot.indexes_called(name)
    if len(same) < 2:
        return bench.snapshot.index(name)
    read = {(node.schema, node.relation) for node in planner.explain(bench.conn, prepared).walk()}
    tables = {index: {(i.schema, i.table) for i in family(bench.snapshot, [index])} for index in same}
    return next((index for index in same if tables[index] & read), same[0])


def _services(bench: Bench, prepared: Prepared, indexes: list[Index], spare: Spare) -> tuple[Service, ...]:
    """What the indexes do; where this bench cannot tell, what the spare one says of indexes of the same names."""
    served = services(bench, prepared, indexes)
    if all(s.verdict is not Verdict.UNKNOWN for s in served):
        return served
    other = spare()
    if isinstance(other, str):
        return tuple(_undecided(s, other) for s in served)
    twins = [other.snapshot.index(f"{i.schema}.{i.name}") for i in indexes]
    same = [twin for twin, index in zip(twins, indexes, strict=True) if twin and twin.keys == index.keys]
    if len(same) != len(indexes):
        return tuple(_undecided(s, "the files build another index of that name") for s in served)
    return services(other, planner.prepare(other.conn, prepared.text, prepared.types), same)


def _undecided(service: Service, why: str) -> Service:
    if service.verdict is not Verdict.UNKNOWN:
        return service
    return replace(service, reason=f"{service.reason}; on a scratch server it could not be tried either: {why}")


def _fallback(bench: Bench, query: Query, prepared: Prepared) -> Service | None:
    """What serves a query whose named index is missing: the index of the nearest name, if it does, else any."""
    root = planner.explain(bench.conn, prepared)
    read = [bench.snapshot.table(node.schema, node.relation) for node in root.walk() if node.relation]
    indexes = dict.fromkeys(index for table in read if table for index in bench.snapshot.indexes_of(table))
    like = nearest(query.uses[0].text, [index.name for index in indexes])
    for index in sorted(indexes, key=lambda index: (index.name != like, index.schema, index.name)):
        service = services(bench, prepared, [index])[0]
        if service.verdict is Verdict.HOLDS and service.keys and service.order is not Order.SORT:
            return service
    return None


def _sent(source: Source, head: str) -> Statement:
    """The statement as it was sent: `head`, which nobody wrote, then the query with its own places."""
    begin = source.place(0)
    pieces = source.pieces or (Piece(offset=0, line=1, column=1),)
    moved = [replace(piece, offset=piece.offset + len(head)) for piece in pieces]
    whole = Source(
        path=source.path,
        text=head + source.text,
        original=source.text if source.original is None else source.original,
        pieces=(Piece(offset=0, line=begin.line, column=begin.column, verbatim=False), *moved),
    )
    return Statement(whole, 0, len(whole.text))
