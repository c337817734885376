"""What a failure leaves behind, in words: what is committed, what is not, and what to type next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pgproof.errors import Problem
from pgproof.migrate.plan import Direction, Plan, Step

_CANNOT_RUN_IN_TRANSACTION = "25001"
_CANNOT_END_TRANSACTION = "2D000"
_NAMED = 6


def of_transaction(problem: Problem, plan: Plan, index: int, *, lost: bool, committing: bool) -> Problem:
    """`problem`, met by step `index` of the plan, which runs in one transaction.

    `lost`: the connection is gone; `committing`: COMMIT was sent already.
    """
    step = plan.steps[index]
    label = step.migration.label
    if lost and committing:
        fate = f"UNKNOWN: the connection was lost while {label} was being committed"
        return _with(problem, plan, index, fate, "NEXT: see what became of it: pgproof status")
    fate = f"ROLLED BACK: {label}, all of it"
    again = f"run again: {command(plan)}" if lost else f"mend {step.section.place.path} and run: {command(plan)}"
    return _with(_hinted(problem, step), plan, index, fate, f"NEXT: {again}")


def of_statement(problem: Problem, plan: Plan, index: int, *, done: int, lost: bool, first: str = "") -> Problem:
    """`problem`, met by statement `done + 1` of step `index`, whose statements commit one by one.

    `lost`: the connection is gone, so nobody knows how the statement ended. `first` is a statement that must
    be run by hand before pgproof can go on.
    """
    step = plan.steps[index]
    label, total = step.migration.label, len(step.section.statements)
    fate = f"LANDED: {_span(done)} of {total} of {label}, and stays" if done else f"LANDED: nothing of {label}"
    again = f"mend {step.section.place.path} and run: {command(plan)} (it goes on at statement {done + 1})"
    if lost:
        fate += f"; UNKNOWN: whether statement {done + 1} has"
        again = "see what became of it: pgproof status"
    if first:
        again = f"run {first}; then {again}"
    return _with(problem, plan, index, fate, f"NEXT: {again}")


def somebody_else(plan: Plan, index: int) -> Problem:
    """The step's version changed between plan and execution."""
    step = plan.steps[index]
    problem = Problem(
        message=f"somebody else runs {step.migration.name} at the same time, or has just run it",
        detail="The history has changed since this run read it.",
    )
    return _with(problem, plan, index, "", f"NEXT: run again: {command(plan)}")


def command(plan: Plan) -> str:
    """What to type to make the same plan again."""
    if plan.direction is Direction.DOWN:
        return f"pgproof downgrade --to {plan.target or 0}"
    return "pgproof upgrade" if plan.target is None else f"pgproof upgrade --to {plan.target}"


def _with(problem: Problem, plan: Plan, index: int, fate: str, following: str) -> Problem:
    lines = [f"COMMITTED: {_labels(plan.steps[:index])}", fate]
    if rest := plan.steps[index + 1 :]:
        lines.append(f"NOT RUN: {_labels(rest)}")
    return replace(problem, context=(*problem.context, *(line for line in lines if line), following))


def _labels(steps: Sequence[Step]) -> str:
    labels = [step.migration.label for step in steps]
    if len(labels) > _NAMED:
        return f"{labels[0]} ... {labels[-1]} ({len(labels)} migrations)"
    return ", ".join(labels) or "nothing"


def _span(done: int) -> str:
    return "statement 1" if done == 1 else f"statements 1 to {done}"


def _hinted(problem: Problem, step: Step) -> Problem:
    """What the server refuses because of the transaction that we opened, it cannot explain."""
    if problem.hint or problem.sqlstate not in {_CANNOT_RUN_IN_TRANSACTION, _CANNOT_END_TRANSACTION}:
        return problem
    word = "up" if step.direction is Direction.UP else "down"
    return replace(problem, hint=f"move it to a file that says `-- migrate:{word} transaction:false`")
