"""The two sides of `diff`: a database, a folder of migrations, a .sql file, a snapshot, a revision of git."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

from pgproof.catalog import read as catalog
from pgproof.catalog.canonical import Canonical
from pgproof.catalog.extract import extract
from pgproof.catalog.fact import Fact, Facts, Name
from pgproof.database.builder import VERSION, Builder
from pgproof.database.connection import Connection, connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.drift.planner.repair import NEEDED
from pgproof.drift.scope import left_out, without
from pgproof.errors import InputError, Problem
from pgproof.flows import builds, snapshot
from pgproof.flows.clone import clone, ownerless, read
from pgproof.flows.revision import checked_out
from pgproof.flows.stage import now, through
from pgproof.flows.steady import look
from pgproof.migrate import ledger
from pgproof.migrate.execute import build
from pgproof.migrate.library import Library, load_plain
from pgproof.migrate.plan import target_version
from pgproof.sql import role as roles
from pgproof.sql.name import quote

BUILD = "build"
"""The side that the project's command builds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where a side's files are found: `folder` has the migrations of a revision of git.

    With a `builder`, that folder stands for what its command builds, and so does the word "build".
    """

    folder: Path
    variables: Mapping[str, object]
    layout: str | None = None
    builder: Builder | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What a side is called, where it is, and what it holds.

    `is_live` unless it was built on scratch for this; `is_made` if that was done by statements of ours, of what a
    snapshot says. `role` is who has run the files there, as facts have it, and owns what these give to nobody.
    `undumped` is what is there and counts as nothing: names of relations and schemas.
    """

    told: str
    database: Conninfo
    facts: Facts
    is_live: bool
    is_made: bool = False
    role: str = ""
    undumped: tuple[Name, ...] = ()

    @property
    def template(self) -> str | None:
        """The scratch database that can be copied, by name."""
        return None if self.is_live or self.is_made else self.database.database

    @property
    def name(self) -> str:
        """What it is called in a file that goes to other machines: of a database and of a path the name alone."""
        if not self.is_live:
            return Path(self.told).name if Path(self.told).is_absolute() else self.told
        return f'database "{self.database.database}"' if self.database.database else "a database"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A database and what the files build, on a scratch `server` that is there as long as the latter.

    `role` is who ran the last of them, "" if nobody did.
    """

    server: ScratchServer
    live: Side
    built: Side
    role: str = ""


def named(text: str, files: Files, stack: ExitStack) -> Conninfo | Library | Canonical | Builder:
    """The address, the files, the snapshot, or the command, that a side's words mean. Raises InputError."""
    path, _, version = text.rpartition("@") if "@" in text and "://" not in text else (text, "", "")
    if files.builder and _is_built(path, files):
        return _builder(text, files.builder, version)
    if text.startswith("git:"):
        folder = stack.enter_context(checked_out(text, files.folder))
        return load_plain(folder, files.variables, layout=files.layout)
    if Path(text).suffix == ".json" and Path(text).exists():
        kept = snapshot.side(Path(text))
        return replace(kept, facts=without(kept.facts))
    if Path(path).exists():
        library = load_plain(Path(path), files.variables, layout=files.layout)
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


def _is_built(path: str, files: Files) -> bool:
    is_folder = Path(path).is_dir() and Path(path).resolve() == files.folder.resolve()
    return is_folder or path.startswith("git:") or (path == BUILD and not Path(path).exists())


def _builder(text: str, builder: Builder, version: str) -> Builder:
    """The command; with a version, the one that builds up to it alone."""
    if text.startswith("git:"):
        raise InputError(
            Problem(
                message=f"a revision cannot be built by `{builder.told}`",
                detail="The command builds from the files that are there now.",
                hint="compare with a snapshot of that revision: pgproof snapshot --full",
            )
        )
    if not version:
        return builder
    if not builder.upto:
        raise InputError(
            Problem(
                message=f"nobody knows how to build up to version {version}",
                hint=f'say in the settings how: build-to = "... {VERSION}"',
            )
        )
    return replace(builder, words=builder.words_for(version))


