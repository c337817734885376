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

from pgproof.contract.clause import Clause
from pgproof.contract.promise import Origin, Promise, Query, Served
from pgproof.errors import Problem
from pgproof.explain.facts import Order, QueryFacts, Service
from pgproof.explain.size.words import compared
from pgproof.finding import Finding, Verdict
from pgproof.rules import proposed
from pgproof.rules.expected_index_not_used import promised_at
from pgproof.rules.rule import Evidence, Rule, called, listed
from pgproof.sql.directive import Directive
from pgproof.sql.name import quote
from pgproof.sql.query import has_order


def read(directive: Directive) -> Iterator[Promise[Served] | Problem]:
    """`order: index`; there is no other."""
    if directive.value.lower() == "index":
        yield Promise("order", Served.ORDER, directive.place)
        return
    yield Problem(
        message=f'"order:" cannot be "{directive.value}"',
        place=directive.value_place(),
        hint="write `-- order: index` where the index gives the ORDER BY too, else remove the line",
    )


def fits(query: Query) -> Iterator[Problem]:
    """An order needs an index that is named, and an ORDER BY."""
    promise = next(each for each in query.promises if each.value is Served.ORDER)
    said = "order: index" if promise.word == ORDER.word else f"{promise.word}: order"
    if not query.uses:
        yield Problem(
            message=f'"{said}" does not say which index',
            place=promise.place,
            hint="add the index: `-- uses: idx_name`",
        )
    if not has_order(query.text):
        yield Problem(
            message=f'query "{query.id}" has no ORDER BY that an index could give',
            place=promise.place,
            hint=f"remove `-- {said}`, or order the query",
        )


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a query whose order is promised; of several indexes one must give it."""
    for facts in evidence.queries:
        served = [s for s in facts.services if s.verdict is Verdict.HOLDS]
        if (
            Served.ORDER in facts.query.serves
            and served
            and all(s.order in (Order.SORT, Order.PREFIX) for s in served)
        ):
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
        tried = proposed.detail(facts) or f"One that does, tried here: {facts.advice}."
        detail = f"No index of the table gives the order. {tried}"
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
        detail=f"{detail} {name} is on ({', '.join(map(str, service.index.keys))}). "
        f"{compared(name, facts.sizes, facts.alone)}".strip(),
        hint=hint,
        related=(query.place,),
    )


def _instead(query: Query, index: str) -> str:
    match query.origin:
        case Origin.FILE:
            return f"-- uses: {quote(index)}"
        case Origin.COMMENT:
            return f"say (uses {index})"
        case _:
            return f"write the pattern above {index}"


ORDER = Clause(
    word="order",
    help="the index gives the ORDER BY too: nothing is sorted",
    example="order: index",
    read=read,
    fits=fits,
    likes=("sort", "sorted"),
)
RULE = Rule("PLN102", "order-not-served", judge, clauses=(ORDER,))
