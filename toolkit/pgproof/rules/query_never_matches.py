"""A documented query can return a row.

The planner itself refutes the query: under constraint_exclusion = on it proves from the CHECK constraints that
no row can meet the conditions. (A misspelt or retired status is the usual cause.)

Bad:
    CREATE TABLE doors (id integer PRIMARY KEY, state text CHECK (state IN ('open', 'shut')));
    -- file: checks/doors.sql
    -- name: closed_doors
    SELECT id FROM doors WHERE state = 'closed';

Good:
    CREATE TABLE doors (id integer PRIMARY KEY, state text CHECK (state IN ('open', 'shut')));
    -- file: checks/doors.sql
    -- name: shut_doors
    SELECT id FROM doors WHERE state = 'shut';
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgproof.catalog.snapshot import Constraint
from pgproof.contract.promise import Query
from pgproof.explain.facts import Contradiction
from pgproof.finding import Finding
from pgproof.place import Place
from pgproof.rules.rule import Evidence, Rule, called, listed
from pgproof.sql.condition import columns


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a documented query that can match nothing; the others need no word."""
    for facts in evidence.queries:
        if facts.contradiction is not None:
            yield _finding(facts.query, facts.contradiction)


def _finding(query: Query, why: Contradiction) -> Finding:
    writes = re.match(r"(?:UPDATE|DELETE|INSERT|MERGE)\b", query.text.lstrip(), re.IGNORECASE)
    acts = "touches" if writes else "matches" if why.counts else "returns"
    if not why.constraints:
        said = f": {listed(why.conditions)}" if why.conditions else ""
        return RULE.fails(
            query.id,
            f"{called(query)} never {acts} a row: its conditions contradict each other{said}",
            _place(query, why),
            hint="mend the conditions of the query",
        )
    names = listed([c.name for c in why.constraints])
    forbid = "forbids" if len(why.constraints) == 1 else "forbid"
    allow = "allows" if len(why.constraints) == 1 else "allow"
    is_value = any(c.kind != "n" for c in why.constraints)
    return RULE.fails(
        query.id,
        f"{called(query)} never {acts} a row: {names} {forbid} {listed(why.conditions)}",
        _place(query, why),
        detail=" ".join(_allowed(c, why) for c in why.constraints),
        hint=f"ask for a value that {names} {allow}, or allow this one in a migration"
        if is_value
        else "leave the condition out, or drop the NOT NULL in a migration",
    )


def _allowed(constraint: Constraint, why: Contradiction) -> str:
    """What the constraint allows instead: its list of values, else its definition."""
    from pgproof.sql.dialect import allowed_values  # loads sqlglot

    if constraint.kind == "n":
        return f"{constraint.columns[0]} of table {constraint.table} is NOT NULL."
    for condition in why.conditions:
        for column in sorted(columns(condition)):
            values = allowed_values(constraint.expression or "", column)
            if values:
                return f"{constraint.name} allows {', '.join(values)} for {column}."
    return f"{constraint.name} is {constraint.definition}."


def _place(query: Query, why: Contradiction) -> Place:
    """The literal at fault in the query's text, else the query."""
    for literal in re.findall(r"'(?:[^']|'')*'", " ".join(why.conditions)):
        at = query.text.find(literal)
        if at >= 0:
            return query.source.place(at, len(literal))
    return query.place


RULE = Rule("QRY102", "query-never-matches", judge)
