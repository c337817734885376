"""The new queries work on the schema of the revision before, so that a deploy may begin with either.

With `pgproof check --against git:main`: each query that is new since that revision, or has changed, is prepared
and planned on the schema of that revision. Where it needs a migration, that has to be run before the code is.

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, seen_at timestamptz);
    -- file: base/migrations/01-visits.sql
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer);
    -- file: checks/visits.sql
    -- name: visits_of_guest
    SELECT id, seen_at FROM visits WHERE guest_id = $1;

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, seen_at timestamptz);
    -- file: base/migrations/01-visits.sql
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer);
    -- file: checks/visits.sql
    -- name: visits_of_guest
    SELECT id FROM visits WHERE guest_id = $1;
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.finding import Finding, Severity
from pgproof.rules.deploying import judged
from pgproof.rules.rule import Evidence, Rule


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a query that the revision before has not."""
    for crossing in evidence.crossings:
        if not crossing.is_old:
            yield from judged(RULE, crossing, "on the schema before", _HINT)


_HINT = "run the migration before the code that needs it, and accept this with that reason"
RULE = Rule("QRY108", "new-query-breaks", judge, Severity.WARNING)
