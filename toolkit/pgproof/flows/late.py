"""`upgrade --allow-late`: a migration below an applied one may run if its place in the order makes no difference.

On a scratch server the files are run in the order in which this database would have run them, and in the order of
their versions, as an empty database does. Only if both end in the same catalog and rows, the late ones are run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pgproof.database.connection import Connection
from pgproof.database.scratch import ScratchOptions, open_scratch
from pgproof.database.version import ServerVersion
from pgproof.errors import InputError, Problem
from pgproof.flows.proof import of_migrations, unlike
from pgproof.flows.stage import now
from pgproof.migrate.baseline import story
from pgproof.migrate.event import Proved
from pgproof.migrate.library import Library
from pgproof.migrate.migration import Migration
from pgproof.migrate.plan import Plan

_MOST = 10


@dataclass(slots=True)
class Latecomers:
    """Proves plans with late migrations, each order once. `server` is where the last proof was made."""

    scratch: ScratchOptions
    server: str = ""
    _proved: set[tuple[int, ...]] = field(default_factory=set)

    def check(self, conn: Connection, library: Library, plan: Plan) -> None:
        """Return quietly if the plan may be carried out; `conn` is to the target, `library` as it sees it.

        Raises InputError where the order makes a difference, DatabaseError where a file does not run or there is
        no scratch server.
        """
        late = _late(plan)
        steps = {step.migration.version for step in plan.steps}  # what is half-run stands in the history already
        ran = [each for each in story(library, plan.history) if each.version not in steps]
        order = [*ran, *(step.migration for step in plan.steps)]
        versions = tuple(each.version for each in order)
        if late and versions not in self._proved:
            self._prove(conn, order, late)
            self._proved.add(versions)

    def proved(self, plan: Plan) -> Iterator[Proved]:
        """What is to be told of the late migrations of a plan that was checked."""
        if late := _late(plan):
            yield Proved(names=tuple(each.label for each in late), server=self.server)

    def _prove(self, conn: Connection, order: list[Migration], late: tuple[Migration, ...]) -> None:
        major = ServerVersion(conn.info.server_version).major
        wanted = self.scratch if self.scratch.postgres else replace(self.scratch, postgres=major)
        by_version = sorted(order, key=lambda each: each.version)
        now("starting a server")
        with open_scratch(wanted) as server:
            found = unlike(
                server,
                of_migrations("in the order of the versions", by_version),
                of_migrations("if it runs now", order),
            )
            self.server = f"PostgreSQL {server.version}"
        if found:
            raise InputError(_problem(late, found))


def _late(plan: Plan) -> tuple[Migration, ...]:
    return tuple(step.migration for step in plan.steps if step.migration.version < plan.current)


def _problem(late: tuple[Migration, ...], found: tuple[str, ...]) -> Problem:
    more = (f"... and {len(found) - _MOST} more",) if len(found) > _MOST else ()
    names = ", ".join(each.name for each in late)
    return Problem(
        message=f"{names} would not do the same now as in the order of the versions",
        place=late[0].up.place,
        detail="Tried on a scratch server, the two orders end differently.",
        hint="give it a number above all that is applied",
        context=tuple(f"  {line}" for line in (*found[:_MOST], *more)),
    )
