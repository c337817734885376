"""Running hooks: as a part of the transaction of a migration, or in one of their own.

In the transaction of a migration they run exactly once, as it does. In one of their own nothing records that they
ran: where a run is cut off, the next one runs those before something again, and those after it not any more.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace

from pgproof.database.exclusion import MutexLost
from pgproof.errors import DatabaseError, Interrupted
from pgproof.migrate import aftermath, hook, stand
from pgproof.migrate.clean import reset
from pgproof.migrate.commitment import Outcome, Request, commit
from pgproof.migrate.event import Event, Hooked
from pgproof.migrate.hook import Hook
from pgproof.migrate.message import Message, Part, Piece, of_statement
from pgproof.migrate.plan import Direction, Plan, Step
from pgproof.migrate.session import Session
from pgproof.migrate.terms import Terms
from pgproof.sql import session as effects
from pgproof.sql.literal import literal

_COMMIT = Piece("COMMIT", Part.COMMIT)


def pieces(plan: Plan, step: Step, name: str, terms: Terms) -> Iterator[Piece]:
    """The hook of that name as a part of the transaction of a step; nothing if there is none."""
    if plan.direction is Direction.DOWN:
        return
    yield from parts(plan.hooks, step, name, terms)


def parts(hooks: tuple[Hook, ...], step: Step, name: str, terms: Terms) -> Iterator[Piece]:
    """The hook of that name for an upgrade's step, as a part of some transaction; nothing if there is none."""
    for each in hook.find(hooks, name):
        yield from settings(step, terms)
        yield from map(of_statement, each.section.statements)
        if any(effects.may_be_changed_by(statement) for statement in each.section.statements):
            yield reset()


def run(
    session: Session, plan: Plan, index: int, name: str, *, about: int | None = None, error: str = ""
) -> Generator[Event, None, None]:
    """Run the hook of that name, if there is one, in a transaction of its own before step `index` of the plan.

    It is told of step `about` (None: of `index`). Raises DatabaseError and Interrupted.
    """
    if plan.direction is Direction.DOWN:
        return
    for each in hook.find(plan.hooks, name):
        yield Hooked(name=name)
        step = plan.steps[index if about is None else about]
        outcome = yield from _run(session, plan, index, each, step, error)
        if outcome.problem is not None:
            raise DatabaseError(aftermath.of_hook(outcome.problem, plan, index, lost=outcome.reply.lost))


def on_error(
    session: Session, plan: Plan, index: int, error: DatabaseError
) -> Generator[Event, None, DatabaseError]:
    """Run the hook for errors, if there is one; the error, with what became of the hook if that failed too."""
    if session.conn.closed or isinstance(error, MutexLost):  # somebody else may be at work now
        return error
    try:
        for event in run(session, plan, index, hook.ON_ERROR, error=error.problems[0].message):
            if not isinstance(event, Hooked):
                yield event
    except DatabaseError as other:
        first, *rest = error.problems
        told = f"HOOK: {hook.ON_ERROR} failed as well: {other.problems[0].message}"
        return DatabaseError(replace(first, context=(*first.context, told)), *rest)
    return error


def _run(
    session: Session, plan: Plan, index: int, each: Hook, step: Step, error: str
) -> Generator[Event, None, Outcome]:
    try:
        session.tell(step)
    except MutexLost as lost:
        raise MutexLost(aftermath.not_begun(lost.problems[0], plan, index)) from lost
    statements = [of_statement(statement) for statement in each.section.statements]
    tag = session.tag(step)
    before = (*session.fence, *settings(step, session.terms, error))
    message = Message((Piece(f"{tag}BEGIN"), *before, *statements, reset(), _COMMIT))
    request = Request(message=message, tag=tag, place=each.section.place, is_there=lambda: False)
    outcome = yield from commit(session, step, request)
    if outcome.stop:
        raise Interrupted(aftermath.interrupted(plan, index), stop=outcome.stop)
    return outcome


def settings(step: Step, terms: Terms, error: str = "") -> Iterator[Piece]:
    """Where, as whom and how long a hook runs, and what it may ask for with current_setting."""
    yield from stand.local(terms)
    for name, value in terms.limits.settings():
        yield Piece(f"SET LOCAL {name} = {value}")
    yield Piece(f"SET LOCAL pgproof.migration = {literal(step.migration.label).strip()}")
    yield Piece(f"SET LOCAL pgproof.version = {literal(str(step.migration.version))}")
    if error:
        yield Piece(f"SET LOCAL pgproof.error = {literal(error).strip()}")
