"""`downgrade`: go back to a version."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from pgproof.database.connection import Connection, connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.errors import InputError, raise_all
from pgproof.flows.guarded import guarded
from pgproof.migrate import edit, history
from pgproof.migrate.baseline import effective
from pgproof.migrate.event import Event, Planned
from pgproof.migrate.library import Library, load
from pgproof.migrate.plan import Plan, means_zero, plan_downgrade, target_version, version_back
from pgproof.migrate.terms import Terms


def downgrade(
    conninfo: Conninfo,
    folder: Path,
    *,
    variables: Mapping[str, object],
    layout: str | None = None,
    to: str | None,
    steps: int | None = None,
    edited_too: bool = False,
    terms: Terms,
) -> Generator[Event, None, None]:
    """Revert what is applied above version `to` ("0": all), or the last `steps`; latest first.

    One of the two is given. The plan comes first; whether each of them can be reverted is found before the first
    is. A file that was edited since it was applied is refused, unless `edited_too`, as a redo has it. Raises
    InputError and DatabaseError.
    """
    library = _library(folder, variables, layout, to)
    with closing(connect(conninfo)) as conn:
        yield from guarded(
            conninfo,
            conn,
            terms,
            lambda conn: _plan(conn, library, to, steps, terms.schema, edited_too=edited_too),
        )


def plan(
    conninfo: Conninfo,
    folder: Path,
    *,
    variables: Mapping[str, object],
    to: str | None,
    steps: int | None = None,
    layout: str | None = None,
    schema: str = "",
) -> Planned:
    """What `downgrade` would do, found in a read-only transaction. Raises InputError and DatabaseError."""
    library = _library(folder, variables, layout, to)
    with closing(connect(conninfo)) as conn, read_only(conn):
        return Planned(plan=_plan(conn, library, to, steps, schema), database=conninfo.description)


def _library(folder: Path, variables: Mapping[str, object], layout: str | None, to: str | None) -> Library:
    library = load(folder, variables, layout=layout)
    if to is not None and not means_zero(to):
        target_version(library, to)  # an unknown one is known to be so without a server
    return library


def _plan(
    conn: Connection, library: Library, to: str | None, steps: int | None, schema: str, *, edited_too: bool = False
) -> Plan:
    """The plan; a file that was edited since it was applied may not be reverted by what it says now."""
    past = history.read(conn, schema)
    library = effective(library, past)
    found = plan_downgrade(library, past, version_back(past, steps or 0) if to is None else to)
    if edited_too:
        return replace(found, redoes=True)
    reverted = {step.migration.version for step in found.steps}
    texts = history.texts(conn, [version for version in edit.edited(library, past) if version in reverted], schema)
    raise_all(InputError, edit.problems(library, past, texts))
    return found
