"""What other migration tools have written down of a database, read from their own tables.

Nothing is changed there. Each tool's table is told by its name and its columns; what its rows mean is as the tool
documents it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pgproof.errors import Problem
from pgproof.sql.name import qualified

if TYPE_CHECKING:
    from pgproof.database.connection import Connection

Row = Mapping[str, Any]
ReadTable = Callable[["Connection", str, str], Sequence[Row]]
"""Reads all rows of the table of that schema and name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One migration that a tool has applied.

    `name` is what the tool calls it; `version` its number as we count, None for tools that have only names. `at`
    is when (ISO 8601, as the server writes it) and `by` who, empty where the tool does not say. With `covers` it
    stands for all that come before it too.
    """

    name: str
    version: int | None = None
    at: str = ""
    by: str = ""
    covers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What one tool has applied, in its order.

    `table` is shown to people, `schema` is where it lies; `relations` are the tool's own (qualified), or schemas,
    which no file makes. `problems` are what keeps the ledger from being believed.
    """

    tool: str
    table: str
    schema: str
    relations: frozenset[str]
    records: tuple[Record, ...]
    problems: tuple[Problem, ...] = ()


def find(conn: Connection, rows: ReadTable) -> tuple[Ledger, ...]:
    """The ledgers of other tools in a database, by table; `rows` reads all rows of one. Raises DatabaseError."""
    from pgproof.database import failure  # loads the driver, which who wants the names alone does not need

    with failure.told():
        cursor = conn.execute(_query())
        found = [(schema, table, frozenset(columns)) for schema, table, columns in cursor.fetchall()]
    names = {(schema, table) for schema, table, _ in found}
    ledgers = []
    for schema, table, columns in found:
        tool = _tool(schema, table, columns, names)
        if tool is not None:
            with failure.told():
                written = rows(conn, schema, table)
            ledgers.append(_READERS[tool](tool, schema, table, written))
    return tuple(ledgers)


def _tool(schema: str, table: str, columns: Collection[str], names: Collection[tuple[str, str]]) -> str | None:
    """Whose table it is; None for a table that is only called like one of theirs."""
    if table == "schema_migrations" and "version" in columns:
        if "dirty" in columns:
            return "golang-migrate"
        return "rails" if (schema, "ar_internal_metadata") in names else "dbmate"
    wanted = {
        "alembic_version": ("alembic", {"version_num"}),
        "django_migrations": ("django", {"app", "name", "applied"}),
        "flyway_schema_history": ("flyway", {"installed_rank", "version", "type", "script", "success"}),
        "goose_db_version": ("goose", {"id", "version_id", "is_applied"}),
        "changes": ("sqitch", {"change_id", "change", "committed_at"}),
    }
    tool, needed = wanted.get(table, ("", {""}))
    return tool if needed <= set(columns) else None


def _ledger(tool: str, schema: str, table: str, records: Sequence[Record], **more: Any) -> Ledger:
    return Ledger(
        tool=tool,
        table=qualified(schema, table),
        schema=schema,
        relations=frozenset({qualified(schema, table)}),
        records=tuple(records),
        **more,
    )


def _numbered(tool: str, schema: str, table: str, written: Sequence[Row]) -> Ledger:
    """Of dbmate and Rails: one row per version; Rails has a second table beside it."""
    versions = sorted(str(row["version"]) for row in written)
    unread = [version for version in versions if not version.isdecimal()]
    ledger = _ledger(
        tool,
        schema,
        table,
        [Record(name=each, version=int(each)) for each in versions if each.isdecimal()],
        problems=tuple(_unread(tool, version) for version in unread),
    )
    if tool != "rails":
        return ledger
    relations = ledger.relations | {qualified(schema, "ar_internal_metadata")}
    return replace(ledger, relations=relations)


