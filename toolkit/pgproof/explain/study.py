"""Everything that can be learnt about one documented query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import psycopg

from pgproof.catalog.snapshot import Index, Snapshot
from pgproof.contract.promise import Failure, Forbidden, Origin, Query, Returned, Served
from pgproof.database import failure
from pgproof.errors import DatabaseError
from pgproof.explain import advice, asking, found, planner, proof, service
from pgproof.explain.asking import Asking, beside, each_answered, question
from pgproof.explain.facts import Attempt, Order, QueryFacts, Refusal, Service
from pgproof.explain.isolation import Hiding, family
from pgproof.explain.left_out import left_out
from pgproof.explain.plan import Node
from pgproof.explain.planner import Prepared, Settings
from pgproof.explain.promised import attempt, coverage, loss, node_type, reading, result
from pgproof.explain.service import Answered, Bench, chosen, each_alone, services
from pgproof.finding import Verdict
from pgproof.sql.name import nearest
from pgproof.sql.query import tables_in
from pgproof.sql.source import Piece, Source
from pgproof.sql.statement import Statement

# SQLSTATEs: connections, serialization, resources, lock_not_available, cancellation and shutdown, system errors
_NOT_OF_THE_QUERY = ("08", "40", "53", "55P03", "57", "58")
_ALL_PARTITIONS = {"enable_partition_pruning": "off", "constraint_exclusion": "off"}

Spare = Callable[[], Bench | str]
"""Gives a scratch bench to decide on what another one could not, or says why there is none."""


def studies(bench: Bench, queries: Sequence[Query], spare: Spare) -> tuple[QueryFacts, ...]:
    """What the server says about each of `queries`, asked together. An error of a query is a fact.

    Raises DatabaseError where the server is lost, or could not answer for reasons of its own.
    """
    planned = [query for query in queries if query.plans]
    try:
        askings = [_studied(bench, each, spare) for each in planned]
        facts = iter(each_answered(bench.line, askings))
    except psycopg.Error as error:
        raise DatabaseError(failure.problem(error)) from error
    return tuple(next(facts) if each.plans else _run(bench, each, spare) for each in queries)


def _types(query: Query) -> tuple[str, ...]:
    return tuple(p.type for p in query.parameters)


def _run(bench: Bench, query: Query, spare: Spare) -> QueryFacts:
    """What is learnt of a statement that is run and not planned."""
    return QueryFacts(query=query, attempt=_attempt(bench, query, spare))


def _studied(bench: Bench, query: Query, spare: Spare) -> Asking[QueryFacts]:
    values = tuple(p.value for p in query.parameters)
    prepared = Prepared(query.text, _types(query), values if query.is_custom and all(values) else ())
    try:
        plans = _Plans(bench, prepared)
        facts = yield from _facts(plans, query, spare)
        if query.origin is Origin.STATEMENTS and bench.hiding is not Hiding.NONE:
            served = yield from found.asked(bench, prepared)
            return replace(facts, serving=served, unserved=found.unserved(bench, prepared, served))
        return (yield from _more(plans, query, facts, spare)) if query.promises else facts
    except psycopg.Error as error:
        if bench.conn.closed or (error.sqlstate or "").startswith(_NOT_OF_THE_QUERY):
            raise DatabaseError(failure.problem(error)) from error
        head = planner.prepare_head(_types(query))
        return QueryFacts(query=query, problem=failure.problem(error, statement=_sent(query.source, head)))


class _Plans:
    """The plans of a query that several of its facts come from.

    `chosen` is the one in which CHECKs are looked at and all partitions are seen, if nothing was excluded from it:
    each table of the text is scanned by its own alias, so that it is the plan without that, too.
    """

    def __init__(self, bench: Bench, prepared: Prepared) -> None:
        self.bench = bench
        self.prepared = prepared
        self.chosen: Answered | None = None

    def refutable(self) -> Asking[Node]:
        """The plan for any values with CHECKs looked at."""
        generic = replace(self.prepared, values=()) if self.prepared.values else self.prepared
        asked = question(generic, proof.WITH_CHECKS)
        root = yield from asking.planned(asked)
        if generic == self.prepared and _is_whole(self.bench.snapshot, self.prepared.text, root):
            self.chosen = asked, root
        return root

    def plan(self, settings: Settings) -> Asking[Node]:
        """The plan that the planner makes, with partitions as `settings` say."""
        if self.chosen is not None:
            return self.chosen[1]
        return (yield from asking.planned(question(self.prepared, settings)))


def _is_whole(snapshot: Snapshot, text: str, root: Node) -> bool:
    """Whether a plan scans each table of the text, plain ones all, as itself: so nothing was excluded."""
    named = tables_in(text)
    tables = [snapshot.table(schema, name) for schema, name, _ in named]
    if not all(table is not None and table.kind == "r" for table in tables):
        return False
    scanned = sorted((node.relation, node.alias) for node in root.walk() if node.relation)
    return scanned == sorted((name, alias) for _, name, alias in named)


def _facts(plans: _Plans, query: Query, spare: Spare) -> Asking[QueryFacts]:
    bench, prepared = plans.bench, plans.prepared
    named = {word: _index(bench, prepared, word.text) for word in query.uses}
    indexes = [index for index in named.values() if index is not None]
    missing = tuple(word for word, index in named.items() if index is None)
    root = yield from plans.refutable()
    served = (yield from _services(plans, indexes, spare)) if indexes else ()
    writes = any(node.operation for node in root.walk())
    live = bench.hiding is Hiding.NONE
    facts = QueryFacts(
        query=query,
        services=served,
        missing=missing,
        fallback=_fallback(bench, query, prepared) if missing and not indexes else None,
        contradiction=proof.refutation(bench, prepared, root),
        refusals=_refusals(bench, query, prepared) if writes else (),
        chosen=chosen((yield from plans.plan({}))) if live else (),
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


def _more(plans: _Plans, query: Query, facts: QueryFacts, spare: Spare) -> Asking[QueryFacts]:
    """The facts with those that only some promises ask for."""
    bench, prepared = plans.bench, plans.prepared
    forbidden = [each.value for each in query.promises if isinstance(each.value, Forbidden)]
    wanted = [each.value for each in query.promises if isinstance(each.value, Returned)]
    covered = [s.index for s in facts.services if Served.COLUMNS in query.serves and s.verdict is Verdict.HOLDS]
    # on scratch, what the partitions of today do not hold says nothing
    settings: Settings = {} if bench.hiding is Hiding.NONE else _ALL_PARTITIONS
    root = yield from plans.plan(settings)
    without = question(prepared, {**settings, **node_type.against(forbidden)})
    coverages = yield from beside([coverage.asked(bench, prepared, index) for index in covered])
    return replace(
        facts,
        plan=root,
        unread=reading.unread(bench.snapshot, query.text, root),
        # when forbidden nodes are disabled, if there are such
        without=(yield from asking.planned(without)) if forbidden else None,
        losses=(yield from loss.asked(bench, prepared, facts.services)) if query.origin is Origin.FILE else (),
        coverage=tuple(coverages),
        returned=result.columns(bench.conn, prepared) if wanted else (),
        wanted=result.promised(bench.conn, wanted) if wanted else (),
        attempt=_attempt(bench, query, spare),
    )


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


def _services(plans: _Plans, indexes: list[Index], spare: Spare) -> Asking[tuple[Service, ...]]:
    """What the indexes do; where this bench cannot tell, what the spare one says of indexes of the same names."""
    prepared = plans.prepared
    served = yield from service.asked(plans.bench, prepared, indexes, plans.chosen)
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


def _undecided(served: Service, why: str) -> Service:
    if served.verdict is not Verdict.UNKNOWN:
        return served
    return replace(served, reason=f"{served.reason}; on a scratch server it could not be tried either: {why}")


def _fallback(bench: Bench, query: Query, prepared: Prepared) -> Service | None:
    """What serves a query whose named index is missing: the index of the nearest name, if it does, else any."""
    root = planner.explain(bench.conn, prepared)
    read = [bench.snapshot.table(node.schema, node.relation) for node in root.walk() if node.relation]
    indexes = dict.fromkeys(index for table in read if table for index in bench.snapshot.indexes_of(table))
    like = nearest(query.uses[0].text, [index.name for index in indexes])
    ordered = sorted(indexes, key=lambda index: (index.name != like, index.schema, index.name))
    for served in each_alone(bench, prepared, ordered):
        if served.verdict is Verdict.HOLDS and served.keys and served.order is not Order.SORT:
            return served
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
