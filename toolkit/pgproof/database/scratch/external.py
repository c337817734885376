"""The user's own server, on which pgproof only creates and drops databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch.server import ScratchServer
from pgproof.database.version import ServerVersion
from pgproof.errors import InputError, Problem


@contextmanager
def open_external(url: Conninfo, major: int | None) -> Iterator[ScratchServer]:
    """The server at `url`, if it answers and is of the wanted major. Raises DatabaseError, InputError."""
    with connect(url) as conn:
        version = ServerVersion(conn.info.server_version)
    if major not in (None, version.major):
        raise InputError(
            Problem(
                message=f"the scratch server is PostgreSQL {version}, not {major}",
                detail=f"It is the server of {url.description}.",
                hint=f"leave out --postgres, or name a server of version {major} in --scratch-url",
            )
        )
    yield ScratchServer(provider=f"the server of {url.description}", version=version, conninfo=url)
