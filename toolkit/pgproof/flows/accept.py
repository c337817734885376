"""`history accept`: take the text of an edited file for the applied one, where that makes no difference."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from pgproof.database import failure
from pgproof.database.connection import Connection, connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions, open_scratch
from pgproof.database.version import ServerVersion
from pgproof.errors import DatabaseError, InputError, Problem, raise_all
from pgproof.flows.proof import of_migrations, unlike
from pgproof.migrate import edit, file, history
from pgproof.migrate.baseline import effective, story
from pgproof.migrate.edit import Change
from pgproof.migrate.entry import Entry, History, State
from pgproof.migrate.library import Library, load
from pgproof.migrate.migration import ALGORITHM, Migration
from pgproof.migrate.plan import target_version
from pgproof.sql import statement
from pgproof.sql.source import Source

_MOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedEdit:
    """What was accepted: the change, and on what server it was proved ("" where no proof was needed)."""

    name: str
    change: Change
    proved_on: str = ""


def accept(
    conninfo: Conninfo,
    folder: Path,
    version: str,
    *,
    variables: Mapping[str, object],
    scratch: ScratchOptions,
    layout: str | None = None,
    schema: str = "",
) -> AcceptedEdit | None:
    """Record the text of `version`'s file as the applied one; None if it is.

    Where statements changed, both texts are tried on a scratch server of the target's major (or of the one that
    `scratch` names): recorded is only what ends in the same catalog and the same rows. Raises InputError and
    DatabaseError.
    """
    library = load(folder, variables, layout=layout)
    number = target_version(library, version)
    assert number is not None
    migration = library.get(number) or next(each for each in library.baselines if each.version == number)
    with closing(connect(conninfo)) as conn:
        past = history.read(conn, schema)
        library = effective(library, past)
        migration = library.get(number) or migration
        entry = _applied(past, migration)
        if not edit.is_edited(migration, entry):
            return None
        text = history.texts(conn, [number], schema)[number]
        change = edit.change(migration, text)
        proved_on = ""
        if not change.only_form:
            major = ServerVersion(conn.info.server_version).major
            wanted = scratch if scratch.postgres else replace(scratch, postgres=major)
            proved_on = _prove(library, past, migration, text, variables, wanted)
        _record(conn, migration, entry, schema)
    return AcceptedEdit(name=migration.name, change=change, proved_on=proved_on)


def _applied(past: History, migration: Migration) -> Entry:
    entry = past.get(migration.version)
    if entry is None:
        raise InputError(Problem(message=f"{migration.name} is not applied", hint="pgproof upgrade"))
    if entry.state is not State.APPLIED:
        raise InputError(
            Problem(
                message=f"{migration.name} is half done ({entry.done} of {entry.total})", hint="pgproof status"
            )
        )
    return entry


def _prove(
    library: Library,
    past: History,
    migration: Migration,
    text: str,
    variables: Mapping[str, object],
    options: ScratchOptions,
) -> str:
    """Raise InputError unless the applied text and the new one lead to the same; the server on which they do."""
    now = story(library, past)
    before = [_with_text(each, text, variables) if each is migration else each for each in now]
    with open_scratch(options) as server:
        found = unlike(server, of_migrations("as applied", before), of_migrations("now", now))
        if not found:
            return f"PostgreSQL {server.version}"
    more = (f"... and {len(found) - _MOST} more",) if len(found) > _MOST else ()
    raise InputError(
        Problem(
            message=f"{migration.name} does not do any more what it did when it was applied",
            place=migration.up.place,
            detail="On a scratch server, the applied text and the new one end differently.",
            hint=f"put the text of {migration.path} back as it was, and make the change in a new migration",
            context=tuple(f"  {line}" for line in (*found[:_MOST], *more)),
        )
    )


def _with_text(migration: Migration, text: str, variables: Mapping[str, object]) -> Migration:
    """The migration as it was when its upgrade was `text`. Raises InputError if that is no SQL (any more)."""
    source: Source | Problem = Source(f"{migration.path} as it was applied", text)
    if file.is_template(migration.source) or migration.source.original is not None:
        from pgproof.migrate import render  # loads jinja2, which most folders never need

        assert isinstance(source, Source)
        source = render.render(source, variables)
    if isinstance(source, Problem):
        raise InputError(source)
    script = statement.check(source)
    raise_all(InputError, script.problems)
    return replace(migration, source=source, text=text, up=replace(migration.up, script=script))


def _record(conn: Connection, migration: Migration, entry: Entry, schema: str) -> None:
    values = {
        "schema": schema,
        "version": migration.version,
        "name": migration.name,
        "text": migration.text,
        "checksum": migration.checksum,
        "algorithm": ALGORITHM,
        "before": entry.checksum,
    }
    with failure.told():
        done = conn.execute(_sql(), values).fetchone()
    if done is None:
        raise DatabaseError(
            Problem(message=f"the history of {migration.name} was changed meanwhile", hint="run again")
        )


@cache
def _sql() -> bytes:
    return files("pgproof.migrate").joinpath("accept_text.sql").read_bytes()