def live(database: Conninfo) -> Side:
    """A side that is a database. Raises DatabaseError, CannotTell where its schema is being changed."""
    now("reading a database", database.description)
    with closing(connect(database)) as conn:
        facts, foreign = look(conn, _facts, database, options=NEEDED)
    return of_live(database, facts, foreign)


def of_live(database: Conninfo, facts: Facts, foreign: frozenset[str]) -> Side:
    """The same of what was read of it, without pgproof's schema and other tools' tables (`foreign`)."""
    return Side(
        told=database.description,
        database=database,
        facts=without(facts, foreign),
        is_live=True,
        undumped=tuple(left_out(facts, foreign)),
    )


def _facts(conn: Connection) -> tuple[Facts, frozenset[str]]:
    """What is there, and the tables of other tools."""
    ledgers = ledger.find(conn, catalog.rows)
    return extract(conn, options=NEEDED), frozenset().union(*(each.relations for each in ledgers))


def built(text: str, library: Library, server: ScratchServer, stack: ExitStack) -> Side:
    """A side that files build, in a database that is there until the stack ends. Raises DatabaseError."""
    server.lend_roles(roles.named(s for each in library.migrations for s in each.up.statements))
    database = stack.enter_context(server.database())
    with closing(connect(database)) as conn:
        through(f"building {text}", build(conn, library))
        facts = read(conn)
        row = conn.execute("SELECT pg_catalog.quote_ident(current_user)").fetchone()
    return Side(told=text, database=database, facts=facts, is_live=False, role=row[0] if row else "")


def commanded(text: str, builder: Builder, server: ScratchServer, stack: ExitStack) -> Side:
    """A side that a command builds, without its tool's own table. Raises DatabaseError, InputError."""
    database = stack.enter_context(builds.database(server, builder))
    with closing(connect(database)) as conn:
        own = builds.versions(conn).relations
        facts = read(conn)
        row = conn.execute("SELECT pg_catalog.quote_ident(current_user)").fetchone()
    return Side(
        told=text,
        database=database,
        facts=without(facts, own),
        is_live=False,
        role=row[0] if row else "",
        undumped=tuple(left_out(facts, own)),
    )


def made(text: str, kept: Canonical, server: ScratchServer, stack: ExitStack) -> Side:
    """A side that a snapshot tells of, in a database that is there until the stack ends. Raises DatabaseError.

    What belongs to whoever has run the files belongs there to whoever makes it.
    """
    role = quote(kept.role)
    copy = stack.enter_context(clone(server, _named_owners(kept.facts, role)))
    return Side(told=text, database=copy.database, facts=kept.facts, is_live=False, is_made=True, role=role)


def said(text: str, kept: Canonical) -> Side:
    """The same of a snapshot of another major than the server's: it is nowhere."""
    there = Conninfo.parse("")
    return Side(told=text, database=there, facts=kept.facts, is_live=False, is_made=True, role=quote(kept.role))


def owned(source: Side, target: Side) -> tuple[Side, Side]:
    """Both sides with the owners that can be compared: those of databases, and those that files name.

    What files give to nobody belongs to whoever runs them.
    """
    if source.is_live and target.is_live:
        return source, target
    one, other = (
        each if each.is_live else replace(each, facts=_named_owners(each.facts, each.role))
        for each in (source, target)
    )
    return _as_named(one, other), _as_named(other, one)


def _named_owners(facts: Facts, role: str) -> Facts:
    """The facts without the owner that has run the files."""
    return ownerless(facts, lambda fact: facts.value(fact, "owner") == role)


def _as_named(side: Side, other: Side) -> Side:
    """A database without the owners of which files say nothing."""
    if not side.is_live:
        return side

    def is_unsaid(fact: Fact) -> bool:
        there = other.facts.facts.get(fact.key)
        return there is None or other.facts.value(there, "owner") is None

    return replace(side, facts=ownerless(side.facts, is_unsaid))
