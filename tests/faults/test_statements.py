"""A fault while a statement runs: it waits for somebody's lock or snapshot when the fault happens.

What was running goes on as an orphan on the server, or is cancelled, or has failed and left something behind. The
next run begins either after the blocker has gone or while the orphan still waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass

import psycopg
import pytest

from tests.faults.cluster import Gate, until
from tests.faults.fault import Fault, allowed, strike
from tests.faults.process import Run
from tests.faults.proxy import Fate
from tests.faults.stage import Stage
from tests.faults.story import FULL, Story
from tests.faults.tally import Tally


@dataclass(frozen=True, slots=True)
class Place:
    """A statement that can be made to wait: what its blocker does when the run is at `mark`; how it begins."""

    name: str
    mark: str
    blocker: str
    query: str
    isolation: str = "READ COMMITTED"
    story: Story = FULL


PLACES = (
    Place("create index, writer", "c1", "LOCK TABLE orders IN ROW EXCLUSIVE MODE", "CREATE INDEX CONC"),
    Place("create index, snapshot", "c2", "SELECT 1", "CREATE UNIQUE INDEX CONC", "REPEATABLE READ"),
    Place("create table", "c3", "CREATE TABLE plain (id int)", "CREATE TABLE plain"),
    Place("alter table", "f1", "LOCK TABLE orders IN ACCESS SHARE MODE", "ALTER TABLE orders ADD COLUMN"),
    Place("drop index, reader", "d2", "LOCK TABLE orders IN ACCESS SHARE MODE", "DROP INDEX CONC"),
    Place("reindex, snapshot", "e2", "SELECT 1", "REINDEX INDEX CONC", "REPEATABLE READ"),
    Place("detach, reader", "e3", "LOCK TABLE parts IN ACCESS SHARE MODE", "ALTER TABLE parts DETACH"),
    Place("vacuum", "e4", "LOCK TABLE orders IN SHARE UPDATE EXCLUSIVE MODE", "VACUUM"),
)
FAULTS = (Fault.KILL, Fault.CUT, Fault.TERMINATE, Fault.SIGTERM, Fault.SIGINT, Fault.CRASH)
WAITING = """
SELECT pid
  FROM pg_stat_activity
 WHERE datname = current_database() AND application_name <> 'witness' AND wait_event_type = 'Lock'
   AND position(%s IN query) > 0
"""
OTHERS = """
SELECT pid
  FROM pg_stat_activity
 WHERE datname = current_database() AND application_name <> 'witness' AND NOT pid = ANY (%s)
"""


_Blocked = tuple[Run, psycopg.Connection, psycopg.Connection, int]
"""A run, the connection that blocks it, one that watches, and the pid of the backend that waits."""


@pytest.mark.parametrize("place", PLACES, ids=lambda each: each.name.replace(", ", "-").replace(" ", "-"))
def test_a_fault_while_a_statement_waits(stage: Stage, tally: Tally, full: bool, place: Place) -> None:
    """Where not all is asked for, every other fault at a place, the others at another, in one of the two ways."""
    cases = [(fault, meanwhile) for fault in FAULTS for meanwhile in (True, False)]
    for fault, meanwhile in cases if full else cases[PLACES.index(place) % 4 :: 4]:
        wrong = fault_at(stage, place, fault, meanwhile=meanwhile)
        tally.note(f"{fault} during a statement", wrong)
    tally.check()


def test_a_fault_at_any_mark(stage: Stage, tally: Tally, full: bool) -> None:
    """Between the statements of a file, in its transaction or not; the backend may go on as an orphan."""
    for number, label in enumerate(FULL.marks):
        lock = f"LOCK TABLE mark.{label} IN ACCESS EXCLUSIVE MODE"
        place = Place(f"mark {label}", "", lock, f"INSERT INTO mark.{label}")
        for fault in FAULTS if full else FAULTS[number % len(FAULTS) :][:1]:
            tally.note(f"{fault} at a mark", fault_at(stage, place, fault, meanwhile=number % 4 < 2))
    tally.check()


def fault_at(stage: Stage, place: Place, fault: Fault, *, meanwhile: bool) -> str:
    """One fault at one place; `meanwhile`: the next run begins while the blocker is still there."""
    stage.undisturbed(FULL)
    stage.proxy.reset(lambda _: Fate.PASS)
    with stage.database(FULL) as database, blocked(stage, place, database) as (run, blocker, watcher, pid):
        connected = stage.proxy.connected
        strike(fault, stage, run, pid)
        if fault in {Fault.CUT, Fault.TERMINATE}:  # it may look what became of its statement, and wait for that
            until(lambda: run.ended.is_set() or stage.proxy.connected > connected, "it ends or connects again")
        else:
            run.wait()
        again = begin_again(stage, database, watcher) if meanwhile and fault is not Fault.CRASH else None
        with suppress(psycopg.OperationalError):
            blocker.execute("ROLLBACK")
        wrong = "" if run.wait() in allowed(fault) and "Traceback" not in run.said else "it ended badly"
        wrong = wrong or stage.finish(FULL, database, first=again)
        order = "meanwhile" if meanwhile else "afterwards"
        return f"{place.name}, {order}\n{wrong}\n--- first: {run}" if wrong else ""


def begin_again(stage: Stage, database: str, watcher: psycopg.Connection, story: Story = FULL) -> Run:
    """Another run, which has connected."""
    left = [pid for (pid,) in watcher.execute(OTHERS, [[0]])]
    run = stage.start(story, database)
    until(lambda: run.ended.is_set() or watcher.execute(OTHERS, [left]).fetchone(), "it connects")
    return run


@contextmanager
def blocked(stage: Stage, place: Place, database: str) -> Iterator[_Blocked]:
    """A run that waits in the place's statement."""
    with ExitStack() as stack:
        blocker, watcher = (stack.enter_context(closing(stage.witness(database))) for _ in range(2))
        blocker.execute(f"BEGIN ISOLATION LEVEL {place.isolation}".encode())
        if place.mark:
            gate = stack.enter_context(Gate(stage.cluster, database, f"mark.{place.mark}"))
            run = stage.start(place.story, database, host=stage.proxy.host)
            gate.arrived(run)
            blocker.execute(place.blocker.encode())
            gate.open()
        else:
            blocker.execute(place.blocker.encode())
            run = stage.start(place.story, database, host=stage.proxy.host)
        found = until(
            lambda: watcher.execute(WAITING, [place.query]).fetchone() or (run.ended.is_set() and (0,)),
            f"{place.query} waits",
        )
        assert isinstance(found, tuple)
        assert found[0], f"{place.query} did not wait\n{run}"
        yield run, blocker, watcher, found[0]
