"""What two schemas do not have alike, and what one is: `diff`, `snapshot`, `export_stats`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pgproof.api.given import Database, Migrations, conninfo, files, servers
from pgproof.api.writing import Written
from pgproof.errors import InputError, Problem
from pgproof.migrate.glance import SNAPSHOT

if TYPE_CHECKING:
    from pgproof.database.scratch import ScratchOptions
    from pgproof.drift.way import Diff
    from pgproof.flows.schema import SchemaScript
    from pgproof.flows.snapshot import Request, SnapshotCheck
    from pgproof.flows.stats import Export


def diff(
    source: str | Path,
    target: str | Path,
    migrations: Migrations = "migrations",
    *,
    prove: bool = False,
    online: bool = True,
    renames: Sequence[str] = (),
    renames_all: bool = False,
    data_loss: bool = False,
    write: str | None = None,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    build: Sequence[str] = (),
    scratch: ScratchOptions | None = None,
) -> Diff:
    """What leads from one schema to another: what `pgproof diff` plans. No database is changed.

    Each side is a database, a folder of migrations (with `@VERSION`: up to it), a .sql file, a full snapshot,
    or `git:REVISION`, of which `migrations` is the folder. With `prove` all of it is run on a clone; if not
    `online`, it is one transaction. `renames` say what has another name, "jobs.state=status"; with
    `renames_all` nothing else has. With `build`, the words of a command, "build" is a side, too. With `write`, a
    name, it becomes the next migration of the folder, up and down, if it may lose data (`data_loss`) or does not.

    Of what comes back, `differences` are what is unlike, `repair` has the `statements` in order and what is
    `impossible`, `proof` what became of the proof, `written` the files. `script` makes SQL of it.

    Raises InputError, DatabaseError and CannotTell.

    >>> found = pgproof.diff("migrations@07", "migrations")
    >>> "CREATE INDEX CONCURRENTLY idx_jobs_user_id_created_at" in pgproof.script(found)
    True
    """
    from pgproof.flows import diff as flow
    from pgproof.flows.way import Wish

    found = files(migrations, variables, layout, build)
    allowed = frozenset({"data loss"} if data_loss else ())
    return flow.diff(
        flow.Request(
            source=str(source),
            target=str(target),
            folder=found.folder,
            scratch=servers(scratch, migrations),
            wish=Wish(
                prove=prove, online=online, renames=tuple(renames), renames_all=renames_all, allowed=allowed
            ),
            file=flow.NewFile(name=write, now=datetime.now(UTC)) if write is not None else None,
            variables=found.variables,
            layout=found.layout,
            builder=found.builder,
        )
    )


def script(found: Diff, *, data_loss: bool = False) -> str:
    """The SQL of a `diff`, for psql; statements that lose data stand in comments, unless `data_loss` may be."""
    from pgproof.report import diff as report

    allowed = ("data loss",) if data_loss else ()
    words = [each.word for each in found.proposals]
    return report.script(found.source, found.target, found.repair, allowed, state=found.state, proposals=words)


def snapshot(
    migrations: Migrations = "migrations",
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

    return flow.build(_request(migrations, None, to, role, full, variables, layout, build, scratch))


def write_snapshot(
    migrations: Migrations = "migrations",
    file: str | Path | None = None,
    *,
    to: str | None = None,
    role: str | None = None,
    full: bool | None = None,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    build: Sequence[str] = (),
    scratch: ScratchOptions | None = None,
) -> Written:
    """Write what the files build: what `pgproof snapshot` does.

    `file` is where (None: `schema.json` beside the migrations). If it is there, `role` and `full` are as it has
    them, where they are None. The others are as in `snapshot`, and so is what is raised; InputError also where the
    file cannot be written, or is no snapshot.

    >>> pgproof.write_snapshot("migrations").path.as_posix()
    'migrations/schema.json'
    """
    from pgproof.flows import snapshot as flow

    found = files(migrations, variables, layout, build)
    path = Path(file) if file is not None else found.home / SNAPSHOT
    path, is_changed = flow.write(_request(migrations, path, to, role, full, variables, layout, build, scratch))
    return Written(path=path, is_changed=is_changed)


def check_snapshot(
    migrations: Migrations = "migrations",
    file: str | Path | None = None,
    *,
    to: str | None = None,
    role: str | None = None,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    build: Sequence[str] = (),
    scratch: ScratchOptions | None = None,
) -> SnapshotCheck:
    """Whether a snapshot is what the files build: what `pgproof snapshot --check` tells. Nothing is written.

    Of what comes back, `differences` are what the two do not have alike, `reasons` why it is not theirs all the
    same; both are empty where it is. Parameters and errors are those of `write_snapshot`; InputError also where
    there is no snapshot, or one that was changed by hand.

    >>> done = pgproof.write_snapshot("migrations", to="07")
    >>> pgproof.check_snapshot("migrations").reasons[0]
    'the files, their order or the variables are others than those that it was written from'
    """
    from pgproof.flows import snapshot as flow

    found = files(migrations, variables, layout, build)
    path = Path(file) if file is not None else found.home / SNAPSHOT
    return flow.check(_request(migrations, path, to, role, None, variables, layout, build, scratch))


def snapshot_sql(
    migrations: Migrations = "migrations",
    *,
    to: str | None = None,
    role: str | None = None,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    build: Sequence[str] = (),
    scratch: ScratchOptions | None = None,
) -> SchemaScript:
    """What the files build as CREATE statements for people to read: what `pgproof snapshot --sql` writes.

    They have been run in an empty database, and what came of it was compared. `text` is SQL; `left_out` what no
    statement of it makes, with why. Parameters are those of `write_snapshot`.

    Raises what `snapshot` raises, and CannotTell where the SQL builds something else.

    >>> "CREATE TABLE public.jobs (" in pgproof.snapshot_sql("migrations").text
    True
    """
    from pgproof.flows import snapshot as flow

    found = files(migrations, variables, layout, build)
    path = found.home / SNAPSHOT
    return flow.sql(_request(migrations, path, to, role, None, variables, layout, build, scratch))


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


def _request(
    migrations: Migrations,
    path: Path | None,
    to: str | None,
    role: str | None,
    full: bool | None,
    variables: Mapping[str, object] | None,
    layout: str | None,
    build: Sequence[str],
    scratch: ScratchOptions | None,
) -> Request:
    from pgproof.flows.snapshot import Request

    found = files(migrations, variables, layout, build)
    if found.builder and to is not None:
        raise InputError(Problem(message="a version is one of pgproof's own migrations; a command builds all"))
    return Request(
        folder=found.folder,
        scratch=servers(scratch, migrations),
        path=path,
        to=to,
        role=role,
        full=full,
        variables=found.variables,
        layout=found.layout,
        builder=found.builder,
    )
