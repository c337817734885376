"""What a command of the user's builds instead of migrations: a database, its versions, and what it is made of.

Tools keep a table of what they have applied (`migrate.ledger`). It is theirs: it is read to know the version, and
counts as nothing else.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pgproof.catalog import read as catalog
from pgproof.catalog.snapshot import Snapshot
from pgproof.database import builder as commands
from pgproof.database import failure
from pgproof.database.builder import Builder, Ran
from pgproof.database.connection import Connection, connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.errors import CannotTell, InputError, Problem
from pgproof.flows.stage import now
from pgproof.migrate import layout as layouts
from pgproof.migrate import ledger
from pgproof.migrate.glance import SNAPSHOT
from pgproof.migrate.layout import in_python
from pgproof.migrate.ledger import Ledger
from pgproof.migrate.library import Library, load_plain
from pgproof.sql.name import qualified

_MOST_ROLES = 20
_NO_ROLE = re.compile(r'role "(.+)" does not exist(?!, skipping)')
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What a database has had, as the table of a `tool` says: `names`, in their order.

    With `covers` they stand for all before them. `owner` is the role that owns that table, thus runs the tool;
    `relations` are the tool's own. All is empty where there is no such table.
    """

    tool: str = ""
    names: tuple[str, ...] = ()
    covers: bool = False
    owner: str = ""
    relations: frozenset[str] = frozenset()

    @property
    def last(self) -> str:
        """The last of them, as the tool takes it for a version; empty for none."""
        return self.names[-1].partition(" (")[0] if self.names else ""

    @property
    def told(self) -> str:
        """Where the database is, for people."""
        if not self.tool:
            return "no version that a table tells"
        if not self.names:
            return f"{self.tool}'s beginning"
        return f"{self.tool} {' and '.join(self.names) if self.tool == 'alembic' else self.names[-1]}"


def versions(conn: Connection) -> Versions:
    """What the database has had. Raises DatabaseError, and CannotTell if several tools keep a table there."""
    found = ledger.find(conn, catalog.rows)
    if not found:
        return Versions()
    if len(found) > 1:
        tables = ", ".join(f"{each.table} ({each.tool})" for each in found)
        raise CannotTell(Problem(message=f"several tables tell which migrations were applied: {tables}"))
    (only,) = found
    return Versions(
        tool=only.tool,
        names=tuple(each.name for each in only.records),
        covers=any(each.covers for each in only.records),
        owner=_owner(conn, only),
        relations=only.relations,
    )


def _owner(conn: Connection, found: Ledger) -> str:
    with failure.told():
        row = conn.execute(
            "SELECT pg_catalog.pg_get_userbyid(relowner) FROM pg_catalog.pg_class WHERE oid = %s::regclass",
            [found.table],
        ).fetchone()
    return str(row[0]) if row else ""


@contextmanager
def database(
    server: ScratchServer, builder: Builder, *, version: str | None = None, role: str = ""
) -> Iterator[Conninfo]:
    """A database that the command has built, as `role` if the cluster is our own, with no one connected.

    Roles that it misses are lent to it there, as far as the end of its output names them: files grant to roles
    that are those of a whole cluster. Raises DatabaseError where it fails or builds nothing, InputError where it
    cannot be started.
    """
    now(f"running {builder.told_for(version)}")
    lent: set[str] = set()
    while True:
        with server.database() as fresh:
            own = Conninfo.of(**{**dict(fresh.parameters), "user": role}) if role else fresh
            ran = commands.run(builder, own if server.is_own_cluster else fresh, version)
            if ran.code == 0:
                _check(ran, fresh)
                yield fresh
                return
        missing = _missing(ran) - lent if server.is_own_cluster and len(lent) < _MOST_ROLES else set()
        if not missing:
            raise commands.failed(builder, ran)
        server.lend_roles(sorted(missing))
        lent |= missing


def _missing(ran: Ran) -> set[str]:
    return {name for line in ran.lines for name in _NO_ROLE.findall(line)}


def _check(ran: Ran, database: Conninfo) -> None:
    with closing(connect(database)) as conn, failure.told():
        if commands.is_empty(conn):
            raise commands.idle(ran)


def files(path: Path, variables: Mapping[str, object], layout: str | None) -> Library:
    """What of SQL lies in the folder of migrations, for what it declares and promises; maybe nothing.

    Raises InputError with all mistakes of files.
    """
    nothing = Library(folder=str(path), migrations=())
    if path.is_dir():
        whose = layouts.named(layout) if layout else layouts.look(path)
        if whose in (in_python.ALEMBIC, in_python.DJANGO) or not (whose or any(path.glob("*.sql"))):
            return nothing
    elif not path.is_file():
        return nothing
    return load_plain(path, variables, layout=layout)


