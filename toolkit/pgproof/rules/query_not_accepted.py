"""A documented query is one that the server accepts: its tables, columns and types exist.

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer);
    -- file: checks/visits.sql
    -- name: visits_of_guest
    SELECT id, seen_at FROM visits WHERE guest_id = $1;

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, seen_at timestamptz);
    -- file: checks/visits.sql
    -- name: visits_of_guest
    SELECT id, seen_at FROM visits WHERE guest_id = $1;
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.finding import Finding
from pgproof.rules.rule import Evidence, Rule, called, listed

_NO_RIGHT = "42501"
_UNDETERMINED = ("42P18", "42P08")  # the type of a parameter cannot be inferred, or is inferred two ways


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a documented query."""
    for facts in evidence.queries:
        query, problem = facts.query, facts.problem
        if problem is None:
            now = f"; the planner now chooses {listed(facts.chosen)}" if facts.chosen else ""
            yield RULE.holds(query.id, f"{called(query)} is accepted by the server{now}", query.place)
        elif problem.sqlstate in _UNDETERMINED:
            yield RULE.unknown(
                query.id,
                f"{called(query)} could not be prepared: {problem.message}",
                problem.place or query.place,
                detail="The server cannot tell the type of a parameter.",
                hint="say it beside the query: -- params: $1::type",
            )
        elif problem.sqlstate == _NO_RIGHT:
            message = f"{called(query)} could not be planned: {problem.message}"
            hint = "grant the role SELECT on the tables, or check without --database"
            yield RULE.unknown(query.id, message, query.place, detail=f"SQLSTATE {problem.sqlstate}.", hint=hint)
        else:
            yield RULE.fails(
                query.id,
                f"{called(query)} is refused by the server: {problem.message}",
                problem.place or query.place,
                detail=" ".join(part for part in (problem.detail, f"SQLSTATE {problem.sqlstate}.") if part),
                hint=problem.hint or "mend the query, or the schema that it was written for",
            )


RULE = Rule("QRY101", "query-not-accepted", judge)
