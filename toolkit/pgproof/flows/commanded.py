"""What a database should be where a command builds the schema, for `drift`: by what its tool has written down.

The tool's own table tells the version. What the command builds has to be at the same one, or nobody can tell
what is pending from what has drifted.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace

from pgproof.database.builder import Builder
from pgproof.database.connection import Connection
from pgproof.drift.outcome import Drift, Origin
from pgproof.errors import CannotTell, DatabaseError
from pgproof.flows import builds
from pgproof.flows.builds import Versions
from pgproof.flows.drift import Request
from pgproof.flows.expectation import Wanted
from pgproof.flows.replay import Built, commanded
from pgproof.flows.said import Found, Said
from pgproof.migrate.entry import History


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidByTool(Said):
    """What the tool's table says, besides: the `versions` that the database has had."""

    versions: Versions


def look(conn: Connection, request: Request, builder: Builder, roles: tuple[str, ...]) -> SaidByTool:
    """What the database is known to have had, and what of what is built has to be known.

    Raises DatabaseError, InputError where inputs are not there, CannotTell where several tools say something.
    """
    at = builds.versions(conn)
    found = Found(
        past=History(exists=False, entries=()),
        repeated={},
        foreign=at.relations,
        roles=roles,
        version=conn.info.server_version,
    )
    wanted = Wanted(
        files=builds.digest(builder, at),
        by=[at.owner],
        roles=roles,
        version=found.version,
        options=request.options,
    )
    standing = Drift(
        database=request.database.description,
        version=at.told,
        origin=Origin.BUILT,
        expected="",
        differences=(),
    )
    return SaidByTool(found=found, wanted=wanted, standing=standing, versions=at)


def remark(builder: Builder, said: SaidByTool) -> str:
    """For people: what has built the one side, and what is left out of both."""
    return builds.said(builder, said.versions.relations, builds.target(builder, said.versions))


def build(request: Request, builder: Builder, said: SaidByTool, major: int, keep: ExitStack) -> Built:
    """What the command builds, there until `keep` ends, at the version of the database.

    Raises CannotTell where it cannot be built, or is at another version, and InputError.
    """
    scratch = replace(request.scratch, postgres=major)
    version = builds.target(builder, said.versions)
    by, roles = said.versions.owner, said.found.roles
    try:
        built = keep.enter_context(
            commanded(scratch, builder, roles, said.wanted.options, role=by, version=version)
        )
    except DatabaseError as error:
        raise CannotTell(*error.problems) from error
    builds.agree(builder, said.versions, built.versions)
    return built
