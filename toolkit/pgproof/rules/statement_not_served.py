"""What a live server spends its time on is served by an index, where it looks for some rows of a table.

With `pgproof check --from-stat-statements URL`: each statement is planned on the schema that the files build, with
sequential scans disabled. Where conditions are still looked at row by row, no index can serve them. It is told as
a note, and changes no exit code: of a small table, or for a report, that may be right.

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer);
    -- file: statements/17.sql
    SELECT id FROM visits WHERE guest_id = $1

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer);
    CREATE INDEX visits_guest_id ON visits (guest_id);
    -- file: statements/17.sql
    SELECT id FROM visits WHERE guest_id = $1
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.explain.facts import Order, QueryFacts, Service
from pgproof.finding import Finding, Severity
from pgproof.rules.rule import Evidence, Rule, called, listed
from pgproof.sql.condition import bare


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a statement that an index serves, one a table for which there is none."""
    for facts in evidence.queries:
        query = facts.query
        if facts.serving:
            yield RULE.holds(query.id, f"{called(query)} can be served by {_served(facts)}", query.place)
        for each in facts.unserved:
            yield RULE.fails(
                query.id,
                f"no index serves {called(query)} on {each.table}",
                query.place,
                detail=f"All rows of {each.table} are read for {bare(each.filter)}.",
                hint="make an index in a migration if the table is large",
            )


def _served(facts: QueryFacts) -> str:
    return listed([_index(service) for service in facts.serving], "or")


def _index(service: Service) -> str:
    order = "the order" if service.order is Order.INDEX else ""
    does = ", ".join([*service.keys, *([order] if order else [])])
    return f"{service.index.name} ({does})" if does else service.index.name


RULE = Rule("PLN112", "statement-not-served", judge, Severity.NOTE)