def _golang_migrate(tool: str, schema: str, table: str, written: Sequence[Row]) -> Ledger:
    """One row: the version that the database is at, and whether the last run failed."""
    dirty = [row["version"] for row in written if row["dirty"]]
    problems = tuple(
        Problem(
            message=f"golang-migrate says that version {version} is dirty: it failed half-way",
            hint="mend the database, then tell golang-migrate: migrate force VERSION",
        )
        for version in dirty
    )
    records = [Record(name=str(row["version"]), version=int(row["version"]), covers=True) for row in written]
    return _ledger(tool, schema, table, records, problems=problems)


def _goose(tool: str, schema: str, table: str, written: Sequence[Row]) -> Ledger:
    """Rows are added for each way up and (in old releases) down; the last of a version counts. 0 is none."""
    last = {row["version_id"]: row for row in sorted(written, key=lambda row: int(row["id"]))}
    records = [
        Record(name=str(version), version=int(version), at=row.get("tstamp") or "")
        for version, row in sorted(last.items())
        if version and row["is_applied"]
    ]
    return _ledger(tool, schema, table, records)


def _flyway(tool: str, schema: str, table: str, written: Sequence[Row]) -> Ledger:
    """Rows in order of installed_rank: scripts, undone scripts, a baseline that stands for all up to it."""
    from pgproof.migrate.layout import flyway  # it loads all that reads files

    records: dict[str, Record] = {}
    problems = []
    for row in sorted(written, key=lambda row: int(row["installed_rank"])):
        version, kind = row["version"], str(row["type"]).upper()
        if not row["success"]:
            problems.append(
                Problem(
                    message=f'Flyway says that "{row["script"]}" failed',
                    hint="mend the database, then let Flyway forget the failure: flyway repair",
                )
            )
        elif version is None or kind == "SCHEMA":
            continue  # repeatable scripts, and the row that says that Flyway created the schema
        elif kind == "DELETE" or kind.startswith("UNDO"):
            records.pop(version, None)
        else:
            number = flyway.number(version)
            at, by = row.get("installed_on") or "", row.get("installed_by") or ""
            name = f"{version} ({row['script']})"
            records[version] = Record(name=name, version=number, at=at, by=by, covers="BASELINE" in kind)
    ordered = sorted(records.values(), key=lambda each: each.version or 0)
    return _ledger(tool, schema, table, ordered, problems=tuple(problems))


def _django(tool: str, schema: str, table: str, written: Sequence[Row]) -> Ledger:
    ordered = sorted(written, key=lambda row: int(row.get("id") or 0))
    return _ledger(
        tool, schema, table, [Record(name=f"{row['app']} {row['name']}", at=row["applied"]) for row in ordered]
    )


def _alembic(tool: str, schema: str, table: str, written: Sequence[Row]) -> Ledger:
    """The heads alone; what is below them is known to the project's Python files only."""
    return _ledger(tool, schema, table, [Record(name=row["version_num"], covers=True) for row in written])


def _sqitch(tool: str, schema: str, table: str, written: Sequence[Row]) -> Ledger:
    ordered = sorted(written, key=lambda row: str(row["committed_at"]))
    records = [
        Record(name=row["change"], at=row["committed_at"], by=row.get("committer_name") or "") for row in ordered
    ]
    return replace(_ledger(tool, schema, table, records), relations=frozenset({schema}))


def _unread(tool: str, version: str) -> Problem:
    return Problem(message=f'{tool} has applied a version that is no number: "{version}"')


_READERS: Mapping[str, Callable[[str, str, str, Sequence[Row]], Ledger]] = {
    "alembic": _alembic,
    "dbmate": _numbered,
    "django": _django,
    "flyway": _flyway,
    "golang-migrate": _golang_migrate,
    "goose": _goose,
    "rails": _numbered,
    "sqitch": _sqitch,
}
TOOLS = tuple(_READERS)
"""The tools whose ledgers are known."""


@cache
def _query() -> bytes:
    return files("pgproof.migrate").joinpath("find_ledgers.sql").read_bytes()
