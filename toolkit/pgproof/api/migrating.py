"""The commands as functions, for programs that migrate their own database: `pgproof.upgrade(url)`.

Nothing is kept between calls, so that threads may call at the same time; on one database they take turns. A
connection says where: pgproof opens its own, and neither uses the caller's session nor changes it.
"""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

from pgproof import __version__
from pgproof.api.given import Database, Migrations, cache, choice, conninfo, own_files, servers
from pgproof.database.holder import Holder
from pgproof.database.pace import Pace
from pgproof.errors import InputError, Problem
from pgproof.migrate.event import Ended, Event, Planned
from pgproof.migrate.limits import Limits, milliseconds
from pgproof.migrate.terms import Orphans, Preflight, Terms, Unsure

if TYPE_CHECKING:
    from pgproof.database.scratch import ScratchOptions
    from pgproof.flows.history import Chronicle
    from pgproof.flows.late import Latecomers
    from pgproof.flows.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """What was done: the names of the files, in order (none: nothing was to be done), and where."""

    migrations: tuple[str, ...]
    database: str


def upgrade(
    database: Database,
    migrations: Migrations = "migrations",
    *,
    to: str | None = None,
    steps: int | None = None,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    allow_late: bool = False,
    scratch: ScratchOptions | None = None,
    on_event: Callable[[Event], None] = lambda _: None,
    terms: Terms | None = None,
) -> Migrated:
    """Apply what is pending in the folder `migrations`, up to version `to`, at most `steps` (all if None).

    `database` is a libpq URL, keywords or a name (an empty text leaves all to libpq's variables), or a connection
    to it; `migrations` a folder, or a `project`. `layout` is whose folder it is ("dbmate", "flyway"; None: as it
    looks). With `allow_late`, migrations below an applied one are run where a scratch server shows that the order
    makes no difference; `scratch` says where such come from (None: as `pgproof.scratch()` finds them). `terms` say
    how patiently (`pgproof.terms`); `on_event` hears what happens as it happens, and what it raises ends the run:
    a statement that is running then is cancelled. Raises InputError, DatabaseError, CannotTell and Interrupted,
    all of them PgproofError.

    >>> pgproof.upgrade(database, "migrations", to="03").migrations
    ('01-uuid.sql', '03-agents.sql')
    """
    from pgproof.flows import upgrade as up

    files = own_files(migrations, variables, layout)
    events = up.upgrade(
        conninfo(database),
        files.folder,
        variables=files.variables,
        layout=files.layout,
        to=to,
        steps=steps,
        terms=terms or _terms(),
        cache=cache(),
        latecomers=_latecomers(scratch, migrations) if allow_late else None,
    )
    return _heard(events, on_event)


def plan(
    database: Database,
    migrations: Migrations = "migrations",
    *,
    to: str | None = None,
    steps: int | None = None,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    allow_late: bool = False,
    scratch: ScratchOptions | None = None,
    schema: str = "",
) -> Planned:
    """What `upgrade` would do now: `plan.steps` of it, in order. Reads only (`allow_late`: tries on `scratch`).

    Raises InputError, DatabaseError and CannotTell.

    >>> [step.migration.label for step in pgproof.plan(database, "migrations", steps=2).plan.steps]
    ['01-uuid', '03-agents']
    """
    from pgproof.flows import upgrade as up

    files = own_files(migrations, variables, layout)
    return up.plan(
        conninfo(database),
        files.folder,
        variables=files.variables,
        layout=files.layout,
        to=to,
        steps=steps,
        latecomers=_latecomers(scratch, migrations) if allow_late else None,
        schema=schema,
    )


def downgrade(
    database: Database,
    migrations: Migrations = "migrations",
    *,
    to: str | None = None,
    steps: int | None = None,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    on_event: Callable[[Event], None] = lambda _: None,
    terms: Terms | None = None,
) -> Migrated:
    """Revert what is applied above version `to` ("0": all), or the last `steps`; one of the two is given.

    Raises as `upgrade` does.

    >>> done = pgproof.upgrade(database, "migrations")
    >>> pgproof.downgrade(database, "migrations", steps=1).migrations
    ('09-jobs-updated-at.sql',)
    """
    if (to is None) == (steps is None):
        raise InputError(Problem(message="downgrade wants either a version or a number of steps"))
    from pgproof.flows import downgrade as down

    files = own_files(migrations, variables, layout)
    events = down.downgrade(
        conninfo(database),
        files.folder,
        variables=files.variables,
        layout=files.layout,
        to=to,
        steps=steps,
        terms=terms or _terms(),
    )
    return _heard(events, on_event)


