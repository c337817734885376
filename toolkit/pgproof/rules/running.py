"""What is said of statements that are run: what is asked of them, and what came of them."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.contract.promise import Query
from pgproof.errors import Problem
from pgproof.explain.facts import Attempt, QueryFacts
from pgproof.finding import Finding
from pgproof.place import Place
from pgproof.rules.rule import Rule, called
from pgproof.sql.query import is_transaction_control


def fits(query: Query, place: Place) -> Iterator[Problem]:
    """Every parameter has a value, and no statement ends the transaction that is to be rolled back."""
    missing = [each.name or f"${each.number}" for each in query.parameters if not each.value]
    if missing:
        yield Problem(
            message=f'query "{query.id}" is run, and {missing[0]} has no value',
            place=place,
            hint=f"add `-- params: {missing[0]}='...'`",
        )
    for source in (*query.setup, query.source):
        if is_transaction_control(source.text):
            yield Problem(
                message=f'query "{query.id}" ends its transaction',
                place=source.place(0, len(source.text.split()[0])),
                detail="What is run is rolled back, so that nothing of it stays.",
                hint="leave the statement out",
            )


def refusal(attempt: Attempt) -> str:
    """The server's refusal in a few words: "23514 on doors_state"."""
    on = attempt.constraint or attempt.column
    return f"{attempt.sqlstate} on {on}" if on else attempt.sqlstate


def rows(attempt: Attempt) -> str:
    """How many rows a statement touched or returned."""
    if attempt.rows < 0:
        return "no table"
    return f"{attempt.rows} row{'' if attempt.rows == 1 else 's'}"


def setup_refused(rule: Rule, facts: QueryFacts, attempt: Attempt, place: Place) -> Finding:
    """The finding of a statement that was not reached."""
    query = facts.query
    source = query.setup[attempt.setup or 0]
    return rule.fails(
        query.id,
        f"the set-up of {called(query)} is refused with {refusal(attempt)}",
        source.place(0, len(source.text.split("\n", 1)[0])),
        detail=f"The server says: {attempt.message}.",
        hint="mend the statements above the one that is promised",
        related=(place,),
    )
