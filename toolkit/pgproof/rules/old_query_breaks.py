"""The queries of the revision before still work on the new schema, so that both versions can run during a deploy.

With `pgproof check --against git:main`: each query of that revision that its own schema accepts is prepared and
planned on the schema that the files build now. It must still prepare, take the same types of parameters, return
the same columns and be served by an index where one served it; what it writes must not be refused by a constraint
that is new. INSERT, UPDATE and DELETE are run on both schemas, on rows that are made to fit them, and rolled back:
one that changes rows on its own and is always refused on the other is a finding; where the rows or values that
were made may be to blame, it is not known whether it is. Whether values that are not in its text pass a new
constraint, a narrower type, fewer labels of an enumeration, is not known, unless `-- params` say them: then it is
run with these. For a narrower type it will do to say that they are of a type that it takes,
`-- params: $1::integer`, or by a cast in the query. Nor is it known whether rows refer, by a new foreign key, to
what it takes away.

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

from pgproof.finding import Finding
from pgproof.rules.deploying import judged
from pgproof.rules.rule import Evidence, Rule


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a query of the revision before."""
    for crossing in evidence.crossings:
        if crossing.is_old:
            yield from judged(RULE, crossing, "on the new schema", _HINT)


_HINT = "keep what the old version reads until no process runs it any more, and take it away in a later migration"
RULE = Rule("QRY107", "old-query-breaks", judge)
