"""Databases on a user's server whose maker is gone.

For each database that we create there, a file of its name lies in a folder of ours, and its maker holds a lock
on it. A file whose lock is free tells the next run with the same address what to drop: nothing else ever is.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch.rundir import tried_lock


@contextmanager
def mark(folder: Path | None, name: str, address: Conninfo) -> Iterator[None]:
    """Hold the mark of the database `name` at `address`. It stays behind unless `unmark` removes it."""
    if folder is None:
        yield
        return
    descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, str(address).encode())  # never with a password
        yield
    finally:
        os.close(descriptor)


def unmark(folder: Path | None, name: str) -> None:
    """Remove the mark of a database that has been dropped."""
    if folder is not None:
        (folder / name).unlink(missing_ok=True)


def leftovers(folder: Path, address: Conninfo) -> list[str]:
    """Databases at `address` whose makers are gone."""
    names = []
    for path in sorted(folder.glob("pgproof_scratch_*")):
        with suppress(FileNotFoundError), tried_lock(path) as free:  # its maker may just be removing it
            if free and path.read_text(encoding="utf-8") == str(address):
                names.append(path.name)
    return names
