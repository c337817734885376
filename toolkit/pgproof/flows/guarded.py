"""A plan carried out by one migrator at a time: nothing pending, no lock; else with it, by a plan made again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from pgproof.database import mutex
from pgproof.database.connection import Connection
from pgproof.database.conninfo import Conninfo
from pgproof.database.mutex import Mutex
from pgproof.database.watchdog import Watchdog
from pgproof.errors import Interrupted, Problem
from pgproof.migrate import stand, surroundings
from pgproof.migrate.event import Event, Planned, Queued, Warned
from pgproof.migrate.execute import execute
from pgproof.migrate.plan import Plan
from pgproof.migrate.session import Session
from pgproof.migrate.terms import Terms


def guarded(
    conninfo: Conninfo, conn: Connection, terms: Terms, plan: Callable[[Connection], Plan]
) -> Iterator[Event]:
    """Carry out what `plan` finds to do, on `conn`, which is idle; `plan` is asked again when the lock is ours.

    Whoever waits for the lock leaves when there is nothing to do any more. Raises InputError, DatabaseError and
    Interrupted.
    """
    found = plan(conn)
    if not found.steps:
        yield Planned(plan=found, database=conninfo.description)
        return
    stand.check_primary(conn)
    stand.check_role(conn, terms.role)
    stand.check_strings(conn, found.steps)
    search = mutex.seek(
        conninfo, conn, key=mutex.key_of(), holder=terms.holder, wait=terms.lock_wait, pace=terms.pace
    )
    with closing(search), _left_alone("run it again; it waits for the lock then"):
        while True:
            try:
                news = next(search)
            except StopIteration as end:
                lock: Mutex = end.value
                break
            yield Queued(seconds=news.waited, holder=str(news.held) if news.held else "")
            if not (found := plan(conn)).steps:
                yield Planned(plan=found, database=conninfo.description)
                return
    try:
        yield from _with_lock(conninfo, conn, terms, plan, lock)
    finally:
        lock.release()


def _with_lock(
    conninfo: Conninfo, conn: Connection, terms: Terms, plan: Callable[[Connection], Plan], lock: Mutex
) -> Iterator[Event]:
    with Watchdog(conninfo) as watchdog:
        session = Session(conn, conninfo, terms, mutex=lock, watchdog=watchdog)
        with closing(session):
            with _left_alone("run it again, or with --orphans cancel, which ends that statement"):
                yield from surroundings.wait_for_orphans(session)
            found = plan(conn)
            yield Planned(plan=found, database=conninfo.description)
            if lock.remark and found.steps:
                yield Warned(problem=lock.remark)
            yield from surroundings.warnings(session, found)
            yield from execute(session, found)


@contextmanager
def _left_alone(hint: str) -> Iterator[None]:
    """Whoever interrupts while we wait is told that nothing was run. Raises Interrupted."""
    try:
        yield
    except KeyboardInterrupt as stop:
        problem = Problem(message="interrupted while waiting", detail="Nothing was run.", hint=hint)
        raise Interrupted(problem, stop=stop) from None
