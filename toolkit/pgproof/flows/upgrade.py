"""`upgrade`: apply what is pending.

Where nothing is, which is the usual case, only what finds that out is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pgproof.database.connection import Connection, connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.errors import DatabaseError, InputError, raise_all
from pgproof.flows.settled import nothing_to_do, rest
from pgproof.migrate.event import Event, Planned
from pgproof.migrate.plan import Plan, first_steps, plan_upgrade, target_version

if TYPE_CHECKING:
    from pgproof.flows.late import Latecomers
    from pgproof.migrate.entry import History
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

        wanted = _Wanted(
            folder=folder,
            variables=variables,
            layout=layout,
            to=to,
            steps=steps,
            latecomers=latecomers,
            schema=terms.schema,
        )
        planned = wanted.planner(conn)
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
    from pgproof.migrate import history

    with closing(connect(conninfo)) as conn:
        with read_only(conn):
            past = history.read(conn, schema)
            found = _plan(conn, library, to, steps, latecomers, past) if past.exists else None
        if found is None:  # looking for a history that is not there has failed the transaction
            with read_only(conn):
                found = _plan(conn, library, to, steps, latecomers, past)
    return Planned(plan=found, database=conninfo.description)


def _connected(
    conninfo: Conninfo, folder: Path, variables: Mapping[str, object], layout: str | None, to: str | None
) -> Connection:
    """A connection; where there is none, mistakes in files are told first: they are mended more easily."""
    try:
        return connect(conninfo)
    except DatabaseError:
        _library(folder, variables, layout, to)
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What a person wants to be applied, and the ways to a plan for it."""

    folder: Path
    variables: Mapping[str, object]
    layout: str | None
    to: str | None
    steps: int | None
    latecomers: Latecomers | None
    schema: str

    def planner(self, conn: Connection) -> Callable[[Connection], Plan]:
        """What makes a plan as often as it is asked, of files that are read once: now, with all their mistakes."""
        from pgproof.migrate import history, outline

        is_plain = self.layout is None and self.latecomers is None
        above = rest(conn, self.folder, variables=self.variables, schema=self.schema) if is_plain else None
        if above and not self._is_in(above.library):
            above = None
        library = None if above else self._known(history.read(conn, self.schema))

        def planned(conn: Connection) -> Plan:
            nonlocal library
            if above and above.standing == outline.of_history(conn, self.schema):
                return self._plan(conn, above.library, above.history(self.schema))
            past = history.read(conn, self.schema)
            library = library or self._known(past)
            try:
                return self._plan(conn, library, past)
            except _UnparsedError:  # it was applied when the files were read, and is not any more
                return self._plan(conn, self._read(), past)

        return planned

    def _is_in(self, library: Library) -> bool:
        """True if the target is among these files, or there is none."""
        try:
            target_version(library, self.to)
        except InputError:
            return False
        return True

    def _known(self, past: History) -> Library:
        """The library, what is applied as it is in brief."""
        from pgproof.migrate import outline

        return self._read() if self.latecomers else self._read(outline.applied(past))

    def _read(self, applied: Mapping[int, str] | None = None) -> Library:
        return _library(self.folder, self.variables, self.layout, self.to, applied)

    def _plan(self, conn: Connection, library: Library, past: History) -> Plan:
        return _plan(conn, library, self.to, self.steps, self.latecomers, past)


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
    past: History,
) -> Plan:
    from pgproof.migrate import edit, history, repetition, stand
    from pgproof.migrate.baseline import effective

    stand.check(conn, past.schema)
    library = effective(library, past, target_version(library, to))
    edits = edit.problems(library, past, history.texts(conn, edit.edited(library, past), past.schema))
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
