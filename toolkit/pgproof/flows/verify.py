"""`verify`: whether each migration can be taken back, shown on scratch servers: without rows, and with some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from pgproof.catalog.extract import extract
from pgproof.catalog.fact import Facts
from pgproof.database import failure
from pgproof.database.connection import Connection, connect, read_only
from pgproof.database.scratch import ScratchOptions, ScratchServer, open_scratch
from pgproof.drift.reversal import Outcome, Reversal, judge
from pgproof.errors import DatabaseError
from pgproof.flows.peopled import Peopled
from pgproof.flows.revision import names_at
from pgproof.flows.side_by_side import side_by_side
from pgproof.flows.stage import now
from pgproof.migrate.execute import rehearse
from pgproof.migrate.library import Library, load, whole
from pgproof.migrate.migration import Migration
from pgproof.migrate.plan import Direction, Step, target_version
from pgproof.sql import role

_OPTIONS = frozenset({"positions"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to verify. `majors` are those of the servers to do it on (none: the one that is at hand).
    `rows` are how many to put into each table (0: none).

    With a `since`, a version, only migrations behind it are verified; or those that a revision of git does not
    have ("git:main").
    """

    folder: Path
    scratch: ScratchOptions
    rows: int = 3
    majors: Sequence[int] = ()
    since: str | None = None
    variables: Mapping[str, object] = field(default_factory=dict)
    layout: str | None = None


def verify(request: Request) -> Iterator[tuple[str, tuple[Reversal, ...]]]:
    """For each server, what it is, and each migration taken back and run again on it.

    Where one is refused, it is the last one told. Raises InputError, and DatabaseError where there is no server,
    or a migration is refused that is not to be verified.
    """
    library = whole(load(request.folder, request.variables, layout=request.layout))
    known = _known(request, library)
    options = [replace(request.scratch, postgres=each) for each in request.majors] or [request.scratch]
    yield from side_by_side(lambda each: _on(each, library, known, request.rows), options)


def _known(request: Request, library: Library) -> frozenset[str]:
    """The names of the migrations that are not to be verified. Raises InputError."""
    if request.since is None:
        return frozenset()
    if request.since.startswith("git:"):
        return names_at(request.since, request.folder)
    last = target_version(library, request.since)
    return frozenset(each.name for each in library.migrations if last is None or each.version <= last)


def _on(
    options: ScratchOptions, library: Library, known: frozenset[str], rows: int
) -> tuple[str, tuple[Reversal, ...]]:
    now("starting a server")
    with open_scratch(options) as server:
        server.lend_roles(role.named(s for each in library.migrations for s in each.up.statements))
        roles = server.roles()
        with server.database() as database, closing(connect(database)) as conn:
            found = tuple(_reversals(conn, library.migrations, known, f"verifying on {_major(server)}"))
        if rows:
            stage = f"verifying with rows on {_major(server)}"
            found = _peopled(Peopled(server, rows, roles), library.migrations, found, stage)
        return f"PostgreSQL {server.version} ({server.provider})", found


def _major(server: ScratchServer) -> str:
    return f"PostgreSQL {server.version.major}"


def _reversals(
    conn: Connection, migrations: Sequence[Migration], known: frozenset[str], stage: str
) -> Iterator[Reversal]:
    """Each migration that is not known, taken back; the last one told is one after which nothing can go on."""
    state: Facts | None = None
    for migration in migrations:
        now(stage, migration.label)
        if migration.name in known:
            _run(conn, migration, Direction.UP)
            continue
        before = state or _facts(conn)
        state = None
        try:
            _run(conn, migration, Direction.UP)
            if migration.down is None:
                yield Reversal(migration=migration, major=before.major, outcome=Outcome.IRREVERSIBLE)
                continue
            after = _facts(conn)
            _run(conn, migration, Direction.DOWN)
        except DatabaseError as error:
            problem = error.problems[0]
            yield Reversal(migration=migration, major=before.major, outcome=Outcome.FAILED, problem=problem)
            return
        down = _facts(conn)
        try:
            _run(conn, migration, Direction.UP)
        except DatabaseError as error:
            yield replace(judge(migration, before, after, down, after), problem=error.problems[0])
            return
        state = _facts(conn)
        yield judge(migration, before, after, down, state)


def _peopled(
    database: Peopled, migrations: Sequence[Migration], found: tuple[Reversal, ...], stage: str
) -> tuple[Reversal, ...]:
    """The same, with what becomes of rows; each migration in a row of them on one database that fills up."""
    told = {each.migration.name: each for each in found if each.outcome is not Outcome.FAILED and not each.problem}
    with database as peopled:
        for migration in migrations:
            now(stage, migration.label)
            if migration.name in told:
                told[migration.name] = peopled.tell(migration, told[migration.name])
            elif told.keys() & {each.name for each in migrations[migrations.index(migration) :]}:
                peopled.pass_by(migration)
    return tuple(told.get(each.migration.name, each) for each in found)


def _run(conn: Connection, migration: Migration, direction: Direction) -> None:
    for _ in rehearse(conn, [Step(migration=migration, direction=direction)]):
        pass


def _facts(conn: Connection) -> Facts:
    with read_only(conn), failure.told():
        return extract(conn, options=_OPTIONS)
