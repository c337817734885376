"""`upgrade`: apply what is pending."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pgproof.database.connection import Connection, connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.errors import DatabaseError, InputError, raise_all
from pgproof.flows.guarded import guarded
from pgproof.flows.settled import nothing_to_do
from pgproof.flows.sum import agree
from pgproof.migrate import edit, history, repetition, stand
from pgproof.migrate.baseline import effective
from pgproof.migrate.event import Event, Planned
from pgproof.migrate.library import Library, load
from pgproof.migrate.plan import Plan, first_steps, plan_upgrade, target_version
from pgproof.migrate.terms import Terms

if TYPE_CHECKING:
    from pgproof.flows.late import Latecomers


def upgrade(
    conninfo: Conninfo,
    folder: Path,
    *,
    variables: Mapping[str, object],
    layout: str | None = None,
    to: str | None,
    steps: int | None = None,
    terms: Terms,
    cache: Path | None = None,
    latecomers: Latecomers | None = None,
) -> Iterator[Event]:
    """Apply the pending migrations of `folder` up to version `to`, at most `steps` of them (all if None).

    The plan comes first. Every mistake of every file is found before the server is asked. Raises InputError,
    DatabaseError and Interrupted. `cache` is a folder that remembers how folders of migrations look
    (`flows.settled`). Migrations below an applied one are refused, or proved harmless by `latecomers`.
    """
    with closing(_connected(conninfo, folder, variables, layout, to)) as conn:
        whole = to is None and steps is None
        settled = nothing_to_do(conn, folder, variables=variables, terms=terms, cache=cache) if whole else None
        if settled:
            yield Planned(plan=settled, database=conninfo.description)
            return
        library = _library(folder, variables, layout, to)
        for event in guarded(
            conninfo, conn, terms, lambda conn: _plan(conn, library, to, steps, latecomers, terms.schema)
        ):
            yield event
            if latecomers and isinstance(event, Planned):
                yield from latecomers.proved(event.plan)


def plan(
    conninfo: Conninfo,
    folder: Path,
    *,
    variables: Mapping[str, object],
    layout: str | None = None,
    to: str | None,
    steps: int | None = None,
    latecomers: Latecomers | None = None,
    schema: str = "",
) -> Planned:
    """What `upgrade` would do, found in a read-only transaction. Raises InputError and DatabaseError."""
    library = _library(folder, variables, layout, to)
    with closing(connect(conninfo)) as conn, read_only(conn):
        return Planned(plan=_plan(conn, library, to, steps, latecomers, schema), database=conninfo.description)


def _connected(
    conninfo: Conninfo, folder: Path, variables: Mapping[str, object], layout: str | None, to: str | None
) -> Connection:
    """A connection; where there is none, mistakes in files are told first: they are mended more easily."""
    try:
        return connect(conninfo)
    except DatabaseError:
        _library(folder, variables, layout, to)
        raise


def _library(folder: Path, variables: Mapping[str, object], layout: str | None, to: str | None) -> Library:
    library = load(folder, variables, layout=layout)
    agree(folder, library)
    target_version(library, to)  # an unknown one is known to be so without a server
    return library


def _plan(
    conn: Connection,
    library: Library,
    to: str | None,
    steps: int | None,
    latecomers: Latecomers | None,
    schema: str,
) -> Plan:
    stand.check(conn, schema)
    past = history.read(conn, schema)
    library = effective(library, past, target_version(library, to))
    edits = edit.problems(library, past, history.texts(conn, edit.edited(library, past), schema))
    try:
        found = plan_upgrade(library, past, to, late_too=latecomers is not None)
    except InputError as error:
        raise InputError(*edits, *error.problems) from None
    raise_all(InputError, edits)
    found = replace(first_steps(found, steps), hooks=library.hooks)
    if latecomers:
        latecomers.check(conn, library, found)
    if not library.repeatables:
        return found
    return repetition.planned(found, library, history.repeatables(conn, past))
