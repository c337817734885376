"""Whether a database is what the files say, and what makes it so again: `find_drift` and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pgproof import __version__
from pgproof.api.given import Database, Migrations, cache, checks_folder, conninfo, files, own_files, servers
from pgproof.drift.outcome import Drift
from pgproof.drift.way import Diff

if TYPE_CHECKING:
    from pgproof.database.scratch import ScratchOptions
    from pgproof.drift.watch.recorder import Watched
    from pgproof.flows.acceptance import AcceptedDifference


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What differs (`drift`), and what makes up for it.

    `diff` is the way there (`script` makes SQL of it); None where nothing differs, or nobody can tell. Of a
    migration that was `written`, `version` is what its file says, and `losses` are what its way back loses.
    """

    drift: Drift
    diff: Diff | None
    written: tuple[Path, ...] = ()
    version: str = ""
    losses: tuple[str, ...] = ()


def find_drift(
    database: Database,
    migrations: Migrations = "migrations",
    checks: str | Path | None = None,
    *,
    schemas: Sequence[str] = (),
    positions: bool = False,
    roles: bool = False,
    full: bool = False,
    witness: bool = False,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    build: Sequence[str] = (),
    scratch: ScratchOptions | None = None,
) -> Drift:
    """Whether a database is what the files say: what `pgproof drift` tells. It is only read.

    `schemas` are those that count (none: all); with `positions` the order of columns does, with `roles` those
    of the cluster. With `full` nothing is taken from `schema.json` or from what is remembered; with `witness`
    pg_dump is asked about both sides, too. Acceptances are in `checks` (None: `checks`, if it is there). With
    `build`, the words of a command, it is what that builds (["alembic", "upgrade", "head"]). It is built on a
    server of the major that the database has, whatever `scratch` says.

    Of what comes back, `verdict` is "same", "differs" or "cannot tell", `differences` are what is unlike,
    `standings` what is wrong with the history, `reasons` why nobody can tell.

    Raises InputError where files are wrong or the database has no history, CannotTell, DatabaseError.

    >>> done = pgproof.upgrade(database, "migrations")
    >>> str(pgproof.find_drift(database, "migrations").verdict)
    'same'
    """
    from pgproof.flows.drift import Request, drift
    from pgproof.flows.expectation import Memory

    found, remembered = files(migrations, variables, layout, build), cache()
    return drift(
        Request(
            database=conninfo(database),
            folder=found.folder,
            scratch=servers(scratch, migrations, any_major=True),
            variables=found.variables,
            layout=found.layout,
            builder=found.builder,
            options=_options(positions, roles),
            memory=Memory(cache=remembered, tool=__version__) if remembered else None,
            full=full,
            witness=witness,
            schemas=tuple(schemas),
            checks=checks_folder(checks, migrations),
            today=_today(),
        )
    )


def plan_repair(
    database: Database,
    migrations: Migrations = "migrations",
    *,
    prove: bool = False,
    online: bool = True,
    renames: Sequence[str] = (),
    renames_all: bool = False,
    data_loss: bool = False,
    positions: bool = False,
    roles: bool = False,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    build: Sequence[str] = (),
    scratch: ScratchOptions | None = None,
) -> Remedy:
    """What leads a database back to what the files say: what `pgproof drift --repair` writes. Nothing is run.

    What is compared is as in `find_drift`, but that acceptances do not count; how the way is to be as in `diff`.

    Raises what `find_drift` and `diff` raise.

    >>> done = pgproof.upgrade(database, "migrations")
    >>> with psycopg.connect(database) as conn:
    ...     done = conn.execute("DROP INDEX idx_jobs_user_id_created_at")
    >>> found = pgproof.plan_repair(database, "migrations", prove=True)
    >>> [each.about for each in found.diff.repair.statements]
    ['index public.idx_jobs_user_id_created_at']
    >>> found.diff.proof.holds
    True
    """
    from pgproof.flows.catch_up import repair
    from pgproof.flows.drift import Request
    from pgproof.flows.way import Wish

    found = files(migrations, variables, layout, build)
    request = Request(
        database=conninfo(database),
        folder=found.folder,
        scratch=servers(scratch, migrations, any_major=True),
        variables=found.variables,
        layout=found.layout,
        builder=found.builder,
        options=_options(positions, roles),
        today=_today(),
    )
    allowed = frozenset({"data loss"} if data_loss else ())
    wish = Wish(prove=prove, online=online, renames=tuple(renames), renames_all=renames_all, allowed=allowed)
    drift, way = repair(request, wish)
    return Remedy(drift=drift, diff=way)


