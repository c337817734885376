"""`squash`: one file that builds what all migrations up to a version build, proved to do so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pgproof.contract.read import read_migrations
from pgproof.database.connection import connect
from pgproof.database.dump import dump
from pgproof.database.scratch import ScratchOptions, ScratchServer, open_scratch
from pgproof.drift.recast import is_recast
from pgproof.errors import InputError, Problem, raise_all
from pgproof.flows import sum as sums
from pgproof.flows.proof import of_migrations, roles, unlike
from pgproof.flows.stage import now, through
from pgproof.migrate import baseline, digest, file
from pgproof.migrate.execute import build
from pgproof.migrate.library import Library, is_baseline, load
from pgproof.migrate.migration import Migration
from pgproof.migrate.parse import Title, parse
from pgproof.migrate.plan import target_version
from pgproof.sql import statement
from pgproof.sql.source import Source

_MOST = 10
# What pg_dump sets for psql; a migration has it by itself, or must not have it (older servers do not know it).
_SETTINGS = """statement_timeout lock_timeout idle_in_transaction_session_timeout transaction_timeout
client_encoding standard_conforming_strings client_min_messages row_security""".split()
_IDLE = re.compile(rf"SET ({'|'.join(_SETTINGS)}) |COMMENT ON EXTENSION ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Squashed:
    """The new file, the files that it stands for, and where that was proved.

    `promises` is how many documented queries stand in comments of those files: the new one has no comments.
    """

    path: Path
    replaced: tuple[Migration, ...]
    proved_on: str
    promises: int


def squash(folder: Path, to: str, *, variables: Mapping[str, object], scratch: ScratchOptions) -> Squashed:
    """Write `baseline-VERSION.sql` beside the files up to version `to`, which stay as they are.

    The files are run on a scratch server, which is dumped; the dump is run on another, and both have to hold the
    same catalog and rows. Raises InputError and DatabaseError; then nothing is written.
    """
    library = load(folder, variables)
    story = _story(library, target_version(library, to) or 0)
    last = story[-1]
    path = folder / f"baseline-{last.digits or last.version}.sql"
    if path.exists():
        raise InputError(
            Problem(message=f"{path} is there already", hint="squash to a later version, or remove it")
        )
    now("starting a server")
    with open_scratch(scratch) as server:
        text = _text(story, _statements(server, story, scratch))
        written = _parsed(path, text, last)
        files, new = of_migrations("by the files", story), of_migrations("by the baseline", [written])
        found = unlike(server, files, new, is_recast)
        proved_on = f"PostgreSQL {server.version}"
    if found:
        raise InputError(_differs(path, found))
    _write(path, text)
    if (folder / digest.NAME).is_file():
        sums.write(folder, variables=variables)
    return Squashed(path=path, replaced=story, proved_on=proved_on, promises=_promises(story))


def _story(library: Library, version: int) -> tuple[Migration, ...]:
    """The files up to a version, beginning with the last baseline whose files are gone."""
    below = [each for each in library.migrations if each.version <= version]
    earlier = [each for each in library.baselines if each.version <= version]
    if earlier and not any(each.version <= earlier[-1].version for each in below):
        below = [earlier[-1], *below]
    if len(below) < 2:
        raise InputError(Problem(message="one file cannot be squashed", hint="name a later version"))
    return tuple(below)


def _statements(server: ScratchServer, story: Sequence[Migration], options: ScratchOptions) -> Iterator[str]:
    """The statements of a dump of what the files build.

    Objects of whoever ran the files here will be those of whoever runs the baseline: only other owners are kept.
    """
    server.lend_roles(roles(story))
    with server.database() as conninfo:
        with closing(connect(conninfo)) as conn:
            through("building what is squashed", build(conn, Library(folder="", migrations=tuple(story))))
            row = conn.execute("SELECT pg_catalog.quote_ident(current_user)").fetchone()
        ours = re.compile(rf"ALTER .* OWNER TO {re.escape(row[0] if row else '')}\Z", re.DOTALL)
        script = statement.split(Source("the dump", dump(server, conninfo, options)))
    raise_all(InputError, script.problems)
    return (each.text for each in script.statements if not (_IDLE.match(each.text) or ours.match(each.text)))


def _text(story: Sequence[Migration], statements: Iterator[str]) -> str:
    first, last = story[0].name, story[-1].name
    versions = sorted({version for each in story for version in _versions(each)})
    head = [
        f"-- What {first} to {last} build, in one file, by `pgproof squash`. A new database begins with it; one",
        "-- that has applied the files never runs it.",
        *baseline.header(versions),
        "-- migrate:up",
    ]
    return "\n".join(head) + "\n" + "".join(f"\n{text};\n" for text in statements)


def _versions(each: Migration) -> frozenset[int]:
    return baseline.replaces(each) if is_baseline(each.name) else frozenset({each.version})


def _parsed(path: Path, text: str, last: Migration) -> Migration:
    title = Title(version=last.version, digits=last.digits, slug="baseline")
    parsed = parse(title, Source(str(path), text))
    raise_all(InputError, parsed.problems)
    return parsed.migration


def _differs(path: Path, found: Sequence[str]) -> Problem:
    more = (f"... and {len(found) - _MOST} more",) if len(found) > _MOST else ()
    return Problem(
        message="the files cannot be squashed: a dump of what they build does not build the same",
        detail=f"{path} was not written.",
        context=tuple(f"  {line}" for line in (*found[:_MOST], *more)),
    )


def _write(path: Path, text: str) -> None:
    try:
        file.add({path: text.encode()})
    except OSError as error:
        raise InputError(file.unwritten(error, path)) from None


def _promises(story: Sequence[Migration]) -> int:
    return len(read_migrations([each.up.script for each in story]).queries)
