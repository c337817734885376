"""A statement that is to succeed is not refused by the server.

It is run on scratch, behind the statements that stand above it in its query (the set-up), in a transaction that is
rolled back. What is deferred to the commit is checked at once. An UPDATE, DELETE or MERGE that touches no row has
shown nothing: that is not known.

Bad:
    CREATE TABLE doors (id integer PRIMARY KEY, state text NOT NULL);
    -- file: checks/doors.sql
    -- name: a_door_needs_no_state
    -- succeeds
    INSERT INTO doors (id) VALUES (1);

Good:
    CREATE TABLE doors (id integer PRIMARY KEY, state text);
    -- file: checks/doors.sql
    -- name: a_door_needs_no_state
    -- succeeds
    INSERT INTO doors (id) VALUES (1);
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.contract.clause import Clause
from pgproof.contract.promise import Promise, Query
from pgproof.errors import Problem
from pgproof.explain.facts import Attempt, QueryFacts
from pgproof.finding import Finding
from pgproof.place import Place
from pgproof.rules import running
from pgproof.rules.rule import Evidence, Rule, called
from pgproof.sql.directive import Directive
from pgproof.sql.modification import touches_rows_there


def read(directive: Directive) -> Iterator[Promise[bool] | Problem]:
    """`succeeds`, alone."""
    yield Promise("succeeds", True, directive.place)


def fits(query: Query) -> Iterator[Problem]:
    """Of a statement that is run every parameter has a value."""
    yield from running.fits(query, SUCCEEDS.of(query)[0].place)


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a statement that is to succeed."""
    for facts in evidence.queries:
        for promise in SUCCEEDS.of(facts.query):
            if facts.attempt is not None:
                yield _judged(facts, facts.attempt, promise.place)


def _judged(facts: QueryFacts, attempt: Attempt, place: Place) -> Finding:
    query = facts.query
    if attempt.reason:
        message = f"whether {called(query)} succeeds could not be tried"
        return RULE.unknown(query.id, message, place, detail=f"{attempt.reason}.")
    if attempt.setup is not None:
        return running.setup_refused(RULE, facts, attempt, place)
    if not attempt.sqlstate and attempt.rows == 0 and touches_rows_there(query.text):
        return RULE.unknown(
            query.id,
            f"whether {called(query)} succeeds was not seen: it touched no row",
            place,
            detail="On scratch the tables are as the files leave them.",
            hint="put the statement that inserts its row above it",
        )
    if not attempt.sqlstate:
        return RULE.holds(query.id, f"{called(query)} succeeds: it touched {running.rows(attempt)}", place)
    return RULE.fails(
        query.id,
        f"{called(query)} is refused with {running.refusal(attempt)}",
        place,
        detail=f"The server says: {attempt.message}.",
        hint="mend the statement, or what refuses it in a migration",
        related=(query.place,),
    )


SUCCEEDS = Clause(
    word="succeeds",
    help="the statement is accepted; statements above it are the set-up",
    example="succeeds",
    read=read,
    fits=fits,
    alone=True,
    run=True,
)
RULE = Rule("QRY106", "statement-refused", judge, clauses=(SUCCEEDS,))
