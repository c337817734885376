"""What the statements of a plan lock, rewrite and read: each is run on a clone, and the server is asked.

Locks are those of pg_locks before the transaction ends, on what was there before it (another session sees no
other). A table is rewritten if it is in another file then (pg_class.relfilenode), and read if the transaction has
begun a sequential scan of it (pg_stat_get_xact_numscans; ATRewriteTables and the building of indexes count).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

from pgproof.database import failure
from pgproof.database.connection import Connection
from pgproof.drift.planner.plan import Cost, Hazard, Lock, Repair, Statement
from pgproof.errors import DatabaseError, Problem

_LOCKS = files("pgproof.flows").joinpath("locks.sql").read_text(encoding="utf-8")
_TOUCHED = files("pgproof.flows").joinpath("touched.sql").read_text(encoding="utf-8")
_THERE = (
    "SELECT c.oid FROM pg_catalog.pg_class AS c WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f') AND c.oid >= 16384"
)
_STRENGTH = (
    "RowShareLock|RowExclusiveLock|ShareUpdateExclusiveLock|ShareLock|ShareRowExclusiveLock|ExclusiveLock|"
    "AccessExclusiveLock"
).split("|")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The plan with what each statement costs; None for those that the clone `refused`, with why."""

    plan: Repair
    refused: tuple[tuple[str, Problem], ...]


def measured(conn: Connection, observer: Connection, plan: Repair) -> Measured:
    """Run the statements, each in a transaction of its own, on the clone that both connections are to."""
    refused = []
    statements = []
    there = [row[0] for row in observer.execute(_THERE)]
    for each in plan.statements:
        try:
            with failure.told():
                cost = _cost(conn, observer, each, there)
        except DatabaseError as error:
            refused.append((each.sql, error.problems[0]))
            statements.append(each)
            continue
        unlike = {Hazard.REWRITE} if cost.rewrites else set()
        statements.append(replace(each, cost=cost, hazards=each.hazards - {Hazard.REWRITE} | unlike))
    return Measured(plan=replace(plan, statements=tuple(statements)), refused=tuple(refused))


def _cost(conn: Connection, observer: Connection, statement: Statement, there: Sequence[int]) -> Cost:
    if statement.transaction is None:  # it lets others read and write (13.3.1: SHARE UPDATE EXCLUSIVE)
        conn.execute(statement.sql.encode())
        return Cost()
    with conn.transaction():
        before = _touched(conn, there)
        conn.execute(statement.sql.encode())
        locked = observer.execute(_LOCKS, {"pid": conn.info.backend_pid, "there": there}).fetchall()
        now = _touched(conn, [row[0] for row in locked])
    modes: dict[str, str] = {}
    for _, name, mode, _ in locked:
        modes[name] = max(modes.get(name, mode), mode, key=_STRENGTH.index)
    rewrites = {name for oid, name, _, file in locked if oid in now and now[oid][0] != file}
    reads = {name for oid, name, _, _ in locked if oid in now and now[oid][1] > before[oid][1]}
    return Cost(
        locks=tuple(Lock(relation=name, mode=mode) for name, mode in sorted(modes.items())),
        rewrites=tuple(sorted(rewrites)),
        reads=tuple(sorted(reads - rewrites)),
    )


def _touched(conn: Connection, tables: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Of each table the file that it is in, and how often it was read from end to end."""
    return {oid: (file, scans) for oid, file, scans in conn.execute(_TOUCHED, {"there": tables})}
