"""A fault at a message of the protocol: every one with --faults full, some of them otherwise."""

from __future__ import annotations

import pytest

from tests.faults.fault import Fault, When, at_message, can_happen
from tests.faults.proxy import Fate, Message
from tests.faults.stage import Stage
from tests.faults.story import FULL
from tests.faults.tally import Tally

SOME = 8
"""Places for each kind of fault, where not all are asked for."""
ONLY_BEFORE = {Fault.SILENT, Fault.LATE}
CASES = [
    (fault, when)
    for fault in Fault
    if fault not in {Fault.LATE, Fault.SIGTERM}
    for when in When
    if when is When.BEFORE or fault not in ONLY_BEFORE
]


@pytest.mark.parametrize(("fault", "when"), CASES, ids=lambda each: each.name.lower())
def test_a_fault_at_any_message_is_made_good_by_the_next_run(
    stage: Stage, tally: Tally, full: bool, fault: Fault, when: When
) -> None:
    if fault is Fault.STOP and not full:
        pytest.skip("the command waits half a minute for its server: only with --faults full")
    possible = [each.number for each in messages(stage) if can_happen(fault, each)]
    count = 8 if fault is Fault.STOP else len(possible) if full else SOME
    for number in some(possible, CASES.index((fault, when)), count):
        trap, wrong = at_message(stage, FULL, fault, number, when)
        if trap.sprung:
            tally.note(fault, wrong)
    tally.check()


def some(possible: list[int], case: int, count: int) -> list[int]:
    """About `count` of all, spread evenly; other ones in each case."""
    step = max(1, len(possible) // count)
    return possible[(case + 1) * 37 % step :: step]


def messages(stage: Stage) -> list[Message]:
    """What goes to and fro when nothing happens."""
    seen: list[Message] = []

    def watch(message: Message) -> Fate:
        seen.append(message)
        return Fate.PASS

    stage.proxy.reset(watch)
    with stage.database(FULL) as database:
        assert stage.start(FULL, database, host=stage.proxy.host).wait() == 0
    return seen