def status(
    database: Database,
    migrations: Migrations = "migrations",
    *,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    schema: str = "",
) -> Status:
    """How each version stands, in files and in the database. Reads only. Raises InputError and DatabaseError.

    >>> [(each.name, str(each.condition)) for each in pgproof.status(database, "migrations").standings][:2]
    [('01-uuid.sql', 'pending'), ('03-agents.sql', 'pending')]
    """
    from pgproof.flows import status as standing

    files, remembered = own_files(migrations, variables, layout), cache()
    return standing.status(
        conninfo(database),
        files.folder,
        variables=files.variables,
        layout=files.layout,
        schema=schema,
        memory=standing.Memory(cache=remembered, tool=__version__) if remembered else None,
    )


def redo(
    database: Database,
    migrations: Migrations = "migrations",
    *,
    steps: int = 1,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    on_event: Callable[[Event], None] = lambda _: None,
    terms: Terms | None = None,
) -> Migrated:
    """Revert the last `steps` migrations and apply them again, as their files are now: what `pgproof redo` does.

    For migrations that are still being written. Data that their downgrades drop is gone. Of what comes back,
    `migrations` are those that were applied again. Raises as `upgrade` does.

    >>> done = pgproof.upgrade(database, "migrations")
    >>> pgproof.redo(database, "migrations", steps=2).migrations
    ('08-jobs-user-recent.sql', '09-jobs-updated-at.sql')
    """
    from pgproof.flows import redo as again

    files = own_files(migrations, variables, layout)
    down, up = again.redo(
        conninfo(database),
        files.folder,
        variables=files.variables,
        layout=files.layout,
        steps=steps,
        terms=terms or _terms(),
    )
    _heard(down, on_event)
    return _heard(up, on_event)


def history(database: Database) -> Chronicle:
    """Everything that was ever run in a database, oldest first, in its `runs`. Reads only. Raises DatabaseError.

    >>> done = pgproof.upgrade(database, "migrations", steps=1)
    >>> [run.name for run in pgproof.history(database).runs]
    ['01-uuid.sql']
    """
    from pgproof.flows.history import history as read

    return read(conninfo(database))


def terms(
    *,
    lock_wait: float | None = None,
    lock_timeout: str | None = None,
    statement_timeout: str | None = None,
    lock_retries: int = 5,
    victims: int | None = None,
    preflight: Literal["off", "warn", "strict"] = "warn",
    orphans: Literal["wait", "cancel"] = "wait",
    unsure: Literal["ask", "again", "landed"] = "ask",
    schema: str = "",
    role: str = "",
) -> Terms:
    """The terms of one run, a new one with each call: what the options of `pgproof upgrade` say.

    `lock_wait` is in seconds, timeouts are as PostgreSQL writes them ("2s"). Raises InputError.

    >>> pgproof.terms(lock_timeout="2s").limits.lock_timeout
    2000
    """
    return Terms(
        run=uuid4(),
        tool=__version__,
        holder=Holder(host=socket.gethostname(), pid=os.getpid()),
        pace=Pace(monotonic=time.monotonic, sleep=time.sleep, jitter=random.random),
        lock_wait=lock_wait,
        limits=Limits(lock_timeout=_time(lock_timeout), statement_timeout=_time(statement_timeout)),
        lock_retries=lock_retries,
        victims=victims,
        preflight=Preflight(choice("preflight", preflight, Preflight)),
        orphans=Orphans(choice("orphans", orphans, Orphans)),
        unsure=Unsure(choice("unsure", unsure, Unsure)),
        schema=schema,
        role=role,
    )


_terms = terms
"""`terms` where a parameter has that name."""


def _heard(events: Generator[Event, None, None], on_event: Callable[[Event], None]) -> Migrated:
    names: list[str] = []
    database = ""
    with closing(events):
        event = next(events, None)
        while event is not None:
            if isinstance(event, Ended):
                names.append(event.step.migration.name)
            elif isinstance(event, Planned):
                database = event.database
            try:
                on_event(event)
            except KeyboardInterrupt as stop:
                event = events.throw(stop)  # as if it had come while the server was waited for
            else:
                event = next(events, None)
    return Migrated(migrations=tuple(names), database=database)


def _latecomers(scratch: ScratchOptions | None, migrations: Migrations) -> Latecomers:
    from pgproof.flows.late import Latecomers

    return Latecomers(servers(scratch, migrations))


def _time(text: str | None) -> int | None:
    found = milliseconds(text) if text is not None else None
    if text is not None and found is None:
        problem = Problem(
            message=f'"{text}" is not a time', hint="write for example 2s, 500ms or 5min; 0 is no limit"
        )
        raise InputError(problem)
    return found
