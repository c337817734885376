"""`diff`: the SQL that leads from one schema to another: databases, folders, files, revisions of git."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

from pgproof.catalog.extract import extract
from pgproof.catalog.fact import Facts
from pgproof.database import failure
from pgproof.database.connection import Connection, connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions, ScratchServer, open_scratch
from pgproof.drift.compare import Difference, compare
from pgproof.drift.planner.plan import Repair
from pgproof.drift.planner.repair import NEEDED, repair
from pgproof.drift.scope import without
from pgproof.errors import DatabaseError, InputError, Problem
from pgproof.migrate.execute import build
from pgproof.migrate.library import Library, load_plain
from pgproof.migrate.plan import target_version
from pgproof.sql import role

_POSITION = {"position"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to compare. A side is an address, a folder (maybe with `@VERSION`), a .sql file, or `git:REVISION`.

    `folder` is where a revision of git has the migrations.
    """

    source: str
    target: str
    folder: Path
    scratch: ScratchOptions
    prove: bool = False
    variables: Mapping[str, object] = field(default_factory=dict)
    layout: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What came of the statements on a clone: what was refused, with the statement, and what is still unlike."""

    server: str
    refused: tuple[tuple[str, Problem], ...]
    left: tuple[Difference, ...]

    @property
    def holds(self) -> bool:
        """True if they lead where they should."""
        return not (self.refused or self.left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What is unlike, the way from the one to the other, and the proof, if that was asked for."""

    source: str
    target: str
    differences: tuple[Difference, ...]
    repair: Repair
    proof: Proof | None = None


def diff(request: Request) -> Diff:
    """Read or build both sides, and plan the way. Raises InputError and DatabaseError.

    What is built from files is built on a scratch server, of the major of the other side if that is a database.
    Then owners are not compared: on scratch there is only one.
    """
    with ExitStack() as stack:
        sides = [_side(text, request, stack) for text in (request.source, request.target)]
        live = [_read(side) for side in sides if isinstance(side, Conninfo)]
        major = live[0].major if live else None
        server: ScratchServer | None = None
        if len(live) < 2 or request.prove:
            server = stack.enter_context(
                open_scratch(replace(request.scratch, postgres=major or request.scratch.postgres))
            )
        found = []
        for side in sides:
            if isinstance(side, Conninfo):
                found.append(live.pop(0))
            else:
                assert server
                found.append(_built(server, side))
        if not all(isinstance(side, Conninfo) for side in sides):
            found = [_ownerless(each) for each in found]
        source, target = found
        if source.major != target.major:
            raise InputError(_majors(source.major, target.major))
        plan = repair(source, target)
        return Diff(
            source=_described(sides[0], request.source),
            target=_described(sides[1], request.target),
            differences=_told(compare(target, source)),
            repair=plan,
            proof=_proof(server, source, target, plan) if request.prove and server else None,
        )


def _side(text: str, request: Request, stack: ExitStack) -> Conninfo | Library:
    path, _, version = text.rpartition("@") if "@" in text and "://" not in text else (text, "", "")
    if text.startswith("git:"):
        folder = stack.enter_context(_checked_out(text.removeprefix("git:"), request.folder))
        return load_plain(folder, request.variables, layout=request.layout)
    if Path(path).exists():
        library = load_plain(Path(path), request.variables, layout=request.layout)
        upto = target_version(library, version or None)
        return (
            library
            if upto is None
            else replace(library, migrations=tuple(m for m in library.migrations if m.version <= upto))
        )
    if "=" in text or "://" in text:
        return Conninfo.parse(text)
    raise InputError(
        Problem(
            message=f'"{text}" is no folder, no file and no address of a database',
            hint="write a path, postgresql://..., dbname=..., or git:REVISION",
        )
    )


@contextmanager
def _checked_out(revision: str, folder: Path) -> Iterator[Path]:
    """The folder as a revision of git has it. Raises InputError."""
    command = ["git", "-C", str(folder), "archive", "--format=tar", revision, "."]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        raise InputError(Problem(message="git is not installed")) from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise InputError(
            Problem(message=f'cannot read the revision "{revision}" of {folder}', detail=f"git: {said}.")
        )
    with tempfile.TemporaryDirectory(prefix="pgproof-") as place:
        with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
            archive.extractall(place, filter="data")
        yield Path(place)


def _read(database: Conninfo) -> Facts:
    with closing(connect(database)) as conn:
        return _facts(conn)


def _facts(conn: Connection) -> Facts:
    with read_only(conn, {"lock_timeout": "5s"}), failure.told():
        return without(extract(conn, options=NEEDED))


def _ownerless(facts: Facts) -> Facts:
    """The facts without owners."""
    places = {catalog: words.index("owner") for catalog, words in facts.words.items() if "owner" in words}
    changed = {
        key: replace(fact, values=(*fact.values[:place], None, *fact.values[place + 1 :]))
        for key, fact in facts.facts.items()
        if (place := places.get(fact.catalog)) is not None
    }
    return replace(facts, facts={**facts.facts, **changed})


def _built(server: ScratchServer, library: Library) -> Facts:
    server.lend_roles(role.named(s for each in library.migrations for s in each.up.statements))
    with server.database() as database, closing(connect(database)) as conn:
        for _ in build(conn, library):
            pass
        return _facts(conn)


def _proof(server: ScratchServer, source: Facts, target: Facts, plan: Repair) -> Proof:
    """Make a clone of the source on scratch, run the statements on it, and look what it is then.

    The clone is made by statements of ours, too; what they cannot make is not in it, and left out of what is told.
    """
    with server.database() as database, closing(connect(database)) as conn:
        empty = _facts(conn)
        for each in repair(empty, source).statements:
            with failure.told():
                conn.execute(each.sql.encode())
        before = {each.key for each in compare(source, _facts(conn))}
        refused = []
        for each in plan.statements:
            try:
                with failure.told():
                    conn.execute(each.sql.encode())
            except DatabaseError as error:
                refused.append((each.sql, error.problems[0]))
        after = compare(target, _facts(conn))
    left = [each for each in _told(after) if each.key not in before]
    return Proof(server=f"PostgreSQL {server.version}", refused=tuple(refused), left=tuple(left))


def _told(found: tuple[Difference, ...]) -> tuple[Difference, ...]:
    """Differences that are more than another order of columns."""
    return tuple(each for each in found if each.values.keys() != _POSITION)


def _described(side: Conninfo | Library, text: str) -> str:
    return side.description if isinstance(side, Conninfo) else text


def _majors(one: int, other: int) -> Problem:
    return Problem(
        message=f"the one is of PostgreSQL {one}, the other of {other}",
        detail="They write definitions differently, and not all that one has can be said in the other.",
        hint="compare databases of one major; files are built on the major of the other side",
    )
