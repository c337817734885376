"""An index serves its query on every major of PostgreSQL, not on some.

As of 17 the planner leaves out `IS NOT NULL` of a column that is NOT NULL, and with it the indexes that have this
as their predicate, if nothing else is asked of it. With `--postgres 14,15,16,17,18` the plans of the majors are
compared, and what a newer one does in another way by right (one `= ANY` for ORs, self-joins taken out) is told.

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer NOT NULL);
    CREATE INDEX visits_guest ON visits (guest_id) WHERE guest_id IS NOT NULL;
    -- file: checks/visits.sql
    -- name: visits_of_guest
    -- uses: visits_guest
    SELECT * FROM visits WHERE guest_id IS NOT NULL ORDER BY guest_id;

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer);
    CREATE INDEX visits_guest ON visits (guest_id) WHERE guest_id IS NOT NULL;
    -- file: checks/visits.sql
    -- name: visits_of_guest
    -- uses: visits_guest
    SELECT * FROM visits WHERE guest_id IS NOT NULL ORDER BY guest_id;
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from pgproof.explain.facts import QueryFacts, Service
from pgproof.explain.plan import Node
from pgproof.explain.promised.major import NULL_TESTS_GO, explained, needless_test
from pgproof.finding import Finding, Severity
from pgproof.rules.expected_index_not_used import promised_at
from pgproof.rules.rule import Evidence, Rule, called
from pgproof.sql.condition import columns
from pgproof.sql.query import null_tests


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict an index that some majors leave out, and one a difference that is right."""
    for facts in evidence.queries:
        for service in facts.services:
            column = needless_test(evidence.snapshot, service.index)
            if column and _relies_on(facts, service, column):
                yield _left_out(facts, service, column)
    for facts in evidence.queries:
        yield from _explained(evidence, facts)


def _relies_on(facts: QueryFacts, service: Service, column: str) -> bool:
    """Whether the query asks IS NOT NULL, and nothing else of the column that shows as much (`column = $1`)."""
    others = {name for part in (*service.conditions, *service.filters) for name in columns(part)}
    return column in null_tests(facts.query.text, "IS_NOT_NULL") and column not in others


def _left_out(facts: QueryFacts, service: Service, column: str) -> Finding:
    query, name = facts.query, service.index.name
    return RULE.fails(
        query.id,
        f"as of PostgreSQL {NULL_TESTS_GO}, {name} does not serve {called(query)}: its predicate is always true",
        promised_at(query, name),
        detail=f"{column} is NOT NULL, so that the planner leaves {column} IS NOT NULL out of the query, and then "
        "cannot show that the index has all its rows. Before, it could.",
        hint=f"make the index without WHERE {column} IS NOT NULL",
    )


def _explained(evidence: Evidence, facts: QueryFacts) -> Iterator[Finding]:
    """What each major does otherwise than the one before it, where that is known."""
    plans = [(evidence.major, facts.plan)]
    for major, queries in evidence.elsewhere:
        plans += [(major, found.plan) for found in queries if found.query == facts.query]
    for (_, older), (major, newer) in pairwise(sorted(plans, key=_major)):
        for sentence in explained(older, newer) if older and newer else ():
            message = f"as of PostgreSQL {major}, {called(facts.query)} is planned in another way: {sentence}"
            yield RULE.holds(facts.query.id, message, facts.query.place)


def _major(pair: tuple[int, Node | None]) -> int:
    return pair[0]


RULE = Rule("PLN111", "plan-differs-by-major", judge, Severity.WARNING)
