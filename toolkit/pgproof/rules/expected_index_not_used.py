"""An index that a query is said to use can serve it.

Asked of the planner with the other ways closed, so that the answer does not depend on how many rows there are. An
index that can only be read from end to end, because no condition bounds its first key, serves nothing.

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, seen_at timestamptz);
    CREATE INDEX visits_guest_seen ON visits (guest_id, seen_at);
    -- file: checks/visits.sql
    -- name: visits_since
    -- uses: visits_guest_seen
    SELECT * FROM visits WHERE seen_at > $1;

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, seen_at timestamptz);
    CREATE INDEX visits_guest_seen ON visits (guest_id, seen_at);
    -- file: checks/visits.sql
    -- name: visits_of_guest_since
    -- uses: visits_guest_seen
    SELECT * FROM visits WHERE guest_id = $1 AND seen_at > $2;
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgproof.contract.claim import LAST_PART, NAME
from pgproof.contract.clause import Clause
from pgproof.contract.promise import Promise, Query, Word
from pgproof.errors import Problem
from pgproof.explain.facts import Order, QueryFacts, Service
from pgproof.explain.promised.major import SKIPS
from pgproof.finding import Finding, Verdict
from pgproof.place import Place
from pgproof.rules import proposed
from pgproof.rules.rule import Evidence, Rule, called, listed
from pgproof.sql.condition import bare
from pgproof.sql.directive import Directive

_NAMES = re.compile(r'(?:"[^"]*"|[^\s,"]|"(?!.*"))+')


def read(directive: Directive) -> Iterator[Promise[Word] | Problem]:
    """The names of indexes in `uses: a, b and s."C"`."""
    for part in _NAMES.finditer(directive.value):
        written = part.group()
        place = directive.value_place(part.start(), len(written))
        if written.lower() == "and":
            continue
        if not re.fullmatch(NAME, written):
            yield Problem(
                message=f'"{written}" is not the name of an index',
                place=place,
                hint="write names of indexes with commas between: `-- uses: idx_a, idx_b`",
            )
            continue
        last = LAST_PART.search(written)
        name = last.group() if last else written
        text = name[1:-1].replace('""', '"') if name[0] in '`"' else name.lower()
        yield Promise("uses", Word(text, place), place)


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict an index that a query is said to use; where that is missing, of the one that serves it."""
    for facts in evidence.queries:
        for service in facts.services:
            yield _judged(facts, service, evidence.major)
        if facts.fallback is not None and facts.fallback.verdict is Verdict.HOLDS:
            yield _holds(facts, facts.fallback, facts.query.place)


def _judged(facts: QueryFacts, service: Service, major: int) -> Finding:
    query, name = facts.query, service.index.name
    place = promised_at(query, name)
    match service.verdict:
        case Verdict.HOLDS:
            return _holds(facts, service, place)
        case Verdict.UNKNOWN:
            message = f"whether {name} can serve {called(query)} could not be decided"
            hides = "cannot be hidden" in service.reason
            hint = "check without --database: in a scratch database other indexes can be hidden" if hides else ""
            return RULE.unknown(
                query.id, message, place, detail=f"{service.reason[:1].upper()}{service.reason[1:]}.", hint=hint
            )
        case _:
            server = f"The server has: {service.index.definition}."
            return RULE.fails(
                query.id,
                f"{name} cannot serve {called(query)}: {service.reason}",
                place,
                detail=" ".join(filter(None, [server, _skipped(service, major), proposed.detail(facts)])),
                hint=proposed.hint(facts, "name the index that serves the query, or create one that does"),
                related=(query.place,),
            )


def _skipped(service: Service, major: int) -> str:
    """What newer majors can do with an index whose first key no condition bounds."""
    if major < SKIPS or not service.keys or service.index.method != "btree":
        return ""
    first = service.index.keys[0].expression
    return f"PostgreSQL {SKIPS} can skip over {first}; that is cheap only where {first} has few values."


def _holds(facts: QueryFacts, service: Service, place: Place) -> Finding:
    node = service.node
    table = f" (as {node})" if node not in ("", service.index.table) else ""
    message = f"{called(facts.query)} is served by {service.index.name}{table}: {_how(service)}"
    missed = (loss for loss in facts.losses if loss.is_missed and loss.index == service.index and loss.instead)
    without = "".join(f"; without it, {loss.instead}" for loss in missed)
    return RULE.holds(facts.query.id, message + without, place)


def _how(service: Service) -> str:
    parts = []
    if service.conditions:
        parts.append(f"{listed(_bare(service.conditions))} as its condition")
    elif service.index.predicate and service.order is not Order.INDEX:
        parts.append("all of its rows read")
    if service.order is Order.INDEX:
        parts.append("the order by its order")
    if service.order is Order.PREFIX:
        parts.append("the order in part")
    if service.order is Order.SORT:
        by = f" by {', '.join(service.sort_key)}" if service.sort_key else ""
        parts.append(f"the rows sorted{by}")
    if service.rechecks:
        parts.append(f"{listed(_bare(service.rechecks))} looked at again")
    if service.filters:
        parts.append(f"{listed(_bare(service.filters))} checked row by row")
    return ", ".join(parts) or "its rows are the ones asked for"


def _bare(conditions: tuple[str, ...]) -> list[str]:
    return [bare(part) for part in conditions]


def promised_at(query: Query, index: str) -> Place:
    """Where the query is said to use the index."""
    names = ((word.text, word.text.rpartition(".")[2]) for word in query.uses)
    return next((word.place for word, said in zip(query.uses, names, strict=True) if index in said), query.place)


USES = Clause(
    word="uses",
    help="indexes that serve the query, each of them; one of a partitioned table stands for its partitions'",
    example="uses: idx_jobs_agent_id",
    read=read,
    repeats=True,
    likes=("index", "indexes", "using"),
)
RULE = Rule("PLN101", "expected-index-not-used", judge, clauses=(USES,))
