"""What else is going on on the server: statements of dead runs, and what would get in the way of a plan."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.database import failure, preflight, watch
from pgproof.errors import DatabaseError, raise_all
from pgproof.migrate.event import Orphaned, Warned
from pgproof.migrate.plan import Plan
from pgproof.migrate.session import Session
from pgproof.migrate.terms import Orphans, Preflight
from pgproof.migrate.touched import tables

_LOOK = 0.3
_NEWS = 5.0


def wait_for_orphans(session: Session) -> Iterator[Orphaned]:
    """Wait until no statement of another run is going on, or cancel them, as the terms say. Raises DatabaseError.

    The lock is ours, so whoever sent them is not there to hear how they end; but they may land yet.
    """
    pace, told_at = session.terms.pace, None
    while True:
        with failure.told():
            found = watch.orphans(session.conn, str(session.terms.run))
        if not found:
            return
        if told_at is None or pace.monotonic() - told_at > _NEWS:
            told_at = pace.monotonic()
            for orphan in found:
                yield Orphaned(orphan=orphan, cancelled=session.terms.orphans is Orphans.CANCEL)
        if session.terms.orphans is Orphans.CANCEL:
            with failure.told():
                for orphan in found:
                    watch.end(session.conn, orphan)
        pace.sleep(_LOOK)


def warnings(session: Session, plan: Plan) -> Iterator[Warned]:
    """What is wrong on the server already and has to do with the plan. Raises DatabaseError if it may not be.

    Invalid indexes that the plan itself drops or builds again are not told.
    """
    if session.terms.preflight is Preflight.OFF or not plan.steps:
        return
    with failure.told():
        found = preflight.look(session.conn, lambda: tables(plan))
        if any(hazard.kind is preflight.Kind.INVALID_INDEX for hazard in found):
            from pgproof.migrate.mended import mended

            ours = mended(session.conn, plan)
            found = tuple(each for each in found if each.object not in ours)
    if session.terms.preflight is Preflight.STRICT:
        raise_all(DatabaseError, [hazard.problem for hazard in found])
    for hazard in found:
        yield Warned(problem=hazard.problem)
