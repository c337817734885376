"""A documented INSERT or UPDATE writes values that the constraints accept.

The CHECK is evaluated by the server on a row with the statement's literals; where other columns matter too, the
planner must also prove that no value of theirs helps.

Bad:
    CREATE TABLE doors (id integer PRIMARY KEY, state text CHECK (state IN ('open', 'shut')));
    -- file: checks/doors.sql
    -- name: close_door
    UPDATE doors SET state = 'closed' WHERE id = $1;

Good:
    CREATE TABLE doors (id integer PRIMARY KEY, state text CHECK (state IN ('open', 'shut')));
    -- file: checks/doors.sql
    -- name: shut_door
    UPDATE doors SET state = 'shut' WHERE id = $1;
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.contract.promise import Query
from pgproof.explain.facts import Refusal
from pgproof.finding import Finding, Verdict
from pgproof.place import Place
from pgproof.rules.rule import Evidence, Rule, called, listed


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a constraint that has something to say about a statement's constants."""
    for facts in evidence.queries:
        refused = [r for r in facts.refusals if r.verdict is Verdict.FAILS]
        for refusal in refused:
            yield _failure(facts.query, refusal)
        for refusal in facts.refusals:
            if refusal.verdict is Verdict.UNKNOWN:
                yield _undecided(facts.query, refusal)
        holding = [r for r in facts.refusals if r.verdict is Verdict.HOLDS and not refused]
        for refusal in {r.constraint: r for r in reversed(holding)}.values():
            message = f"{called(facts.query)} writes what {refusal.constraint} accepts: {_assigned(refusal)}"
            yield RULE.holds(facts.query.id, message, facts.query.place)


def _failure(query: Query, refusal: Refusal) -> Finding:
    return RULE.fails(
        query.id,
        f"{called(query)} always fails with {refusal.sqlstate} on {refusal.constraint}: {_assigned(refusal)}",
        _place(query, refusal),
        detail=_reason(refusal),
        hint=f"write a value that {refusal.constraint} allows, or allow this one in a migration",
    )


def _undecided(query: Query, refusal: Refusal) -> Finding:
    names = listed(refusal.triggers, "or")
    return RULE.unknown(
        query.id,
        f"whether {called(query)} fails on {refusal.constraint} is not known: {_assigned(refusal)}",
        _place(query, refusal),
        detail=f"{_reason(refusal)} The trigger {names} may change the value before.",
        hint=f"write a value that {refusal.constraint} allows",
    )


def _assigned(refusal: Refusal) -> str:
    return listed([f"{column} = {value}" for column, value in refusal.values])


def _reason(refusal: Refusal) -> str:
    from pgproof.sql.dialect import allowed_values  # loads sqlglot

    for column, _ in refusal.values:
        values = allowed_values(refusal.expression, column) if refusal.expression else ()
        if values:
            return f"{refusal.constraint} allows {', '.join(values)} for {column}."
    if refusal.definition == "NOT NULL":
        return f"{refusal.values[0][0]} of table {refusal.table} is NOT NULL."
    return f"{refusal.constraint} of table {refusal.table} is {refusal.definition}."


def _place(query: Query, refusal: Refusal) -> Place:
    for _, value in refusal.values:
        at = query.text.find(value)
        if at >= 0:
            return query.source.place(at, len(value))
    return query.place


RULE = Rule("QRY103", "write-always-refused", judge)