def adopt_drift(
    database: Database,
    name: str,
    migrations: Migrations = "migrations",
    *,
    prove: bool = False,
    online: bool = True,
    renames: Sequence[str] = (),
    renames_all: bool = False,
    data_loss: bool = False,
    positions: bool = False,
    roles: bool = False,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    scratch: ScratchOptions | None = None,
) -> Remedy:
    """Write what a database has and no file made as the next migration: what `pgproof drift --adopt` does.

    `name` becomes that of the file. The database is only read: `adopt(database, to=found.version)` enters the
    migration into its history. Without `data_loss` none is written that loses data where it is applied; with
    `prove` none whose statements do not lead there on a clone.

    Raises what `find_drift` and `diff` raise, and InputError where files are pending, where the history is not in
    order and where data would be lost.

    >>> done = pgproof.upgrade(database, "migrations")
    >>> with psycopg.connect(database) as conn:
    ...     done = conn.execute("ALTER TABLE jobs ADD COLUMN priority int")
    >>> found = pgproof.adopt_drift(database, "priority of jobs", "migrations")
    >>> [path.name for path in found.written], found.version
    (['10-priority-of-jobs.sql'], '10')
    """
    from pgproof.flows.catch_up import adopt
    from pgproof.flows.drift import Request
    from pgproof.flows.way import Wish

    found = own_files(migrations, variables, layout)
    request = Request(
        database=conninfo(database),
        folder=found.folder,
        scratch=servers(scratch, migrations, any_major=True),
        variables=found.variables,
        layout=found.layout,
        options=_options(positions, roles),
        today=_today(),
    )
    allowed = frozenset({"data loss"} if data_loss else ())
    wish = Wish(prove=prove, online=online, renames=tuple(renames), renames_all=renames_all, allowed=allowed)
    drift, done = adopt(request, wish, name, now=datetime.now(UTC))
    if done is None:
        return Remedy(drift=drift, diff=None)
    return Remedy(drift=drift, diff=done.told, written=done.paths, version=done.version, losses=done.losses)


def accept_drift(
    found: Drift,
    differences: Sequence[str],
    because: str,
    checks: str | Path = "checks",
    *,
    until: date | None = None,
    today: date | None = None,
) -> tuple[AcceptedDifference, ...]:
    """Write down that differences are accepted, in the folder `checks`: what `pgproof drift --accept` does.

    `found` is what `find_drift` gave, `differences` are some of it, as "CODE:OBJECT" ("DRF102:index public.i").
    `because` says why, to whoever reads it next; they are accepted `until` that day (None: for ever). `today` is
    the day from which on (None: the day that it is).

    Raises InputError where a difference is none that was found, or is accepted already; then nothing is written.

    >>> done = pgproof.upgrade(database, "migrations")
    >>> with psycopg.connect(database) as conn:
    ...     done = conn.execute("CREATE INDEX jobs_by_day ON jobs (created_at)")
    >>> found = pgproof.find_drift(database, "migrations")
    >>> named = [f"{item.code}:{item.object}" for item in found.items]
    >>> [str(each.item.code) for each in pgproof.accept_drift(found, named, "on trial", "checks")]
    ['DRF102']
    >>> str(pgproof.find_drift(database, "migrations", "checks").verdict)
    'same'
    """
    from pgproof.flows.acceptance import Wish, accept

    wish = Wish(differences=tuple(differences), because=because, until=until)
    return accept(found, wish, Path(checks), today or _today())


def watch_drift(database: Database) -> Watched:
    """Have the server record from now on who changes what: what `pgproof drift --watch` does. Superusers may.

    Then `find_drift` says of each difference who made it (`deeds`). Raises InputError where there is no history,
    DatabaseError.

    >>> done = pgproof.upgrade(database, "migrations")
    >>> pgproof.watch_drift(database).is_there
    True
    """
    from pgproof.flows.watch import watch

    return watch(conninfo(database))


def unwatch_drift(database: Database) -> Watched:
    """Record it no more, and forget what was recorded: what `pgproof drift --unwatch` does. Raises DatabaseError.

    >>> pgproof.unwatch_drift(database).was_there
    False
    """
    from pgproof.flows.watch import unwatch

    return unwatch(conninfo(database))


def watch_script(*, remove: bool = False) -> str:
    """The SQL of `watch_drift`, or with `remove` of `unwatch_drift`, for somebody else to run.

    >>> pgproof.watch_script().splitlines()[0]
    'BEGIN;'
    """
    from pgproof.flows.watch import script

    return script("remove" if remove else "install")


def _options(positions: bool, roles: bool) -> frozenset[str]:
    return frozenset(word for word, is_asked in (("positions", positions), ("roles", roles)) if is_asked)


def _today() -> date:
    return datetime.now().astimezone().date()
