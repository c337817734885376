"""`snapshot`: what the files build, as a file that git can keep; and whether that file is still right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pgproof.catalog import canonical
from pgproof.catalog.accounting import reading
from pgproof.catalog.canonical import Canonical, ChangedError
from pgproof.database.builder import Builder
from pgproof.database.scratch import ScratchOptions
from pgproof.drift.compare import Difference, compare
from pgproof.errors import InputError, Problem
from pgproof.flows import builds
from pgproof.flows.expectation import Step, digest
from pgproof.flows.replay import Built, commanded, depends, replay
from pgproof.migrate import file
from pgproof.migrate.library import Library, load, whole
from pgproof.migrate.migration import Migration
from pgproof.migrate.plan import target_version
from pgproof.report.schema import HEAD
from pgproof.sql import role as roles
from pgproof.sql.source import Source

if TYPE_CHECKING:
    from pgproof.flows.schema import SchemaScript

_BODY = '\n"words": {\n'
"""Where the head of a snapshot ends."""
ROLE = "postgres"
"""Who runs the files, if nobody says who does so in production."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to build. `path` is the snapshot that is there, or will be; `to` the last version, None for all.

    `role` runs the files, and owns what they make; without, that of the snapshot which is there does. With a
    `builder`, its command is run instead.
    A `full` one has what `diff` needs; None is as the one which is there.
    """

    folder: Path
    scratch: ScratchOptions
    path: Path | None = None
    to: str | None = None
    role: str | None = None
    full: bool | None = None
    variables: Mapping[str, object] = field(default_factory=dict)
    layout: str | None = None
    builder: Builder | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotCheck:
    """What a snapshot and the files do not have alike; `reasons` are those why it is not theirs all the same."""

    differences: tuple[Difference, ...]
    reasons: tuple[str, ...]


def build(request: Request) -> str:
    """The text of the snapshot. Raises InputError where files are wrong, DatabaseError where one is refused."""
    role, major, is_full = _there(request.path)
    full = is_full if request.full is None else request.full
    return canonical.text(_built(replace(request, full=full), role, major))


def write(request: Request) -> tuple[Path, bool]:
    """Write the snapshot to its path: that, and whether it was another one. Raises as `build` does."""
    assert request.path
    return request.path, _put(request.path, build(request).encode())


def check(request: Request) -> SnapshotCheck:
    """Compare the snapshot with what the files build. Raises InputError where it is not there or spoilt.

    If it was changed by hand, the place is the first one that is not as the files build it.
    """
    assert request.path
    if not request.path.exists():
        raise InputError(Problem(message=f"there is no {request.path}", hint="write it: pgproof snapshot"))
    try:
        kept = canonical.read(_source(request.path))
    except ChangedError as error:
        raise InputError(_found(error.problems[0], _source(request.path), build(request))) from None
    built = _built(replace(request, full=kept.full), kept.role, kept.facts.major)
    if kept.reading != built.reading:
        return SnapshotCheck(differences=(), reasons=("it was written by another version of pgproof",))
    differences = compare(built.facts, kept.facts)
    reasons = []
    if kept.role != built.role:
        reasons.append(f'the files were run as "{kept.role}", and now as "{built.role}"')
    if kept.files != built.files:
        reasons.append("the files, their order or the variables are others than those that it was written from")
    if kept.depends != built.depends or kept.facts.unmodelled != built.facts.unmodelled:
        reasons.append("what it says of the files themselves is not so any more")
    return SnapshotCheck(differences=differences, reasons=tuple(reasons))


def _found(problem: Problem, source: Source, built: str) -> Problem:
    """The problem with its place: in the body, since the head says what the file was built from."""
    begin, start = source.text.find(_BODY), built.find(_BODY)
    if begin < 0:
        return problem
    at = _parting(source.text[begin:], built[start:])
    if at is None:
        return problem
    detail = "Here it is not what the files build, and its digest is not that of its lines."
    return replace(problem, place=source.place(begin + at), detail=detail)


def _parting(one: str, other: str) -> int | None:
    """The first place where the two are not the same; None if they are. Of long texts it goes by blocks."""
    if one == other:
        return None
    place, step = 0, 1 << 20
    while step:
        while place + step <= len(one) and one[place : place + step] == other[place : place + step]:
            place += step
        step //= 2
    return place


def sql(request: Request) -> SchemaScript:
    """The schema as SQL. Raises as `build` does, and CannotTell where that SQL builds anything else."""
    from pgproof.flows.schema import commanded_schema, schema

    if request.builder:
        by, major, _ = _there(request.path)
        return commanded_schema(_scratch(request, major), request.builder, request.role or by or ROLE)
    run, role, named, scratch = _asked(request, *_there(request.path)[:2])
    return schema(scratch, [Step(migration=each, role=role) for each in run], [role, *named], role)


def write_sql(request: Request, path: Path) -> tuple[SchemaScript, bool]:
    """Write the schema as SQL: what was written, and whether it was another text. Raises as `sql` does."""
    _check_place(request, path)
    made = sql(request)
    return made, _put(path, made.text.encode())


def check_sql(request: Request, path: Path) -> bool:
    """True if that file is what `write_sql` would write. Raises as `sql` does."""
    _check_place(request, path)
    if not path.is_file():
        raise InputError(Problem(message=f"there is no {path}", hint=f"write it: pgproof snapshot --sql {path}"))
    return _source(path).text == sql(request).text


def _check_place(request: Request, path: Path) -> None:
    """Raises InputError where a file is no file of ours, or would be taken for a migration."""
    if request.folder.resolve() in path.resolve().parents:
        raise InputError(
            Problem(
                message=f"{path} lies among the migrations, and would be taken for one",
                hint=f"write it beside them: --sql {path.name}",
            )
        )
    if path.is_dir() or (path.is_file() and not _source(path).text.startswith(HEAD)):
        raise InputError(
            Problem(message=f"{path} is there, and no SQL of pgproof's", hint="write to another file: --sql FILE")
        )


def _put(path: Path, text: bytes) -> bool:
    """Write a file, if it is another one than is there; whether it was."""
    try:
        if path.is_file() and path.read_bytes() == text:
            return False
        file.put({path: text})
    except OSError as error:
        raise InputError(file.unwritten(error, path)) from None
    return True


def side(path: Path) -> Canonical:
    """A full snapshot, as a side of `diff`. Raises InputError where it is spoilt, or not full."""
    kept = canonical.read(_source(path))
    if kept.reading != reading():
        message = f"{path} was written by another version of pgproof"
        raise InputError(Problem(message=message, hint=f"write it anew: pgproof snapshot --full --file {path}"))
    if not kept.full:
        raise InputError(
            Problem(
                message=f"{path} does not say all that diff has to know",
                detail="It has neither the definitions of objects nor what they depend on.",
                hint=f"write them down too: pgproof snapshot --full --file {path}",
            )
        )
    return kept


def _built(request: Request, by: str | None, major: int | None) -> Canonical:
    """What the files build, by that role and on that major if nobody asks for others."""
    options = canonical.FULL if request.full else frozenset()
    if request.builder:
        return _commanded(request, request.builder, by, major, options)
    run, role, named, scratch = _asked(request, by, major)
    built = replay(scratch, [Step(migration=each, role=role) for each in run], [role, *named], options)
    _check_role(request, built)
    return Canonical(
        facts=built.facts,
        files=digest(run, request.variables),
        role=role if built.is_own_cluster else built.role,
        depends=depends(run),
        reading=reading(),
        full=bool(request.full),
    )


def _commanded(
    request: Request, builder: Builder, by: str | None, major: int | None, options: frozenset[str]
) -> Canonical:
    """The same of what a command builds; if nobody knows of which files, nobody will believe it later."""
    role = request.role or by or ROLE
    scratch = _scratch(request, major)
    with commanded(scratch, builder, [], options, role=role) as built:
        _check_role(request, built)
        files = builds.digest(builder, built.versions)
        return Canonical(
            facts=built.facts,
            files=files,
            role=built.role,
            depends=() if files else ("a command",),
            reading=reading(),
            full=bool(request.full),
        )


def _check_role(request: Request, built: Built) -> None:
    if request.role and not built.is_own_cluster and built.role != request.role:
        raise InputError(
            Problem(
                message=f'cannot run the files as "{request.role}" on {built.server}',
                detail="On a server that pgproof has not made itself, they are run as the user of its address.",
                hint="name that role in the address, or leave --scratch-url out",
            )
        )


def _scratch(request: Request, major: int | None) -> ScratchOptions:
    if request.scratch.postgres is None and major:
        return replace(request.scratch, postgres=major)
    return request.scratch


def _asked(
    request: Request, by: str | None, major: int | None
) -> tuple[list[Migration], str, list[str], ScratchOptions]:
    """What is run, by whom, which roles the files speak of, and where."""
    library = whole(load(request.folder, request.variables, layout=request.layout))
    run = _run(library, request.to)
    named = list(roles.named(statement for each in run for statement in each.up.statements))
    return run, request.role or by or ROLE, named, _scratch(request, major)


def _run(library: Library, to: str | None) -> list[Migration]:
    """What is run, in order; repeatable files if all is. Raises InputError at an unknown version."""
    last = target_version(library, to)
    if last is None:
        return [*library.migrations, *library.repeatables]
    return [each for each in library.migrations if each.version <= last]


def _there(path: Path | None) -> tuple[str | None, int | None, bool]:
    """Role and major of the snapshot that is there, and whether it is full, as far as it can be read.

    It will be written anew.

    Raises InputError where the path is that of a file of another kind.
    """
    if path is None or not path.is_file():
        return None, None, False
    source = _source(path)
    if source.text.strip() and f'"{canonical.FAMILY}' not in source.text[:200]:
        message = f"{path} is there, and no snapshot of pgproof"
        raise InputError(Problem(message=message, hint="write to another file: --file FILE"))
    return *canonical.head(source.text), canonical.is_full(source.text)


def _source(path: Path) -> Source:
    source = file.read(path)
    if isinstance(source, Problem):
        raise InputError(replace(source, hint=source.hint or "write it anew: pgproof snapshot"))
    return source
