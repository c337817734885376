"""A promise of an index can fail: when the index is dropped, the check turns red.

On scratch the index of each such promise is dropped and the query planned again; all of it is rolled back. Where
the check stays green, the promise proves nothing. Of an index that cannot be dropped (another object needs it)
that is not known.

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer);
    CREATE INDEX visits_guest ON visits (guest_id);
    CREATE FUNCTION no_drops() RETURNS event_trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION 'indexes stay'; END $$;
    CREATE EVENT TRIGGER no_drops ON ddl_command_start WHEN TAG IN ('DROP INDEX') EXECUTE FUNCTION no_drops();
    -- file: checks/visits.sql
    -- name: visits_of_guest
    -- uses: visits_guest
    SELECT * FROM visits WHERE guest_id = $1;

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer);
    CREATE INDEX visits_guest ON visits (guest_id);
    -- file: checks/visits.sql
    -- name: visits_of_guest
    -- uses: visits_guest
    SELECT * FROM visits WHERE guest_id = $1;
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.explain.facts import Loss, QueryFacts
from pgproof.finding import Finding
from pgproof.rules.expected_index_not_used import promised_at
from pgproof.rules.rule import Evidence, Rule, called


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict an index whose loss would not be seen; of the others PLN101 says what comes without them."""
    for facts in evidence.queries:
        for loss in facts.losses:
            if not loss.is_missed:
                yield _judged(facts, loss)


def _judged(facts: QueryFacts, loss: Loss) -> Finding:
    query, name = facts.query, loss.index.name
    place = promised_at(query, name)
    if loss.is_missed is None:
        message = f"whether the promise of {name} for {called(query)} can fail could not be tried"
        return RULE.unknown(query.id, message, place, detail=f"The index cannot be dropped: {loss.instead}.")
    return RULE.fails(
        query.id,
        f"the promise of {name} for {called(query)} is empty: it holds without the index, too",
        place,
        detail=f"The index was dropped on scratch, and the plan was: {loss.instead}.",
        hint="name the index that serves the query",
    )


RULE = Rule("PLN110", "promise-cannot-fail", judge)
