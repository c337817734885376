"""`adopt`: take over a database that already has a schema, and say which migrations it has had.

Nothing in it is changed but pgproof's own tables. Which migrations: up to a version that a person names, those in
another tool's own table, or, with neither, those up to the version whose files build just this catalog.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

from pgproof.catalog import read as catalog
from pgproof.catalog.extract import extract
from pgproof.catalog.fact import Facts
from pgproof.database import failure
from pgproof.database.connection import Connection, connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions, ScratchServer, open_scratch
from pgproof.drift import words
from pgproof.drift.aside import Sorted, ownerless, sort_out
from pgproof.drift.compare import Difference, compare, orderly
from pgproof.drift.scope import within, without
from pgproof.errors import CannotTell, DatabaseError, InputError, Problem
from pgproof.flows.made_roles import made_roles
from pgproof.flows.reworded import reworded
from pgproof.flows.stage import now, through
from pgproof.flows.steady import look
from pgproof.migrate import adopt as adoption
from pgproof.migrate import history, ledger, stand
from pgproof.migrate.adopt import Adopted, Adoption
from pgproof.migrate.entry import History
from pgproof.migrate.execute import build
from pgproof.migrate.ledger import Ledger
from pgproof.migrate.library import Library, load, whole
from pgproof.migrate.migration import Migration
from pgproof.migrate.plan import target_version
from pgproof.sql.name import quote

_OPTIONS = frozenset({"positions"})


_TRUST = "take the versions without a proof: pgproof adopt --trust"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to adopt, and how.

    `to` is a version; `tool` the tool whose ledger is meant. With `trust` nothing is proved; else the files are
    built on a scratch server of the same major. `dry_run` writes nothing. `program` is pgproof's own version,
    `run` this run, `host` the machine. With a `schema`, the files are taken to have run in it: its own history is
    written, and only what is in it, or what the files make elsewhere, is compared.
    """

    database: Conninfo
    folder: Path
    scratch: ScratchOptions
    program: str
    run: UUID
    host: str
    to: str | None = None
    tool: str | None = None
    trust: bool = False
    dry_run: bool = False
    layout: str | None = None
    schema: str = ""
    variables: Mapping[str, object] = field(default_factory=dict)


