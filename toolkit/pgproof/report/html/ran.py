"""A run of migrations as data of the page: an entry for each step of the plan, and what happened meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pgproof.migrate.event import Advanced, Batched, Began, Ended, Event, Landed, Planned
from pgproof.migrate.plan import Step
from pgproof.report.findings.run import thing
from pgproof.report.html.entry import entry, way
from pgproof.report.model import Report
from pgproof.report.progress import DONE, aside, summary
from pgproof.report.words import counted, duration

Runs = Sequence[Sequence[Event]]


def entries(report: Report, runs: Runs) -> Iterator[dict[str, Any]]:
    """The steps of each run, in their order; what has not ended was refused, or not reached."""
    for run in runs:
        for planned in _planned(run):
            for step in planned.plan.steps:
                yield _entry(report, step, [each for each in run if getattr(each, "step", None) is step])


def said(runs: Runs) -> list[str]:
    """What was said besides the migrations, before and between them."""
    found = (aside(each).strip() for run in runs for each in _latest(run) if not hasattr(each, "step"))
    return [each for each in found if each]


def outcomes(runs: Runs) -> list[str]:
    """What each run came to that has ended, in a sentence."""
    return [
        summary(planned.plan, sum(each.seconds for each in _ended(run)))
        for run in runs
        for planned in _planned(run)
        if len(_ended(run)) == len(planned.plan.steps)
    ]


def lead(runs: Runs) -> str:
    """How many of the steps were carried out."""
    steps = sum(len(planned.plan.steps) for run in runs for planned in _planned(run))
    ended = sum(len(_ended(run)) for run in runs)
    return f"{ended} of {counted(steps, 'step', 'steps')} carried out, in this order"


def _planned(run: Sequence[Event]) -> Iterator[Planned]:
    return (each for each in run if isinstance(each, Planned))


def _ended(run: Sequence[Event]) -> list[Ended]:
    return [each for each in run if isinstance(each, Ended)]


def _entry(report: Report, step: Step, events: Sequence[Event]) -> dict[str, Any]:
    ended = next((each for each in events if isinstance(each, Ended)), None)
    has_begun = any(isinstance(each, Began) for each in events)
    lines = [line.strip() for each in _latest(events) for line in aside(each).splitlines()]
    landed = max((each.number for each in events if isinstance(each, Landed)), default=0)
    words, look, error = "", "ahead", ""
    if ended:
        condition, look = DONE[step.direction], "done"
        words = f"{condition} in {duration(ended.seconds)}"
    elif has_begun:
        condition, look = f"not {DONE[step.direction]}", "amiss"
        error = _why(report)
    else:
        condition = "not reached"
    if not ended and not step.section.transactional and (landed or step.done):
        words = f"{max(landed, step.done)} of {len(step.section.statements)} statements have landed"
    told = way("", words, error=error, lines=lines)
    return entry(
        step.migration.name,
        step.migration,
        step.section,
        condition=condition,
        look=look,
        ways=[told] if words or error or lines else [],
        thing=thing(report.command, step),
    )


def _why(report: Report) -> str:
    """What ended the run, in one line."""
    return report.failure.problems[0].message if report.failure and report.failure.problems else ""


def _latest(events: Iterable[Event]) -> Iterator[Event]:
    """Of what is told of a running statement again and again, the last."""
    found = list(events)
    for number, each in enumerate(found):
        following = found[number + 1] if number + 1 < len(found) else None
        if not isinstance(each, Advanced | Batched) or type(following) is not type(each):
            yield each
