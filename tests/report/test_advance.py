"""Which words about a running statement are worth a line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pgproof.database.watch import Advance, Blockage, Session
from pgproof.migrate.event import Advanced
from pgproof.migrate.library import load
from pgproof.migrate.plan import Direction, Step
from pgproof.report.advance import Thinned, for_people, for_programs, line
from tests.migrate.case import write

SCAN = Advance(
    command="CREATE INDEX",
    relation="jobs",
    phase="building index: scanning table",
    unit="blocks",
    done=0,
    total=1000,
    partitions_done=0,
    partitions=0,
)
READER = Session(
    pid=7, depth=1, user="", application="reporting", state="active", transaction_seconds=None, query="SELECT 1"
)


@pytest.fixture
def step(tmp_path: Path) -> Step:
    (migration,) = load(write(tmp_path, {"1-a.sql": "SELECT 1;\nSELECT 2;"})).migrations
    return Step(migration=migration, direction=Direction.UP)


def news(step: Step, seconds: float, advance: Advance | None, *, waits: bool = False) -> Advanced:
    look = Blockage(
        pid=1,
        waited=seconds if waits else None,
        running=seconds,
        blockers=(READER,) if waits else (),
        victims=0,
        longest_victim=0,
        reason=None,
        advance=advance,
    )
    return Advanced(step=step, number=2, seconds=seconds, look=look)


def told(step: Step, thinned: Thinned, advances: list[tuple[float, Advance | None]]) -> list[float]:
    """The seconds at which something is told."""
    return [seconds for seconds, each in advances if thinned.is_worth(news(step, seconds, each))]


def test_a_slow_phase_is_told_now_and_then(step: Step) -> None:
    slow = [(half / 2, replace(SCAN, done=half // 4)) for half in range(1, 400)]
    assert told(step, for_people(), slow) == [2.0, 62.0, 122.0, 182.0]
    assert told(step, for_programs(), slow)[:3] == [0.5, 1.5, 2.5]


def test_a_quick_one_at_each_tenth_but_not_too_often(step: Step) -> None:
    quick = [(half / 2, replace(SCAN, done=5 * half)) for half in range(1, 200)]
    assert told(step, for_people(), quick) == [2.0, 12.0, 22.0, 32.0, 42.0, 52.0, 62.0, 72.0, 82.0, 92.0]
    faster = [(half / 2, replace(SCAN, done=2 * half)) for half in range(1, 200)]
    assert told(step, for_people(), faster) == [2.0, 27.0, 52.0, 77.0]


def test_a_new_phase_and_the_same_statement_sent_again(step: Step) -> None:
    load = replace(SCAN, phase="building index: loading tuples in tree")
    assert told(step, for_people(), [(2.0, SCAN), (2.5, SCAN), (3.0, load), (3.5, load), (4.0, SCAN)]) == [
        2.0,
        3.0,
        4.0,
    ]
    assert told(step, for_people(), [(2.5, SCAN), (3.0, SCAN), (0.5, SCAN), (2.0, SCAN)]) == [2.5, 2.0]


def test_of_what_nothing_is_known_nothing_is_told(step: Step) -> None:
    assert told(step, for_programs(), [(1.0, None), (2.0, None)]) == []
    blind = Advanced(step=step, number=None, seconds=9.0)
    assert not for_programs().is_worth(blind)


@pytest.mark.parametrize(
    ("advance", "waits", "words"),
    [
        (replace(SCAN, done=456), False, "CREATE INDEX on jobs: building index: scanning table, 46 %"),
        (replace(SCAN, total=None), False, "CREATE INDEX on jobs: building index: scanning table"),
        (replace(SCAN, done=1001), False, "CREATE INDEX on jobs: building index: scanning table, 100 %"),
        (
            replace(SCAN, relation="", partitions_done=1, partitions=3),
            False,
            "CREATE INDEX, partition 2 of 3: building index: scanning table, 0 %",
        ),
        (
            replace(SCAN, phase="waiting for old snapshots", unit="lockers", total=3),
            True,
            f"CREATE INDEX on jobs: waiting for old snapshots, 0 of 3 done; held up by {READER}",
        ),
        (None, True, f"waiting for a lock; held up by {READER}"),
    ],
)
def test_words(step: Step, advance: Advance | None, waits: bool, words: str) -> None:
    assert line(news(step, 12.0, advance, waits=waits)) == f"    statement 2: {words} (after 12.0 s)\n"
