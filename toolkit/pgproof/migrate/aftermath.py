"""What a failure leaves behind, in words: what is committed, what is not, and what to type next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pgproof.errors import Problem
from pgproof.migrate.plan import Direction, Plan, Step

_CANNOT_RUN_IN_TRANSACTION = "25001"
_CANNOT_END_TRANSACTION = "2D000"
_LOCKS = frozenset({"55P03", "40P01", "40001", "57014", "PP001"})
"""The statement itself is right: somebody was in the way."""
_SERVER = ("08", "53", "57P0", "58")
"""The statement itself is right: these classes are of connections, of room, of servers that end, of the system."""
_PLACES = {"42501": "grant what is missing, or connect as who may, and run", "25006": "run it where it may write"}
"""The statement itself is right, but not here: what to do instead of mending it."""
_THERE_ALREADY = frozenset({"42P07", "42P06", "42701", "42710", "42723"})
"""Of a table or index, a schema, a column, a type or role, a function."""
_NAMED = 6


def rolled_back(problem: Problem, plan: Plan, index: int, *, lost: bool = False, but: str = "") -> Problem:
    """`problem`, which undid step `index` of the plan; with `lost`, because the connection was.

    All of it was undone, `but` for that.
    """
    step = plan.steps[index]
    fate = f"ROLLED BACK: {step.migration.label}, {f'all but {but}' if but else 'all of it'}"
    path = (problem.place or step.section.place).path  # of the migration, or of a hook
    verb = _PLACES.get(problem.sqlstate, f"mend {path} and run")
    if lost or _is_right(problem):
        verb = "run again"
    problem = _adoptable(problem, plan, index)
    return _with(_hinted(problem, step), plan, index, fate, f"NEXT: {verb}: {command(plan, index)}")


def unknown(problem: Problem, plan: Plan, index: int) -> Problem:
    """`problem`, after which nobody knows whether step `index` was committed."""
    label = plan.steps[index].migration.label
    fate = f"UNKNOWN: whether {label} is committed; the next run looks"
    again = f"NEXT: run again when the server is back: {_whatever_landed(plan)}"
    return _with(problem, plan, index, fate, again)


def of_hook(problem: Problem, plan: Plan, index: int, *, lost: bool = False) -> Problem:
    """`problem`, met by a hook before step `index`; what it did is undone, unless the connection was `lost`."""
    path = problem.place.path if problem.place else "the hook"
    fate = "ROLLED BACK: the hook"
    if lost and not problem.sqlstate:  # the server said nothing
        fate = "UNKNOWN: whether the hook is committed; nothing records it"
    is_right = lost or _is_right(problem)
    again = f"NEXT: {'run again' if is_right else f'mend {path} and run'}: {command(plan, index)}"
    if index == len(plan.steps):  # all else is done
        mended = "" if is_right else f"mend {path}; "
        again = f"NEXT: {mended}it runs with the next migration, or by hand: psql -f {path}"
    return _with(problem, plan, index, fate, again, rest=index)


def not_begun(problem: Problem, plan: Plan, index: int) -> Problem:
    """`problem`, which keeps step `index` from being begun."""
    return _with(problem, plan, index, "", f"NEXT: run again: {command(plan, index)}", rest=index)


def interrupted(plan: Plan, index: int) -> Problem:
    """Interrupted before step `index` was done; nothing of it is there."""
    return not_begun(Problem(message="interrupted"), plan, index)


def stopped(plan: Plan, index: int, *, done: int, batches: str = "") -> Problem:
    """Interrupted behind statement `done` of step `index`, whose statements commit one by one.

    `batches` says how many of the next one have landed.
    """
    return _with(
        Problem(message="interrupted"),
        plan,
        index,
        landed(plan.steps[index], done, batches),
        f"NEXT: run again: {command(plan, index)}",
    )


def of_statement(
    problem: Problem, plan: Plan, index: int, *, done: int, left: str = "", batches: str = ""
) -> Problem:
    """`problem`, met by statement `done + 1` of step `index`, whose statements commit one by one.

    `left` says what the statement has left behind, `batches` how many of it have landed.
    """
    step = plan.steps[index]
    fate = landed(step, done, batches) + (f"; {left}" if left else "")
    is_right = _is_right(problem) or problem.hint == "run again"
    problem = problem if done or batches else _adoptable(problem, plan, index)
    verb = "run again" if is_right else _PLACES.get(problem.sqlstate, f"mend {step.section.place.path} and run")
    again = f"{command(plan, index)} (it goes on at statement {done + 1})"
    return _with(problem, plan, index, fate, f"NEXT: {verb}: {again}")


def unknown_statement(problem: Problem, plan: Plan, index: int, *, done: int) -> Problem:
    """`problem`, after which nobody knows how statement `done + 1` of step `index` ended."""
    fate = f"{landed(plan.steps[index], done)}; UNKNOWN: whether statement {done + 1} has; the next run looks"
    return _with(problem, plan, index, fate, f"NEXT: run again: {_whatever_landed(plan)}")


def landed(step: Step, done: int, batches: str = "") -> str:
    """What has landed of a step whose statements commit one by one; of the next one maybe some batches."""
    label, total = step.migration.label, len(step.section.statements)
    parts = [f"{_span(done)} of {total}"] if done else []
    if batches:
        parts.append(f"{batches} of statement {done + 1}")
    return f"LANDED: {' and '.join(parts)} of {label}, and stays" if parts else f"LANDED: nothing of {label}"


def somebody_else(plan: Plan, index: int) -> Problem:
    """The step's version changed between plan and execution."""
    step = plan.steps[index]
    problem = Problem(
        message=f"somebody else runs {step.migration.name} at the same time, or has just run it",
        detail="The history has changed since this run read it.",
    )
    return _with(problem, plan, index, "", f"NEXT: run again: {_whatever_landed(plan)}")


