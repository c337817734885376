"""`plan`: what an upgrade would do, as a script of files alone, from the target's history, or tried on scratch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.holder import Holder
from pgproof.database.pace import Pace
from pgproof.database.scratch import ScratchOptions, open_scratch
from pgproof.database.version import ServerVersion
from pgproof.errors import DatabaseError, InputError, Problem, raise_all
from pgproof.flows import upgrade
from pgproof.flows.stage import now, through
from pgproof.flows.sum import agree
from pgproof.migrate import digest, script, stand
from pgproof.migrate.baseline import effective, story
from pgproof.migrate.execute import build
from pgproof.migrate.library import Library, load, whole
from pgproof.migrate.migration import Migration
from pgproof.migrate.plan import means_zero, target_version, unwritten
from pgproof.migrate.terms import Terms
from pgproof.migrate.trial import Ground, Trial, Tried

_UNUSED_PACE = Pace(monotonic=float, sleep=lambda _: None, jitter=float)


def offline(
    folder: Path,
    *,
    variables: Mapping[str, object],
    to: str | None,
    after: str | None,
    tool: str,
    layout: str | None = None,
    schema: str = "",
    role: str = "",
    warn: Callable[[Problem], None] = lambda _: None,
) -> Iterator[str]:
    """The migrations behind version `after` up to `to` as a script for psql; no server is asked.

    `warn` hears what an upgrade would do and the script cannot; the script says it, too. Raises InputError.
    """
    library = load(folder, variables, layout=layout)
    agree(folder, library)
    library = whole(library)
    first = 0 if after is None or means_zero(after) else target_version(library, after) or 0
    last = target_version(library, to)
    chosen = [
        each for each in library.migrations if each.version > first and (last is None or each.version <= last)
    ]
    raise_all(InputError, [problem for each in chosen for problem in _no_script(each)])
    if last is None:
        chosen += library.repeatables
    run = uuid5(NAMESPACE_URL, digest.text(library))  # the same files give the same script
    terms = Terms(
        run=run, tool=tool, holder=Holder(host="psql", pid=0), pace=_UNUSED_PACE, schema=schema, role=role
    )
    for problem in script.left_out(library.hooks):
        warn(problem)
    return script.script(chosen, library.folder, terms, library.hooks)


def rehearse(
    conninfo: Conninfo,
    folder: Path,
    *,
    variables: Mapping[str, object],
    layout: str | None = None,
    schema: str = "",
    to: str | None,
    steps: int | None,
    scratch: ScratchOptions,
    clock: Callable[[], float],
) -> Iterator[Trial]:
    """The plan for the target; then each of its steps, run on a scratch server built to the target's version.

    The scratch server has the target's major (unless `scratch` names one); its name comes before the first step.
    Its tables hold the rows that migrations insert, and no others. Raises InputError and DatabaseError.
    """
    planned = upgrade.plan(conninfo, folder, variables=variables, layout=layout, to=to, steps=steps, schema=schema)
    yield planned
    if not planned.plan.steps:
        return
    wanted = scratch if scratch.postgres else replace(scratch, postgres=_major(conninfo))
    past = planned.plan.history
    applied = story(effective(load(folder, variables, layout=layout), past), past)
    with ExitStack() as stack:
        now("starting a server")
        server = stack.enter_context(open_scratch(wanted))
        fresh = stack.enter_context(server.database())
        stand.make(fresh, schema)
        conn = stack.enter_context(closing(connect(fresh)))
        yield Ground(server=str(server.version), provider=server.provider)
        try:
            through("building what is applied", build(conn, _library(applied)))
        except DatabaseError as error:
            raise DatabaseError(*(_before(problem) for problem in error.problems)) from error
        for step in planned.plan.steps:
            begin = clock()
            through("trying what is pending", build(conn, _library([step.migration])))
            yield Tried(step=step, seconds=clock() - begin)


def _no_script(migration: Migration) -> Iterator[Problem]:
    """What a script for psql cannot do, and an upgrade would not."""
    if migration.unwritten:
        yield unwritten(migration)
    if migration.up.function:
        yield Problem(
            message="a migration in Python cannot be written as a script for psql",
            place=migration.up.place,
            hint="let pgproof run it, and write scripts of what comes before and after it: --to, --from",
        )


def _library(migrations: list[Migration]) -> Library:
    return Library(folder="", migrations=tuple(migrations))


def _before(problem: Problem) -> Problem:
    detail = "An applied migration does not run on an empty database, so that nothing could be tried."
    return replace(problem, detail=f"{problem.detail} {detail}".strip())


def _major(conninfo: Conninfo) -> int:
    with closing(connect(conninfo)) as conn:
        return ServerVersion(conn.info.server_version).major