def without(snapshot: Snapshot, relations: Collection[str]) -> Snapshot:
    """The catalog without what is a tool's own (relations, qualified; schemas). Pure."""
    if not relations:
        return snapshot

    def is_kept(schema: str, table: str) -> bool:
        return schema not in relations and qualified(schema, table) not in relations

    return replace(
        snapshot,
        tables=tuple(each for each in snapshot.tables if is_kept(each.schema, each.name)),
        columns=tuple(each for each in snapshot.columns if is_kept(each.schema, each.table)),
        constraints=tuple(each for each in snapshot.constraints if is_kept(each.schema, each.table)),
        indexes=tuple(each for each in snapshot.indexes if is_kept(each.schema, each.table)),
        triggers=tuple(each for each in snapshot.triggers if is_kept(each.schema, each.table)),
    )


def said(builder: Builder, relations: Collection[str], version: str | None = None) -> str:
    """For people: what has built the schema (up to a version), and what of it is left out."""
    own = f"; {', '.join(sorted(relations))} is its own, and left out" if relations else ""
    return f"built by `{builder.told_for(version)}`{own}"


def digest(builder: Builder, at: Versions) -> str:
    """Of what is built: the commands, their inputs, and the versions. Empty if nobody knows the inputs.

    Raises InputError where a pattern has no files, or one cannot be read.
    """
    found = _inputs(builder)
    if not found:
        return ""
    whole = hashlib.sha256(f"{builder.words!r} {builder.upto!r} {at.tool} {at.names!r}\n".encode())
    for name, path in sorted(found.items()):
        whole.update(f"{name} {hashlib.sha256(_content(path)).hexdigest()}\n".encode())
    return whole.hexdigest()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        hint = "make it readable, or name the files that the command builds from: build-inputs"
        raise InputError(Problem(message=f"cannot read {path}: {error.strerror}", hint=hint)) from None


def _inputs(builder: Builder) -> dict[str, Path]:
    places = [(builder.folder, each) for each in builder.inputs]
    if not places and builder.migrations and builder.migrations.is_dir():
        places = [(builder.migrations, "**/*")]
    found: dict[str, Path] = {}
    problems = []
    for folder, pattern in places:
        try:
            files = [each for each in folder.glob(pattern) if _is_input(each)]
        except (NotImplementedError, ValueError) as error:
            problems.append(Problem(message=f'build-inputs: "{pattern}" is no pattern of files: {error}'))
            continue
        if not files and builder.inputs:
            problems.append(
                Problem(
                    message=f'build-inputs: no file is like "{pattern}"',
                    hint=f'write a pattern as seen from {folder.resolve().name}/, for example "alembic/**/*.py"',
                )
            )
        found |= {each.relative_to(folder).as_posix(): each for each in files}
    if problems:
        raise InputError(*problems)
    return found


def _is_input(path: Path) -> bool:
    """Not what Python, or pgproof itself, has written."""
    return path.is_file() and path.suffix != ".pyc" and path.name != SNAPSHOT


def target(builder: Builder, at: Versions) -> str | None:
    """The version to build up to, so that it is that of the database; None to build all."""
    several = at.tool == "alembic" and len(at.names) > 1
    return at.last if builder.upto and at.tool != "django" and not several and at.last else None


def agree(builder: Builder, database: Versions, built: Versions) -> None:
    """Raises CannotTell where a database and what the command has built are not at the same version."""
    if (database.tool, sorted(database.names)) == (built.tool, sorted(built.names)):
        return
    is_listed = not (database.covers or built.covers)
    pending = _listed(built.names, database.names) if is_listed else ""
    strange = _listed(database.names, built.names) if is_listed else ""
    lists = [f"Not in the database: {pending}."] if pending else []
    lists += [f"Not in the files: {strange}."] if strange else []
    known = f'build-to = "{builder.told.removesuffix(" head")} {commands.VERSION}"'
    hint = "bring the database up to date with your tool" + (
        "" if builder.upto or database.tool == "django" else f", or say how to build up to a version: {known}"
    )
    raise CannotTell(
        Problem(
            message=f"the database is at {database.told}, and `{builder.told}` builds {built.told}",
            detail=" ".join([*lists, "What is pending is no drift, and nobody can tell the one from the other."]),
            hint=hint,
        )
    )


def _listed(names: Sequence[str], others: Sequence[str]) -> str:
    more = [each for each in names if each not in others]
    shown = ", ".join(more[:_SHOWN])
    return f"{shown} and {len(more) - _SHOWN} more" if len(more) > _SHOWN else shown
