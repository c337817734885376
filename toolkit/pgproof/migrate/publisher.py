"""On a scratch server nothing is sent to a publisher: a slot there may be production's.

CREATE SUBSCRIPTION makes one, and DROP SUBSCRIPTION drops the one of that name (section "Subscription" of the
manual; subscriptioncmds.c). Neither is run, nor is a worker let loose that would take what the slot has.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from pgproof.database import failure
from pgproof.database.connection import Connection
from pgproof.errors import DatabaseError, Problem
from pgproof.migrate.plan import Step
from pgproof.sql.statement import Statement
from pgproof.sql.subscription import Reach, Subscribed, subscribed

_ADVICE = {
    Reach.ALWAYS: "say WITH (connect = false), or (refresh = false), and do the rest when it is deployed",
    Reach.BY_WORKER: "enable it when it is deployed; or use a scratch server of pgproof's own",
    Reach.WITH_SLOT: "before it, say ALTER SUBSCRIPTION ... SET (slot_name = NONE), and drop the slot by hand",
}
_WHY = {
    Reach.ALWAYS: "It would make or use a replication slot there, from a database that is to be thrown away.",
    Reach.BY_WORKER: "This server has workers, which would read what is meant for another subscriber.",
    Reach.WITH_SLOT: "It has a replication slot there, which may be that of production.",
}


def leave_alone(conn: Connection, step: Step) -> None:
    """Refuse a step that would reach a publisher. Raises DatabaseError, with the place of the statement."""
    found = list(_subscribed(step))
    if not found:
        return
    with failure.told():
        text = files("pgproof.migrate").joinpath("subscriptions.sql").read_bytes()
        ((workers, slots),) = conn.execute(text).fetchall()
    has_slot: dict[str, bool] = dict(slots)
    problems = []
    for statement, said in found:
        reaches = {
            Reach.ALWAYS: True,
            Reach.BY_WORKER: workers,
            Reach.WITH_SLOT: has_slot.get(said.name, False),
            Reach.NEVER: False,
        }
        if reaches[said.reach]:
            problems.append(_problem(statement, said))
        if said.has_slot is not None:
            has_slot[said.name] = said.has_slot
    if problems:
        raise DatabaseError(*problems)


def _subscribed(step: Step) -> Iterator[tuple[Statement, Subscribed]]:
    for statement in step.section.statements:
        if said := subscribed(statement):
            yield statement, said


def _problem(statement: Statement, said: Subscribed) -> Problem:
    return Problem(
        message=f"{said.words} would reach the publisher from a scratch server",
        detail=_WHY[said.reach],
        hint=_ADVICE[said.reach],
        place=statement.place,
    )
