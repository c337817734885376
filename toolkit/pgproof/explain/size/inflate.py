"""Gives the files of relations the length that they have at production size, without content.

A file that is longer than what was written to it takes no room on disk where the file system can do that; its
pages read as zeros, which PostgreSQL takes for new, empty ones. The server may be running: the planner asks for
the length anew each time (mdnblocks in src/backend/storage/smgr/md.c), where all segments but the last
are full.
Files only grow: a session that has seen more segments goes on seeing them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from pgproof.explain.size.layout import Measured
from pgproof.explain.size.own import OwnDatabase


def inflate(own: OwnDatabase, relations: Iterable[Measured]) -> int:
    """Make the files of `relations` so long, and say how many files that are. Raises OSError."""
    segment_pages = own.segment // own.page
    uid, gid = own.owner
    count = 0
    for each in relations:
        if not each.relation.path:
            continue
        path = os.fspath(own.data / each.relation.path)
        full, rest = divmod(each.pages, segment_pages)
        for number in range(full + 1):
            size = own.segment if number < full else rest * own.page
            _lengthen(path if number == 0 else f"{path}.{number}", size, uid, gid)
        count += full + 1
    return count


def _lengthen(path: str, size: int, uid: int, gid: int) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        found = os.fstat(descriptor)
        if found.st_size < size:
            os.ftruncate(descriptor, size)
        if found.st_uid != uid:
            os.fchown(descriptor, uid, gid)
    finally:
        os.close(descriptor)