def command(plan: Plan, index: int) -> str:
    """What to type to have done what is left of the plan from step `index` on."""
    if not plan.redoes:
        return _whatever_landed(plan)
    left = len(plan.steps) - index
    redo = [f"pgproof redo --steps {left}" if left > 1 else "pgproof redo"] if left else []
    up = [f"pgproof upgrade --to {plan.steps[0].migration.version}"] if index else []
    return " && ".join([*redo, *up])  # what is reverted already must not be counted among the steps again


def _whatever_landed(plan: Plan) -> str:
    """What to type, whether a step is done or not."""
    if plan.direction is Direction.DOWN:
        up = f" && pgproof upgrade --to {plan.steps[0].migration.version}" if plan.redoes else ""
        return f"pgproof downgrade --to {plan.target or 0}{up}"
    return "pgproof upgrade" if plan.target is None else f"pgproof upgrade --to {plan.target}"


def _with(
    problem: Problem, plan: Plan, index: int, fate: str, following: str, *, rest: int | None = None
) -> Problem:
    """The problem with the fate of step `index`, of those before it, and of those from `rest` on."""
    lines = [f"COMMITTED: {_labels(plan.steps[:index])}", fate]
    if left := plan.steps[index + 1 if rest is None else rest :]:
        lines.append(f"NOT RUN: {_labels(left)}")
    return replace(problem, context=(*problem.context, *(line for line in lines if line), following))


def _is_right(problem: Problem) -> bool:
    """True if the statement need not be mended: it is enough to run it again."""
    return problem.sqlstate in _LOCKS or problem.sqlstate.startswith(_SERVER)


def _adoptable(problem: Problem, plan: Plan, index: int) -> Problem:
    """The problem; where what the first step makes was there before, with how to enter that into the history."""
    migration = plan.steps[index].migration
    is_there = plan.direction is Direction.UP and problem.sqlstate in _THERE_ALREADY and not plan.redoes
    if index or problem.hint or migration.repeatable or not is_there:
        return problem
    version = migration.digits or migration.version
    if not plan.history.entries:
        hint = "if another tool, or a person, has built this database: pgproof adopt"
    else:
        hint = f"if the database has all of {migration.label} already: pgproof adopt --to {version}"
    return replace(problem, hint=hint)


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
