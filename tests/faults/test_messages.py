"""A fault at a message of the protocol: at some; with --faults full at every one, dealt out among the majors."""

from __future__ import annotations

import pytest

from tests.conftest import MAJORS
from tests.faults.fault import Fault, When, at_message, can_happen
from tests.faults.proxy import Fate, Message
from tests.faults.stage import Stage
from tests.faults.story import BACK, FULL, HOOKS, KINDS, Story
from tests.faults.tally import Tally

SOME = 4
"""Places for each kind of fault, where not all are asked for."""
OUTSIDE = (b"CREATE INDEX", b"DROP INDEX", b"REINDEX", b"ALTER TABLE", b"VACUUM")
"""What the server says to statements that run outside of a transaction in FULL."""
ONLY_BEFORE = {Fault.SILENT, Fault.LATE, Fault.PAUSE}
HALF_HEARD = [Fault.CUT, Fault.TERMINATE, Fault.CRASH]
CASES = [(fault, when) for fault in Fault for when in When if when is When.BEFORE or fault not in ONLY_BEFORE]


@pytest.mark.parametrize(("fault", "when"), CASES, ids=lambda each: each.name.lower())
def test_a_fault_at_any_message_is_made_good_by_the_next_run(
    stage: Stage, tally: Tally, full: bool, fault: Fault, when: When
) -> None:
    if fault is Fault.STOP and not full:
        pytest.skip("the command waits half a minute for its server: only with --faults full")
    at_messages(stage, tally, FULL, fault, when, full=full)


@pytest.mark.parametrize(
    ("fault", "when"),
    [
        (Fault.KILL, When.BEFORE),
        (Fault.CUT, When.AFTER),
        (Fault.TERMINATE, When.BEFORE),
        (Fault.CRASH, When.AFTER),
    ],
    ids=lambda each: each.name.lower(),
)
@pytest.mark.parametrize("story", [BACK, KINDS], ids=["downgrade", "kinds"])
def test_so_is_one_in_downgrades_batches_programs_and_repeated_files(
    stage: Stage, tally: Tally, full: bool, story: Story, fault: Fault, when: When
) -> None:
    at_messages(stage, tally, story, fault, when, full=full)


@pytest.mark.parametrize(
    ("fault", "when"),
    [
        (Fault.KILL, When.BEFORE),
        (Fault.CUT, When.AFTER),
        (Fault.TERMINATE, When.BEFORE),
        (Fault.SIGINT, When.AFTER),
    ],
    ids=lambda each: each.name.lower(),
)
def test_hooks_in_the_transaction_of_a_migration_run_once(
    stage: Stage, tally: Tally, full: bool, fault: Fault, when: When
) -> None:
    at_messages(stage, tally, HOOKS, fault, when, full=full)


@pytest.mark.parametrize("fault", HALF_HEARD, ids=lambda each: each.name.lower())
def test_what_is_heard_of_the_end_of_a_statement_in_part(
    stage: Stage, tally: Tally, full: bool, fault: Fault
) -> None:
    """CommandComplete has come, ReadyForQuery has not; or neither. Of statements outside of a transaction.

    Where not all is asked for, each has one of these faults.
    """
    seen = messages(stage, FULL)
    ends = [each.number for each in seen if each.kind == "C" and each.body.rstrip(b"\0") in OUTSIDE]
    assert len(ends) >= len(OUTSIDE)
    places = [number + offset for number in ends for offset in (0, 1)]
    for place in places if full else places[HALF_HEARD.index(fault) :: len(HALF_HEARD)]:
        trap, wrong = at_message(stage, FULL, fault, place, When.BEFORE)
        if trap.sprung:
            tally.note(fault, wrong)
    tally.check()


def at_messages(stage: Stage, tally: Tally, story: Story, fault: Fault, when: When, *, full: bool) -> None:
    possible = [each.number for each in messages(stage, story) if can_happen(fault, each)]
    case = CASES.index((fault, when))
    count = SOME if story is FULL else SOME // 2
    chosen = dealt(possible, stage.cluster.major, case) if full else some(possible, case, count)
    for number in chosen[::60] if fault is Fault.STOP else chosen:
        trap, wrong = at_message(stage, story, fault, number, when)
        if trap.sprung:
            tally.note(fault, wrong)
    tally.check()


def some(possible: list[int], case: int, count: int) -> list[int]:
    """About `count`, spread evenly, and a few of the first, before anything is done; other ones in each case."""
    step = max(1, len(possible) // count)
    return sorted({*possible[(case + 1) * 37 % step :: step], *possible[case % 20 : 60 : 20]})


def dealt(possible: list[int], major: int, case: int) -> list[int]:
    """Those of this major: every place gets its turn on one of them."""
    return possible[(major + case) % len(MAJORS) :: len(MAJORS)]


def messages(stage: Stage, story: Story) -> list[Message]:
    """What goes to and fro when nothing happens (found once)."""
    if id(story) in stage.heard:
        return stage.heard[id(story)]
    seen: list[Message] = []

    def watch(message: Message) -> Fate:
        seen.append(message)
        return Fate.PASS

    stage.proxy.reset(watch)
    with stage.database(story) as database:
        assert stage.start(story, database, host=stage.proxy.host).wait() == 0
    stage.heard[id(story)] = seen
    return seen
