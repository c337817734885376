"""`check`: which promises of files hold, on a scratch server that the files build or in a live database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from pgproof.catalog.read import read as read_catalog
from pgproof.catalog.snapshot import Snapshot
from pgproof.contract import profile as profiles
from pgproof.contract.profile import Profile
from pgproof.contract.promise import Contract, Query
from pgproof.contract.read import load as load_checks
from pgproof.contract.read import read_migrations
from pgproof.database import failure
from pgproof.database.builder import Builder
from pgproof.database.connection import Connection, connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions, ScratchServer, open_scratch
from pgproof.database.version import ServerVersion
from pgproof.drift.code import ACCEPTABLE
from pgproof.errors import CannotTell, DatabaseError, InputError, Problem, raise_all
from pgproof.explain import partition
from pgproof.explain.facts import QueryFacts
from pgproof.explain.isolation import Hiding
from pgproof.explain.service import Bench
from pgproof.finding import Finding, Severity, Verdict
from pgproof.flows import advised, builds, probes, sized
from pgproof.flows.against import Base, Side, crossed, named, since, told
from pgproof.flows.declaration import declared as declared_by
from pgproof.flows.evidence import declared_in, gather
from pgproof.flows.stage import now, through
from pgproof.migrate.execute import build
from pgproof.migrate.library import Library, load_plain
from pgproof.report.findings.unwritten import PAGES, unwritten_ones
from pgproof.report.model import About, Page, Report
from pgproof.rules import registry, unused_acceptance
from pgproof.rules.rule import Elsewhere, Evidence
from pgproof.sql import role
from pgproof.sql.declared import Declared
from pgproof.synth.probe.fact import Run, Survey

_HINTS = (
    (
        "42704",
        r'\Arole ".*" does not exist',
        "create it in a migration where it is missing, or name a server that has it with --scratch-url",
    ),
    ("55P03", "", "wait until the other session has given its lock back, and check again"),
)

_TRIED = "CON2"
"""How the codes of the rules begin that judge what was tried in a scratch database."""
_NO_SIZES = (
    "nothing is planned at production size: that takes a scratch server of pgproof's own, since files and "
    "statistics are written to"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to check and where.

    `migrations` is a folder of SQL or one file, `checks` a folder of query files and acceptances or None. With
    `database` that database is read (only read); else a scratch one is built, on `server` if one is open already.
    `today` decides about acceptances that end; `strict` shows accepted findings as open. `queries` are checked
    besides those of the files, and with `against` those of another revision, too, on the schema that there is now.
    `said` is what there is to say of these queries. With a `builder` its command builds the scratch database, and
    of the files that counts which they say.
    """

    migrations: Path
    checks: Path | None
    today: date
    scratch: ScratchOptions
    database: Conninfo | None = None
    strict: bool = False
    server: ScratchServer | None = None
    variables: Mapping[str, object] = field(default_factory=dict)
    layout: str | None = None
    queries: tuple[Query, ...] = ()
    said: tuple[str, ...] = ()
    against: Base | None = None
    builder: Builder | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the files say: migrations, promises, figures of production; `base` is that of the revision before."""

    library: Library
    contract: Contract
    profile: Profile
    base: Asked | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was found on a server of one major, before acceptances are looked at.

    `snapshot` is the catalog there, `untried` are the words for what could not be tried.
    """

    major: int
    findings: tuple[Finding, ...]
    queries: tuple[QueryFacts, ...]
    snapshot: Snapshot
    untried: frozenset[str]
    about: About


def check(request: Request) -> Report:
    """Judge everything that the files declare and promise.

    Raises InputError with every mistake of every file before a server is asked, DatabaseError where one cannot be
    had or the migrations fail on it.
    """
    asked = read(request)
    found = judged(request, asked)
    return report(request, asked, found.findings, found)


def read(request: Request) -> Asked:
    """What the files say. Raises InputError with every mistake of every file."""
    now("reading the files")
    library = library_of(request)
    contract, profile = contract_of(request, library)
    before = _before(request, request.against) if request.against else None
    return Asked(library=library, contract=contract, profile=profile, base=before)


def library_of(request: Request) -> Library:
    """The migrations; where a command builds, what of them can be read. Raises InputError."""
    if request.builder:
        return builds.files(request.migrations, request.variables, request.layout)
    return load_plain(request.migrations, request.variables, layout=request.layout)


def _before(request: Request, base: Base) -> Asked:
    """What the files of the revision before say."""
    if request.builder:
        raise InputError(
            Problem(
                message=f"a revision cannot be built by `{request.builder.told}`",
                detail="The command builds from the files that are there now.",
                hint="leave out --against, or name a folder of SQL with --migrations FOLDER",
            )
        )
    if request.database is not None:
        raise InputError(
            Problem(
                message="a revision cannot be compared in a live database",
                detail="Its schema is built beside the one of the files, on a scratch server.",
                hint="leave out --database",
            )
        )
    try:
        return read(replace(request, migrations=base.migrations, checks=base.checks, against=None, queries=()))
    except InputError as error:
        raise told(error, base) from error


