"""A promise about a plan is one about something that is read.

A query that contradicts itself, one that is planned for a parameter that is NULL, one whose tables the planner
takes out: nothing is read, and every promise would hold.

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer);
    -- file: checks/visits.sql
    -- name: visits_of_guest
    -- no: seq scan
    -- custom
    -- params: $1=NULL
    SELECT * FROM visits WHERE guest_id = $1;

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer);
    CREATE INDEX visits_guest ON visits (guest_id);
    -- file: checks/visits.sql
    -- name: visits_of_guest
    -- no: seq scan
    -- custom
    -- params: $1=7
    SELECT * FROM visits WHERE guest_id = $1;
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.contract.promise import Query
from pgproof.explain.facts import QueryFacts
from pgproof.finding import Finding
from pgproof.rules import sized
from pgproof.rules.rule import Evidence, Rule, called, listed

_OF_PLANS = ("no", "rows", "cost")  # of an index that serves nothing, PLN101 speaks


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a query that promises something of a plan that reads nothing."""
    for facts in evidence.queries:
        query = facts.query
        if query.promises_any(*_OF_PLANS) and sized.is_empty(facts):
            first = next(each for each in query.promises if each.word in _OF_PLANS)
            yield RULE.fails(
                query.id,
                f"{called(query)} reads nothing, so that its promises are empty: {_why(facts)}",
                first.place,
                detail="Whatever is promised of such a plan holds; nothing is proved by it.",
                hint=_hint(query),
                related=(query.place,),
            )


def _nulls(query: Query) -> list[str]:
    given = [each for each in query.parameters if each.value.upper().startswith("NULL")]
    return [each.name or f"${each.number}" for each in given] if query.is_custom else []


def _why(facts: QueryFacts) -> str:
    if nulls := _nulls(facts.query):
        return f"it is planned for {listed(nulls)} = NULL"
    if facts.unread and facts.contradiction is None:
        return f"the planner takes {listed(facts.unread)} out"
    if facts.contradiction and facts.contradiction.constraints:
        return f"{listed([each.name for each in facts.contradiction.constraints])} forbids what it asks for"
    return "the planner folds it to One-Time Filter: false"


def _hint(query: Query) -> str:
    return "give the parameter a value that is there" if _nulls(query) else "mend the conditions of the query"


RULE = Rule("PLN109", "promise-of-nothing", judge)
