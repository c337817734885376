"""What to type next when a redo has got somewhere, and not to its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgproof.errors import Problem
from pgproof.migrate import aftermath
from pgproof.migrate.entry import History
from pgproof.migrate.library import load
from pgproof.migrate.plan import Direction, Plan, Step
from tests.migrate.case import write


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """The way back of a redo of 2 and 3."""
    write(tmp_path, {f"{each}-t.sql": "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n" for each in "123"})
    library = load(tmp_path, {})
    steps = tuple(Step(migration=library.migrations[index], direction=Direction.DOWN) for index in (2, 1))
    return Plan(direction=Direction.DOWN, steps=steps, history=History(), target=1, redoes=True)


@pytest.mark.parametrize(
    ("index", "command"),
    [
        (0, "pgproof redo --steps 2"),
        (1, "pgproof redo && pgproof upgrade --to 3"),
        (2, "pgproof upgrade --to 3"),
    ],
)
def test_what_is_reverted_is_not_counted_again(plan: Plan, index: int, command: str) -> None:
    """Steps are counted from the last that is applied: those of the first time would be too many."""
    assert aftermath.interrupted(plan, index).context[-1] == f"NEXT: run again: {command}"


def test_where_nobody_knows_what_is_reverted_nothing_is_counted(plan: Plan) -> None:
    lost = Problem(message="the connection is lost")
    for problem in (
        aftermath.unknown(lost, plan, 1),
        aftermath.unknown_statement(lost, plan, 1, done=0),
        aftermath.somebody_else(plan, 1),
    ):
        assert problem.context[-1].endswith(": pgproof downgrade --to 1 && pgproof upgrade --to 3")
