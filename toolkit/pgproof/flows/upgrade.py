"""`upgrade`: apply what is pending.

Where nothing is, which is the usual case, only what finds that out is loaded.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pgproof.database.connection import Connection, connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.errors import DatabaseError, InputError, raise_all
from pgproof.flows.settled import nothing_to_do
from pgproof.migrate.event import Event, Planned
from pgproof.migrate.plan import Plan, first_steps, plan_upgrade, target_version

if TYPE_CHECKING:
    from pgproof.flows.late import Latecomers
    from pgproof.migrate.library import Library
    from pgproof.migrate.terms import Terms


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
) -> Generator[Event, None, None]:
    """Apply the pending migrations of `folder` up to version `to`, at most `steps` of them (all if None).

    The plan comes first. Every mistake of every file is found before the server is asked. Raises InputError,
    DatabaseError and Interrupted. `cache` is a folder that remembers how folders of migrations look
    (`flows.settled`). Migrations below an applied one are refused, or proved harmless by `latecomers`.
    """
    with closing(_connected(conninfo, folder, variables, layout, to)) as conn:
        whole = to is None and steps is None and layout is None
        settled = nothing_to_do(conn, folder, variables=variables, terms=terms, cache=cache) if whole else None
        if settled:
            yield Planned(plan=settled, database=conninfo.description)
            return
        from pgproof.flows.guarded import guarded
        from pgproof.migrate import history, outline

        read = partial(_library, folder, variables, layout, to)
        library = read() if latecomers else read(outline.applied(history.read(conn, terms.schema)))

        def planned(conn: Connection) -> Plan:
            try:
                return _plan(conn, library, to, steps, latecomers, terms.schema)
            except _UnparsedError:  # it was applied when the files were read, and is not any more
                return _plan(conn, read(), to, steps, latecomers, terms.schema)

        events = guarded(conninfo, conn, terms, planned)
        yield from _with_proofs(events, latecomers) if latecomers else events


def _with_proofs(events: Iterator[Event], latecomers: Latecomers) -> Iterator[Event]:
    for event in events:
        yield event
        if isinstance(event, Planned):
            yield from latecomers.proved(event.plan)
            break
    yield from events  # what is thrown in goes to them


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


class _UnparsedError(Exception):
    """A migration is to be run of which only the checksum is known."""


def _library(
    folder: Path,
    variables: Mapping[str, object],
    layout: str | None,
    to: str | None,
    applied: Mapping[int, str] | None = None,
) -> Library:
    """The library; applied files in brief, unless their digests are to be compared with pgproof.sum."""
    from pgproof.flows.sum import agree
    from pgproof.migrate import digest
    from pgproof.migrate.library import load

    has_sum = (folder / digest.NAME).is_file()
    library = load(folder, variables, layout=layout, applied=None if has_sum else applied)
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
    from pgproof.migrate import edit, history, repetition, stand
    from pgproof.migrate.baseline import effective

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
    if any(step.migration.brief for step in found.steps):
        raise _UnparsedError
    if latecomers:
        latecomers.check(conn, library, found)
    if not library.repeatables:
        return found
    return repetition.planned(found, library, history.repeatables(conn, past))
