"""Who waits for whom: who blocks a statement of ours, who queues behind it; and who is left of dead runs.

A statement is known by a comment in front of it, its tag: behind a pooler nobody knows which session runs it.
Whoever asks does so on a connection of its own, in autocommit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from pgproof.database.queries import query

_LONG = 80


def tag(run: str, step: str) -> str:
    """The comment that begins a statement of a run, with the blank behind it: `/* pgproof:RUN:STEP */ `.

    `run` and `step` are letters, digits and any of "-.:#/ " but no asterisk; together at most some hundred bytes
    (track_activity_query_size cuts at 1024).
    """
    assert "*" not in run + step
    assert ":" not in run
    return f"/* pgproof:{run}:{step} */ "


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One of those who stand in the way; `depth` 1 blocks us, 2 blocks a session of depth 1, and so on.

    `pid` 0 is a prepared transaction (one of those named in `application`). `state`, `query` and `user` are empty,
    `transaction_seconds` is None where our role may not see them.
    """

    pid: int
    depth: int
    user: str
    application: str
    state: str
    transaction_seconds: float | None
    query: str

    def __str__(self) -> str:
        if self.pid == 0:
            return f"a prepared transaction ({self.application}): SELECT * FROM pg_prepared_xacts"
        parts = [f"role {self.user}" if self.user else "", f'"{self.application}"' if self.application else ""]
        parts.append(self.state)
        if self.transaction_seconds is not None:
            parts.append(f"transaction open for {self.transaction_seconds:.0f} s")
        head = " ".join(self.query.split())
        head = f"{head[:_LONG]}..." if len(head) > _LONG else head
        words = ", ".join(filter(None, parts))
        return f"backend {self.pid} ({words}){f': {head}' if head else ''}"


class Reason(StrEnum):
    """Why a statement was cancelled."""

    VICTIMS = "victims"
    LOCK_WAIT = "lock wait"
    STATEMENT_TIME = "statement time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When to cancel a statement: seconds that it waits for a lock or runs, sessions that wait behind it."""

    lock_wait: float | None = None
    statement: float | None = None
    victims: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """How far a command is that reports it: CREATE INDEX, REINDEX, CLUSTER, VACUUM (pg_stat_progress_*).

    `command` and `phase` are the server's words; `relation` is empty where only the statement's own transaction
    sees it. `done` of `total` (None: the server does not know) are counted in `unit`: blocks, tuples, indexes, or
    lockers, which are the transactions that it waits for. Of a partitioned table `partitions_done` of `partitions`
    are ready (else both are 0).
    """

    command: str
    relation: str
    phase: str
    unit: str
    done: int
    total: int | None
    partitions_done: int
    partitions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Blockage:
    """One look at a statement of ours. Times are seconds of the server's clock.

    `advance` is how far it is, if it says. `waited` is None unless it waits for a lock, then `blockers` are in
    its way, nearest first. `victims` wait for it, the longest for `longest_victim`. `reason` is why it was
    cancelled by this look, if it was.
    """

    pid: int
    waited: float | None
    running: float
    blockers: tuple[Session, ...]
    victims: int
    longest_victim: float
    reason: Reason | None
    advance: Advance | None = None

    def __str__(self) -> str:
        lines = []
        if self.waited is not None:
            lines.append(f"waited {self.waited:.1f} s for a lock")
            lines += [
                f"{'  ' * each.depth}{'blocked by' if each.depth > 1 else 'held by'} {each}"
                for each in self.blockers
            ]
        if self.victims:
            lines.append(f"{self.victims} waited behind it, the longest for {self.longest_victim:.1f} s")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A statement that goes on although nobody waits for its end any more.

    `run` and `step` are those of its tag; `state` is pg_stat_activity's.
    """

    pid: int
    run: str
    step: str
    state: str
    seconds: float
    is_waiting: bool
    query: str


_NO_LIMITS = Limits()


def blockers(conn: psycopg.Connection, pid: int) -> Blockage | None:
    """How the session `pid` stands; None if it is gone. Raises psycopg.Error."""
    return _look(conn, {"pid": pid, "tag": None}, _NO_LIMITS)


def look(conn: psycopg.Connection, tag: str, limits: Limits) -> Blockage | None:
    """How the statement with this tag stands, cancelled if it is over a limit; None if none is running.

    Raises psycopg.Error.
    """
    return _look(conn, {"pid": None, "tag": tag}, limits)


def orphans(conn: psycopg.Connection, run: str = "") -> tuple[Orphan, ...]:
    """Statements of other runs than `run` that are going on; ask while the migration lock is yours.

    Raises psycopg.Error.
    """
    with conn.cursor(row_factory=class_row(Orphan)) as cursor:
        return tuple(cursor.execute(query("orphans"), {"own": f"/* pgproof:{run}:"}).fetchall())


def end(conn: psycopg.Connection, orphan: Orphan) -> bool:
    """Cancel an orphan, or end its session where it only holds a transaction open; False if it has ended.

    It takes the server a moment to stop; ask `orphans` again. Raises psycopg.Error.
    """
    values = {"pid": orphan.pid, "tag": tag(orphan.run, orphan.step)}
    return conn.execute(query("end_orphan"), values).fetchone() is not None


def _look(conn: psycopg.Connection, whom: dict[str, Any], limits: Limits) -> Blockage | None:
    values = whom | {"lock_wait": limits.lock_wait, "statement": limits.statement, "victims": limits.victims}
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query("watch"), values).fetchone()
    if row is None:
        return None
    return Blockage(
        pid=row["pid"],
        waited=row["waited"],
        running=row["running"] or 0.0,
        blockers=tuple(Session(**each) for each in row["blockers"]),
        victims=row["victims"],
        longest_victim=row["longest_victim"],
        reason=Reason(row["reason"]) if row["cancelled"] else None,
        advance=Advance(**row["advance"]) if row["advance"] else None,
    )
