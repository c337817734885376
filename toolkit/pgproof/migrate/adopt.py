"""Which migrations a database has already had, before pgproof knew it: by version, or by another tool's ledger.

Files and ledgers speak of the same migration by its number. Where a tool has names only, a file says what it does
the work of, in a comment: `-- pgproof: was alembic 1975ea83b712`, `-- pgproof: was django shop 0001_initial`; or
its name holds the tool's name of it. Changes of Sqitch are known by the names in the plan.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from uuid import UUID

from pgproof.database import failure
from pgproof.database.connection import Connection
from pgproof.errors import InputError, Problem, raise_all
from pgproof.migrate import history
from pgproof.migrate.entry import Entry, History, State
from pgproof.migrate.ledger import Ledger, Record
from pgproof.migrate.library import Library
from pgproof.migrate.migration import ALGORITHM, Migration
from pgproof.sql.name import quote

_WAS = re.compile(r"^\s*--\s*pgproof\s*:\s*was\s+(?P<tool>\S+)\s+(?P<name>.*?)\s*$", re.MULTILINE | re.IGNORECASE)
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A migration that the database has had; `record` is what another tool says of it, if one does."""

    migration: Migration
    record: Record | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What came of it.

    `source` says in words where the versions are from; `proof` what they were proved on, empty if they were not.
    `unlike` says, a line each, in what the files build another catalog; then nothing was written. `aside` does
    so of what files often leave to others, by what it is ("privileges"). `pending` have not been applied.
    """

    database: str
    source: str
    adopted: tuple[Adopted, ...]
    pending: tuple[Migration, ...]
    proof: str = ""
    unlike: tuple[str, ...] = ()
    aside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    written: bool = False


def up_to(library: Library, version: int) -> tuple[Adopted, ...]:
    """All migrations up to a version. Pure."""
    return tuple(Adopted(migration=each) for each in library.migrations if each.version <= version)


def from_ledger(library: Library, ledger: Ledger) -> tuple[Adopted, ...]:
    """The migrations that a ledger says are applied, ascending. Pure.

    Raises InputError with all reasons against it: the tool itself says that one has failed, or it has applied one
    of which the folder holds no file.
    """
    problems = list(ledger.problems)
    found: dict[int, Adopted] = {}
    for record, migrations in _matches(library, ledger):
        if not migrations:
            problems.append(_unknown(library, ledger, record))
        for migration in migrations:
            found.setdefault(migration.version, Adopted(migration=migration, record=record))
        if record.covers and migrations:
            last = max(each.version for each in migrations)
            for adopted in up_to(library, last):
                found.setdefault(adopted.migration.version, adopted)
    problems += _half(library, ledger, found)
    raise_all(InputError, _few(problems))
    return tuple(found[version] for version in sorted(found))


def last_of(past: History, target: int | None, schema: str = "") -> int:
    """The last version of a history that more can be written into; 0 of an empty one. Pure.

    Raises InputError if there is a history, and the version that is to be adopted is not above it, or if something
    is half done.
    """
    last = max((each.version for each in past.entries), default=0)
    if past.entries and (target is None or target <= last):
        raise InputError(has_history(schema))
    half = next((each for each in past.entries if each.state is not State.APPLIED), None)
    if half:
        message = f"{half.name} is half done ({half.done} of {half.total})"
        raise InputError(Problem(message=message, hint="see what is to be done: pgproof status"))
    return last


def enter(
    conn: Connection,
    adopted: Sequence[Adopted],
    *,
    tool: str,
    run: UUID,
    host: str,
    schema: str = "",
    before: Sequence[Entry] = (),
) -> None:
    """Write them into the history (of `schema`), in one transaction; nothing else is changed.

    `tool` is what the history will name, `run` this run, `host` the machine, `before` what the history must hold.
    Raises DatabaseError, and InputError if somebody else has begun a history, or gone on with it, meanwhile.
    """
    with failure.told(), conn.transaction():
        history.create(conn)
        if history.read(conn, schema).entries != tuple(before):
            raise InputError(has_history(schema))
        rows = [{**_values(each, tool, run, host), "schema": schema} for each in adopted]
        with conn.cursor() as cursor:
            cursor.executemany(_query(), rows)


def has_history(schema: str = "") -> Problem:
    """The problem of a database (or of a schema in it) that pgproof knows already."""
    what, options = ("a schema", f" --schema {shlex.quote(schema)}") if schema else ("a database", "")
    return Problem(
        message=f"the {f'schema {quote(schema)}' if schema else 'database'} has a history of pgproof already",
        detail=f"Only {what} that pgproof does not know, or a version above the last that it knows, can be "
        "adopted. Nothing was changed.",
        hint=f"see what is applied: pgproof status{options}",
    )


def _matches(library: Library, ledger: Ledger) -> Iterator[tuple[Record, tuple[Migration, ...]]]:
    if ledger.tool == "sqitch":
        yield from _by_turn(library, ledger)
        return
    said = _said(library, ledger.tool)
    for record in ledger.records:
        numbered = library.get(record.version) if record.version is not None else None
        if numbered:
            yield record, (numbered,)
        elif record.version is not None and record.covers:  # a baseline, or a version whose file is gone
            yield record, tuple(each for each in library.migrations if each.version <= record.version)[-1:]
        else:
            yield record, said.get(record.name.lower(), ()) or _named(library, record)


def _by_turn(library: Library, ledger: Ledger) -> Iterator[tuple[Record, tuple[Migration, ...]]]:
    """A change that was reworked is deployed once for each of its lines in the plan, in their order."""
    waiting = list(library.migrations)
    for record in ledger.records:
        migration = next((each for each in waiting if each.slug == record.name), None)
        if migration:
            waiting.remove(migration)
        yield record, (migration,) if migration else ()


def _said(library: Library, tool: str) -> dict[str, tuple[Migration, ...]]:
    """What the files say that they were, with this tool."""
    found: dict[str, tuple[Migration, ...]] = {}
    for migration in library.migrations:
        for match in _WAS.finditer(migration.source.text):
            if match["tool"].lower() == tool:
                name = " ".join(match["name"].lower().split())
                found[name] = (*found.get(name, ()), migration)
    return found


def _named(library: Library, record: Record) -> tuple[Migration, ...]:
    """A file whose name holds the tool's name of it, as words of its own."""
    words = [re.escape(word) for word in re.split(r"\W+", record.name) if word]
    pattern = re.compile(rf"(?<![0-9A-Za-z])({'[^0-9A-Za-z]'.join(words)})(?![0-9A-Za-z])", re.IGNORECASE)
    found = tuple(each for each in library.migrations if words and pattern.search(each.label))
    return found if len(found) == 1 else ()


