"""Many migrators at once, as when all pods of a deployment start: each migration runs once, and all succeed."""

from __future__ import annotations

import random
import re
from contextlib import ExitStack

import pytest

from pgproof.database.conninfo import Conninfo
from tests.database.bouncer import bouncer
from tests.faults.cluster import PORT, Gate, until
from tests.faults.process import Run
from tests.faults.stage import Stage
from tests.faults.story import FULL
from tests.faults.tally import Tally

MANY = 50
WAIT = ("--lock-wait", "80")
_BEGUN = re.compile(r"^ +0\d-\w", re.MULTILINE)


def test_fifty_at_once(stage: Stage, tally: Tally) -> None:
    together(stage, tally, "50 migrators at once", MANY)


@pytest.mark.parametrize(
    ("mode", "size", "many"),
    [("transaction", 5, MANY), ("transaction", 1, 3), ("session", 5, 20)],
    ids=["transaction", "too-small", "session"],
)
def test_many_at_once_through_pgbouncer(stage: Stage, tally: Tally, mode: str, size: int, many: int) -> None:
    """The pool may be so small that the lock and the work find no room at the same time."""
    with bouncer(Conninfo.parse(stage.cluster.conninfo("postgres")), mode=mode, size=size) as pooled:
        place = dict(pooled.parameters)
        kind = f"{many} migrators at once through PgBouncer ({mode} pooling, {size} sessions)"
        together(stage, tally, kind, many, host=place["host"], port=int(place["port"]))


def together(
    stage: Stage, tally: Tally, kind: str, many: int, *, host: str | None = None, port: int = PORT
) -> None:
    stage.undisturbed(FULL)
    with stage.database(FULL) as database:
        runs = [stage.start(FULL, database, *WAIT, host=host, port=port) for _ in range(many)]
        bad = [str(run) for run in runs if run.wait() != 0]
        wrong = f"{len(bad)} of {many} did not succeed\n{bad[0]}" if bad else ""
        wrong = wrong or stage.compare(FULL, database, pooled=host is not None)
    tally.note(kind, wrong)
    tally.check()


def test_those_who_run_are_killed_one_after_the_other(stage: Stage, tally: Tally) -> None:
    """Whoever is at work is killed at some mark; another takes over, until the last has done it all."""
    stage.undisturbed(FULL)
    chance = random.Random(4)
    labels = [label for label in FULL.marks if chance.random() < 0.4]
    with stage.database(FULL) as database, ExitStack() as stack:
        gates = [stack.enter_context(Gate(stage.cluster, database, f"mark.{each}")) for each in labels]
        runs = [stage.start(FULL, database, *WAIT) for _ in range(12)]
        orphan = 0
        for gate in gates:
            pid = gate.arrived()
            if pid != orphan:  # else what was killed still goes on, on the server
                killed = worker(runs)
                killed.kill()
                runs.remove(killed)
                orphan = pid
            gate.open()
        bad = [str(run) for run in runs if run.wait() != 0]
        wrong = f"{len(bad)} did not succeed\n{bad[0]}" if bad else stage.compare(FULL, database)
    tally.note("the one at work killed, others wait", wrong, 12 - len(runs))
    tally.check()


def worker(runs: list[Run]) -> Run:
    """The one that has begun a migration."""

    def begun() -> Run | None:
        return next((run for run in runs if not run.ended.is_set() and _BEGUN.search(run.said)), None)

    found = until(begun, "somebody has begun")
    assert isinstance(found, Run)
    return found
