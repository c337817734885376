"""Queues for locks: somebody is in the way, and others wait behind the migration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from threading import Thread

import psycopg
import pytest

from tests.faults.cluster import until
from tests.faults.process import Run
from tests.faults.stage import Stage
from tests.faults.story import FULL, LOCKS
from tests.faults.tally import Tally

WAITING = """
SELECT pid
  FROM pg_stat_activity
 WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name <> 'witness'
"""
FAST = ("--lock-timeout", "300ms", "--lock-retries", "20")


@dataclass(frozen=True, slots=True)
class Queue:
    """A migration that waits for the blocker, and a connection that watches."""

    run: Run
    blocker: psycopg.Connection
    watcher: psycopg.Connection
    database: str
    stack: ExitStack

    def until_waiting(self) -> None:
        """Until the migration waits for a lock."""
        until(lambda: self.watcher.execute(WAITING).fetchone() or self.ended(), "the migration waits")

    def ended(self) -> bool:
        assert not self.run.ended.is_set(), self.run
        return False

    def read_in_time(self, stage: Stage, table: str) -> Thread:
        """An application that reads a table: it must come through while the blocker is still there."""
        conn = self.stack.enter_context(closing(stage.witness(self.database)))

        def read() -> None:
            conn.execute(f"SELECT count(*) FROM {table}".encode())

        thread = Thread(target=read, daemon=True)
        thread.start()
        return thread


@contextmanager
def queue(stage: Stage, to: str, blocker: str, *words: str, isolation: str = "READ COMMITTED") -> Iterator[Queue]:
    """The story up to `to` has been told; the blocker is there; the rest begins."""
    stage.undisturbed(FULL)
    with stage.database(FULL) as database, ExitStack() as stack:
        assert stage.start(FULL, database, "--to", to).wait() == 0
        blocking, watcher = (stack.enter_context(closing(stage.witness(database))) for _ in range(2))
        blocking.execute(f"BEGIN ISOLATION LEVEL {isolation}".encode())
        blocking.execute(blocker.encode())
        yield Queue(stage.start(FULL, database, *words), blocking, watcher, database, stack)


def test_others_come_through_between_the_attempts(stage: Stage, tally: Tally) -> None:
    with queue(stage, "06", "LOCK TABLE orders IN ACCESS SHARE MODE", *FAST) as at:
        at.until_waiting()
        readers = [at.read_in_time(stage, "orders") for _ in range(4)]
        for reader in readers:
            reader.join(60)
            assert not reader.is_alive(), f"a reader waits for ever\n{at.run}"
        at.blocker.execute("ROLLBACK")
        assert at.run.wait() == 0, at.run
        tally.note("lock queue: a reader in the way", stage.compare(FULL, at.database))
    tally.check()


def test_when_it_gives_up_it_says_who_is_in_the_way(stage: Stage, tally: Tally) -> None:
    words = ("--lock-timeout", "300ms", "--lock-retries", "1")
    with queue(stage, "06", "LOCK TABLE orders IN ACCESS SHARE MODE", *words) as at:
        assert at.run.wait() == 3, at.run
        assert "SQLSTATE: 55P03" in at.run.said
        assert re.search(rf"\b{at.blocker.info.backend_pid}\b", at.run.said), at.run
        assert "ROLLED BACK: 07-last" in at.run.said
        at.blocker.execute("ROLLBACK")
        tally.note("lock queue: given up", stage.finish(FULL, at.database))
    tally.check()


def test_victims_come_through_without_any_timeout(stage: Stage, tally: Tally) -> None:
    words = ("--victims", "2", "--lock-retries", "20")
    with queue(stage, "06", "LOCK TABLE orders IN ACCESS SHARE MODE", *words) as at:
        at.until_waiting()
        readers = [at.read_in_time(stage, "orders") for _ in range(3)]
        for reader in readers:
            reader.join(60)
            assert not reader.is_alive(), f"a victim waits for ever\n{at.run}"
        at.blocker.execute("ROLLBACK")
        assert at.run.wait() == 0, at.run
        tally.note("lock queue: victims", stage.compare(FULL, at.database))
    tally.check()


@pytest.mark.parametrize(
    ("to", "blocker", "isolation"),
    [
        ("02", "LOCK TABLE orders IN ROW EXCLUSIVE MODE", "READ COMMITTED"),
        ("02", "SELECT 1", "REPEATABLE READ"),
        ("04", "LOCK TABLE orders IN ACCESS SHARE MODE", "READ COMMITTED"),
        ("04", "LOCK TABLE parts IN ACCESS SHARE MODE", "READ COMMITTED"),
        ("04", "SELECT 1", "REPEATABLE READ"),
    ],
    ids=["create-index-writer", "create-index-snapshot", "drop-index-reader", "detach-reader", "reindex-snapshot"],
)
def test_statements_without_a_transaction_are_given_up_and_tried_again(
    stage: Stage, tally: Tally, to: str, blocker: str, isolation: str
) -> None:
    with queue(stage, to, blocker, *FAST, isolation=isolation) as at:
        at.until_waiting()
        until(lambda: not at.ended() and at.watcher.execute(WAITING).fetchone() is None, "it gives an attempt up")
        at.blocker.execute("ROLLBACK")
        assert at.run.wait() == 0, at.run
        tally.note("lock queue: outside of a transaction", stage.compare(FULL, at.database))
    tally.check()


def test_a_deadlock_is_tried_again(stage: Stage, tally: Tally) -> None:
    stage.undisturbed(LOCKS)
    with stage.database(LOCKS) as database, ExitStack() as stack:
        assert stage.start(LOCKS, database, "--to", "1").wait() == 0
        rival, watcher = (stack.enter_context(closing(stage.witness(database))) for _ in range(2))
        rival.execute("SET deadlock_timeout = '10min'")  # so that it is never the one that dies
        rival.execute("BEGIN")
        rival.execute("LOCK TABLE two IN ACCESS EXCLUSIVE MODE")
        run = stage.start(LOCKS, database)
        until(lambda: watcher.execute(WAITING).fetchone() or run.ended.is_set(), "it waits for the rival")
        rival.execute("LOCK TABLE one IN ACCESS EXCLUSIVE MODE")
        rival.execute("COMMIT")
        assert run.wait() == 0, run
        assert "40P01" in run.said or "deadlock" in run.said, run
        tally.note("deadlock", stage.compare(LOCKS, database))
    tally.check()
