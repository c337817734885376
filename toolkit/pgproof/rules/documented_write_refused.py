"""A documented INSERT, UPDATE or DELETE does what it says to rows that fit, and no constraint refuses it.

Rows are made that fit the table and meet the statement's conditions; it is run for them in a copy of the scratch
database, with values of such rows for its parameters, and rolled back. It fails here where a constraint refuses
it for every row, whatever else is in that: a row for which it would pass is looked for. Where a value that was
made up may be to blame, a trigger, or a row of another table that production may have, what it does is not known.

Bad:
    CREATE TABLE loans (
        id integer PRIMARY KEY, taken date NOT NULL CHECK (taken >= '2020-01-01'), back date CHECK (back > taken)
    );
    -- file: checks/loans.sql
    -- name: give_back
    UPDATE loans SET back = taken WHERE id = $1;

Good:
    CREATE TABLE loans (
        id integer PRIMARY KEY, taken date NOT NULL CHECK (taken >= '2020-01-01'), back date CHECK (back > taken)
    );
    -- file: checks/loans.sql
    -- name: give_back
    UPDATE loans SET back = taken + 1 WHERE id = $1;
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.contract.promise import Query
from pgproof.explain.facts import QueryFacts
from pgproof.finding import Finding, Verdict
from pgproof.rules.rule import Evidence, Rule, called
from pgproof.synth.probe.fact import Ran, Run

_DOES = {"INSERT": "inserts", "UPDATE": "changes", "DELETE": "deletes"}


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a documented statement that changes rows, unless QRY101 to QRY103 say why it cannot."""
    facts = {each.query.id: each for each in evidence.queries}
    for run in evidence.survey.runs:
        about = facts.get(run.query)
        if about is not None and not _is_told(about):
            yield _verdict(evidence, about.query, run)


def _is_told(facts: QueryFacts) -> bool:
    """True if another rule finds that the statement cannot be run, or finds no row."""
    refused = any(each.verdict is not Verdict.HOLDS for each in facts.refusals)
    return refused or facts.problem is not None or facts.contradiction is not None


def _verdict(evidence: Evidence, query: Query, run: Run) -> Finding:
    name = called(query)
    match run.outcome:
        case Ran.DONE:
            rows = f"{run.rows} {'row' if run.rows == 1 else 'rows'}"
            where = " on a scratch database" if evidence.live else ""
            return RULE.holds(query.id, f"{name} {_DOES[run.kind]} {rows} where it is run{where}", query.place)
        case Ran.REFUSED if run.is_certain:
            return RULE.fails(
                query.id,
                f"{name} is refused by {run.constraint} ({run.sqlstate}) for each row that was made",
                query.place,
                detail=f"It was run for {run.tried} rows of {run.table} that fit: {run.reason}.",
                hint=f"write what {run.constraint} allows, or allow this in a migration",
            )
        case Ran.NOTHING:
            detail = f"It was run, and changed none of the rows of {run.table} that were made."
        case Ran.UNTRIED:
            detail = f"{run.reason.rstrip('.')}."
        case _:
            by = f" by {run.constraint}" if run.constraint else ""
            detail = f"With values that were made up it is refused{by} ({run.sqlstate}): {run.reason}."
    hint = "say what stands for its parameters: -- params: $1 = ..." if query.parameters else ""
    return RULE.unknown(query.id, f"what {name} does was not seen", query.place, detail=detail, hint=hint)


RULE = Rule("CON205", "documented-write-refused", judge)
