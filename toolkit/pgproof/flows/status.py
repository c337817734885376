"""`status`: what is applied, what is pending, and what is not as it should be."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.errors import DatabaseError, InputError
from pgproof.migrate import glance, history, outline, repetition
from pgproof.migrate.baseline import effective
from pgproof.migrate.glance import Glance
from pgproof.migrate.standing import Condition, Standing, brief, from_brief, standings

if TYPE_CHECKING:
    from pgproof.migrate.library import Library
    from pgproof.migrate.migration import Migration


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What `status` keeps of folders in `cache`, a folder of the user's; `tool` is the program and its version."""

    cache: Path
    tool: str

    def look(self, folder: Path, variables: Mapping[str, object]) -> Glance | None:
        """How the folder looks now."""
        return glance.glance(folder, variables, self.tool)

    def recall(self, seen: Glance, digest: str) -> str | None:
        """What its files said when it looked like this and the history had this digest; None if not known."""
        before, _, words = (glance.recall(self._place, seen) or "").partition("\0")
        return words if words and before == digest else None

    def remember(self, seen: Glance, digest: str, words: str) -> None:
        """Keep what its files say."""
        glance.remember(self._place, seen, f"{digest}\0{words}")

    @property
    def _place(self) -> Path:
        return self.cache / "status"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a folder and a database stand to each other. `database` is a description without a password."""

    database: str
    folder: str
    standings: tuple[Standing, ...]


def status(
    conninfo: Conninfo,
    folder: Path,
    *,
    variables: Mapping[str, object],
    layout: str | None = None,
    schema: str = "",
    memory: Memory | None = None,
) -> Status:
    """Read files and history, the latter in a read-only transaction. Raises InputError and DatabaseError.

    With a `memory`, files that are applied as they are and look as they did then are not read again.
    """
    try:
        conn = connect(conninfo)
    except DatabaseError:
        from pgproof.migrate.library import load

        load(folder, variables, layout=layout)  # mistakes in files are told first: they are mended more easily
        raise
    with closing(conn), read_only(conn):
        past = history.read(conn, schema)
        seen = memory.look(folder, variables) if memory and layout is None else None
        digest = outline.of_applied(past) if seen else None
        if memory and seen and digest and (words := memory.recall(seen, digest)) is not None:
            found = from_brief(words, past)
            return Status(database=conninfo.description, folder=str(folder), standings=found)
        from pgproof.migrate.library import load  # it loads all that reads files

        library = load(folder, variables, layout=layout, applied=outline.applied(past))
        repeated = history.repeatables(conn, past) if library.repeatables else {}
    found = standings(effective(library, past), past)
    if memory and seen and digest and is_plain(library) and (words := brief(found)) is not None:
        memory.remember(seen, digest, words)
    found = (*found, *repetition.standings(library, repeated))
    return Status(database=conninfo.description, folder=library.folder, standings=found)


def files(folder: Path, variables: Mapping[str, object], layout: str | None) -> tuple[Migration, ...]:
    """All migrations of the folder as they are read, in the order in which they are run. Raises InputError."""
    from pgproof.migrate.library import load, whole

    library = load(folder, variables, layout=layout)
    return (*whole(library).migrations, *library.repeatables)


def is_plain(library: Library) -> bool:
    """True for migrations in our own layout that are applied as they are, and nothing besides."""
    return not (library.baselines or library.repeatables) and all(each.brief for each in library.migrations)


def exit_code(status: Status) -> int:
    """0 all is applied, 1 `upgrade` has something to do, 2 it would refuse: somebody has to look."""
    amiss = [each for each in status.standings if each.condition is not Condition.APPLIED]
    if not amiss:
        return 0
    return 1 if all(each.goes_on for each in amiss) else InputError.exit_code
