"""What migrations build, read on a scratch server: for `drift` and for `snapshot`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from itertools import groupby

from pgproof.catalog.extract import extract
from pgproof.catalog.fact import Facts
from pgproof.database import failure
from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions, ScratchServer, open_scratch
from pgproof.errors import DatabaseError, Problem
from pgproof.flows.expectation import Step
from pgproof.migrate.execute import build
from pgproof.migrate.library import Library
from pgproof.migrate.migration import Migration

_ASKS_FOR_ROLES = re.compile(
    r"\bpg_(?:authid|roles|user|shadow|group|auth_members|has_role)\b"
    r"|\breg(?:role)\b|\b(?:enabled|applicable|administrable)_role|\bcurrent_setting\b|\b(?:session|current)_user\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What came of it: the facts, on which server, and as whom the steps without a role were run.

    `is_own_cluster` is False on a server of somebody else's, where nobody else could run any. `database` on
    `scratch` is where it is, as long as it is there.
    """

    facts: Facts
    server: str
    is_own_cluster: bool
    role: str
    scratch: ScratchServer
    database: Conninfo


def replay(
    scratch: ScratchOptions, run: Sequence[Step], roles: Sequence[str], options: frozenset[str] = frozenset()
) -> Built:
    """Run the steps in an empty database, on a server that has these roles, and read what is there then.

    `options` are those of the accounting. Raises DatabaseError if there is no server of that major, and where it
    refuses a statement.
    """
    with replayed(scratch, run, roles, options) as built:
        return built


@contextmanager
def replayed(
    scratch: ScratchOptions, run: Sequence[Step], roles: Sequence[str], options: frozenset[str] = frozenset()
) -> Iterator[Built]:
    """As `replay`, with the database still there; nobody is connected to it."""
    with opened(scratch, run, roles) as (server, database):
        run_steps(server, database, run)
        with closing(connect(database)) as conn, read_only(conn), failure.told():
            row = conn.execute("SELECT current_user").fetchone()
            facts = extract(conn, options=options)
        yield Built(
            facts=facts,
            server=f"PostgreSQL {server.version} ({server.provider})",
            is_own_cluster=server.is_own_cluster,
            role=row[0] if row else "",
            scratch=server,
            database=database,
        )


def depends(migrations: Collection[Migration]) -> tuple[str, ...]:
    """Why the same files may build something else elsewhere: because of what else they look at. Pure."""
    found = set()
    for each in migrations:
        if each.up.function:
            found.add("programs")
        elif _ASKS_FOR_ROLES.search(each.source.text):
            found.add("roles")
    return tuple(sorted(found))


def run_steps(server: ScratchServer, database: Conninfo, run: Sequence[Step]) -> None:
    """Run the steps, each as its role. Raises DatabaseError where one is refused."""
    for role, steps in groupby(run, key=lambda each: each.role):
        with closing(connect(address_as(server, database, role))) as conn:
            migrations = tuple(each.migration for each in steps)
            try:
                for _ in build(conn, Library(folder="", migrations=migrations)):
                    pass
            except DatabaseError as error:
                raise DatabaseError(*_unbuilt(error)) from error


def address_as(server: ScratchServer, database: Conninfo, role: str) -> Conninfo:
    """The address for that role, which owns then what it makes; a server that is not ours has one for us."""
    if not (role and server.is_own_cluster):
        return database
    return Conninfo.of(**{**dict(database.parameters), "user": role})


def _unbuilt(error: DatabaseError) -> Iterator[Problem]:
    first, *rest = error.problems
    yield replace(first, message=f"cannot build what the files say on an empty database: {first.message}")
    yield from rest


@contextmanager
def opened(
    scratch: ScratchOptions, run: Sequence[Step], roles: Sequence[str]
) -> Iterator[tuple[ScratchServer, Conninfo]]:
    """An empty database on a scratch server that has the roles. Raises DatabaseError if there is no server."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(open_scratch(scratch))
        except DatabaseError as error:
            first, *rest = error.problems
            of = f" of PostgreSQL {scratch.postgres}" if scratch.postgres else ""
            what = f"no scratch server{of}: {first.message}"
            raise DatabaseError(replace(first, message=what), *rest) from error
        server.lend_roles(roles)
        server.admit({each.role for each in run if each.role})
        yield server, stack.enter_context(server.database())