def adopt(request: Request) -> Adoption:
    """Find out which migrations a database has had, prove it, and write them into a new history.

    With a version above the last one of a history that is there, what lies between is written into that: the
    database has the change of a file already that was written because of it (`drift --adopt`).

    Raises InputError where the database has a history already that says all that, or files and ledger do not
    agree; CannotTell where the proof cannot be made, the catalog fits several versions, or is being changed;
    DatabaseError.
    """
    library = whole(load(request.folder, request.variables, layout=request.layout))
    target = target_version(library, request.to)
    with closing(connect(request.database)) as conn:
        found = look(conn, lambda it: _look(it, request.schema), request.database, options=_OPTIONS)
        last = adoption.last_of(found.past, target, request.schema)
        chosen = None if target is not None else _choose(found.ledgers, request.tool, request.schema)
        if target is not None:
            result = _result(
                request, library, adoption.up_to(library, target), f"version {request.to}, as you say"
            )
        elif chosen is not None:
            source = f"{chosen.table}, the table of {chosen.tool}"
            result = _result(request, library, adoption.from_ledger(library, chosen), source)
            if not result.adopted:
                raise InputError(_nothing(f"{source}, is empty"))
        else:
            result = _by_catalog_alone(request, library, found)
        if not request.trust and not result.proof:
            result = _proved(request, library, found, result)
        result = replace(result, adopted=tuple(each for each in result.adopted if each.migration.version > last))
        if result.unlike or request.dry_run:
            return result
        tool = f"{request.program}, adopted: {result.source}"
        adoption.enter(
            conn,
            result.adopted,
            tool=tool,
            run=request.run,
            host=request.host,
            schema=request.schema,
            before=found.past.entries,
        )
        return replace(result, written=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What there is: the history, the facts that count, other tools' ledgers with their tables, all roles.

    `schema` is the one that the files are for (empty: no one in particular); `bare` is then what an empty database
    holds.
    """

    schema: str
    past: History
    facts: Facts
    ledgers: tuple[Ledger, ...]
    foreign: frozenset[str]
    roles: tuple[str, ...]
    bare: Facts | None = None


def _look(conn: Connection, schema: str) -> _Found:
    stand.check(conn, schema)
    has_history = conn.execute("SELECT pg_catalog.to_regclass('pgproof.history') IS NOT NULL").fetchone()
    past = history.read(conn, schema) if has_history and has_history[0] else History(entries=(), exists=False)
    ledgers = ledger.find(conn, catalog.rows)
    foreign = frozenset().union(*(each.relations for each in ledgers))
    with failure.told():
        roles = conn.execute(
            "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' ORDER BY 1"
        ).fetchall()
        return _Found(
            schema=schema,
            past=past,
            facts=_facts(conn, foreign),
            ledgers=ledgers,
            foreign=foreign,
            roles=tuple(name for (name,) in roles),
        )


def _facts(conn: Connection, foreign: frozenset[str]) -> Facts:
    """What counts of a database, in the transaction that the caller holds."""
    return ownerless(without(extract(conn, options=_OPTIONS), foreign))


def _choose(ledgers: Sequence[Ledger], tool: str | None, schema: str) -> Ledger | None:
    """The ledger that is meant: the tool's, or the only one; None if there is none.

    For a schema it is the one in it. One elsewhere may speak of another schema: only who names its tool means it.
    """
    meant = [each for each in ledgers if tool in (None, each.tool)]
    inside = [each for each in meant if schema in ("", each.schema)]
    meant = inside if inside or tool is None else meant
    if tool and not meant:
        there = ", ".join(f"{each.table} of {each.tool}" for each in ledgers)
        raise InputError(
            Problem(
                message=f"no table of {tool} in this database",
                detail=f"There is {there}." if there else "No table of any migration tool is there.",
                hint="name the version to adopt: pgproof adopt --to VERSION",
            )
        )
    if len(meant) > 1:
        raise InputError(
            Problem(
                message="several tables of migration tools",
                detail=f"They are {', '.join(f'{each.table} ({each.tool})' for each in meant)}.",
                hint="say whose it is with --tool TOOL, or name the version to adopt with --to VERSION",
            )
        )
    return meant[0] if meant else None


def _result(request: Request, library: Library, adopted: tuple[Adopted, ...], source: str) -> Adoption:
    had = {each.migration.version for each in adopted}
    return Adoption(
        database=request.database.description,
        source=source,
        adopted=adopted,
        pending=tuple(each for each in library.migrations if each.version not in had),
    )


def _proved(request: Request, library: Library, found: _Found, result: Adoption) -> Adoption:
    """`result` with the proof that its migrations build the database's catalog, or what differs.

    If they do not by themselves, they may with the repeatable files.
    """
    with _scratch(request, library, found) as (server, conn, found):
        _build(conn, [each.migration for each in result.adopted])
        unlike = _unlike(conn, found)
        if unlike.essential and library.repeatables:
            _build(conn, library.repeatables)
            unlike = _unlike(conn, found)
        return _with_proof(result, server, unlike)


def _by_catalog_alone(request: Request, library: Library, found: _Found) -> Adoption:
    """The version by the catalog; where that cannot be told, somebody has to name it."""
    try:
        return _by_catalog(request, library, found)
    except CannotTell as error:
        hint = "name the version, and take it without a proof: pgproof adopt --trust --to VERSION"
        raise CannotTell(
            *(replace(each, hint=hint) if each.hint == _TRUST else each for each in error.problems)
        ) from error


def _by_catalog(request: Request, library: Library, found: _Found) -> Adoption:
    """The version whose files build the database's catalog.

    Raises InputError where a person forbids the proof, CannotTell where several versions do.
    """
    if request.trust:
        raise InputError(
            Problem(
                message="nothing says which migrations this database has had",
                hint="name the version to adopt: pgproof adopt --to VERSION",
            )
        )
    tries: list[tuple[int, Sorted]] = []
    with _scratch(request, library, found) as (server, conn, found):
        for migration in (None, *library.migrations):
            if migration:
                _build(conn, [migration])
            tries.append((migration.version if migration else 0, _unlike(conn, found)))
        if tries[-1][1].essential and library.repeatables:
            _build(conn, library.repeatables)
            tries.append((tries[-1][0], _unlike(conn, found)))
    fitting = [version for version, unlike in tries if not unlike.essential]
    if len(fitting) > 1:
        raise CannotTell(_several(library, fitting))
    if fitting == [0]:
        what = f"schema {quote(found.schema)} is empty" if found.schema else "the database is as it was created"
        raise InputError(_nothing(what))
    version, unlike = min(reversed(tries), key=lambda each: each[1].count)
    nearness = "nearest to that of" if unlike.essential else "that of"
    source = f"the catalog, which is {nearness} {_label(library, version)}"
    result = _result(request, library, adoption.up_to(library, version), source)
    return _with_proof(result, server, unlike)


def _nothing(why: str) -> Problem:
    return Problem(
        message=f"there is nothing to adopt: {why}",
        hint="apply the migrations: pgproof upgrade",
    )


def _several(library: Library, fitting: Sequence[int]) -> Problem:
    labels = [_label(library, version) for version in fitting]
    return Problem(
        message=f"the catalog fits {len(fitting)} versions: {', '.join(labels)}",
        detail="The migrations between them change data alone, or nothing; the catalog does not show whether they "
        "have run.",
        hint="look, and name the version: pgproof adopt --to VERSION",
    )


@contextmanager
def _scratch(
    request: Request, library: Library, found: _Found
) -> Iterator[tuple[ScratchServer, Connection, _Found]]:
    """An empty database (but for the schema) on a scratch server of the same major.

    Raises CannotTell if there is none, or not all of the real one is known.
    """
    major = found.facts.major
    _check(found.facts)
    with ExitStack() as stack:
        now("starting a server")
        try:
            server = stack.enter_context(open_scratch(replace(request.scratch, postgres=major)))
        except DatabaseError as error:
            raise CannotTell(*_no_proof(error.problems, f"no scratch server of PostgreSQL {major}")) from error
        fresh = stack.enter_context(server.database())
        stand.make(fresh, found.schema)
        conn = stack.enter_context(closing(connect(fresh)))
        made = made_roles(server, request.scratch, library.migrations)
        server.lend_roles([each for each in found.roles if each not in made])
        if found.schema:
            with failure.told(), read_only(conn):
                found = replace(found, bare=_facts(conn, found.foreign))
        yield server, conn, found


def _build(conn: Connection, migrations: Sequence[Migration]) -> None:
    """Run upgrades on the scratch database. Raises CannotTell where they do not build."""
    try:
        through("building what is adopted", build(conn, Library(folder="", migrations=tuple(migrations))))
    except DatabaseError as error:
        raise CannotTell(*_no_proof(error.problems, "the files do not build on an empty database")) from error


def _check(facts: Facts) -> None:
    """Raise CannotTell if there is more than the facts say."""
    if reasons := (*facts.unmodelled, *facts.unread):
        raise CannotTell(*_no_proof([Problem(message=each) for each in reasons], "not all is known"))


def _no_proof(problems: Sequence[Problem], why: str) -> Iterator[Problem]:
    """Problems in words that say that it is the proof that they stand in the way of."""
    first, *rest = problems
    yield replace(
        first,
        message=f"cannot prove it: {why}: {first.message}",
        hint=first.hint or _TRUST,
    )
    yield from rest


def _unlike(conn: Connection, found: _Found) -> Sorted:
    """What the scratch database and the real one do not have alike."""
    with failure.told(), read_only(conn):
        built = _facts(conn, found.foreign)
    _check(built)
    there = found.facts
    if found.bare:
        built, there = within(found.schema, found.bare, built, there)
    differences = orderly(compare(built, there), built, there)
    return sort_out(reworded(conn, differences).without(differences))


def _with_proof(result: Adoption, server: ScratchServer, unlike: Sorted) -> Adoption:
    return replace(
        result,
        proof=f"PostgreSQL {server.version} ({server.provider})",
        unlike=_lines(unlike.essential),
        aside={what: _lines(each) for what, each in unlike.aside.items()},
    )


def _lines(unlike: Sequence[Difference]) -> tuple[str, ...]:
    return tuple(line for each in unlike for line in words.lines(each))


def _label(library: Library, version: int) -> str:
    migration = library.get(version)
    return migration.label if migration else "an empty database"
