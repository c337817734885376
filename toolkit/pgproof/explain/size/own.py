"""The guard: files and statistics are written to in databases of a cluster that our initdb made, and nowhere else.

There is no way to `inflate` or `inject` without an `OwnDatabase`, and making one verifies all of it: the data
directory that we made is the server's (it reads from it the word that we wrote), its system identifier is that of
the files, the files are ours to write to, the connection is local, the server is not in recovery, and the database
is one that comes and goes. Anything else is refused.
"""

from __future__ import annotations

import os
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import TracebackType

import psycopg
from psycopg.rows import dict_row

from pgproof.database import failure
from pgproof.database.connection import Connection, connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.database.scratch.marker import NAME, system_identifier
from pgproof.errors import DatabaseError, Problem

_SCRATCH = "pgproof_scratch_"
_PROBE = 1 << 30  # bytes: a whole segment
_ENOUGH = 1 << 20  # bytes that a sparse one may take


class ForeignClusterError(DatabaseError):
    """The database is not of a cluster that we made: nothing may be written to its files or its catalog."""


class OwnDatabase:
    """A database of a cluster of our own, with a connection that may write to it. Closed as a context manager.

    `page` and `segment` are bytes. Raises ForeignClusterError, whatever the address says.
    """

    def __init__(self, server: ScratchServer, database: Conninfo) -> None:
        self.data = _verified_directory(server)
        self.conninfo = database
        self.conn: Connection = connect(database)
        try:
            self.page, self.segment = self._verify(server)
        except BaseException:
            self.conn.close()
            raise

    def __enter__(self) -> OwnDatabase:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.conn.close()

    @property
    def owner(self) -> tuple[int, int]:
        """The uid and gid that run the server: new files have to be theirs."""
        found = self.data.stat()
        return found.st_uid, found.st_gid

    def takes_sparse_files(self) -> bool:
        """Whether a segment that nothing was written to takes no room where the database lies: tried."""
        path = self.data / "pgproof.probe"
        try:
            with path.open("xb") as file:
                file.truncate(_PROBE)
            return path.stat().st_blocks * 512 <= _ENOUGH
        except OSError:
            return False
        finally:
            path.unlink(missing_ok=True)

    def _verify(self, server: ScratchServer) -> tuple[int, int]:
        assert server.marker is not None
        try:
            with self.conn.cursor(row_factory=dict_row) as cursor:
                said = cursor.execute(query("own"), {"marker": NAME}).fetchone()
        except psycopg.Error as error:
            raise ForeignClusterError(
                _problem(f"the server does not say where it lives: {failure.problem(error).message}")
            ) from error
        assert said is not None
        if said["marker"] != server.marker.text:
            raise ForeignClusterError(_problem("the server does not read our mark in its data directory"))
        if Path(said["data_directory"]).resolve() != self.data:
            raise ForeignClusterError(_problem(f"the server's data directory is {said['data_directory']}"))
        if int(said["system_identifier"]) % (1 << 64) != system_identifier(self.data):
            raise ForeignClusterError(_problem("the server's system identifier is not that of its files"))
        if not said["is_local"] or said["is_in_recovery"]:
            raise ForeignClusterError(_problem("the server is in recovery, or not on this machine's own socket"))
        if not self.conn.info.dbname.startswith(_SCRATCH):
            raise ForeignClusterError(_problem(f'the database "{self.conn.info.dbname}" is not a scratch one'))
        return said["block_size"], said["segment_size"]


def _verified_directory(server: ScratchServer) -> Path:
    """The data directory of a cluster that we marked, as the file system has it. Raises ForeignClusterError."""
    data, marker = server.data_directory, server.marker
    if data is None or marker is None:
        raise ForeignClusterError(_problem(f"{server.provider} is no cluster that pgproof made"))
    try:
        data = data.resolve(strict=True)
        text, uid = (data / NAME).read_text(), data.stat().st_uid
        identifier = system_identifier(data)
    except OSError as error:
        raise ForeignClusterError(
            _problem(f"its data directory has no mark of pgproof's: {error.strerror}")
        ) from None
    if text != marker.text or identifier != marker.system_identifier:
        raise ForeignClusterError(_problem("the mark in its data directory is of another cluster"))
    if uid != marker.uid or os.geteuid() not in (0, uid):
        raise ForeignClusterError(_problem("its data directory belongs to somebody else"))
    return data


def _problem(why: str) -> Problem:
    return Problem(
        message="files and statistics are not written to in this database",
        detail=f"{why[:1].upper()}{why[1:]}. Only a cluster that pgproof made for this purpose is ever changed.",
        hint="leave out --scratch-url, so that a cluster of pgproof's own is started",
    )


@cache
def query(name: str) -> bytes:
    """The text of `name`.sql in this folder."""
    return files("pgproof.explain.size").joinpath(f"{name}.sql").read_bytes()