def _half(library: Library, ledger: Ledger, found: dict[int, Adopted]) -> Iterator[Problem]:
    """A file that did the work of several must have done all of it."""
    names = {record.name.lower() for record in ledger.records}
    if any(record.covers for record in ledger.records):
        return
    for migration in library.migrations:
        was = [
            " ".join(match["name"].lower().split())
            for match in _WAS.finditer(migration.source.text)
            if match["tool"].lower() == ledger.tool
        ]
        missing = [name for name in was if name not in names]
        if missing and migration.version in found:
            yield Problem(
                message=f"{migration.name} is applied in part, {ledger.tool} says",
                place=migration.up.place,
                detail=f"It says that it was {', '.join(was)}; of these {', '.join(missing)} is not applied.",
                hint=f"let {ledger.tool} apply the rest first",
            )


def _unknown(library: Library, ledger: Ledger, record: Record) -> Problem:
    if record.version is not None and ledger.tool != "sqitch":
        return Problem(
            message=f"{ledger.tool} has applied {record.name}, but {library.folder} holds no file of this version",
            hint="get the file back, or name the version to adopt yourself: pgproof adopt --to VERSION",
        )
    if ledger.tool == "sqitch":
        return Problem(
            message=f'sqitch has deployed "{record.name}", but the plan does not list it',
            hint="is this the branch that the database was deployed from?",
        )
    return Problem(
        message=f"{ledger.tool} has applied {record.name}, and no file says that it was that",
        hint=f"write into the file that does its work: -- pgproof: was {ledger.tool} {record.name}; or name the "
        "version to adopt yourself: pgproof adopt --to VERSION",
    )


def _few(problems: list[Problem]) -> list[Problem]:
    """Of very many the first, and how many more there are."""
    if len(problems) <= _SHOWN:
        return problems
    return [*problems[:_SHOWN], Problem(message=f"and {len(problems) - _SHOWN} more like these")]


def _values(adopted: Adopted, tool: str, run: UUID, host: str) -> dict[str, object]:
    migration, record = adopted.migration, adopted.record
    return {
        "version": migration.version,
        "name": migration.name,
        "total": len(migration.up.statements),
        "text": migration.text,
        "checksum": migration.checksum,
        "algorithm": ALGORITHM,
        "tool": tool,
        "run": run,
        "host": host,
        "at": (record and record.at) or None,
        "by": (record and record.by) or None,
    }


@cache
def _query() -> bytes:
    return files("pgproof.migrate").joinpath("adopt_history.sql").read_bytes()
