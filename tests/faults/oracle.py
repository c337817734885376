"""Whether a story was told exactly once: the same catalog as without a fault, each mark left once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.faults.story import Story

_INVENTORY = (Path(__file__).parent.parent / "shipped" / "inventory.sql").read_bytes()
_ABANDONED = """
SELECT pid, state, wait_event, left(query, 80)
  FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'witness'
   AND (state IS DISTINCT FROM %(allowed)s
        OR EXISTS (SELECT FROM pg_locks WHERE pg_locks.pid = pg_stat_activity.pid AND locktype = 'advisory'))
"""


@dataclass(frozen=True, slots=True)
class Ending:
    """What a story leaves behind."""

    catalog: tuple[tuple[str, ...], ...]
    marks: tuple[tuple[str, int], ...]
    history: tuple[tuple[int, str], ...]
    facts: tuple[tuple[object, ...], ...]


def ending(conn: psycopg.Connection, story: Story) -> Ending:
    """How it ended in this database."""
    history = conn.execute("SELECT version, state FROM pgproof.history ORDER BY version, id").fetchall()
    facts = conn.execute(story.facts.encode()).fetchall()
    return Ending(tuple(conn.execute(_INVENTORY).fetchall()), marks(conn, story), tuple(history), tuple(facts))


def marks(conn: psycopg.Connection, story: Story) -> tuple[tuple[str, int], ...]:
    """How often each mark was left."""
    if not story.marks:
        return ()
    one = sql.SQL("SELECT {}, count(*) FROM mark.{}")
    union = sql.SQL(" UNION ALL ").join(
        one.format(sql.Literal(each), sql.Identifier(each)) for each in story.marks
    )
    found: dict[str, int] = dict(conn.execute(union).fetchall())
    return tuple((each, found[each]) for each in story.marks)


def differences(expected: Ending, found: Ending) -> list[str]:
    """What is not as it should be, in words."""
    said = [f"mark {label} was left {count} times" for label, count in found.marks if count != 1]
    missing, more = Counter(expected.catalog), Counter(found.catalog)
    said += [f"missing: {' '.join(map(str, row))}" for row in missing - more]
    said += [f"left over: {' '.join(map(str, row))}" for row in more - missing]
    if found.history != expected.history:
        said.append(f"history: {found.history}")
    if found.facts != expected.facts:
        said.append(f"facts: {found.facts}")
    return said


def abandoned(conn: psycopg.Connection, allowed: str) -> list[tuple[object, ...]]:
    """Sessions that are left behind in this database, in another state than the `allowed` or with a lock."""
    return conn.execute(_ABANDONED, {"allowed": allowed}).fetchall()
