"""What is about to be applied, or counts as applied: `rehearse`, `plan_script`, `adopt`, `accept_edit`."""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from pgproof import __version__
from pgproof.api.given import Database, Migrations, conninfo, own_files, servers
from pgproof.migrate.event import Planned
from pgproof.migrate.trial import Ground, Tried

if TYPE_CHECKING:
    from pgproof.database.scratch import ScratchOptions
    from pgproof.flows.accept import AcceptedEdit
    from pgproof.migrate.adopt import Adoption


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What was planned, and how it ran: each of the `steps` that was tried, with its `seconds`.

    `server` is where ("PostgreSQL 18.6 (local binaries in ...)"), "" where nothing was to be done.
    """

    planned: Planned
    server: str
    steps: tuple[Tried, ...]


def rehearse(
    database: Database,
    migrations: Migrations = "migrations",
    *,
    to: str | None = None,
    steps: int | None = None,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    schema: str = "",
    scratch: ScratchOptions | None = None,
) -> Rehearsal:
    """Run on a scratch server what `upgrade` would do now: what `pgproof plan --scratch` tells.

    The files build it to the version of the database, which is only read; it has the same major, unless `scratch`
    names one. The others are as in `upgrade`. Raises InputError and DatabaseError, as `upgrade` would.

    >>> done = pgproof.upgrade(database, "migrations", to="08")
    >>> [tried.step.migration.label for tried in pgproof.rehearse(database, "migrations").steps]
    ['09-jobs-updated-at']
    """
    from pgproof.flows import plan as flow

    files = own_files(migrations, variables, layout)
    planned, *trials = flow.rehearse(
        conninfo(database),
        files.folder,
        variables=files.variables,
        layout=files.layout,
        schema=schema,
        to=to,
        steps=steps,
        scratch=servers(scratch, migrations),
        clock=time.monotonic,
    )
    assert isinstance(planned, Planned)
    ground = [f"PostgreSQL {each.server} ({each.provider})" for each in trials if isinstance(each, Ground)]
    tried = tuple(each for each in trials if isinstance(each, Tried))
    return Rehearsal(planned=planned, server="".join(ground), steps=tried)


def plan_script(
    migrations: Migrations = "migrations",
    *,
    to: str | None = None,
    after: str | None = None,
    schema: str = "",
    role: str = "",
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
) -> str:
    """The migrations as one script for psql, which skips what is applied: what `pgproof plan --sql` writes.

    No server is asked. `to` is the last version that is in it, `after` the one behind which it begins; `schema`
    and `role` are as in `terms`. Raises InputError, also where a migration is in Python.

    >>> "CREATE TABLE agents" in pgproof.plan_script("migrations", after="01", to="03")
    True
    """
    from pgproof.flows import plan as flow

    files = own_files(migrations, variables, layout)
    return "".join(
        flow.offline(
            files.folder,
            variables=files.variables,
            to=to,
            after=after,
            tool=__version__,
            layout=files.layout,
            schema=schema,
            role=role,
        )
    )


def adopt(
    database: Database,
    migrations: Migrations = "migrations",
    *,
    to: str | None = None,
    tool: str | None = None,
    trust: bool = False,
    dry_run: bool = False,
    schema: str = "",
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    scratch: ScratchOptions | None = None,
) -> Adoption:
    """Take over a database that another tool, or a person, has built: what `pgproof adopt` does.

    Which migrations it has had: those up to the version `to`; else those in the table of another `tool`
    ("alembic"); else those whose files build just this catalog. Unless you `trust` that, they are built on a
    scratch server of the same major, and compared. Written are pgproof's own tables alone; with `dry_run` nothing.

    Of what comes back, `adopted` and `pending` are the migrations, `source` says how they were known, `unlike` in
    what the files build something else (then nothing was `written`).

    Raises InputError, CannotTell where it cannot be proved, DatabaseError.

    >>> first = pathlib.Path("migrations/01-uuid.sql").read_text().partition("-- migrate:down")[0]
    >>> with psycopg.connect(database) as conn:
    ...     done = conn.execute(first)
    >>> found = pgproof.adopt(database, "migrations", to="01")
    >>> [each.migration.name for each in found.adopted], found.written
    (['01-uuid.sql'], True)
    """
    from pgproof.flows.adopt import Request
    from pgproof.flows.adopt import adopt as take_over

    files = own_files(migrations, variables, layout)
    return take_over(
        Request(
            database=conninfo(database),
            folder=files.folder,
            scratch=servers(scratch, migrations, any_major=True),
            program=__version__,
            run=uuid4(),
            host=platform.node(),
            to=to,
            tool=tool,
            trust=trust,
            dry_run=dry_run,
            layout=files.layout,
            schema=schema,
            variables=files.variables,
        )
    )


def accept_edit(
    database: Database,
    version: str,
    migrations: Migrations = "migrations",
    *,
    schema: str = "",
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    scratch: ScratchOptions | None = None,
) -> AcceptedEdit | None:
    """Take the text of an edited file for the one that was applied: what `pgproof history accept` does.

    None if it is the one that was applied. Where statements changed, both texts are run on a scratch server first,
    and have to lead to the same catalog and rows; `proved_on` says where. `change` says what changed.

    Raises InputError where they do not, or the version is not applied; DatabaseError.

    >>> done = pgproof.upgrade(database, "migrations")
    >>> file = pathlib.Path("migrations/03-agents.sql")
    >>> said = file.write_text(file.read_text().replace("CREATE TABLE", "/* all */ CREATE TABLE"))
    >>> pgproof.accept_edit(database, "03", "migrations").name
    '03-agents.sql'
    """
    from pgproof.flows.accept import accept

    files = own_files(migrations, variables, layout)
    return accept(
        conninfo(database),
        files.folder,
        version,
        variables=files.variables,
        layout=files.layout,
        schema=schema,
        scratch=scratch or servers(scratch, migrations, any_major=True),
    )
