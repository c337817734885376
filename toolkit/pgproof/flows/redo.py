"""`redo`: revert the last migrations and apply them again, for whoever is still writing them."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.errors import InputError, Problem, raise_all
from pgproof.flows.downgrade import downgrade
from pgproof.flows.upgrade import upgrade
from pgproof.migrate import edit, history
from pgproof.migrate.baseline import effective
from pgproof.migrate.entry import History, State
from pgproof.migrate.event import Event
from pgproof.migrate.library import Library, load
from pgproof.migrate.plan import plan_downgrade, plan_upgrade, version_back
from pgproof.migrate.terms import Terms


def redo(
    conninfo: Conninfo,
    folder: Path,
    *,
    variables: Mapping[str, object],
    steps: int,
    terms: Terms,
    layout: str | None = None,
) -> tuple[Generator[Event, None, None], Generator[Event, None, None]]:
    """Revert the last `steps` migrations, then apply them again: the events of the first and of the second.

    The second begins when the first has ended. Whether they can be reverted and what keeps them from being
    applied again is found before. Their files may have been edited since they were applied: that is what redo is
    for. Those of the others may not.
    Raises InputError and DatabaseError.
    """
    library = load(folder, variables, layout=layout)
    with closing(connect(conninfo)) as conn, read_only(conn):
        past = history.read(conn, terms.schema)
        library = effective(library, past)
        back = version_back(past, steps)
        _check(library, past, back)
        kept = replace(past, entries=tuple(entry for entry in past.entries if entry.version <= int(back)))
        texts = history.texts(conn, edit.edited(library, kept), terms.schema)
    raise_all(InputError, edit.problems(library, kept, texts))
    down = downgrade(conninfo, folder, variables=variables, layout=layout, to=back, edited_too=True, terms=terms)
    return down, upgrade(conninfo, folder, variables=variables, layout=layout, to=str(past.current), terms=terms)


def _check(library: Library, past: History, back: str) -> None:
    """Raise InputError where one of the two could not be done. What is half reverted is reverted to its end."""
    if not past.entries:
        raise InputError(
            Problem(message="nothing is applied, so nothing can be done again", hint="pgproof upgrade")
        )
    on_the_way = past.entries[-1].state is State.REVERTING
    rest = past.entries[:-1] if on_the_way else past.entries
    half = next((entry for entry in rest if entry.state is not State.APPLIED), None)
    if half:
        raise InputError(
            Problem(
                message=f"{half.name} is half done ({half.done} of {half.total} statements)",
                hint="pgproof upgrade" if half.state is State.APPLYING else f"pgproof downgrade --to {back}",
            )
        )
    plan_downgrade(library, past, back)
    left = tuple(entry for entry in past.entries if entry.version <= int(back))
    plan_upgrade(library, replace(past, entries=left), str(past.current))
