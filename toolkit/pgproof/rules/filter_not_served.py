"""An index made for a query pattern serves every condition of the pattern.

A comment above CREATE INDEX that gives its query pattern says what the index is for. A condition that the index
cannot take is checked row by row on everything that the others let through.

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, room text);
    -- Query pattern: WHERE guest_id = ? AND room = ?
    CREATE INDEX visits_guest ON visits (guest_id);

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, room text);
    -- Query pattern: WHERE guest_id = ? AND room = ?
    CREATE INDEX visits_guest_room ON visits (guest_id, room);
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.contract.promise import Served
from pgproof.finding import Finding, Verdict
from pgproof.rules.expected_index_not_used import promised_at
from pgproof.rules.rule import Evidence, Rule, called, listed
from pgproof.sql.condition import bare


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict an index of a pattern that leaves a condition over."""
    for facts in evidence.queries:
        for service in facts.services if Served.FILTER in facts.query.serves else ():
            if service.verdict is Verdict.HOLDS and service.filters:
                left = listed([bare(part) for part in service.filters])
                yield RULE.fails(
                    facts.query.id,
                    f"{service.index.name} leaves a condition of {called(facts.query)} over: {left}",
                    promised_at(facts.query, service.index.name),
                    detail=f"It is checked row by row. The server has: {service.index.definition}",
                    hint="make an index that bounds it too, or mend the pattern",
                )


RULE = Rule("PLN103", "filter-not-served", judge)
