"""Several pieces of work at once: results in their order, and one end for all."""

from __future__ import annotations

from threading import Event

import pytest

from pgproof.database.scratch.termination import undone
from pgproof.flows.side_by_side import side_by_side


def test_results_come_in_the_order_of_things() -> None:
    seen = Event()

    def work(thing: int) -> int:
        if thing == 1:
            assert seen.wait(20)  # the second one is at work meanwhile
        seen.set()
        return thing * 10

    assert list(side_by_side(work, (1, 2, 3), at_once=2)) == [10, 20, 30]
    assert list(side_by_side(work, (2,))) == [20]


def test_where_one_fails_the_others_end() -> None:
    """What they have begun is undone while they wait for it, and nothing more is begun."""
    begun, over, interrupted = Event(), Event(), Event()

    def work(thing: int) -> None:
        if thing == 1:
            assert begun.wait(20)
            raise ValueError
        with undone(over.set):
            begun.set()
            assert over.wait(20)
        try:
            with undone(lambda: None):
                raise AssertionError
        except KeyboardInterrupt:
            interrupted.set()
            raise

    with pytest.raises(ValueError):
        list(side_by_side(work, (1, 2)))
    assert over.is_set()
    assert interrupted.wait(20)
