"""A folder in one digest, without parsing its files: enough to see that nothing is pending and nothing was edited.

The digest is over version and checksum of every file. The server computes the same of its history; where the two
are equal, every file is applied as it is now, and nothing more has to be read. To ask a history alone loads
nothing that reads files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pgproof.database import failure
from pgproof.errors import DatabaseError, Problem
from pgproof.migrate.entry import Entry, History, State

if TYPE_CHECKING:
    from pgproof.database.connection import Connection
    from pgproof.migrate.library import Library

_NO_TABLE = "42P01"


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


def names(folder: Path) -> list[str] | None:
    """The names of the migration files of a folder in our own layout (downgrades beside them left out), sorted.

    None where the layout is another, or a name is not as it should be: then reading the library says why.
    """
    from pgproof.migrate import layout
    from pgproof.migrate.library import is_baseline, version

    if layout.look(folder) is not None:
        return None
    try:
        found = sorted(entry.name for entry in folder.iterdir())
    except OSError:
        return None
    ups = [name for name in found if name.lower().endswith(".sql") and name[0] != "."]
    ups = [name for name in ups if not name.lower().endswith(".down.sql") and not is_baseline(name)]
    programs = any(name.endswith(".py") and version(name) is not None for name in found)
    return None if programs or any(version(name) is None for name in ups) else ups


def read(folder: Path, ups: Sequence[str]) -> str | None:
    """The digest of these files of a folder, read and not parsed; None where one cannot be read."""
    from pgproof.migrate import file
    from pgproof.migrate.library import version
    from pgproof.migrate.migration import checksum
    from pgproof.migrate.parse import written

    found = []
    for name in ups:
        number, source = version(name), file.read(folder / name)
        if number is None or isinstance(source, Problem):
            return None
        found.append((number, checksum(written(source))))
    return _digest(sorted(found))


def of_history(conn: Connection, schema: str = "") -> Standing | None:
    """What the history comes down to; None if nothing was ever applied. One query. Raises DatabaseError."""
    try:
        with failure.told():
            cursor = conn.execute(_sql(), {"schema": schema})
            row = cursor.fetchone()
    except DatabaseError as error:
        if error.problems[0].sqlstate == _NO_TABLE:
            return None
        raise
    if row is None or cursor.description is None:
        return None
    named: dict[str, Any] = dict(zip((column.name for column in cursor.description), row, strict=True))
    count, digest = named.pop("count"), named.pop("digest")
    return Standing(count=count, digest=digest, last=Entry(**{**named, "state": State(named["state"])}))


def _digest(lines: Iterable[tuple[int, str]]) -> str:
    """As settled.sql computes it of a history: VERSION STATE ALGORITHM CHECKSUM, one a line, by version."""
    from pgproof.migrate.migration import ALGORITHM

    text = "".join(f"{number} applied {ALGORITHM} {sum_}\n" for number, sum_ in lines)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _sql() -> bytes:
    return files("pgproof.migrate").joinpath("settled.sql").read_bytes()
