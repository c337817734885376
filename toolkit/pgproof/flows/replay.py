"""What migrations build, read on a scratch server: for `drift` and for `snapshot`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby

from pgproof.catalog.extract import in_parts
from pgproof.catalog.fact import Facts, Key
from pgproof.database import failure
from pgproof.database.builder import Builder
from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions, ScratchServer, open_scratch
from pgproof.drift import roles as cluster
from pgproof.drift.scope import without
from pgproof.errors import CannotTell, DatabaseError, Problem
from pgproof.flows import builds
from pgproof.flows.builds import Versions
from pgproof.flows.expectation import Step
from pgproof.flows.made_roles import made_roles
from pgproof.flows.stage import now, through
from pgproof.migrate.execute import build
from pgproof.migrate.library import Library
from pgproof.migrate.migration import Migration
from pgproof.sql import role as spoken
from pgproof.sql.statement import Statement

_ASKS_FOR_ROLES = re.compile(
    r"\bpg_(?:authid|roles|user|shadow|group|auth_members|has_role)\b"
    r"|\breg(?:role)\b|\b(?:enabled|applicable|administrable)_role|\bcurrent_setting\b|\b(?:session|current)_user\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What came of it: the facts, on which server, and as whom the steps without a role were run.

    `labels` are the parts that the facts are in (`catalog.parts`). `is_own_cluster` is False on a server of
    somebody else's, where nobody else could run any. `database` on `scratch` is where it is, as long as it is
    there. What a command has built is at some `versions`, without those tables of its tool's among the facts.
    """

    facts: Facts
    labels: Mapping[Key, int]
    server: str
    is_own_cluster: bool
    role: str
    scratch: ScratchServer
    database: Conninfo
    versions: Versions = field(default_factory=Versions)


def replay(
    scratch: ScratchOptions, run: Sequence[Step], roles: Sequence[str], options: frozenset[str] = frozenset()
) -> Built:
    """Run the steps in an empty database, on a server that has these roles, and read what is there then.

    `options` are those of the accounting. With "roles", of roles there is what the steps make or change. Raises
    DatabaseError if there is no server of that major, and where it refuses a statement, CannotTell where roles are
    asked for, and those of a server of somebody else's are there.
    """
    with replayed(scratch, run, roles, options) as built:
        return built


@contextmanager
def replayed(
    scratch: ScratchOptions, run: Sequence[Step], roles: Sequence[str], options: frozenset[str] = frozenset()
) -> Iterator[Built]:
    """As `replay`, with the database still there; nobody is connected to it."""
    with opened(scratch, run, roles) as (server, database, made):
        if "roles" in options and not server.is_own_cluster:
            raise CannotTell(_others(server))
        before = _read(database, options)[0] if "roles" in options else None
        run_steps(server, database, run, made)
        facts, labels, user = _read(database, options)
        if before:
            facts = cluster.said(before, facts, spoken.altered(_statements(run)), {each.role for each in run})
        yield Built(
            facts=facts,
            labels=labels,
            server=f"PostgreSQL {server.version} ({server.provider})",
            is_own_cluster=server.is_own_cluster,
            role=user,
            scratch=server,
            database=database,
        )


@contextmanager
def commanded(
    scratch: ScratchOptions,
    builder: Builder,
    roles: Sequence[str],
    options: frozenset[str] = frozenset(),
    *,
    role: str = "",
    version: str | None = None,
) -> Iterator[Built]:
    """As `replayed`, of what a command builds: all, or up to `version`; as `role`, if the cluster is our own.

    Raises DatabaseError, too, where the command fails, InputError where it cannot be started, CannotTell where
    roles are asked for: what the command does to them is nowhere to be read.
    """
    if "roles" in options:
        what = f"which roles `{builder.told}` makes or changes is not to be seen"
        raise CannotTell(Problem(message=what, hint="leave out --roles"))
    with ExitStack() as stack:
        server = _server(scratch, stack)
        server.lend_roles([*roles, *filter(None, [role])])
        server.admit({role} - {""})
        database = stack.enter_context(builds.database(server, builder, version=version, role=role))
        facts, labels, user = _read(database, options)
        with closing(connect(database)) as conn:
            at = builds.versions(conn)
        yield Built(
            facts=without(facts, at.relations),
            labels=labels,
            server=f"PostgreSQL {server.version} ({server.provider})",
            is_own_cluster=server.is_own_cluster,
            role=role if role and server.is_own_cluster else user,
            scratch=server,
            database=database,
            versions=at,
        )


def _read(database: Conninfo, options: frozenset[str]) -> tuple[Facts, Mapping[Key, int], str]:
    """What is there, in which parts, and who has read it."""
    now("reading what was built")
    with closing(connect(database)) as conn, read_only(conn), failure.told():
        row = conn.execute("SELECT current_user").fetchone()
        facts, labels = in_parts(conn, options)
        return facts, labels, row[0] if row else ""


def _statements(run: Sequence[Step]) -> Iterator[Statement]:
    return (statement for each in run for statement in each.migration.up.statements)


def _others(server: ScratchServer) -> Problem:
    return Problem(
        message="roles are compared with those that files make in a cluster of pgproof's own",
        detail=f"{server.provider} has the roles of others, and would keep what the files make.",
        hint="leave out --roles, or PGPROOF_SCRATCH_URL",
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


def run_steps(server: ScratchServer, database: Conninfo, run: Sequence[Step], made: Collection[str]) -> None:
    """Run the steps, each as its role; `made` are roles that they make. Raises DatabaseError if one is refused."""
    for role, steps in groupby(run, key=lambda each: each.role):
        with (
            _admitted(server, role if role in made else ""),
            closing(connect(address_as(server, database, role))) as conn,
        ):
            migrations = tuple(each.migration for each in steps)
            try:
                through(
                    f"building on PostgreSQL {server.version.major}",
                    build(conn, Library(folder="", migrations=migrations)),
                )
            except DatabaseError as error:
                raise DatabaseError(*_unbuilt(error)) from error


@contextmanager
def _admitted(server: ScratchServer, role: str) -> Iterator[None]:
    """A role that an earlier step has made is let in while it runs others, and is then again what it was."""
    if not role:
        yield
        return
    with closing(connect(server.conninfo)) as conn, conn.transaction():
        was = conn.execute("SELECT rolcanlogin, rolsuper FROM pg_catalog.pg_roles WHERE rolname = %s", [role])
        there = was.fetchone()
    server.admit({role} if there else ())
    yield
    if there:
        server.admit({role}, login=there[0], superuser=there[1])


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
) -> Iterator[tuple[ScratchServer, Conninfo, frozenset[str]]]:
    """An empty database on a scratch server that has the roles, but for those that the steps make; these, too.

    Raises DatabaseError if there is no server.
    """
    with ExitStack() as stack:
        server = _server(scratch, stack)
        made = made_roles(server, scratch, [each.migration for each in run])
        server.lend_roles([each for each in roles if each not in made])
        server.admit({each.role for each in run if each.role} - made)
        yield server, stack.enter_context(server.database()), made


def _server(scratch: ScratchOptions, stack: ExitStack) -> ScratchServer:
    """A scratch server, until the stack ends. Raises DatabaseError."""
    now("starting a server")
    try:
        return stack.enter_context(open_scratch(scratch))
    except DatabaseError as error:
        first, *rest = error.problems
        of = f" of PostgreSQL {scratch.postgres}" if scratch.postgres else ""
        what = f"no scratch server{of}: {first.message}"
        raise DatabaseError(replace(first, message=what), *rest) from error
