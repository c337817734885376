"""A step in Python: its function called in a transaction that is ours, and the row of the history behind it.

The function may do with the connection what it likes, but for ending the transaction; it may open savepoints
(`with conn.transaction():`). Settings, temporary tables and the like are undone behind it. If a lock was in the
way, all of it is undone and done again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from traceback import walk_tb
from types import CodeType

from pgproof.database import exchange, failure
from pgproof.database.connection import Connection
from pgproof.errors import DatabaseError, Interrupted, Problem
from pgproof.migrate import aftermath, history, stand
from pgproof.migrate.clean import reset
from pgproof.migrate.commitment import WORTH_ANOTHER, Request, commit
from pgproof.migrate.event import Ended, Event, Retried
from pgproof.migrate.limits import Limits
from pgproof.migrate.message import Message, Part, Piece
from pgproof.migrate.migration import Migration, Section
from pgproof.migrate.plan import Plan, Step
from pgproof.migrate.session import Session
from pgproof.migrate.transactional import COMMIT
from pgproof.place import Place

_FIRST_DELAY, _LONGEST_DELAY = 0.5, 15.0
_MARK = "pgproof.program"
_IS_OURS = "SELECT 1 / (pg_catalog.current_setting('pgproof.program', true) = 'runs')::integer"
"""Fails with a division by zero where the transaction is not the one that we began."""
_DIVISION_BY_ZERO = "22012"


def run(session: Session, plan: Plan, index: int) -> Iterator[Event]:
    """Carry out step `index` of the plan; it is there wholly, with its row in the history, or not at all.

    Raises DatabaseError and Interrupted.
    """
    step, terms = plan.steps[index], session.terms
    session.tell(step)
    begin = terms.pace.monotonic()
    problem = yield from _called(session, plan, index)
    yield from session.notices(step)
    if problem is not None:
        raise DatabaseError(aftermath.rolled_back(problem, plan, index, lost=session.conn.closed))
    record = Piece(history.ran(step, terms), Part.RECORD, count=2 if step.resumes else 1)
    message = Message((Piece(_IS_OURS), reset(), record, COMMIT))
    request = Request(
        message=message,
        tag=session.tag(step),
        place=step.section.place,
        is_there=lambda: history.is_committed(session.conn, step, str(terms.run)),
    )
    outcome = yield from commit(session, step, request, retries=0)
    if outcome.is_committed:
        yield Ended(step=step, seconds=terms.pace.monotonic() - begin)
    if outcome.stop:
        raise Interrupted(aftermath.interrupted(plan, index + bool(outcome.is_committed)), stop=outcome.stop)
    if not outcome.is_committed:
        assert outcome.problem is not None
        if outcome.is_committed is None:
            raise DatabaseError(aftermath.unknown(outcome.problem, plan, index))
        but = "what it committed by itself" if outcome.problem.sqlstate == _DIVISION_BY_ZERO else ""
        raise DatabaseError(aftermath.rolled_back(_told(outcome.problem, step), plan, index, but=but))


def build(conn: Connection, step: Step) -> None:
    """Run the step on a scratch database, without a history. Raises DatabaseError."""
    _begin(conn, "", Limits())
    try:
        _call(conn, step)
    except _FailedError as error:
        exchange.roll_back(conn)
        raise DatabaseError(error.problem) from error
    message = Message((Piece(_IS_OURS), reset(), COMMIT))
    reply = exchange.send(conn, message.text)
    if reply.error:
        exchange.roll_back(conn)
        raise DatabaseError(_told(message.refusal(reply, step.section.place).problem, step)) from reply.error


class _FailedError(Exception):
    """What the function raised, in our words."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def _called(session: Session, plan: Plan, index: int) -> Generator[Event, None, Problem | None]:
    """Call the function in a transaction that stays open, again if a lock was in the way; what stopped it."""
    step, pace = plan.steps[index], session.terms.pace
    delays = pace.delays(_FIRST_DELAY, _LONGEST_DELAY)
    left = session.terms.lock_retries
    stands = "".join(f"{piece.text};" for piece in (*session.fence, *stand.local(session.terms)))
    while True:
        try:
            _begin(session.conn, session.tag(step), session.terms.limits, stands)
            _call(session.conn, step)
        except _FailedError as error:
            problem = error.problem
        except DatabaseError as error:  # it was not called
            problem = replace(error.problems[0], place=step.section.place)
        except KeyboardInterrupt as stop:
            session.conn.cancel_safe()
            exchange.roll_back(session.conn)
            raise Interrupted(aftermath.interrupted(plan, index), stop=stop) from None
        else:
            return None
        exchange.roll_back(session.conn)
        if not left or problem.sqlstate not in WORTH_ANOTHER or session.conn.closed:
            return problem
        delay = next(delays)
        yield Retried(step=step, problem=problem, delay=delay, left=left)
        session.pause(delay)
        left -= 1


def _begin(conn: Connection, tag: str, limits: Limits, stands: str = "") -> None:
    settings = stands + "".join(f"SET LOCAL {name} = {value};" for name, value in limits.settings())
    with failure.told():
        conn.execute(f"{tag}BEGIN; SET LOCAL {_MARK} = 'runs'; {settings}".encode())


def _call(conn: Connection, step: Step) -> None:
    """Read the file and call the function. Raises _FailedError with whatever stops it."""
    migration, section = step.migration, step.section
    code = compile(migration.source.text, migration.path, "exec")
    try:
        with failure.told():
            _function(code, migration, section)(conn)
    except DatabaseError as error:
        raise _FailedError(_placed(error.problems[0], error.__cause__ or error, step)) from error
    except (Exception, SystemExit) as error:  # somebody else's program may raise anything
        problem = Problem(message=f"{type(error).__name__}: {error}".rstrip(": "))
        raise _FailedError(_placed(problem, error, step)) from error


def _function(code: CodeType, migration: Migration, section: Section) -> Callable[[Connection], object]:
    names: dict[str, object] = {"__name__": f"pgproof_migration_{migration.version}", "__file__": migration.path}
    exec(code, names)  # noqa: S102  (the file is the team's own, as the SQL beside it)
    function = names[section.function]
    assert callable(function)
    return function


def _placed(problem: Problem, error: BaseException, step: Step) -> Problem:
    """The problem at the innermost line of the file that led to it."""
    lines = [
        number for frame, number in walk_tb(error.__traceback__) if frame.f_code.co_filename == step.migration.path
    ]
    if not lines:
        return replace(problem, place=step.section.place)
    text = step.migration.source.line(lines[-1])
    blank = len(text) - len(text.lstrip())
    place = Place(
        path=step.migration.path, line=lines[-1], column=blank + 1, width=max(1, len(text.strip())), text=text
    )
    return replace(problem, place=place)


def _told(problem: Problem, step: Step) -> Problem:
    if problem.sqlstate != _DIVISION_BY_ZERO:
        return problem
    return Problem(
        message=f"the function {step.section.function} has ended the transaction",
        place=step.section.place,
        detail="It runs in a transaction of pgproof's, which commits together with the row of the history. What "
        "it committed by itself stays, and is not recorded.",
        hint="undo by hand what is there; leave out commit() and rollback(); savepoints are allowed: with "
        "conn.transaction():",
    )
