"""How migrations ran, as findings: one about each of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from pgproof.finding import Finding, Severity, Verdict
from pgproof.migrate.event import Began, Ended, Event, Planned, Warned
from pgproof.migrate.plan import Direction, Step
from pgproof.place import Place
from pgproof.report.findings.code import Code, finding, pages
from pgproof.report.model import About, Failure, Report

_DONE = {Direction.UP: "applied", Direction.DOWN: "reverted"}


def run_report(command: str, runs: Sequence[Sequence[Event]], failure: Failure | None = None) -> Report:
    """The report of what happened, until the `failure` if there is one.

    There is one run, or, of a redo, that of the way back and that of the way there.
    """
    found, seconds, database = list[Finding](), dict[str, float](), ""
    for run in runs:
        planned = next((each for each in run if isinstance(each, Planned)), None)
        if planned is None:
            continue
        database = planned.database
        ended = {thing(command, each.step): each.seconds for each in run if isinstance(each, Ended)}
        began = {thing(command, each.step) for each in run if isinstance(each, Began)}
        seconds |= ended
        for step in planned.plan.steps:
            named = thing(command, step)
            if named in ended:
                found.append(_done(named, step))
            elif named in began:
                found.append(_refused(named, step, failure))
            else:
                found.append(_not_reached(named, step))
        found += [_held_up(each, planned) for each in run if isinstance(each, Warned)]
    return Report(
        command=command,
        about=About(server="", mode="live", database=database, counts=(("migration", len(seconds)),)),
        findings=tuple(found),
        pages=pages(Code.MIGRATION_REFUSED, Code.MIGRATION_NOT_REACHED, Code.MIGRATION_HELD_UP),
        by_object=True,
        seconds=seconds,
        failure=failure,
    )


def thing(command: str, step: Step) -> str:
    """What findings call a step: of a redo there are two about each migration."""
    return step.migration.name if command == step.direction else f"{step.migration.name} ({step.direction})"


def _done(thing: str, step: Step) -> Finding:
    message = f"{step.migration.label} is {_DONE[step.direction]}"
    return finding(Code.MIGRATION_REFUSED, thing, message, step.section.place, verdict=Verdict.HOLDS)


def _refused(thing: str, step: Step, failure: Failure | None) -> Finding:
    """It began and has not ended; the failure itself is told beside the findings."""
    problem = failure.problems[0] if failure and failure.problems else None
    place = problem.place if problem and problem.place else step.section.place
    reason = f": {problem.message}" if problem else ""
    message = f"{step.migration.label} is not {_DONE[step.direction]}{reason}"
    return finding(Code.MIGRATION_REFUSED, thing, message, place)


def _not_reached(thing: str, step: Step) -> Finding:
    message = f"whether {step.migration.label} can be {_DONE[step.direction]}: it was not reached"
    return finding(
        Code.MIGRATION_NOT_REACHED,
        thing,
        message,
        step.section.place,
        verdict=Verdict.UNKNOWN,
        severity=Severity.NOTE,
    )


def _held_up(event: Warned, planned: Planned) -> Finding:
    problem, steps = event.problem, planned.plan.steps
    folder = PurePath(steps[0].migration.path).parent.as_posix() if steps else "migrations"
    place = problem.place or Place(path=folder, line=1)
    return finding(
        Code.MIGRATION_HELD_UP,
        planned.database,
        problem.message,
        place,
        severity=Severity.WARNING,
        detail=problem.detail,
        hint=problem.hint,
    )
