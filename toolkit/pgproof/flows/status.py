"""`status`: what is applied, what is pending, and what is not as it should be."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.errors import DatabaseError, InputError
from pgproof.migrate import history, outline, repetition
from pgproof.migrate.baseline import effective
from pgproof.migrate.entry import State
from pgproof.migrate.library import load
from pgproof.migrate.standing import Condition, Standing, standings

_TO_BE_RUN = frozenset({Condition.PENDING, Condition.STOPPED, Condition.INTERRUPTED})


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
) -> Status:
    """Read files and history, the latter in a read-only transaction. Raises InputError and DatabaseError."""
    try:
        conn = connect(conninfo)
    except DatabaseError:
        load(folder, variables, layout=layout)  # mistakes in files are told first: they are mended more easily
        raise
    with closing(conn), read_only(conn):
        past = history.read(conn, schema)
        library = load(folder, variables, layout=layout, applied=outline.applied(past))
        repeated = history.repeatables(conn, past) if library.repeatables else {}
    found = (*standings(effective(library, past), past), *repetition.standings(library, repeated))
    return Status(database=conninfo.description, folder=library.folder, standings=found)


def exit_code(status: Status) -> int:
    """0 all is applied, 1 `upgrade` has something to do, 2 it would refuse: somebody has to look."""
    amiss = [each for each in status.standings if each.condition is not Condition.APPLIED]
    if not amiss:
        return 0
    return 1 if all(_can_go_on(each) for each in amiss) else InputError.exit_code


def _can_go_on(standing: Standing) -> bool:
    reverting = standing.entry is not None and standing.entry.state is State.REVERTING
    return standing.condition in _TO_BE_RUN and not reverting
