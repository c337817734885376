"""The short ways to "nothing to do", and to what there is to do: what is applied as it is now is not parsed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pgproof.database.connection import Connection
from pgproof.migrate import glance, outline
from pgproof.migrate.entry import History
from pgproof.migrate.plan import Direction, Plan
from pgproof.migrate.terms import Terms

if TYPE_CHECKING:
    from pgproof.migrate.library import Library


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What a folder holds above the last version of a history whose every version is applied as its file is now.

    `library` holds just that, and may be read without a thought of what lies below.
    """

    standing: outline.Standing
    library: Library

    def history(self, schema: str) -> History:
        """The history, of which only the last entry can matter."""
        return History(entries=(self.standing.last,), exists=True, schema=schema)


def rest(conn: Connection, folder: Path, *, variables: Mapping[str, object], schema: str) -> Rest | None:
    """What there is to do, if all below it is settled; None if the whole folder has to be read to know.

    Of the files that are applied, one at a time is in memory. Raises DatabaseError, and InputError with what is
    wrong with the files to come.
    """
    from pgproof.migrate import digest
    from pgproof.migrate.library import is_baseline, load, version

    standing = outline.of_history(conn, schema)
    names = outline.names(folder, repeatables=True) if standing else None
    if standing is None or names is None or any(is_baseline(path.name) for path in folder.glob("baseline-*")):
        return None
    below = [name for name in names if (version(name) or 0) <= standing.last.version]
    if len(below) != standing.count or outline.read(folder, below) != standing.digest:
        return None
    if not digest.holds(folder, names):
        return None
    library = load(folder, variables, above=standing.last.version)
    return Rest(standing=standing, library=replace(library, squashed=standing.last.version))


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
