"""A statement that cannot run in a transaction: intent, statement, outcome; and what a run that was cut off left.

What another run has left is cleared away before: a statement of its that nobody hears the end of is looked for by
`recovery`, an index that no query uses is dropped.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from pgproof.database import exchange, failure, watch
from pgproof.database.exchange import Reply
from pgproof.errors import CannotTell, DatabaseError, Interrupted, Problem
from pgproof.migrate import journal, recovery
from pgproof.migrate.commitment import is_worth_another, with_locks
from pgproof.migrate.event import Event, Landed, Noticed, Retried
from pgproof.migrate.limits import Limits
from pgproof.migrate.message import Message, Part, Piece, of_statement
from pgproof.migrate.progress import AS_WHO_CONNECTED, Progress
from pgproof.migrate.recovery import Verdict
from pgproof.migrate.session import Session
from pgproof.migrate.terms import Unsure
from pgproof.sql.name import quote
from pgproof.sql.outside import Outside, outside
from pgproof.sql.statement import Statement

_FIRST_DELAY, _LONGEST_DELAY = 0.5, 15.0
_CANCELED = "57014"


def run(session: Session, progress: Progress, number: int, statement: Statement) -> Generator[Event, None, None]:
    """Send the statement until it has landed, or will not. Raises DatabaseError and Interrupted."""
    step, terms, about = progress.step, session.terms, outside(statement)
    delays = terms.pace.delays(_FIRST_DELAY, _LONGEST_DELAY)
    left, limits = terms.lock_retries, progress.limits(number)
    with failure.told():
        last = journal.last_attempt(session.conn, step) if step.resumes and number == step.done + 1 else None
    noted = last.before if last else None
    while True:
        yield from _clear(session, progress, number, about, noted)
        with failure.told():
            noted = recovery.before(session.conn, about)
            is_half = recovery.verdict(session.conn, about, noted) is Verdict.HALF
        session.tell(step, number)
        intent = Piece(journal.intent(step, terms, number, statement, noted), Part.RECORD)
        records = (AS_WHO_CONNECTED, *progress.begins(), intent)
        yield from _intend(session, progress, number, records, _limits(session, limits))
        tag = session.tag(step, number)
        text = tag + (recovery.ending(about) if is_half else statement.text)
        reply = yield from session.send(step, text, tag=tag, number=number, limits=_watched(session, limits))
        yield from session.notices(step)
        problem = yield from _outcome(session, progress, number, statement, about, noted, reply)
        if problem is None:
            return
        if not left or not is_worth_another(reply):
            raise DatabaseError(progress.stopped(problem, _left(session, about, noted)))
        delay = next(delays)
        yield Retried(step=step, problem=problem, delay=delay, left=left)
        session.pause(delay)
        left -= 1


def _intend(
    session: Session, progress: Progress, number: int, records: tuple[Piece, ...], settings: tuple[Piece, ...]
) -> Generator[Event, None, None]:
    """Enter that the statement is about to be sent; and that it was not, if somebody interrupts just then."""
    run = str(session.terms.run)
    try:
        yield from progress.record(
            session,
            records,
            behind=settings,
            is_there=lambda: journal.is_open(session.conn, progress.step, number, run),
            insists=False,
        )
    except Interrupted:
        yield from _note(session, progress, number, journal.CANCELLED, "not sent")
        raise


def settle(session: Session, progress: Progress) -> Generator[Event, None, None]:
    """Find out what became of the statement in which an earlier run was cut off, if it was.

    Raises DatabaseError, and CannotTell where only a person can see.
    """
    step = progress.step
    with failure.told():
        attempt = journal.last_attempt(session.conn, step)
    if attempt is None or attempt.outcome:
        return
    statement = step.section.statements[attempt.number - 1] if attempt.number <= progress.total else None
    if statement is None or journal.hash_of(statement) != attempt.hash:
        raise DatabaseError(progress.stopped(_changed(progress, attempt.number, statement)))
    about = outside(statement)
    with failure.told():
        session.silence(attempt.run)
    found = yield from _find_out(session, progress, attempt.number, statement, about, attempt.before)
    if found:
        yield Landed(step=step, statement=statement, number=attempt.number, remark="an earlier run had sent it")


def _outcome(
    session: Session,
    progress: Progress,
    number: int,
    statement: Statement,
    about: Outside,
    noted: str,
    reply: Reply,
) -> Generator[Event, None, Problem | None]:
    """Enter how the statement ended; the problem if it has not landed. Raises Interrupted."""
    step = progress.step
    if reply.lost and not reply.done:
        problem = yield from _after_loss(session, progress, number, statement, about, noted, reply)
        if reply.stop:
            raise Interrupted(progress.interrupted(), stop=reply.stop)
        return problem
    if reply.error is None or (reply.lost and reply.done):
        if reply.lost:  # it ended well, and then the connection did
            session.reconnect()  # if that fails, the next message says so
        how = (Piece(journal.outcome(step, number, journal.LANDED), Part.RECORD), *progress.comes_to(number))
        yield from progress.record(
            session,
            (AS_WHO_CONNECTED, *progress.begins(), *how),
            behind=_no_limits(session, progress.limits(number)),
            number=number,
            is_there=lambda: journal.has_outcome(session.conn, step, number, str(session.terms.run)),
        )
        if reply.stop:
            raise Interrupted(progress.interrupted(), stop=reply.stop)
        return None
    exchange.roll_back(session.conn)
    sent = of_statement(statement, session.tag(step, number))
    problem = with_locks(Message((sent,)).refusal(reply, statement.place).problem, reply)
    how_not = journal.CANCELLED if problem.sqlstate == _CANCELED else journal.FAILED
    yield from _note(session, progress, number, how_not, problem.message)
    if reply.stop:
        raise Interrupted(progress.interrupted(), stop=reply.stop)
    return problem


def _note(
    session: Session, progress: Progress, number: int, how: str, remark: str
) -> Generator[Event, None, None]:
    """Enter that a statement has not landed."""
    pieces = (
        AS_WHO_CONNECTED,
        *progress.begins(),
        Piece(journal.outcome(progress.step, number, how, remark), Part.RECORD),
        *progress.stops_at(remark),
    )
    yield from progress.record(session, pieces, behind=_no_limits(session, progress.limits(number)))


def _after_loss(
    session: Session,
    progress: Progress,
    number: int,
    statement: Statement,
    about: Outside,
    noted: str,
    reply: Reply,
) -> Generator[Event, None, Problem | None]:
    """The connection is gone: look what became of the statement. The problem if it has not landed."""
    step = progress.step
    said = failure.problem(reply.error) if reply.error else Problem(message="the connection was closed")
    said = Problem(message=said.message, detail=said.detail, sqlstate=said.sqlstate, place=statement.place)
    yield Noticed(step=step, severity="PGPROOF", message=f"{said.message}: {session.ASKING}")
    if session.reconnect() is not None:
        raise DatabaseError(progress.unknown(said))
    with failure.told():
        session.silence(str(session.terms.run), cancels=reply.stop is not None)
    found = yield from _find_out(session, progress, number, statement, about, noted)
    return None if found else said


def _find_out(
    session: Session, progress: Progress, number: int, statement: Statement, about: Outside, noted: str
) -> Generator[Event, None, bool]:
    """Look whether the statement has landed, and enter it. Raises CannotTell."""
    with failure.told():
        seen = recovery.verdict(session.conn, about, noted)
        if seen is Verdict.HALF:
            session.conn.execute(recovery.ending(about).encode())
            seen = Verdict.LANDED
    if seen is Verdict.UNSEEN:
        if session.terms.unsure is Unsure.ASK:
            raise CannotTell(progress.unknown(_unseen(progress, number, statement)))
        seen = Verdict.LANDED if session.terms.unsure is Unsure.LANDED else Verdict.NOT_LANDED
    if seen is Verdict.NOT_LANDED:
        yield from _note(session, progress, number, journal.FAILED, "cut off, and had not landed")
        return False
    remark = "cut off, and had landed"
    how = Piece(journal.outcome(progress.step, number, journal.LANDED, remark), Part.RECORD)
    yield from progress.record(
        session, (AS_WHO_CONNECTED, *progress.begins(), how, *progress.comes_to(number)), number=number
    )
    return True


def _clear(
    session: Session, progress: Progress, number: int, about: Outside, noted: str | None
) -> Generator[Event, None, None]:
    """Drop indexes that no query uses and that are in the way. Raises DatabaseError and Interrupted."""
    step, limits = progress.step, progress.limits(number)
    with failure.told():
        found = recovery.leftovers(session.conn, about, noted)
    for index in found:
        if index.builder is not None:
            raise DatabaseError(progress.stopped(_being_built(index)))
        tag = session.tag(step, number)
        _set(session, _limits(session, limits))
        drop = f"{tag}DROP INDEX CONCURRENTLY IF EXISTS {index.qualified}"
        reply = yield from session.send(step, drop, tag=tag, limits=_watched(session, limits))
        if reply.stop:
            raise Interrupted(progress.interrupted(), stop=reply.stop)
        if reply.error:
            problem = with_locks(replace(failure.problem(reply.error), place=step.section.place), reply)
            raise DatabaseError(
                progress.stopped(problem, f"LEFT: invalid index {index.qualified}")
            ) from reply.error
        _set(session, _no_limits(session, limits))
        message = f"dropped the index {index.qualified}, which an earlier attempt had left invalid"
        yield Noticed(step=step, severity="PGPROOF", message=message)


def _set(session: Session, pieces: tuple[Piece, ...]) -> None:
    reply = exchange.send(session.conn, Message(pieces).text) if pieces else None
    if reply and reply.stop:
        raise reply.stop


def _left(session: Session, about: Outside, noted: str) -> str:
    """What a failed statement leaves behind, in words."""
    if session.conn.closed:
        return ""
    with failure.told():
        found = recovery.leftovers(session.conn, about, noted)
    names = ", ".join(index.qualified for index in found)
    return f"LEFT: invalid index {names}, which the next run drops" if names else ""


def _limits(session: Session, limits: Limits) -> tuple[Piece, ...]:
    """Settings for a statement without a transaction; not behind a pooler: they would be somebody else's."""
    if session.is_pooled:
        return ()
    settings = [f"SET {name} = {value}" for name, value in limits.settings()]
    role = session.terms.role
    return tuple(Piece(text) for text in (*settings, *([f"SET role = {quote(role)}"] if role else ())))


