"""What keeps the statements of a section from being run as the section says, found before any is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from pgproof.errors import Problem
from pgproof.migrate import batch, directive, limits
from pgproof.migrate.migration import Section
from pgproof.sql import transaction
from pgproof.sql.grammar import GrammarError
from pgproof.sql.statement import Statement
from pgproof.sql.transaction import Boundary


def refusals(section: Section) -> Iterator[Problem]:
    """The problems of a section whose statements are all correct SQL."""
    yield from directive.problems(section)
    yield from limits.problems(section)
    yield from batch.problems(section)
    for statement in section.statements:
        if problem := _copy(statement):
            yield problem
    yield from _in_one_transaction(section) if section.transactional else _one_by_one(section)


def _in_one_transaction(section: Section) -> Iterator[Problem]:
    for statement in section.statements:
        if command := transaction.why_no_transaction(statement):
            yield Problem(
                message=f"{command} cannot run inside a transaction block",
                place=statement.place,
                detail="The statements of this section run in one transaction.",
                hint=f"move it to a file that says `-- migrate:{_direction(section)} transaction:false`",
            )
        elif transaction.boundary(statement):
            yield Problem(
                message="transaction control inside a migration",
                place=statement.place,
                detail="The statements of this section run in one transaction, together with the row of the "
                "history that says so.",
                hint="remove BEGIN, COMMIT and ROLLBACK; SAVEPOINT is allowed",
            )


def _one_by_one(section: Section) -> Iterator[Problem]:
    """In a section without a transaction, a BEGIN of the author's needs its COMMIT, and rules in between."""
    opened: Statement | None = None
    for statement in section.statements:
        command = transaction.why_no_transaction(statement)
        boundary = transaction.boundary(statement)
        if opened and command:
            yield Problem(
                message=f"{command} cannot run inside a transaction block",
                place=statement.place,
                detail=f"The block begins at {opened.place}.",
                hint="move it behind the COMMIT",
            )
        if boundary is Boundary.BEGIN:
            opened = statement
        elif boundary is Boundary.END:
            if opened is None:
                yield Problem(message="no BEGIN before this end of a transaction", place=statement.place)
            opened = None
    if opened:
        yield Problem(
            message="transaction left open",
            place=opened.place,
            detail="The section ends before the transaction that begins here does.",
            hint="write COMMIT behind its last statement",
        )


def copy_refusals(section: Section) -> Iterator[Problem]:
    """Statements that need rows of a client; those that are no SQL are passed over."""
    for statement in section.statements:
        with suppress(GrammarError):
            if problem := _copy(statement):
                yield problem


def _copy(statement: Statement) -> Problem | None:
    if not transaction.copies_from_client(statement):
        return None
    return Problem(
        message="COPY to or from the client in a migration",
        place=statement.place,
        detail="A migration file holds statements alone; there is no client that could send or take the rows.",
        hint="use INSERT ... VALUES, or have pg_dump write --inserts",
    )


def _direction(section: Section) -> str:
    text = section.place.text.lower()
    return "down" if "migrate:down" in text or section.place.path.endswith(".down.sql") else "up"
