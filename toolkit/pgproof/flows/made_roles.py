"""Which roles files make: those that their statements say, and those that code puts together when it runs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace

from pgproof.database.connection import connect
from pgproof.database.scratch import ScratchOptions, ScratchServer, open_scratch
from pgproof.errors import DatabaseError
from pgproof.flows.stage import through
from pgproof.migrate.execute import build
from pgproof.migrate.library import Library
from pgproof.migrate.migration import Migration
from pgproof.sql import role


def made_roles(server: ScratchServer, scratch: ScratchOptions, run: Sequence[Migration]) -> frozenset[str]:
    """The roles that these migrations make where there are none by their names; none on a server of others.

    Where code may make some whose names no statement says (EXECUTE), the migrations are run in another cluster,
    which has no roles, and what is there then was made. If they need roles, it has those that they name; what they
    have made until they were refused counts. Raises DatabaseError if there is no such cluster.
    """
    if not server.is_own_cluster:
        return frozenset()
    statements = [each for migration in run for each in migration.up.statements]
    said = role.made(statements)
    if not any(map(role.may_make_others, statements)):
        return said
    found: set[str] = set()
    for lent in ((), role.named(statements)):
        with open_scratch(replace(scratch, postgres=server.version.major)) as other:
            other.lend_roles(lent)
            before = other.roles()
            is_built = _is_built(other, run)
            found |= other.roles() - before
        if is_built:
            break
    return said | found


def _is_built(server: ScratchServer, run: Sequence[Migration]) -> bool:
    with suppress(DatabaseError), server.database() as database, closing(connect(database)) as conn:
        through("seeing which roles are made", build(conn, Library(folder="", migrations=tuple(run))))
        return True
    return False
