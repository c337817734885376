"""What the files promise: `check`, `explain_query` and `verify`, on scratch servers or a live database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pgproof.api.given import Database, Migrations, checks_folder, conninfo, files, own_files, servers
from pgproof.database.scratch import ScratchOptions
from pgproof.drift.reversal import Reversal
from pgproof.explain.telling import Explanation
from pgproof.report.model import Report

if TYPE_CHECKING:
    from pgproof.flows.check import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """How each migration came back on a `server` ("PostgreSQL 18.6 (embedded wheel, ...)"), in their order.

    Each says its `outcome` ("reversible", "irreversible", "differs", "works only on empty tables", "failed"), and
    what becomes of rows (`losses`).
    """

    server: str
    migrations: tuple[Reversal, ...]


def check(
    migrations: Migrations = "migrations",
    checks: str | Path | None = None,
    *,
    database: Database | None = None,
    majors: Sequence[int] = (),
    against: str | None = None,
    statements: Database | None = None,
    top: int = 100,
    strict: bool = False,
    today: date | None = None,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    build: Sequence[str] = (),
    scratch: ScratchOptions | None = None,
) -> Report:
    """Which promises of the files hold, and which do not: what `pgproof check` tells.

    `checks` is the folder of query files and acceptances (None: `checks`, if it is there). The schema is built
    on a scratch server, or (`database`) a live one is read, in a transaction that is read-only. `majors` are
    those to judge on (none: the one at hand), `against` a revision of git whose queries have to work, too.
    `statements` is a server whose pg_stat_statements has more queries, of which the `top` ones by time count. With
    `build`, the words of a command, that builds the schema instead (["alembic", "upgrade", "head"]).
    Acceptances end by `today` (None: the day that it is); with `strict` they do not count.

    The report has all `findings` by file and line, those that somebody has to act on (`open`), `accepted` ones,
    those that hold (`holds`), and the numbers of each (`summary`). Of a finding, `code`, `object`, `verdict`,
    `severity`, `message`, `place`, `detail` and `hint` are text, or made of it.

    Raises InputError with all mistakes of all files, DatabaseError where there is no server or a migration is
    refused, CannotTell where the `statements` may not be seen.

    >>> report = pgproof.check("migrations", "checks")
    >>> report.summary.open, report.summary.accepted
    (0, 7)
    >>> {finding.verdict.value for finding in report.findings if finding.object == "jobs.jobs_status_chk"}
    {'holds'}
    """
    request = replace(
        _request(migrations, checks, database, variables, layout, build, scratch),
        today=today or _today(),
        strict=strict,
    )
    if statements is not None:
        from pgproof.flows.statements import busiest

        more = busiest(conninfo(statements), top)
        request = replace(request, queries=more.queries, said=more.said)
    return _judged(request, against, majors)


def _judged(request: Request, against: str | None, majors: Sequence[int]) -> Report:
    """On each of the majors, and with the queries of another revision if one is named."""
    from pgproof.flows.against import revision
    from pgproof.flows.check import check as judged
    from pgproof.flows.majors import check as judged_on

    if len(majors) == 1:
        request = replace(request, scratch=replace(request.scratch, postgres=majors[0]))
    with ExitStack() as stack:
        if against is not None:
            base = stack.enter_context(revision(against, request.migrations, request.checks))
            request = replace(request, against=base)
        return judged_on(request, majors) if len(majors) > 1 else judged(request)


def explain_query(
    query: str,
    migrations: Migrations = "migrations",
    checks: str | Path | None = None,
    *,
    at: float | None = None,
    database: Database | None = None,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    build: Sequence[str] = (),
    scratch: ScratchOptions | None = None,
) -> Explanation:
    """How PostgreSQL answers a query, at production size: what `pgproof explain` tells.

    `query` is the name of a documented one, or SQL. It is planned as if the tables had `at` rows, else at each
    size of the profile in `checks`; with a `database` it is that one's plan of now. With `build`, the words of a
    command, that builds the schema. Of the explanation, `plans`
    have each the `sizes` at which they are made, and the `root` of a tree of steps (`name`, `notes`, `rows`,
    `cost`, `steps`).

    Raises InputError where there is no such query or the server does not take it, CannotTell where it cannot be
    planned at that size here, DatabaseError.

    >>> explained = pgproof.explain_query("recent_jobs_of_user", at=1e8)
    >>> [step.name for step in explained.plans[0].root.steps]
    ['Index Scan using idx_jobs_user_id_created_at on jobs']
    """
    from pgproof.flows.explain import explain

    return explain(_request(migrations, checks, database, variables, layout, build, scratch), query, at)


def verify(
    migrations: Migrations = "migrations",
    *,
    rows: int = 3,
    majors: Sequence[int] = (),
    since: str | None = None,
    variables: Mapping[str, object] | None = None,
    layout: str | None = None,
    scratch: ScratchOptions | None = None,
) -> tuple[Verified, ...]:
    """Whether each migration can be taken back: what `pgproof verify` shows, for each server.

    `rows` are put into each table (0: none), `majors` are those to do it on (none: the one at hand). With `since`,
    a version, only what is behind it is verified; or what a revision of git does not have ("git:main"). Where a
    migration is refused, it is the last one.

    Raises InputError, and DatabaseError where there is no server.

    >>> (verified,) = pgproof.verify("migrations")
    >>> {str(each.outcome) for each in verified.migrations}
    {'reversible'}
    """
    from pgproof.flows.verify import Request
    from pgproof.flows.verify import verify as reversals

    found = own_files(migrations, variables, layout)
    request = Request(
        folder=found.folder,
        scratch=servers(scratch, migrations),
        rows=rows,
        majors=majors,
        since=since,
        variables=found.variables,
        layout=found.layout,
    )
    return tuple(Verified(server=server, migrations=each) for server, each in reversals(request))


def _request(
    migrations: Migrations,
    checks: str | Path | None,
    database: Database | None,
    variables: Mapping[str, object] | None,
    layout: str | None,
    build: Sequence[str],
    scratch: ScratchOptions | None,
) -> Request:
    from pgproof.flows.check import Request

    found = files(migrations, variables, layout, build)
    return Request(
        migrations=found.folder,
        checks=checks_folder(checks, migrations),
        today=_today(),
        scratch=servers(scratch, migrations),
        database=None if database is None else conninfo(database),
        variables=found.variables,
        layout=found.layout,
        builder=found.builder,
    )


def _today() -> date:
    return datetime.now().astimezone().date()
