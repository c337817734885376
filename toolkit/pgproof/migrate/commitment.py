"""A message that commits wholly or not at all, sent until it is known which: retries, losses, interruptions."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

from pgproof.database import exchange, failure, watch
from pgproof.database.exchange import Reply
from pgproof.errors import Problem
from pgproof.migrate.event import Event, Noticed, Retried
from pgproof.migrate.message import Message, Part, Piece
from pgproof.migrate.plan import Step
from pgproof.migrate.session import Session
from pgproof.place import Place

_LOCK_NOT_AVAILABLE, _DEADLOCK, _SERIALIZATION = "55P03", "40P01", "40001"
_CANCELED = "57014"
WORTH_ANOTHER = frozenset({_LOCK_NOT_AVAILABLE, _DEADLOCK, _SERIALIZATION})
"""SQLSTATEs of attempts that may succeed the next time."""
_FIRST_DELAY, _LONGEST_DELAY = 0.5, 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How it ended. `is_committed` is None where that could not be found out, for the reason in `problem`.

    `piece` is what the server refused, if it said; `reply` is what it said last.
    """

    is_committed: bool | None
    reply: Reply
    problem: Problem | None = None
    piece: Piece | None = None

    @property
    def stop(self) -> KeyboardInterrupt | None:
        """The interruption, if there was one."""
        return self.reply.stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be committed: the message, its tag, the place to blame where no statement is, and the question
    that is asked of the server when the connection was lost: is it there? `number` is that of the one statement
    of the author's in it.
    """

    message: Message
    tag: str
    place: Place
    is_there: Callable[[], bool]
    number: int | None = None


def commit(
    session: Session, step: Step, request: Request, *, retries: int | None = None
) -> Generator[Event, None, Outcome]:
    """Send the request, again if a lock was in the way; its value is what came of it.

    At most `retries` times again; None: as often as the terms say.
    """
    pace = session.terms.pace
    delays = pace.delays(_FIRST_DELAY, _LONGEST_DELAY)
    left = session.terms.lock_retries if retries is None else retries
    while True:
        reply = yield from session.send(step, request.message.text, tag=request.tag, number=request.number)
        yield from session.notices(step)
        outcome = yield from _outcome(session, step, request, reply)
        if outcome.problem is None or not left or not is_worth_another(reply):
            return outcome
        delay = next(delays)
        yield Retried(step=step, problem=outcome.problem, delay=delay, left=left)
        session.pause(delay)
        left -= 1


def is_worth_another(reply: Reply) -> bool:
    """True if a lock was in the way, which may be free the next time."""
    if reply.error is None or reply.lost or reply.stop:
        return False
    state = reply.error.sqlstate
    return state in WORTH_ANOTHER or (state == _CANCELED and bool(reply.watch and reply.watch.reason))


def with_locks(problem: Problem, reply: Reply) -> Problem:
    """The problem with what was seen of locks meanwhile, where they have to do with it."""
    seen = reply.watch
    if seen is None or (seen.blockage is None and seen.reason is None):
        return problem
    if problem.sqlstate == _CANCELED and seen.reason:
        problem = replace(problem, message=_reasons(seen.reason, seen.limits))
    lines = str(seen.blockage).splitlines() if seen.blockage else []
    told = tuple(f"LOCKS: {line}" if number == 0 else f"  {line}" for number, line in enumerate(lines))
    return replace(problem, context=(*problem.context, *told))


def _reasons(reason: watch.Reason, limits: watch.Limits) -> str:
    if reason is watch.Reason.VICTIMS:
        return f"given up, because {limits.victims} or more sessions waited behind it"
    if reason is watch.Reason.LOCK_WAIT:
        return f"given up, because it waited for a lock for more than {limits.lock_wait:g} s"
    return f"given up, because it ran for more than {limits.statement:g} s"


def _outcome(session: Session, step: Step, request: Request, reply: Reply) -> Generator[Event, None, Outcome]:
    message = request.message
    if message.has_done(reply, Part.COMMIT):
        if reply.lost:
            session.reconnect()  # if that fails, the next message says so
        return Outcome(is_committed=True, reply=reply)
    if reply.lost and (reply.error is None or not reply.error.sqlstate):
        return (yield from _after_loss(session, step, request, reply))
    exchange.roll_back(session.conn)
    if reply.error is None:
        return Outcome(is_committed=False, reply=reply)
    refusal = message.refusal(reply, request.place)
    problem = refusal.problem
    if refusal.piece is None or refusal.piece.part is Part.COMMIT:  # deferred constraints and triggers
        problem = replace(problem, place=request.place, message=f"at COMMIT: {problem.message}")
    return Outcome(is_committed=False, reply=reply, problem=with_locks(problem, reply), piece=refusal.piece)


def _after_loss(session: Session, step: Step, request: Request, reply: Reply) -> Generator[Event, None, Outcome]:
    """The connection broke before the server had answered: look what became of the message."""
    said = failure.problem(reply.error) if reply.error else Problem(message="the connection was closed")
    lost = replace(said, place=request.place)
    yield Noticed(step=step, severity="PGPROOF", message=f"{said.message}: {session.ASKING}")
    if (problem := session.reconnect()) is not None:
        more = f"{problem.message}. {problem.detail}".strip()
        return Outcome(is_committed=None, reply=reply, problem=replace(lost, detail=more, hint=problem.hint))
    with failure.told():
        session.silence(str(session.terms.run), cancels=reply.stop is not None)
        found = request.is_there()
    return Outcome(is_committed=found, reply=reply, problem=None if found else lost)
