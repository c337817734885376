"""An index that a query relies on for its order gives that order, so that nothing is sorted.

With ORDER BY and LIMIT this is the difference between reading ten rows and reading all of them. Proved with
sorting disabled: a plan that sorts nonetheless shows that the index cannot give the order.

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, room text, seen_at timestamptz);
    CREATE INDEX visits_guest_room_seen ON visits (guest_id, room, seen_at DESC);
    -- file: checks/visits.sql
    -- name: last_visits
    -- uses: visits_guest_room_seen
    -- order: index
    SELECT * FROM visits WHERE guest_id = $1 ORDER BY seen_at DESC LIMIT 10;

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, room text, seen_at timestamptz);
    CREATE INDEX visits_guest_seen ON visits (guest_id, seen_at DESC);
    -- file: checks/visits.sql
    -- name: last_visits
    -- uses: visits_guest_seen
    -- order: index
    SELECT * FROM visits WHERE guest_id = $1 ORDER BY seen_at DESC LIMIT 10;
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.contract.promise import Origin, Query
from pgproof.explain.facts import Order, QueryFacts, Service
from pgproof.finding import Finding, Verdict
from pgproof.rules.expected_index_not_used import promised_at
from pgproof.rules.rule import Evidence, Rule, called, listed


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a query whose order is promised; of several indexes one must give it."""
    for facts in evidence.queries:
        served = [s for s in facts.services if s.verdict is Verdict.HOLDS]
        if facts.query.order and served and all(s.order in (Order.SORT, Order.PREFIX) for s in served):
            yield _failure(facts, served[0])


def _failure(facts: QueryFacts, service: Service) -> Finding:
    query, name = facts.query, service.index.name
    part = f"for {listed(service.keys)} only" if service.keys else "but not for its order"
    sorts = f"sorts by {', '.join(service.sort_key)}" if service.sort_key else "sorts"
    if facts.alternatives:
        give = "gives" if len(facts.alternatives) == 1 else "give"
        detail, hint = (
            f"{listed(facts.alternatives)} {give} the order without a sort.",
            _instead(query, facts.alternatives[0]),
        )
    elif facts.advice:
        detail = "No index of the table gives the order; one that does, tried here: " + facts.advice + "."
        hint = facts.advice.replace("CREATE INDEX ON", "CREATE INDEX CONCURRENTLY ON")
    else:
        detail, hint = (
            "No index of the table was found to give the order.",
            "create an index that ends in the sort keys",
        )
    return RULE.fails(
        query.id,
        f"{called(query)} uses {name} {part}: its order is not served, it {sorts}",
        promised_at(query, name),
        detail=f"{detail} {name} is on ({', '.join(map(str, service.index.keys))}).",
        hint=hint,
        related=(query.place,),
    )


def _instead(query: Query, index: str) -> str:
    match query.origin:
        case Origin.FILE:
            return f"-- uses: {index}"
        case Origin.COMMENT:
            return f"say (uses {index})"
        case _:
            return f"write the pattern above {index}"


RULE = Rule("PLN102", "order-not-served", judge)