def judged(request: Request, asked: Asked, elsewhere: Sequence[Elsewhere] = ()) -> Judged:
    """What one server says of it; `elsewhere` is what others planned. Raises DatabaseError."""
    library, contract = asked.library, asked.contract
    try:
        with evidence_of(request, library, contract, asked.profile, asked.base) as (found, about):
            evidence = replace(found, elsewhere=tuple(elsewhere))
            now("judging")
            findings = tuple(registry.judge(evidence))
    except DatabaseError as error:
        raise DatabaseError(*map(_hinted, error.problems)) from error
    return Judged(
        major=evidence.major,
        findings=findings,
        queries=evidence.queries,
        snapshot=evidence.snapshot,
        untried=registry.words(_TRIED) if evidence.survey.untried else frozenset(),
        about=replace(about, counts=_counts(library, contract, evidence)),
    )


def report(request: Request, asked: Asked, findings: Sequence[Finding], on: Judged) -> Report:
    """The findings as they are told, with what is accepted of them; `on` says where they were found."""
    everything = (*unwritten_ones(asked.library), *findings)
    accepted = unused_acceptance.apply(everything, asked.contract.accepted, request.today, on.untried)
    base = request.against
    placed = tuple(named(finding, base) if base else finding for finding in accepted)
    about = replace(on.about, said=(*on.about.said, *request.said))
    return Report(command="check", about=about, findings=placed, strict=request.strict, pages=_pages())


def _pages() -> tuple[Page, ...]:
    """What there is to read about findings, by code."""
    of_rules = (Page(code=each.code, name=each.name, text=registry.page(each)) for each in registry.rules())
    return (*PAGES, *of_rules)


def exit_code(report: Report) -> int:
    """0 nothing open but notes, 1 something fails, 4 nothing fails but something could not be told."""
    open_ones = [finding for finding in report.open if finding.severity is not Severity.NOTE]
    if any(finding.verdict is Verdict.FAILS for finding in open_ones):
        return 1
    return CannotTell.exit_code if open_ones else 0


def _hinted(problem: Problem) -> Problem:
    """The problem with what to do about it, where the server does not say that and it is known here."""
    hint = next(
        (
            hint
            for sqlstate, pattern, hint in _HINTS
            if problem.sqlstate == sqlstate and re.search(pattern, problem.message)
        ),
        "",
    )
    return problem if problem.hint or not hint else replace(problem, hint=hint)


def contract_of(request: Request, library: Library) -> tuple[Contract, Profile]:
    """The promises of both folders and the profile beside them, or all mistakes in how they are written."""
    spoken = read_migrations([each.up.script for each in library.migrations], registry.clauses())
    written = load_checks(request.checks, registry.clauses()) if request.checks else Contract()
    problems = [*spoken.problems, *written.problems]
    profile = Profile()
    try:
        profile = profiles.load(request.checks / profiles.NAME) if request.checks else profile
    except InputError as error:
        problems += error.problems
    raise_all(InputError, problems)
    accepted = tuple(each for each in written.accepted if each.code not in ACCEPTABLE)  # those are drift's
    queries = (*spoken.queries, *written.queries, *request.queries)
    return replace(spoken, queries=queries, accepted=accepted), profile


def _counts(library: Library, contract: Contract, evidence: Evidence) -> tuple[tuple[str, int], ...]:
    snapshot = evidence.snapshot
    return (
        *((("migration", len(library.migrations)),) if library.migrations else ()),
        ("table", sum(not table.name.startswith(partition.NAME) for table in snapshot.tables)),
        ("constraint", sum(not item.table.startswith(partition.NAME) for item in snapshot.constraints)),
        ("index", sum(not item.table.startswith(partition.NAME) for item in snapshot.indexes)),
        ("documented query", len(contract.queries)),
    )


@contextmanager
def evidence_of(
    request: Request, library: Library, contract: Contract, profile: Profile, base: Asked | None = None
) -> Iterator[tuple[Evidence, About]]:
    """The evidence while its session lasts (rules may still ask it whether expressions are the same).

    With a `base`, its queries are crossed with this schema, and those that are new with the one of the base.
    """
    with ExitStack() as stack:
        spare = _Spare(stack, request, library, contract.queries)
        if request.database is None:
            before = base.contract.queries if base else ()
            crossing = (*before, *since(before, contract.queries)) if base else ()
            bench, about = spare.open(copied=bool(contract.queries), crossing=crossing)
            now("asking the planner")
            evidence = gather(bench, spare.declared(bench), contract, lambda: bench, spare.survey)
            if base is not None:
                other = _Spare(stack, request, base.library, ())
                old, _ = other.open(probed=False, crossing=crossing)
                sides = Side(bench=old, runs=other.runs), Side(bench=bench, runs=spare.runs)
                evidence = replace(evidence, crossings=crossed(*sides, before, contract.queries))
            queries, said = spare.sized(profile, evidence)
            queries = spare.advised(bench, profile, queries)
            yield replace(evidence, queries=queries), replace(about, said=(*about.said, *said))
            return
        now("reading the database")
        conn = stack.enter_context(closing(connect(request.database)))
        stack.enter_context(read_only(conn, {"lock_timeout": "5s"}))
        about = About(
            server=f"PostgreSQL {ServerVersion(conn.info.server_version)}",
            mode="live",
            database=request.database.description,
        )
        bench = _bench(conn, Hiding.NONE, request.builder)
        built = spare.get()  # constraints are tried there, never in a database that is not ours
        survey = Survey(untried=built) if isinstance(built, str) else spare.survey
        now("asking the planner")
        evidence = gather(bench, spare.declared(built), contract, spare.get, survey)
        yield replace(evidence, commanded=request.builder is not None), about


