"""A folder in one digest, without parsing its files: enough to see that nothing is pending and nothing was edited.

The digest is over version and checksum of every file. The server computes the same of its history; where the two
are equal, every file is applied as it is now, and nothing more has to be read. To ask a history alone loads
nothing that reads files.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pgproof.database import failure
from pgproof.errors import DatabaseError, Problem
from pgproof.migrate.entry import Entry, History, State

if TYPE_CHECKING:
    from pgproof.database.connection import Connection, Cursor
    from pgproof.migrate.library import Library

_NO_TABLE = frozenset({"42P01", "3F000"})
"""There is no such table, or schema."""


class _UnreadableError(Exception):
    """A file cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A history in short: how many versions, the digest of all, and the last of them."""

    count: int
    digest: str
    last: Entry


def of(library: Library) -> str:
    """The digest of a library."""
    return _digest((each.version, each.checksum) for each in library.migrations)


def applied(history: History) -> dict[int, str]:
    """The checksums of what is applied wholly, by version: files that have them need not be parsed."""
    from pgproof.migrate.library import is_baseline
    from pgproof.migrate.migration import ALGORITHM

    return {
        entry.version: entry.checksum
        for entry in history.entries
        if entry.state is State.APPLIED and entry.algorithm == ALGORITHM and not is_baseline(entry.name)
    }


def of_applied(history: History) -> str | None:
    """The digest of a history as the server computes it; None if anything in it is not applied wholly."""
    found = applied(history)
    return _digest(found.items()) if found and len(found) == len(history.entries) else None


def names(folder: Path, *, repeatables: bool = False) -> list[str] | None:
    """The names of the migration files of a folder in our own layout, by version.

    Downgrades beside them and baselines are left out; so are repeatable files if there may be any. None where the
    layout is another, a name is not as it should be (reading the library says why), a downgrade has no migration,
    or a file is in Python.
    """
    from pgproof.migrate import layout, repeatable
    from pgproof.migrate.library import is_baseline, version
    from pgproof.migrate.migration import label

    if layout.look(folder) is not None:
        return None
    try:
        found = os.listdir(folder)  # noqa: PTH208  (names are enough, of maybe ten thousand files)
    except OSError:
        return None
    ups = [name for name in found if name.lower().endswith(".sql") and name[0] != "."]
    ups = [name for name in ups if not name.lower().endswith(".down.sql") and not is_baseline(name)]
    if repeatables:
        ups = [name for name in ups if not repeatable.slug(name)]
    programs = any(name.endswith(".py") and version(name) is not None for name in found)
    downs = {name for name in found if name.lower().endswith(".down.sql") and name[0] != "."}
    if (
        programs
        or any(version(name) is None for name in ups)
        or downs - {f"{label(name)}.down.sql" for name in ups}
    ):
        return None
    return sorted(ups, key=lambda name: (version(name) or 0, name))


def read(folder: Path, ups: Iterable[str]) -> str | None:
    """The digest of these files of a folder, by version, read and not parsed; None where one cannot be read.

    One file after the other: however many they are, they take no memory.
    """
    from pgproof.migrate import file
    from pgproof.migrate.library import version
    from pgproof.migrate.migration import checksum
    from pgproof.migrate.parse import written

    def found() -> Iterator[tuple[int, str]]:
        for name in ups:
            number, source = version(name), file.read(folder / name)
            if number is None or isinstance(source, Problem):
                raise _UnreadableError
            yield number, checksum(written(source))

    try:
        return _digest(found())
    except _UnreadableError:
        return None


def of_history(conn: Connection, schema: str = "") -> Standing | None:
    """What the history comes down to; None if nothing was ever applied. One query. Raises DatabaseError."""
    if (cursor := _asked(conn, "settled", schema)) is None:
        return None
    row = cursor.fetchone()
    if row is None or cursor.description is None:
        return None
    named: dict[str, Any] = dict(zip((column.name for column in cursor.description), row, strict=True))
    count, digest = named.pop("count"), named.pop("digest")
    return Standing(count=count, digest=digest, last=Entry(**{**named, "state": State(named["state"])}))


def whole(conn: Connection, schema: str = "") -> str | None:
    """The digest of all that the history says, texts by their checksums; None where there is no history.

    One query. Where there is none, a transaction that is open has failed. Raises DatabaseError.
    """
    cursor = _asked(conn, "whole_history", schema)
    row = cursor.fetchone() if cursor else None
    return (row[0] or "") if row else None


def _asked(conn: Connection, name: str, schema: str) -> Cursor | None:
    """What a query about the history answers; None where there is none. Raises DatabaseError."""
    try:
        with failure.told():
            return conn.execute(_sql(name), {"schema": schema}, binary=True)
    except DatabaseError as error:
        if error.problems[0].sqlstate in _NO_TABLE:
            return None
        from pgproof.migrate.history import unreadable

        raise DatabaseError(unreadable(error.problems[0])) from error.__cause__


def _digest(lines: Iterable[tuple[int, str]]) -> str:
    """As settled.sql computes it of a history: VERSION STATE ALGORITHM CHECKSUM, one a line, by version."""
    from pgproof.migrate.migration import ALGORITHM

    whole = hashlib.sha256()
    for number, sum_ in lines:
        whole.update(f"{number} applied {ALGORITHM} {sum_}\n".encode())
    return whole.hexdigest()


@cache
def _sql(name: str) -> bytes:
    return files("pgproof.migrate").joinpath(f"{name}.sql").read_bytes()
