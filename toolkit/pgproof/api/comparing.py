"""What two schemas do not have alike, and what one is: `find_drift`, `diff`, `snapshot`, `export_stats`."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pgproof import __version__
from pgproof.api.given import Database, builder, checks_folder, conninfo
from pgproof.api.given import scratch as environment
from pgproof.database.cachedir import cache_dir
from pgproof.database.scratch import ScratchOptions

if TYPE_CHECKING:
    from pgproof.drift.outcome import Drift
    from pgproof.drift.way import Diff
    from pgproof.flows.stats import Export


def find_drift(
    database: Database,
    migrations: str | Path = "migrations",
    checks: str | Path | None = None,
    *,
    schemas: Sequence[str] = (),
    positions: bool = False,
    roles: bool = False,
    full: bool = False,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    build: Sequence[str] = (),
    scratch: ScratchOptions | None = None,
) -> Drift:
    """Whether a database is what the files say: what `pgproof drift` tells. It is only read.

    `schemas` are those that count (none: all); with `positions` the order of columns does, with `roles` those
    of the cluster. With `full` nothing is taken from `schema.json` or from what is remembered. Acceptances are
    in `checks` (None: `checks`, if it is there). With `build`, the words of a command, it is what that builds
    (["alembic", "upgrade", "head"]).

    Of what comes back, `verdict` is "same", "drifted" or "unknown", `differences` are what is unlike, `standings`
    what is wrong with the history, `reasons` why nobody can tell.

    Raises InputError where files are wrong or the database has no history, CannotTell, DatabaseError.

    >>> done = pgproof.upgrade(database, "migrations")
    >>> str(pgproof.find_drift(database, "migrations").verdict)
    'same'
    """
    from pgproof.flows.drift import Request, drift
    from pgproof.flows.expectation import Memory

    cache = cache_dir(os.environ)
    options = [word for word, is_asked in (("positions", positions), ("roles", roles)) if is_asked]
    return drift(
        Request(
            database=conninfo(database),
            folder=Path(migrations),
            scratch=scratch or environment(),
            variables=variables or {},
            layout=layout,
            builder=builder(build, migrations),
            options=frozenset(options),
            memory=Memory(cache=cache, tool=__version__) if cache else None,
            full=full,
            schemas=tuple(schemas),
            checks=checks_folder(checks),
            today=datetime.now().astimezone().date(),
        )
    )


def diff(
    source: str | Path,
    target: str | Path,
    migrations: str | Path = "migrations",
    *,
    prove: bool = False,
    online: bool = True,
    renames: Sequence[str] = (),
    renames_all: bool = False,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    build: Sequence[str] = (),
    scratch: ScratchOptions | None = None,
) -> Diff:
    """What leads from one schema to another: what `pgproof diff` plans. No database is changed.

    Each side is a database, a folder of migrations (with `@VERSION`: up to it), a .sql file, a full snapshot,
    or `git:REVISION`, of which `migrations` is the folder. With `prove` all of it is run on a clone; if not
    `online`, it is one transaction. `renames` say what has another name, "jobs.state=status"; with
    `renames_all` nothing else has. With `build`, the words of a command, "build" is a side, too.

    Of what comes back, `differences` are what is unlike, `repair` has the `statements` in order and what is
    `impossible`, `proof` what became of the proof. `script` makes SQL of it.

    Raises InputError, DatabaseError and CannotTell.

    >>> found = pgproof.diff("migrations@07", "migrations")
    >>> "CREATE INDEX CONCURRENTLY idx_jobs_user_id_created_at" in pgproof.script(found)
    True
    """
    from pgproof.flows import diff as flow
    from pgproof.flows.way import Wish

    return flow.diff(
        flow.Request(
            source=str(source),
            target=str(target),
            folder=Path(migrations),
            scratch=scratch or environment(),
            wish=Wish(prove=prove, online=online, renames=tuple(renames), renames_all=renames_all),
            variables=variables or {},
            layout=layout,
            builder=builder(build, migrations),
        )
    )


def script(found: Diff, *, data_loss: bool = False) -> str:
    """The SQL of a `diff`, for psql; statements that lose data stand in comments, unless `data_loss` may be."""
    from pgproof.report import diff as report

    allowed = ("data loss",) if data_loss else ()
    words = [each.word for each in found.proposals]
    return report.script(found.source, found.target, found.repair, allowed, state=found.state, proposals=words)


def snapshot(
    migrations: str | Path = "migrations",
    *,
    to: str | None = None,
    role: str | None = None,
    full: bool = False,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    build: Sequence[str] = (),
    scratch: ScratchOptions | None = None,
) -> str:
    """What the files build, as the text of `schema.json`: what `pgproof snapshot --file -` prints.

    `to` is the last version to build, `role` who runs the files (None: postgres), and owns what they make. A
    `full` one can be a side of `diff`. The same files give the same text. With `build`, the words of a command,
    it is what that builds.

    Raises InputError where files are wrong, DatabaseError where one is refused or there is no server.

    >>> import json
    >>> json.loads(pgproof.snapshot("migrations"))["role"]
    'postgres'
    """
    from pgproof.flows import snapshot as flow

    return flow.build(
        flow.Request(
            folder=Path(migrations),
            scratch=scratch or environment(),
            to=to,
            role=role,
            full=full,
            variables=variables or {},
            layout=layout,
            builder=builder(build, migrations),
        )
    )


def export_stats(database: Database, *, schemas: Sequence[str] = (), values: bool = False) -> Export:
    """The statistics of a database without its data, as JSON (`text`): what `pgproof stats export` writes.

    `schemas` are those whose tables are meant (none: all). With `values` the most common values and histograms are
    in it as they are. `unread` says what this role may not read, `grants` what it would take. It is only read.

    Raises DatabaseError.

    >>> export = pgproof.export_stats(database)
    >>> export.unread
    ()
    """
    from pgproof.flows.stats import export

    return export(conninfo(database), schemas=tuple(schemas), key=secrets.token_bytes(32), values=values)