class _Spare:
    """A scratch database that the files built, opened when first needed and closed with the stack."""

    def __init__(self, stack: ExitStack, request: Request, library: Library, queries: Sequence[Query]) -> None:
        self._stack = stack
        self._request = request
        self._library = library
        self._queries = queries
        self._answer: Bench | str | None = None
        self._server: ScratchServer | None = None
        self._copy: Conninfo | None = None
        self._pristine: str | None = None
        self.survey = Survey()
        self.runs: Mapping[tuple[str, str], Run] = {}

    def open(
        self, *, copied: bool = False, probed: bool = True, crossing: Sequence[Query] = ()
    ) -> tuple[Bench, About]:
        """The bench; with `copied`, there is another database like it if the cluster is our own.

        With `probed`, it is tried what constraints refuse. Statements that are `crossing` to or from another
        revision's schema are run.

        Raises DatabaseError if there is no scratch server, or the migrations fail on it.
        """
        now("starting a server")
        server = self._request.server or self._stack.enter_context(open_scratch(self._request.scratch))
        self._server = server
        server.lend_roles(role.named(s for each in self._library.migrations for s in each.up.statements))
        conninfo = self._stack.enter_context(self._built(server))
        if copied and server.is_own_cluster:
            self._copy = self._stack.enter_context(server.database(conninfo.database))
        if probed:
            self.survey = probes.tried(server, conninfo.database, self._queries)
        self.runs = probes.ran(server, conninfo.database, crossing)
        conn = self._stack.enter_context(closing(connect(conninfo)))
        with failure.told():
            conn.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        bench = _bench(conn, _hiding(conn), self._request.builder)
        about = About(server=f"PostgreSQL {server.version}", mode="scratch", provider=server.provider)
        return bench, replace(about, said=self._said(conn))

    def _said(self, conn: Connection) -> tuple[str, ...]:
        builder = self._request.builder
        return (builds.said(builder, builds.versions(conn).relations),) if builder else ()

    def sized(self, profile: Profile, evidence: Evidence) -> sized.Sized:
        """The facts with plans at production size, where the cluster is our own, and what these rest on."""
        if self._server is None or self._copy is None:
            return evidence.queries, (_NO_SIZES,) if evidence.queries else ()
        return sized.at_size(self._server, self._copy, profile, evidence.snapshot, evidence.queries)

    def advised(self, bench: Bench, profile: Profile, queries: Sequence[QueryFacts]) -> tuple[QueryFacts, ...]:
        """The facts with indexes that would serve what is not served, where these can be tried at size."""
        if self._server is None or self._copy is None:
            return tuple(queries)
        server = self._server
        return advised.advised(bench, server, lambda: self._built(server), profile, queries)

    @contextmanager
    def _built(self, server: ScratchServer) -> Iterator[Conninfo]:
        """A database that the files build, until the end."""
        with server.database(self._template(server)) as conninfo:
            with closing(connect(conninfo)) as conn:
                if self._request.builder is None:
                    through(f"building on PostgreSQL {server.version.major}", build(conn, self._library))
                with failure.told():
                    partition.fill(conn)
            yield conninfo

    def _template(self, server: ScratchServer) -> str | None:
        """What a command has built, once for all, to be copied; None where migrations are run."""
        if self._request.builder and self._pristine is None:
            self._pristine = self._stack.enter_context(builds.database(server, self._request.builder)).database
        return self._pristine

    def declared(self, built: Bench | str) -> Declared:
        """What the files declare; where a command builds and they say nothing, what it has built."""
        builder = self._request.builder
        if builder is None or self._library.migrations:
            return declared_in(self._library)
        return Declared() if isinstance(built, str) else declared_by(built.snapshot, builder.place)

    def get(self) -> Bench | str:
        """The bench, or why it cannot be had."""
        if self._answer is None:
            try:
                self._answer, _ = self.open()
            except DatabaseError as error:
                self._answer = error.problems[0].message
        return self._answer


def _hiding(conn: Connection) -> Hiding:
    """A superuser may mark indexes invalid, an owner may drop them."""
    return Hiding.CATALOG if conn.info.parameter_status("is_superuser") == "on" else Hiding.DROP


def _bench(conn: Connection, hiding: Hiding, builder: Builder | None) -> Bench:
    """What is a tool's own is not judged, where a tool builds."""
    with failure.told():
        snapshot = read_catalog(conn)
    own = builds.versions(conn).relations if builder else ()
    return Bench(conn, builds.without(snapshot, own), hiding)
