"""The short way to "nothing to do": one query, a look at the folder, no lock, and no file parsed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pgproof.database.connection import Connection
from pgproof.migrate import glance, outline
from pgproof.migrate.entry import History
from pgproof.migrate.plan import Direction, Plan
from pgproof.migrate.terms import Terms


def nothing_to_do(
    conn: Connection, folder: Path, *, variables: Mapping[str, object], terms: Terms, cache: Path | None
) -> Plan | None:
    """The empty plan, if the history holds just the files of `folder` as they are, all applied; else None.

    The files are not even read if `cache` remembers the folder as it looks; else they are, and it will. None says
    nothing: the folder has to be read as a library to know. Raises DatabaseError.
    """
    standing = outline.of_history(conn, terms.schema)
    if standing is None:
        return None
    seen = glance.glance(folder, variables, terms.tool) if cache else None
    if not (cache and seen and glance.recall(cache, seen) == standing.digest):
        names = outline.names(folder)
        if names is None or len(names) != standing.count or outline.read(folder, names) != standing.digest:
            return None
        if cache and seen:
            glance.remember(cache, seen, standing.digest)
    return Plan(direction=Direction.UP, steps=(), history=History(entries=(standing.last,), exists=True))
