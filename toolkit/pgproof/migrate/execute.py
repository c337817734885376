"""Carrying out a plan, told as events: each step in one transaction with its row of the history, or one by one.

Each file finds the session as it was after connecting (`reset_session.sql`). Whatever role a file took on, the
history is written as the user who connected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

import psycopg

from pgproof.database import exchange, failure
from pgproof.errors import DatabaseError, Interrupted
from pgproof.migrate import aftermath, history, hook, hooked, transactional
from pgproof.migrate.event import Began, Ended, Event, Noticed
from pgproof.migrate.library import Library
from pgproof.migrate.limits import Limits
from pgproof.migrate.message import Message, Part, Piece, of_statement
from pgproof.migrate.plan import Direction, Plan, Step
from pgproof.migrate.session import Session
from pgproof.sql.name import quote

_NEEDS_HISTORY = "pgproof keeps its history in a schema of its own in the database, and has to create it."


def execute(session: Session, plan: Plan) -> Iterator[Event]:
    """Carry out `plan`.

    Raises DatabaseError at the first refusal: its place is in the author's file, and its context says what is
    committed, what is not, and what to type next. Raises Interrupted where the person or the system did.
    """
    if plan.steps and not plan.history.exists:
        _create(session.conn)
    for index in range(len(plan.steps)):
        try:
            if index == 0:
                yield from hooked.run(session, plan, index, hook.BEFORE_UPGRADE)
            yield from _step(session, plan, index)
        except KeyboardInterrupt as stop:  # between two messages
            raise Interrupted(aftermath.interrupted(plan, index), stop=stop) from None
        except DatabaseError as error:
            told = yield from hooked.on_error(session, plan, index, error)
            raise told from error.__cause__
    if plan.steps:
        yield from hooked.run(session, plan, len(plan.steps), hook.AFTER_UPGRADE, about=len(plan.steps) - 1)


def _step(session: Session, plan: Plan, index: int) -> Iterator[Event]:
    """One step; hooks around it that are not in its own transaction have one of their own."""
    step = plan.steps[index]
    section = step.section
    if section.transactional and not section.function:
        yield Began(step=step)
        yield from transactional.run(session, plan, index)
        return
    from pgproof.migrate import in_python, one_by_one

    yield from hooked.run(session, plan, index, hook.BEFORE_EACH)
    yield Began(step=step)
    yield from (in_python if section.function else one_by_one).run(session, plan, index)
    yield from hooked.run(session, plan, index + 1, hook.AFTER_EACH, about=index)


def build(conn: psycopg.Connection, library: Library) -> Iterator[Event]:
    """Run all upgrades of a library on a scratch database, without a history.

    Raises DatabaseError at the first refusal.
    """
    files = (*library.migrations, *library.repeatables)
    return rehearse(conn, [Step(migration=each, direction=Direction.UP) for each in files])


def rehearse(conn: psycopg.Connection, steps: Iterable[Step]) -> Iterator[Event]:
    """Run steps, up or down, on a scratch database, without a history.

    Raises DatabaseError at the first refusal, and before what would reach a publisher.
    """
    from pgproof.migrate import publisher

    said: list[tuple[str, str]] = []
    exchange.listen(conn, lambda severity, message: said.append((severity, message)))
    for step in steps:
        yield Began(step=step)
        publisher.leave_alone(conn, step)
        for work in _works(step):
            if isinstance(work, Message):
                _send(conn, work, step)
            else:
                work(conn)
            while said:
                severity, words = said.pop(0)
                yield Noticed(step=step, severity=severity, message=words)
        yield Ended(step=step, seconds=0.0)


def _works(step: Step) -> Iterator[Message | Callable[[psycopg.Connection], None]]:
    """What is to be sent or called, one after the other, to run a step without a history."""
    from pgproof.migrate import batch, batched, in_python

    section = step.section
    if section.function:
        yield lambda conn: in_python.build(conn, step)
        return
    if section.transactional:
        yield Message((Piece("BEGIN"), *transactional.body(section, 0, Limits()), transactional.COMMIT))
        return
    in_batches = batch.read(section)
    for number, statement in enumerate(section.statements, 1):
        if number in in_batches:
            yield partial(batched.build, statement=statement, batch=in_batches[number])
        else:
            yield Message((of_statement(statement),))
    yield Message((Piece("DISCARD ALL", Part.FRAME),))


def _send(conn: psycopg.Connection, message: Message, step: Step) -> None:
    reply = exchange.send(conn, message.text)
    if reply.is_well:
        return
    exchange.roll_back(conn)
    if reply.stop:
        raise reply.stop
    raise DatabaseError(message.refusal(reply, step.section.place).problem) from reply.error


def _create(conn: psycopg.Connection) -> None:
    """Create the history, or say who can. Raises DatabaseError."""
    try:
        with conn.transaction():
            conn.execute("SET LOCAL client_min_messages = warning")  # a lease may have made the schema
            history.create(conn)
    except psycopg.errors.InsufficientPrivilege as error:
        said = failure.problem(error)
        row = conn.execute("SELECT current_user").fetchone()
        user = quote(row[0]) if row else "..."
        hint = f"let an owner of the database run: CREATE SCHEMA pgproof AUTHORIZATION {user}"
        raise DatabaseError(replace(said, detail=_NEEDS_HISTORY, hint=hint)) from error
    except psycopg.Error as error:
        raise DatabaseError(failure.problem(error)) from error
