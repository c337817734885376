"""What is wrong on the server before anything is run: what would hold migrations up, or be made worse by them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

import psycopg
from psycopg.rows import dict_row

from pgproof.database.queries import query
from pgproof.errors import Problem

_LONG = 80
_LEFTOVER = re.compile(r'_cc(?P<which>new|old)\d*"?\Z')
"""How REINDEX CONCURRENTLY calls its transient indexes (the manual, under REINDEX)."""
_NEW = "It failed before the new index took the place of the old one, which is still in use."
_OLD = "The new index has taken the place of this one, which could not be dropped any more."
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


class Kind(StrEnum):
    """What kind of hazard it is."""

    OLD_TRANSACTION = "old transaction"
    PREPARED_TRANSACTION = "prepared transaction"
    REPLICATION_SLOT = "replication slot"
    INVALID_INDEX = "invalid index"
    WRAPAROUND_VACUUM = "wraparound vacuum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """One thing that is wrong; `object` is its name: an index or a table as regclass writes it, a slot, ..."""

    kind: Kind
    object: str
    problem: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    kind: str
    object: str
    pid: int | None
    amount: float
    who: str
    words: str


def look(
    conn: psycopg.Connection, tables: Callable[[], Iterable[str]], *, older_than: float = 60.0
) -> tuple[Hazard, ...]:
    """The hazards for migrations that touch `tables` (names as SQL writes them), ordered by kind and name.

    Which tables they are is asked only if a table in the database is in the way. Transactions count when they are
    older than so many seconds. One round trip, or two. Raises psycopg.Error.
    """
    rows = _rows(conn, None, older_than)
    if any(row.kind == Kind.WRAPAROUND_VACUUM for row in rows):
        rows = _rows(conn, sorted(set(tables())), older_than)
    return tuple(
        Hazard(kind=Kind(row.kind), object=row.object, problem=_PROBLEMS[Kind(row.kind)](row)) for row in rows
    )


def _rows(conn: psycopg.Connection, tables: list[str] | None, older_than: float) -> list[_Row]:
    with conn.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(query("preflight"), {"tables": tables, "older_than": older_than})
        return [_Row(**row) for row in found]


def _old_transaction(row: _Row) -> Problem:
    head = " ".join(row.words.split())
    said = f" It said last: {head[:_LONG]}{'...' if len(head) > _LONG else ''}" if head else ""
    return Problem(
        message=f"a transaction has been open for {_time(row.amount)}",
        detail=f"Backend {row.pid} ({row.who}) keeps its locks until it ends, and every concurrent index build "
        f"waits for it.{said}",
        hint=f"wait until it has ended, or end it: SELECT pg_terminate_backend({row.pid})",
    )


def _prepared_transaction(row: _Row) -> Problem:
    name = row.object.replace("'", "''")
    return Problem(
        message=f'the prepared transaction "{row.object}" has been open for {_time(row.amount)}',
        detail=f"It belongs to {row.who} and keeps its locks, also across restarts, until somebody ends it.",
        hint=f"COMMIT PREPARED '{name}', or ROLLBACK PREPARED '{name}'",
    )


def _replication_slot(row: _Row) -> Problem:
    name = row.object.replace("'", "''")
    return Problem(
        message=f'nobody reads from the replication slot "{row.object}"',
        detail=f"It keeps {_size(row.amount)} of WAL on the disk, and all that migrations write comes on top.",
        hint=f"start its consumer, or drop it: SELECT pg_drop_replication_slot('{name}')",
    )


def _invalid_index(row: _Row) -> Problem:
    table = f"the TOAST table of {row.words}" if row.words else row.who
    if leftover := _LEFTOVER.search(row.object):
        return Problem(
            message=f"index {row.object} on {table} is left over from a REINDEX CONCURRENTLY",
            detail=_OLD if leftover["which"] == "old" else _NEW,
            hint=f"DROP INDEX CONCURRENTLY {row.object}",
        )
    return Problem(
        message=f"index {row.object} on {table} is invalid",
        detail="A concurrent build failed and left it behind: no query uses it, every write pays for it.",
        hint=f"DROP INDEX CONCURRENTLY {row.object}, or REINDEX INDEX CONCURRENTLY {row.object}",
    )


def _wraparound_vacuum(row: _Row) -> Problem:
    is_running = row.who == "running"
    return Problem(
        message=f"autovacuum to prevent wraparound is {row.who} on {row.object}",
        detail=f"The oldest rows are {row.amount:,.0f} transactions old. This vacuum gives way to nobody: ALTER "
        "TABLE waits for its end, and everyone else behind that.",
        hint="let it end first" if is_running else f"run VACUUM (FREEZE) {row.object} first",
    )


_PROBLEMS = {
    Kind.OLD_TRANSACTION: _old_transaction,
    Kind.PREPARED_TRANSACTION: _prepared_transaction,
    Kind.REPLICATION_SLOT: _replication_slot,
    Kind.INVALID_INDEX: _invalid_index,
    Kind.WRAPAROUND_VACUUM: _wraparound_vacuum,
}


def _time(seconds: float) -> str:
    """`75 s` or `12 min` or `31 h`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def _size(count: float) -> str:
    """`512 bytes` or `16 MB`."""
    unit = 0
    while count >= 1024 and unit < len(_UNITS) - 1:
        count, unit = count / 1024, unit + 1
    return f"{count:.0f} {_UNITS[unit]}"
