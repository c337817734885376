"""What a query costs grows no faster with the rows of the tables than is promised.

Judged by the plans over all production sizes. A unique key that is asked for whole is found in logarithmic time
whatever the tables hold.

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer);
    -- file: checks/visits.sql
    -- name: visits_of_guest
    -- cost: grows <= log
    SELECT * FROM visits WHERE guest_id = $1;

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer);
    -- file: checks/visits.sql
    -- name: visit
    -- uses: visits_pkey
    -- cost: grows <= log
    SELECT * FROM visits WHERE id = $1;
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgproof.contract.clause import Clause
from pgproof.contract.promise import Promise, Values
from pgproof.errors import Problem
from pgproof.explain.facts import QueryFacts
from pgproof.explain.size import growth
from pgproof.explain.size.growth import Growth
from pgproof.finding import Finding
from pgproof.rules import sized
from pgproof.rules.rule import Evidence, Rule, called
from pgproof.sql.directive import Directive
from pgproof.sql.name import nearest

_GROWTH = re.compile(r"(?:grows?\s*)?(?:<=|≤|at most)?\s*(?P<growth>\w+)", re.IGNORECASE)
_WORDS = {str(each): each for each in Growth if each is not Growth.WORSE} | {"logarithmic": Growth.LOG}


def read(directive: Directive) -> Iterator[Promise[Growth] | Problem]:
    """`cost: grows <= log`."""
    match = _GROWTH.fullmatch(directive.value)
    word = match["growth"].lower() if match else directive.value
    if word in _WORDS:
        yield Promise("cost", _WORDS[word], directive.value_place())
        return
    meant = nearest(word, _WORDS)
    yield Problem(
        message=f'"{directive.value}" does not say how a cost grows',
        place=directive.value_place(),
        hint=f"did you mean `grows <= {meant}`?" if meant else "write `-- cost: grows <= log`",
    )


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a query of which this is promised."""
    for facts in evidence.queries:
        for promise in COST.of(facts.query):
            if facts.plan is not None and not sized.is_empty(facts):
                yield _judged(facts, promise)


def _judged(facts: QueryFacts, promise: Promise[Growth]) -> Finding:
    query = facts.query
    known = False
    for values in sorted(sized.lines(facts)):
        found = growth.of_cost(facts.sizes, values)
        known = known or found is not None
        if found is not None and not found.is_within(promise.value):
            return _failure(facts, promise, values, found)
    if known:
        message = f"the cost of {called(query)} grows no faster than promised: {promise.value}"
        return RULE.holds(query.id, message, promise.place)
    if promise.value is not Growth.CONSTANT and sized.reads_one(facts):
        message = f"{called(query)} costs at most the logarithm of its table's rows: its key is unique"
        return RULE.holds(query.id, message, promise.place)
    message = f"how the cost of {called(query)} grows could not be told"
    return RULE.unknown(query.id, message, promise.place, detail=sized.unsized(facts), hint=_HINT)


def _failure(facts: QueryFacts, promise: Promise[Growth], values: Values, found: Growth) -> Finding:
    query, line = facts.query, growth.of(facts.sizes, values)
    figures = ", ".join(f"{sized.figure(each.root.cost)} at {sized.figure(each.size)} rows" for each in line)
    return RULE.fails(
        query.id,
        f"the cost of {called(query)} is {found} in the rows, not {promise.value}, for {values}",
        promise.place,
        detail=f"The planner's cost is {figures}.",
        hint="make an index that bounds what is read, or end the query with a LIMIT that its order serves",
        related=(query.place,),
    )


_HINT = "let pgproof plan it at size on a server of its own (--pg-bin)"
COST = Clause(
    word="cost",
    help="how fast the cost grows with the tables: `constant`, `log` or `linear` at most",
    example="cost: grows <= log",
    read=read,
    is_prose=True,
)
RULE = Rule("PLN108", "cost-grows", judge, clauses=(COST,))
