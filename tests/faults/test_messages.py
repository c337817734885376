"""A fault at a message of the protocol: every one with --faults full, some of them otherwise."""

from __future__ import annotations

import pytest

from tests.faults.fault import Fault, When, at_message
from tests.faults.proxy import Fate
from tests.faults.stage import Stage
from tests.faults.story import TRANSACTIONS
from tests.faults.tally import Tally

SOME = 12
"""Places for each kind of fault, where not all are asked for."""
CASES = [
    (fault, when)
    for fault in Fault
    if fault is not Fault.SIGTERM
    for when in When
    if not (fault is Fault.SILENT and when is When.AFTER)
]


@pytest.mark.parametrize(("fault", "when"), CASES, ids=lambda each: each.name.lower())
def test_a_fault_at_any_message_is_made_good_by_the_next_run(
    stage: Stage, tally: Tally, full: bool, fault: Fault, when: When
) -> None:
    total = messages(stage)
    places = range(1, total + 1)
    if not full:  # other places for each kind
        step = max(1, total // SOME)
        places = range(1 + CASES.index((fault, when)) * 7 % step, total + 1, step)
    for number in places:
        trap, wrong = at_message(stage, TRANSACTIONS, fault, number, when)
        if trap.sprung:
            tally.note(fault, wrong)
    tally.check()


def messages(stage: Stage) -> int:
    """How many messages go to and fro when nothing happens."""
    stage.proxy.reset(lambda _: Fate.PASS)
    with stage.database(TRANSACTIONS) as database:
        assert stage.start(TRANSACTIONS, database, host=stage.proxy.host).wait() == 0
    return stage.proxy.seen
