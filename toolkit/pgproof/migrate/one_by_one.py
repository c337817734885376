"""A step without a transaction: unit after unit, each journalled so that a crash leaves no question.

What can be undone commits together with its row of the journal. Of a statement that cannot run in a transaction
the intent is committed first and the outcome after (`alone`). Whether a statement is of that kind, the server
tells where the text does not: it is tried in a transaction, and if that is refused, nothing has happened.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace

from pgproof.database import exchange, failure
from pgproof.database.mutex import MutexLost
from pgproof.errors import DatabaseError, Interrupted, Problem
from pgproof.migrate import aftermath, alone, batch, batched, stand
from pgproof.migrate.commitment import Outcome, Request, commit
from pgproof.migrate.event import Ended, Event, Landed
from pgproof.migrate.message import Message, Part, Piece, of_statement
from pgproof.migrate.plan import Plan, Step
from pgproof.migrate.progress import Progress
from pgproof.migrate.session import Session
from pgproof.migrate.transactional import COMMIT, local
from pgproof.migrate.unit import Unit, units
from pgproof.sql import session as effects
from pgproof.sql import transaction

_NEEDS_NO_TRANSACTION = frozenset({"25001", "2D000"})
"""Active SQL transaction, and invalid transaction termination (a procedure that commits)."""


def run(session: Session, plan: Plan, index: int) -> Iterator[Event]:
    """Carry out step `index` of the plan behind what has landed of it. Raises DatabaseError and Interrupted."""
    began = session.terms.pace.monotonic()
    progress = Progress(plan, index, session.terms)
    step = progress.step
    try:
        yield from _units(session, progress)
    except MutexLost as error:
        raise MutexLost(progress.stopped(error.problems[0])) from error
    except KeyboardInterrupt as stop:  # between two messages
        raise Interrupted(progress.interrupted(), stop=stop) from None
    stopped = _clean(session, progress)
    yield Ended(step=step, seconds=session.terms.pace.monotonic() - began)
    if stopped:
        raise Interrupted(aftermath.interrupted(plan, index + 1), stop=stopped)


def _units(session: Session, progress: Progress) -> Iterator[Event]:
    step = progress.step
    _refuse_strays(session, step)
    stand.take(session)
    if step.resumes:
        _say_settings_again(session, step)
        yield from alone.settle(session, progress)
    in_batches = batch.read(step.section)
    for unit in units(step.section, progress.done):
        if unit.first in in_batches:
            how = in_batches[unit.first]
            yield from batched.run(session, progress, unit.first, unit.statements[0], how)
        else:
            yield from _land(session, progress, unit)
        for number, statement in enumerate(unit.statements, unit.first):
            yield Landed(step=step, statement=statement, number=number)
    if not progress.has_ended:  # no statement, or the last has landed before
        yield from progress.record(session, progress.ends())


def _refuse_strays(session: Session, step: Step) -> None:
    """Raise DatabaseError for what would stay behind in a session that a pooler lends to others."""
    strays = [statement for statement in step.section.statements if effects.outlives_transaction(statement)]
    if strays and session.is_pooled:
        *others, last = [
            Problem(
                message="behind this pooler a statement would leave its effect in a session of somebody else",
                place=stray.place,
            )
            for stray in strays
        ]
        why = replace(
            last,
            detail="It gives each transaction another session of the server. Nothing of the file was run now.",
            hint="say SET LOCAL between BEGIN and COMMIT, or connect to the server itself",
        )
        raise DatabaseError(*others, why)


def _clean(session: Session, progress: Progress) -> KeyboardInterrupt | None:
    """Make the session as it was after connecting, if the file can have changed it; the interruption meanwhile."""
    terms, statements = session.terms, progress.step.section.statements
    stands = bool(terms.schema or terms.role)
    if not stands and not any(effects.may_be_changed_by(statement) for statement in statements):
        return None
    session.keep("")
    reply = exchange.send(session.conn, "DISCARD ALL")
    if reply.lost:
        session.reconnect()  # which is as clean; if it fails, the next message says so
    return reply.stop


def _land(session: Session, progress: Progress, unit: Unit) -> Generator[Event, None, None]:
    """One unit, wholly or not at all if that can be."""
    if unit.is_block:
        yield from _block(session, progress, unit)
        return
    statement = unit.statements[0]
    if transaction.why_no_transaction(statement) is None:
        begin = Piece(f"{session.tag(progress.step, unit.first)}BEGIN")
        claim = progress.begins() if progress.is_fresh else ()  # first, so that of two the second waits
        records = progress.lands(unit.first, unit.statements, begins=not claim)
        settings = local(progress.limits(unit.first))
        stands = (*stand.role(session.terms), *settings)
        pieces = (begin, *session.fence, *claim, *stands, of_statement(statement), *records, COMMIT)
        if (yield from _commit(session, progress, unit, Message(pieces))):
            return
    yield from alone.run(session, progress, unit.first, statement)


def _block(session: Session, progress: Progress, unit: Unit) -> Generator[Event, None, None]:
    """A transaction of the author's; the journal is written before its COMMIT, or else behind its end."""
    first, *between, last = unit.statements
    records = tuple(progress.lands(unit.first, unit.statements))
    begin = of_statement(first, session.tag(progress.step, unit.first))
    pieces = (begin, *session.fence, *stand.role(session.terms), *map(of_statement, between))
    end = Piece(last.text, Part.COMMIT, last)
    if transaction.commits(last):
        yield from _commit(session, progress, unit, Message((*pieces, *records, end)))
    else:  # ROLLBACK leaves nothing; PREPARE TRANSACTION must not take the journal with it
        yield from _commit(session, progress, unit, Message((*pieces, end)))
        yield from progress.record(session, records)


def _commit(session: Session, progress: Progress, unit: Unit, message: Message) -> Generator[Event, None, bool]:
    """Send a unit that ends with COMMIT; False if the server wants its statement outside of transactions."""
    session.tell(progress.step, unit.first)
    request = Request(
        message=message,
        tag=session.tag(progress.step, unit.first),
        place=unit.statements[0].place,
        is_there=lambda: progress.has_landed(session, unit.last),
        number=unit.first if unit.first == unit.last else None,
    )
    outcome = yield from commit(session, progress.step, request)
    if outcome.is_committed:
        progress.landed(unit.last, message)
    if outcome.stop:
        raise Interrupted(progress.interrupted(), stop=outcome.stop)
    if not outcome.is_committed:
        if not unit.is_block and outcome.problem and outcome.problem.sqlstate in _NEEDS_NO_TRANSACTION:
            return False
        yield from _fail(session, progress, outcome)
    return True


def _fail(session: Session, progress: Progress, outcome: Outcome) -> Generator[Event, None, None]:
    problem = outcome.problem
    assert problem is not None
    if outcome.is_committed is None:
        raise DatabaseError(progress.unknown(problem))
    if outcome.piece and outcome.piece.part is Part.RECORD:
        raise DatabaseError(progress.refused(problem))
    yield from progress.note_failure(session, problem)
    raise DatabaseError(progress.stopped(problem))


def _say_settings_again(session: Session, step: Step) -> None:
    """What the file had SET before it stopped holds for its rest too. Raises DatabaseError."""
    with failure.told():
        for statement in step.section.statements[: step.done]:
            if effects.is_setting(statement):
                session.conn.execute(statement.text.encode())
