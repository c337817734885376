"""The user's own server, on which pgproof only creates and drops databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch.attempt import Unavailable
from pgproof.database.scratch.leftover import leftovers
from pgproof.database.scratch.options import ScratchOptions
from pgproof.database.scratch.relocation import copies_place
from pgproof.database.scratch.server import ScratchServer
from pgproof.database.version import ServerVersion
from pgproof.errors import InputError, Problem


@contextmanager
def open_external(url: Conninfo, options: ScratchOptions) -> Iterator[ScratchServer]:
    """The server at `url`, if it answers and is of the wanted major. Raises DatabaseError, InputError.

    First drops what processes that are gone have left there.
    """
    with connect(url) as conn:
        version = ServerVersion(conn.info.server_version)
    if options.postgres not in (None, version.major):
        raise InputError(
            Problem(
                message=f"the scratch server is PostgreSQL {version}, not {options.postgres}",
                detail=f"It is the server of {url.description}.",
                hint=f"leave out --postgres, or name a server of version {options.postgres} in --scratch-url",
            )
        )
    server = ScratchServer(
        provider=f"the server of {url.description}", version=version, conninfo=url, marks=_marks(options)
    )
    if server.marks is not None:
        for name in leftovers(server.marks, url):
            server.drop(name)
    yield server


def _marks(options: ScratchOptions) -> Path | None:
    """A folder that outlives a restart, if there is one."""
    try:
        folder = copies_place(options) / "databases"
        folder.mkdir(0o700, exist_ok=True)
    except (OSError, Unavailable):
        return None
    return folder
