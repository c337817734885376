"""An index that is to serve all columns holds everything that the query reads, so that the table is not looked at.

`serves: filter` asks that no condition is left over (PLN103), `serves: order` that nothing is sorted (PLN102).

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, seen_at timestamptz);
    CREATE INDEX visits_guest ON visits (guest_id);
    -- file: checks/visits.sql
    -- name: times_of_guest
    -- uses: visits_guest
    -- serves: filter, all columns
    SELECT seen_at FROM visits WHERE guest_id = $1;

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, seen_at timestamptz);
    CREATE INDEX visits_guest ON visits (guest_id) INCLUDE (seen_at);
    -- file: checks/visits.sql
    -- name: times_of_guest
    -- uses: visits_guest
    -- serves: filter, all columns
    SELECT seen_at FROM visits WHERE guest_id = $1;
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.contract.clause import Clause
from pgproof.contract.promise import Promise, Query, Served
from pgproof.errors import Problem
from pgproof.explain.facts import Coverage, QueryFacts
from pgproof.finding import Finding
from pgproof.rules import order_not_served
from pgproof.rules.expected_index_not_used import promised_at
from pgproof.rules.rule import Evidence, Rule, called, listed
from pgproof.sql.directive import Directive
from pgproof.sql.name import nearest

_WORDS = {**{each.value: each for each in Served}, "columns": Served.COLUMNS, "filters": Served.FILTER}


def read(directive: Directive) -> Iterator[Promise[Served] | Problem]:
    """`serves: filter, order, all columns`."""
    for item, place in directive.items():
        word = " ".join(item.lower().split())
        if word in _WORDS:
            yield Promise("serves", _WORDS[word], place)
            continue
        meant = nearest(word, [each.value for each in Served])
        hint = f"did you mean `{meant}`?" if meant else "write any of: `-- serves: filter, order, all columns`"
        yield Problem(message=f'an index cannot serve "{item}"', place=place, hint=hint)


def fits(query: Query) -> Iterator[Problem]:
    """What is served is served by an index that is named."""
    if not query.uses:
        first = SERVES.of(query)[0]
        yield Problem(
            message='"serves:" does not say which index',
            place=first.place,
            hint="add the index: `-- uses: idx_name`",
        )
    elif any(each.value is Served.ORDER for each in SERVES.of(query)):
        yield from order_not_served.fits(query)


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict an index that is to hold all columns."""
    for facts in evidence.queries:
        for coverage in facts.coverage:
            yield _judged(facts, coverage)


def _judged(facts: QueryFacts, coverage: Coverage) -> Finding:
    query, index = facts.query, coverage.index
    place = promised_at(query, index.name)
    if coverage.is_whole:
        return RULE.holds(query.id, f"{called(query)} reads all its columns from {index.name}", place)
    if coverage.is_whole is None:
        message = f"whether {index.name} holds all columns of {called(query)} could not be decided"
        return RULE.unknown(query.id, message, place, detail="No plan over this index alone could be had.")
    outside = listed(coverage.outside) or "what it reads"
    including = f"add INCLUDE ({', '.join(coverage.outside)}) to it" if coverage.outside else "read fewer columns"
    return RULE.fails(
        query.id,
        f"{called(query)} looks at the rows of {index.table}: {index.name} does not hold {outside}",
        place,
        detail=f"The server has: {index.definition}",
        hint=including,
        related=(query.place,),
    )


SERVES = Clause(
    word="serves",
    help="what the index does: it decides every condition, gives the order, holds all columns (index-only)",
    example="serves: filter, order, all columns",
    read=read,
    fits=fits,
    likes=("covers", "serve"),
)
RULE = Rule("PLN106", "columns-not-covered", judge, clauses=(SERVES,))
