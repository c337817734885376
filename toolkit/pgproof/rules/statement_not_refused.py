"""A statement that is to fail is refused by the server, with that SQLSTATE and on that constraint.

It is run on scratch, behind the statements that stand above it in its query (the set-up), in a transaction that is
rolled back. What is deferred to the commit is checked at once.

Bad:
    CREATE TABLE doors (id integer PRIMARY KEY, state text,
        CONSTRAINT doors_state CHECK (state IN ('open', 'shut')));
    -- file: checks/doors.sql
    -- name: a_door_has_a_state
    -- fails: 23514 doors_state
    INSERT INTO doors VALUES (1, NULL);

Good:
    CREATE TABLE doors (id integer PRIMARY KEY, state text,
        CONSTRAINT doors_state CHECK (state IN ('open', 'shut')));
    -- file: checks/doors.sql
    -- name: a_door_is_open_or_shut
    -- fails: 23514 doors_state
    INSERT INTO doors VALUES (1, 'open');
    UPDATE doors SET state = 'ajar' WHERE id = 1;
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgproof.contract.clause import Clause
from pgproof.contract.promise import Failure, Promise, Query
from pgproof.errors import Problem
from pgproof.explain.facts import Attempt, QueryFacts
from pgproof.finding import Finding
from pgproof.rules import running
from pgproof.rules.rule import Evidence, Rule, called
from pgproof.sql.directive import Directive

_FAILURE = re.compile(r"(?P<sqlstate>[0-9A-Z]{5})(?:\s+(?P<name>\"[^\"]+\"|[\w$]+(?:\.[\w$]+)?))?")


def read(directive: Directive) -> Iterator[Promise[Failure] | Problem]:
    """`fails: 23514 jobs_status_chk`; of a NOT NULL the column is named."""
    match = _FAILURE.fullmatch(directive.value)
    if match is None:
        yield Problem(
            message=f'"{directive.value}" does not say how a statement fails',
            place=directive.value_place(),
            hint="write an SQLSTATE and the constraint: `-- fails: 23514 jobs_status_chk`",
        )
        return
    name = (match["name"] or "").strip('"')
    yield Promise("fails", Failure(match["sqlstate"], name.rpartition(".")[2]), directive.value_place())


def fits(query: Query) -> Iterator[Problem]:
    """Of a statement that is run every parameter has a value, and it cannot succeed, too."""
    yield from running.fits(query, FAILS.of(query)[0].place)
    if query.promises_any("succeeds"):
        yield Problem(
            message=f'query "{query.id}" is to fail and to succeed',
            place=FAILS.of(query)[0].place,
            hint="keep one of the two",
        )


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a statement that is to fail."""
    for facts in evidence.queries:
        for promise in FAILS.of(facts.query):
            if facts.attempt is not None:
                yield _judged(facts, facts.attempt, promise)


def _judged(facts: QueryFacts, attempt: Attempt, promise: Promise[Failure]) -> Finding:
    query, wanted = facts.query, promise.value
    if attempt.reason:
        message = f"whether {called(query)} fails could not be tried"
        return RULE.unknown(query.id, message, promise.place, detail=f"{attempt.reason}.")
    named = f"{wanted.sqlstate} on {wanted.constraint}" if wanted.constraint else wanted.sqlstate
    if attempt.setup is not None:
        return running.setup_refused(RULE, facts, attempt, promise.place)
    if not attempt.sqlstate:
        return RULE.fails(
            query.id,
            f"{called(query)} is not refused: it touched {running.rows(attempt)}",
            promise.place,
            detail=f"It is to fail with {named}. A CHECK lets NULL pass; a trigger may swallow or change a row.",
            hint="mend the constraint in a migration, or the promise",
            related=(query.place,),
        )
    right = wanted.constraint in ("", attempt.constraint, attempt.column)
    if attempt.sqlstate == wanted.sqlstate and right:
        return RULE.holds(query.id, f"{called(query)} is refused: {running.refusal(attempt)}", promise.place)
    return RULE.fails(
        query.id,
        f"{called(query)} is refused with {running.refusal(attempt)}, not with {named}",
        promise.place,
        detail=f"The server says: {attempt.message}.",
        hint="make a statement that violates nothing else, or mend the promise",
        related=(query.place,),
    )


FAILS = Clause(
    word="fails",
    help="the statement is refused, with that SQLSTATE on that constraint; statements above it are the set-up",
    example="fails: 23514 jobs_status_chk",
    read=read,
    fits=fits,
    is_prose=True,
    run=True,
)
RULE = Rule("QRY105", "statement-not-refused", judge, clauses=(FAILS,))
