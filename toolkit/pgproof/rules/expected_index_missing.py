"""An index that a query file names exists. (Of a name in a comment, DOC101 speaks.)

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer);
    CREATE INDEX visits_guest_id ON visits (guest_id);
    -- file: checks/visits.sql
    -- name: visits_of_guest
    -- uses: visits_guest
    SELECT * FROM visits WHERE guest_id = $1;

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer);
    CREATE INDEX visits_guest_id ON visits (guest_id);
    -- file: checks/visits.sql
    -- name: visits_of_guest
    -- uses: visits_guest_id
    SELECT * FROM visits WHERE guest_id = $1;
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.contract.promise import Origin
from pgproof.finding import Finding
from pgproof.rules import match, proposed
from pgproof.rules.rule import Evidence, Rule, called
from pgproof.sql.name import nearest, quote


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a name in `uses:` that is no index."""
    names = [index.name for index in evidence.snapshot.indexes]
    for facts in evidence.queries:
        if facts.query.origin is not Origin.FILE:
            continue
        for word in facts.missing:
            like = nearest(word.text, names)
            near = f'The nearest index is "{like}".' if like else ""
            serves = facts.fallback.index.name if facts.fallback is not None else ""
            create = match.advice(evidence, proposed.hint(facts, "create the index in a migration"))
            yield RULE.fails(
                facts.query.id,
                f'index "{word.text}", which {called(facts.query)} is to use, does not exist',
                word.place,
                detail=" ".join(filter(None, [near, proposed.detail(facts)])),
                hint=f"-- uses: {quote(serves)}" if serves else create,
            )


RULE = Rule("PLN104", "expected-index-missing", judge)
