"""`drift`: whether a database is what the files build, up to the version that its history says."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

from pgproof.catalog import read as catalog
from pgproof.catalog.extract import extract
from pgproof.catalog.fact import Fact, Facts
from pgproof.database import failure
from pgproof.database.connection import Connection, connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions, ScratchServer, open_scratch
from pgproof.drift.compare import Difference, compare
from pgproof.drift.outcome import Drift
from pgproof.errors import CannotTell, DatabaseError, InputError, Problem
from pgproof.migrate import history, ledger
from pgproof.migrate.baseline import effective, story
from pgproof.migrate.entry import History
from pgproof.migrate.execute import build
from pgproof.migrate.library import Library, load
from pgproof.migrate.migration import Migration
from pgproof.migrate.repetition import Repeated
from pgproof.migrate.standing import Condition, standings
from pgproof.sql.name import quote

_OURS = "pgproof"
_SETTINGS = {"lock_timeout": "5s"}
_AMISS = frozenset({Condition.EDITED, Condition.MISSING, Condition.STOPPED, Condition.INTERRUPTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to compare. `options` are those of the accounting: "roles", "positions"."""

    database: Conninfo
    folder: Path
    scratch: ScratchOptions
    variables: Mapping[str, object] = field(default_factory=dict)
    layout: str | None = None
    options: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a database says: its facts, what was run there, by whom; the tables of other tools; all roles."""

    facts: Facts
    past: History
    repeated: Mapping[str, Repeated]
    foreign: frozenset[str]
    roles: tuple[str, ...]


def drift(request: Request) -> Drift:
    """Read the database, build what the files say on a scratch server of the same major, and compare the two.

    Only what the history says was applied is built: pending files are no drift. Raises InputError where the files
    are wrong or the database has no history, CannotTell where what the files say cannot be built, DatabaseError.
    """
    library = load(request.folder, request.variables, layout=request.layout)
    with closing(connect(request.database)) as conn:
        found = _look(conn, request)
    library = effective(library, found.past)
    judged = standings(library, found.past)
    run = _story(library, found)
    with _scratch(request, found, run) as (server, database):
        expected = _built(server, database, run, request.options)
    actual = found.facts
    differences = tuple(each for each in compare(expected, actual) if not _is_aside(each, found.foreign))
    pending = sum(each.condition is Condition.PENDING for each in judged)
    return Drift(
        database=request.database.description,
        version=next((each.migration.label for each in reversed(run)), "before the first migration"),
        expected=f"PostgreSQL {server.version} ({server.provider})",
        differences=differences,
        standings=tuple(each for each in judged if each.condition in _AMISS),
        pending=pending,
        remarks=tuple(_remarks(actual)),
        reasons=(*expected.unmodelled, *actual.unmodelled, *actual.unread),
    )


def _look(conn: Connection, request: Request) -> _Found:
    with read_only(conn, _SETTINGS):
        past = history.read(conn)
        if not past.exists:
            raise InputError(_unknown(request.database))
        repeated = history.repeatables(conn, past)
        ledgers = ledger.find(conn, catalog.rows)
        with failure.told():
            roles = conn.execute("SELECT rolname FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_'").fetchall()
            facts = extract(conn, options=request.options)
    return _Found(
        facts=facts,
        past=past,
        repeated=repeated,
        foreign=frozenset().union(*(each.relations for each in ledgers)),
        roles=tuple(name for (name,) in roles),
    )


def _unknown(database: Conninfo) -> Problem:
    return Problem(
        message=f"{database.description} has no history of pgproof",
        detail="Without it nobody knows which migrations it has had.",
        hint="if it has had some: pgproof adopt; else: pgproof upgrade",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """A migration that was run, and the role that ran it."""

    migration: Migration
    role: str


def _story(library: Library, found: _Found) -> list[_Step]:
    """What was run, in its order, by whom; then the repeatable files that were."""
    by = {entry.version: entry.applied_by for entry in found.past.entries}
    versioned = [_Step(migration=each, role=by.get(each.version, "")) for each in story(library, found.past)]
    repeated = [(each, found.repeated.get(each.name)) for each in library.repeatables]
    return [*versioned, *(_Step(migration=each, role=past.applied_by) for each, past in repeated if past)]


def _built(server: ScratchServer, database: Conninfo, run: Sequence[_Step], options: frozenset[str]) -> Facts:
    """The facts of a scratch database in which the migrations were run, each by the role that had run it."""
    for role, steps in groupby(run, key=lambda each: each.role):
        with closing(connect(_as(server, database, role))) as conn:
            migrations = tuple(each.migration for each in steps)
            try:
                for _ in build(conn, Library(folder="", migrations=migrations)):
                    pass
            except DatabaseError as error:
                raise CannotTell(*_unbuilt(error)) from error
    with closing(connect(database)) as conn, read_only(conn), failure.told():
        return extract(conn, options=options)


def _as(server: ScratchServer, database: Conninfo, role: str) -> Conninfo:
    """The address for that role, which owns then what it makes; a server that is not ours has one for us."""
    if not (role and server.is_own_cluster):
        return database
    return Conninfo.of(**{**dict(database.parameters), "user": role})


def _unbuilt(error: DatabaseError) -> Iterator[Problem]:
    first, *rest = error.problems
    yield replace(first, message=f"cannot build what the files say on an empty database: {first.message}")
    yield from rest


@contextmanager
def _scratch(request: Request, found: _Found, run: Sequence[_Step]) -> Iterator[tuple[ScratchServer, Conninfo]]:
    """An empty database on a scratch server of the same major, which has the roles of the real one.

    Raises CannotTell if there is none.
    """
    with ExitStack() as stack:
        try:
            server = stack.enter_context(open_scratch(replace(request.scratch, postgres=found.facts.major)))
        except DatabaseError as error:
            first, *rest = error.problems
            what = f"no scratch server of PostgreSQL {found.facts.major}: {first.message}"
            raise CannotTell(replace(first, message=what), *rest) from error
        server.lend_roles(found.roles)
        server.admit({each.role for each in run if each.role})
        yield server, stack.enter_context(server.database())


def _is_aside(difference: Difference, foreign: Collection[str]) -> bool:
    """True for what is pgproof's own, or another migration tool's."""
    fact = difference.fact
    names = {fact.name[:1], fact.of[1][:1] if fact.of else ()}
    if (_OURS,) in names or (fact.catalog == "pg_default_acl" and _OURS in fact.name):
        return True
    relation = ".".join(quote(part) for part in _relation(fact))
    return relation in foreign or quote(fact.name[0] if fact.name else "") in foreign


def _relation(fact: Fact) -> tuple[str, ...]:
    """The relation that a fact is about, or goes with: schema and name."""
    if fact.of and fact.of[0] in ("pg_class", "pg_attribute"):
        return fact.of[1][:2]
    return fact.name[:2]


def _remarks(actual: Facts) -> Iterator[str]:
    """What is wrong with the database, whatever the files say."""
    for fact in actual:
        if fact.catalog == "pg_index" and actual.value(fact, "valid") is False:
            yield f"index {'.'.join(map(quote, fact.name))} is invalid: no query uses it, every write pays for it"
        elif fact.catalog == "pg_constraint" and actual.value(fact, "validated") is False:
            name, of = quote(fact.name[-1]), ".".join(map(quote, fact.name[:-1]))
            yield f"constraint {name} of {of} was never validated: older rows may not satisfy it"