def _no_limits(session: Session, limits: Limits) -> tuple[Piece, ...]:
    if session.is_pooled:
        return ()
    settings = [f"SET {name} TO DEFAULT" for name, _ in limits.settings()]
    return tuple(Piece(text) for text in (*settings, *(["RESET ROLE"] if session.terms.role else ())))


def _watched(session: Session, limits: Limits) -> watch.Limits:
    """What the watchdog has to see to: behind a pooler all of it."""
    if not session.is_pooled:
        return watch.Limits(victims=session.terms.victims)
    lock, statement = limits.lock_timeout, limits.statement_timeout
    return watch.Limits(
        victims=session.terms.victims,
        lock_wait=lock / 1000 if lock else None,
        statement=statement / 1000 if statement else None,
    )


def _changed(progress: Progress, number: int, statement: Statement | None) -> Problem:
    return Problem(
        message=f"statement {number} was edited while nobody knows whether it has landed",
        place=statement.place if statement else progress.step.section.place,
        detail="A run was cut off while it was being run as it was before.",
        hint="put it back as it was, run again, and then make the change in a new migration",
    )


def _unseen(progress: Progress, number: int, statement: Statement) -> Problem:
    return Problem(
        message=f"nobody can tell whether statement {number} of {progress.total} has landed",
        place=statement.place,
        detail="A run was cut off while the statement was being run. It commits by itself, and nothing on the "
        "server shows whether it came to its end.",
        hint="look, and say which: --unsure again (run it again) or --unsure landed (go on behind it)",
    )


def _being_built(index: recovery.Index) -> Problem:
    return Problem(
        message=f"the index {index.qualified} is being built by somebody else",
        detail=f"Backend {index.builder} is at it just now.",
        hint="run again when it has ended",
    )
