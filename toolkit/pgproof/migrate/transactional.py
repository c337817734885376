"""A step in one transaction, sent in one message: BEGIN, the statements, the row of the history, COMMIT."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.database.mutex import MutexLost
from pgproof.errors import DatabaseError, Interrupted, Problem
from pgproof.migrate import aftermath, history, hook, hooked, stand
from pgproof.migrate import limits as limit
from pgproof.migrate.clean import reset
from pgproof.migrate.commitment import Outcome, Request, commit
from pgproof.migrate.event import Ended, Event
from pgproof.migrate.limits import Limits
from pgproof.migrate.message import Message, Part, Piece, of_statement
from pgproof.migrate.migration import Section
from pgproof.migrate.plan import Plan
from pgproof.migrate.progress import AS_WHO_CONNECTED
from pgproof.migrate.session import Session
from pgproof.sql import session as effects

COMMIT = Piece("COMMIT", Part.COMMIT)
_SOMEBODY_ELSE = frozenset({"23505", "22012"})
"""Unique violation and division by zero: how the statements of history refuse who comes second."""


def run(session: Session, plan: Plan, index: int) -> Iterator[Event]:
    """Carry out step `index` of the plan; it is there wholly, with its row in the history, or not at all.

    Raises DatabaseError and Interrupted.
    """
    step, terms = plan.steps[index], session.terms
    tag = session.tag(step)
    record = Piece(history.ran(step, terms), Part.RECORD, count=2 if step.resumes else 1)
    inside = (
        *session.fence,
        *hooked.pieces(plan, step, hook.BEFORE_EACH, terms),
        *stand.local(terms),
        *body(step.section, step.done, terms.limits),
        *hooked.pieces(plan, step, hook.AFTER_EACH, terms),
    )
    back = (AS_WHO_CONNECTED,) if terms.role else ()
    message = Message((Piece(f"{tag}BEGIN"), *inside, *back, record, COMMIT))
    request = Request(
        message=message,
        tag=tag,
        place=step.section.place,
        is_there=lambda: history.is_committed(session.conn, step, str(terms.run)),
    )
    try:
        session.tell(step)
    except MutexLost as error:
        raise MutexLost(aftermath.not_begun(error.problems[0], plan, index)) from error
    begin = terms.pace.monotonic()
    outcome = yield from commit(session, step, request)
    if outcome.is_committed:
        yield Ended(step=step, seconds=terms.pace.monotonic() - begin)
    if outcome.stop:
        raise Interrupted(aftermath.interrupted(plan, index + bool(outcome.is_committed)), stop=outcome.stop)
    if not outcome.is_committed:
        raise DatabaseError(_problem(plan, index, outcome))


def body(section: Section, done: int, limits: Limits) -> Iterator[Piece]:
    """The statements of a section behind `done`, with their settings, and the session made clean behind them."""
    said = limit.said(section)
    statements = section.statements[done:]
    usual = said.of_all.over(limits)
    yield from local(usual)
    for number, statement in enumerate(statements, done + 1):
        own = said.of_one.get(number)
        yield from local(own) if own else ()
        yield of_statement(statement)
        yield from _back(own, usual) if own else ()
    if any(effects.may_be_changed_by(statement) for statement in statements):
        yield reset()


def local(limits: Limits) -> Iterator[Piece]:
    """Settings that hold until the end of the transaction."""
    for name, value in limits.settings():
        yield Piece(f"SET LOCAL {name} = {value}")


def _back(own: Limits, usual: Limits) -> Iterator[Piece]:
    """The settings behind a statement with its own: as they were before it."""
    before = dict(usual.settings())
    for name, _ in own.settings():
        yield Piece(f"SET LOCAL {name} = {before[name]}" if name in before else f"SET LOCAL {name} TO DEFAULT")


def _problem(plan: Plan, index: int, outcome: Outcome) -> Problem:
    problem = outcome.problem
    assert problem is not None
    if outcome.is_committed is None:
        return aftermath.unknown(problem, plan, index)
    if outcome.piece and outcome.piece.part is Part.RECORD and problem.sqlstate in _SOMEBODY_ELSE:
        return aftermath.somebody_else(plan, index)
    return aftermath.rolled_back(problem, plan, index, lost=outcome.reply.lost)
