"""The session that holds the lock ends while another one is at work: in a batch, in a program, in a hook."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

import psycopg
import pytest

from tests.faults.cluster import until
from tests.faults.proxy import Fate
from tests.faults.stage import Stage
from tests.faults.story import HOOKS, KINDS
from tests.faults.tally import Tally
from tests.faults.test_statements import Place, begin_again, blocked

PLACES = (
    Place("batch of a range", "b1", "SELECT FROM numbers WHERE id = 750 FOR UPDATE", "times + 1 ", story=KINDS),
    Place("batch with a limit", "b2", "SELECT FROM numbers WHERE id = 750 FOR UPDATE", "times + 10 ", story=KINDS),
    Place("program", "", "LOCK TABLE mark.c2", "INSERT INTO mark.c2", story=KINDS),
    Place("hook", "d1", "LOCK TABLE hooked", "INSERT INTO hooked", story=HOOKS),
    Place("transaction", "", "LOCK TABLE mark.b2", "INSERT INTO mark.b2"),
    Place("create index", "c1", "LOCK TABLE orders IN ROW EXCLUSIVE MODE", "CREATE INDEX CONC"),
)
HOLDER = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid <> %s"


@pytest.mark.parametrize("killed", [False, True], ids=["terminated", "killed"])
@pytest.mark.parametrize("place", PLACES, ids=lambda each: each.name.replace(" ", "-"))
def test_the_lock_is_lost_while_a_statement_waits(
    stage: Stage, tally: Tally, full: bool, place: Place, killed: bool
) -> None:
    """With kill -9, the server ends all its sessions and starts anew by itself."""
    for meanwhile in (True, False) if full else (not killed,):
        wrong = lost_at(stage, place, killed=killed, meanwhile=meanwhile)
        tally.note(f"the lock's backend {'killed' if killed else 'terminated'}", wrong)
    tally.check()


def lost_at(stage: Stage, place: Place, *, killed: bool, meanwhile: bool) -> str:
    """What is wrong behind it, or nothing; `meanwhile`: the next run begins while the statement still waits."""
    story = place.story
    stage.undisturbed(story)
    stage.proxy.reset(lambda _: Fate.PASS)
    with stage.database(story) as database, blocked(stage, place, database) as (run, blocker, watcher, pid):
        (holder,) = watcher.execute(HOLDER, [pid]).fetchone() or (0,)
        assert holder
        if killed:
            os.kill(holder, signal.SIGKILL)
        else:
            watcher.execute("SELECT pg_terminate_backend(%s, 10000)", [holder])
        again = begin_again(stage, database, watcher, story) if meanwhile and not killed else None
        with suppress(psycopg.OperationalError):
            blocker.execute("ROLLBACK")
        wrong = "" if run.wait() in {0, 3} and "Traceback" not in run.said else "it ended badly"
        if killed:
            until(lambda: stage.cluster.answers(), "the server is up again")
        wrong = wrong or stage.finish(story, database, first=again)
        return f"{place.name}\n{wrong}\n--- first: {run}" if wrong else ""
