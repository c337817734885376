"""A query is planned without the nodes that it must not have.

Judged by the plans at production size where these are known, in a live database by the plan of now. Else by what
the planner does when they are disabled: then a node that is there nonetheless cannot be avoided, and an index that
is read from end to end is no better than a sequential scan.

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, seen_at timestamptz);
    CREATE INDEX visits_guest ON visits (guest_id);
    -- file: checks/visits.sql
    -- name: visits_of_guest
    -- no: seq scan, sort
    SELECT * FROM visits WHERE guest_id = $1 ORDER BY seen_at;

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, seen_at timestamptz);
    CREATE INDEX visits_guest_seen ON visits (guest_id, seen_at);
    -- file: checks/visits.sql
    -- name: visits_of_guest
    -- no: seq scan, sort
    SELECT * FROM visits WHERE guest_id = $1 ORDER BY seen_at;
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgproof.contract.clause import Clause
from pgproof.contract.promise import Forbidden, Promise, Query
from pgproof.errors import Problem
from pgproof.explain.facts import QueryFacts
from pgproof.explain.plan import Node
from pgproof.explain.promised.node_type import KINDS, found, names_of, read_whole
from pgproof.finding import Finding
from pgproof.rules import sized
from pgproof.rules.rule import Evidence, Rule, called, listed
from pgproof.sql.directive import Directive
from pgproof.sql.name import nearest
from pgproof.sql.query import has_order, tables_in

_ITEM = re.compile(r"(?P<kind>[a-z ]+?)(?:\s+on\s+\"?(?P<table>[\w$]+)\"?)?", re.IGNORECASE)


def read(directive: Directive) -> Iterator[Promise[Forbidden] | Problem]:
    """`no: seq scan, sort, seq scan on jobs`."""
    for item, place in directive.items():
        match = _ITEM.fullmatch(item)
        kind = " ".join((match["kind"] if match else item).lower().split())
        if match and kind.removesuffix("s") in KINDS:
            kind = kind.removesuffix("s")
        if match and kind in KINDS:
            yield Promise("no", Forbidden(kind, match["table"] or ""), place)
            continue
        meant = nearest(kind, KINDS)
        yield Problem(
            message=f'"{item}" is no node of plans',
            place=place,
            hint=f"did you mean `{meant}`?" if meant else "name nodes as EXPLAIN does: `-- no: seq scan`",
        )


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a forbidden node."""
    for facts in evidence.queries:
        for promise in NO.of(facts.query):
            if facts.plan is None:
                continue
            names = _tables(evidence, facts)
            if promise.value.table not in names:
                yield _nothing(facts, promise, names)
            elif not sized.is_empty(facts):
                yield _judged(facts, promise, live=evidence.live)


def _tables(evidence: Evidence, facts: QueryFacts) -> frozenset[str]:
    """What a promise may call a table: those that are there, and the query's own names for them; "" is any."""
    written = {word for _, name, alias in tables_in(facts.query.text) for word in (name, alias)}
    planned = {word for node in facts.plan.walk() for word in names_of(node)} if facts.plan else set()
    return frozenset({"", *written, *planned, *(table.name for table in evidence.snapshot.tables)})


def _nothing(facts: QueryFacts, promise: Promise[Forbidden], names: frozenset[str]) -> Finding:
    query, kind = facts.query, promise.value
    meant = nearest(kind.table, names)
    return RULE.fails(
        query.id,
        f"{called(query)} is to have no {kind}, and there is no such table",
        promise.place,
        hint=f"did you mean {meant}?" if meant else "name a table of the query, or its alias",
    )


def _judged(facts: QueryFacts, promise: Promise[Forbidden], *, live: bool) -> Finding:
    query, kind = facts.query, promise.value
    plans = sized.plans(facts)
    for each in plans:
        if nodes := tuple(found(each.root, kind)):
            return _failure(facts, promise, nodes, f" {sized.told(each)}")
    if plans:
        return RULE.holds(query.id, f"{called(query)} has no {kind} {_up_to(plans[-1].size)}", promise.place)
    root = facts.plan if live else facts.without
    if root is not None and (nodes := tuple(found(root, kind))):
        when = " with the statistics of now" if live else ", whatever else is tried"
        return _failure(facts, promise, nodes, when)
    if root is not None and not live and (nodes := tuple(_whole(query, root, kind))):
        return _failure(facts, promise, nodes, ", which it reads from end to end, whatever else is tried")
    if facts.unread:
        message = f"whether {called(query)} has a {kind} could not be decided"
        detail = f"The planner took out {listed(facts.unread)}, so that nothing is read of it."
        hint = "read a column of it, or leave it out"
        return RULE.unknown(query.id, message, promise.place, detail=detail, hint=hint)
    how = "has no" if live else "can be planned without a"
    return RULE.holds(query.id, f"{called(query)} {how} {kind}", promise.place)


def _whole(query: Query, root: Node, kind: Forbidden) -> Iterator[Node]:
    return read_whole(root, kind, asks_order=has_order(query.text))


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "AEIOU" else f"a {kind}"


def _up_to(size: float) -> str:
    return f"up to {sized.figure(size)} rows"


def _failure(facts: QueryFacts, promise: Promise[Forbidden], nodes: tuple[Node, ...], when: str) -> Finding:
    query = facts.query
    shown = dict.fromkeys(_shown(node) for node in nodes)
    return RULE.fails(
        query.id,
        f"{called(query)} has {_a(nodes[0].kind)}{when}",
        promise.place,
        detail=f"The plan has: {'; '.join(shown)}.",
        hint="create an index that serves the query, or leave this node out of the promise",
        related=(query.place,),
    )


def _shown(node: Node) -> str:
    by = f" by {', '.join(node.sort_key)}" if node.sort_key else ""
    alias = f" {node.alias}" if node.relation and node.alias != node.relation else ""
    return f"{node.summary}{alias}{by}"


NO = Clause(
    word="no",
    help="nodes that no plan of the query has, of any table or `on` one; `sort` is an incremental one, too",
    example="no: seq scan on jobs, sort",
    read=read,
    repeats=True,
    is_prose=True,
)
RULE = Rule("PLN105", "forbidden-node-planned", judge, clauses=(NO,))
