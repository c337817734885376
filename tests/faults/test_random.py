"""Migrations that nobody thought of, with a fault at a place that nobody thought of."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.faults.fault import Fault, When, at_message
from tests.faults.proxy import Fate
from tests.faults.random_story import stories
from tests.faults.stage import Stage
from tests.faults.story import Story
from tests.faults.tally import Tally

EXAMPLES = 7
MORE = 150
_QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.mark.parametrize("fault", [Fault.KILL, Fault.CUT, Fault.TERMINATE], ids=lambda each: each.name.lower())
def test_random_migrations(stage: Stage, tally: Tally, full: bool, fault: Fault) -> None:
    @settings(
        max_examples=MORE if full else EXAMPLES,
        derandomize=not full,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink] if full else [Phase.generate],
        suppress_health_check=_QUIET,
    )
    @given(story=stories(), at=st.floats(0, 1), when=st.sampled_from(When))
    def tell(story: Story, at: float, when: When) -> None:
        number = 1 + round(at * (messages(stage, story) - 1))
        trap, wrong = at_message(stage, story, fault, number, when)
        if trap.sprung:
            tally.note(f"random migrations: {fault}", wrong)
        files = "\n".join(f"--- {name}\n{text}" for name, text in story.files.items())
        stage.forget(story)
        assert not wrong, f"{wrong}\n{files}"

    tell()


def messages(stage: Stage, story: Story) -> int:
    """How many go to and fro when nothing happens; and the story ends as it should."""
    stage.proxy.reset(lambda _: Fate.PASS)
    stage.undisturbed(story, host=stage.proxy.host)
    return stage.proxy.seen
