"""The queries of the revision before still work on the new schema, so that both versions can run during a deploy.

With `pgproof check --against git:main`: each query of that revision that its own schema accepts is prepared and
planned on the schema that the files build now. It must still prepare, return the same columns, and be served by
its indexes.

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, came_at timestamptz);
    -- file: base/migrations/01-visits.sql
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, seen_at timestamptz);
    -- file: base/checks/visits.sql
    -- name: visits_of_guest
    SELECT id, seen_at FROM visits WHERE guest_id = $1;

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, seen_at timestamptz, came_at timestamptz);
    -- file: base/migrations/01-visits.sql
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, seen_at timestamptz);
    -- file: base/checks/visits.sql
    -- name: visits_of_guest
    SELECT id, seen_at FROM visits WHERE guest_id = $1;
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from pgproof.explain.facts import Crossing
from pgproof.finding import Finding
from pgproof.rules.rule import Evidence, Rule, called


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a query of the revision before."""
    for crossing in evidence.crossings:
        if crossing.is_old:
            yield from judged(RULE, crossing, "on the new schema", _HINT)


def judged(rule: Rule, crossing: Crossing, where: str, hint: str) -> Iterator[Finding]:
    """What there is to say of a query on the schema of another revision."""
    query, problem = crossing.query, crossing.problem
    if problem is not None:
        yield rule.fails(
            query.id,
            f"{called(query)} no longer prepares {where}: {problem.message}",
            problem.place or query.place,
            detail=f"SQLSTATE {problem.sqlstate}." if problem.sqlstate else "",
            hint=hint,
        )
        return
    difference = _difference(crossing)
    if difference:
        message = f"{called(query)} returns other columns {where}: {difference}"
        yield rule.fails(query.id, message, query.place, hint=hint)
    for index, reason in crossing.lost:
        message = f"{called(query)} is not served by {index} {where}: {reason}"
        yield rule.fails(query.id, message, query.place, hint=hint)
    if not difference and not crossing.lost:
        yield rule.holds(query.id, f"{called(query)} works {where} as well", query.place)


def _difference(crossing: Crossing) -> str:
    for number, (before, after) in enumerate(zip_longest(crossing.before, crossing.after), 1):
        if before == after:
            continue
        if before is None:
            return f"{after.name} {after.type} comes as well" if after else ""
        if after is None:
            return f"{before.name} is gone"
        if before.name != after.name:
            return f"column {number} is {after.name}, not {before.name}"
        return f"{before.name} is {after.type}, not {before.type}"
    return ""


_HINT = "keep what the old version reads until no process runs it any more, and take it away in a later migration"
RULE = Rule("QRY107", "old-query-breaks", judge)
