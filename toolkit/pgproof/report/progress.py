"""Upgrades and downgrades in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pgproof.errors import Interrupted, PgproofError
from pgproof.migrate.event import (
    Advanced,
    Batched,
    Began,
    Ended,
    Event,
    Hooked,
    Landed,
    Noticed,
    Orphaned,
    Planned,
    Proved,
    Queued,
    Retried,
    Warned,
)
from pgproof.migrate.migration import label
from pgproof.migrate.plan import Direction, Plan, Step
from pgproof.report.words import duration, one_line

if TYPE_CHECKING:
    from pgproof.report.advance import Thinned

DONE = {Direction.UP: "applied", Direction.DOWN: "reverted"}


def progress(events: Iterator[Event]) -> Iterator[str]:
    """Pieces of text to be put out as they come: a line per migration, begun before it runs and ended after."""
    plan: Plan | None = None
    seconds, width, is_open = 0.0, 0, False
    try:
        for event in _thinned(events):
            if isinstance(event, Planned):
                plan, width = event.plan, _width(event.plan.steps)
                yield f"{event.database}\n"
            elif isinstance(event, Began):
                is_open = True
                yield f"  {event.step.migration.label:{width}}  "
            elif words := aside(event):
                yield ("\n" if is_open else "") + words
                is_open = False
            elif isinstance(event, Ended):
                again = "" if is_open else f"  {event.step.migration.label:{width}}  "
                is_open = False
                seconds += event.seconds
                yield f"{again}{DONE[event.step.direction]} in {duration(event.seconds)}{_manner(event.step)}\n"
    except (PgproofError, KeyboardInterrupt) as error:
        if is_open:
            yield "interrupted\n" if isinstance(error, Interrupted | KeyboardInterrupt) else "failed\n"
        raise
    if plan:
        yield summary(plan, seconds) + "\n"


def _thinned(events: Iterator[Event]) -> Iterator[Event]:
    """Without those that say nothing new of a running statement."""
    thinned: Thinned | None = None
    for event in events:
        if isinstance(event, Advanced):
            from pgproof.report.advance import for_people  # most runs never need it

            thinned = thinned or for_people()
            if not thinned.is_worth(event):
                continue
        yield event


def aside(event: Event) -> str:
    """Lines about what happens besides the migrations; empty for an event of a migration itself."""
    if isinstance(event, Noticed):
        severity = "" if event.severity == "PGPROOF" else f"{event.severity}: "
        return f"    {severity}{event.message}\n"
    if isinstance(event, Landed) and event.remark:
        return f"    statement {event.number} had landed: {event.remark}\n"
    if isinstance(event, Hooked):
        return f"  hook {event.name}\n"
    if isinstance(event, Batched):
        return f"    statement {event.number}: {_so_far(event)}\n"
    if isinstance(event, Advanced):
        from pgproof.report.advance import line

        return line(event)
    if isinstance(event, Queued):
        holder = f"; it is held by {event.holder}" if event.holder else ""
        return f"waiting for the migration lock for {duration(event.seconds)}{holder}\n"
    if isinstance(event, Orphaned):
        verb, way = ("cancelling", "") if event.cancelled else ("waiting for", "; `--orphans cancel` would end it")
        what = one_line(event.orphan.query)
        return f"{verb} a statement that a dead run has left (backend {event.orphan.pid}{way}): {what}\n"
    if isinstance(event, Proved):
        names = ", ".join(event.names)
        return f"late, with the same result as in their place (tried on {event.server}): {names}\n"
    if isinstance(event, Warned):
        return f"warning: {event.problem.message}. {event.problem.detail}\n  HINT: {event.problem.hint}\n"
    if isinstance(event, Retried):
        lines = [f"    {event.problem.message}", *(f"      {line}" for line in event.problem.context)]
        return "\n".join([*lines, f"    trying again in {duration(event.delay)} ({event.left} left)", ""])
    return ""


def _so_far(event: Batched) -> str:
    rows = f"{event.rows} rows"
    if not event.about or event.about < event.rows:
        return f"{rows} done"
    left = (event.about - event.rows) / event.rate if event.rate else 0.0
    return f"{rows} of about {event.about} done, {duration(left)} to go"


def plan_text(planned: Planned, last: str = "nothing was changed (--dry-run)\n") -> str:
    """What would be done, step by step with the beginning of each statement; `last` is the last line."""
    plan = planned.plan
    if not plan.steps:
        return f"{planned.database}\n{_nothing(plan)}\n"
    lines = [planned.database, f"would be {DONE[plan.direction]}, in this order:"]
    for step in plan.steps:
        lines.append(f"  {step.migration.label}{_manner(step)}")
        lines += [f"    {one_line(statement.text)}" for statement in step.section.statements[step.done :]]
    return "\n".join([*lines, last])


def summary(plan: Plan, seconds: float) -> str:
    """What a run that has ended came to, in one line; its migrations took so many seconds."""
    if not plan.steps:
        return _nothing(plan)
    text = f"{_migrations(len(plan.steps))} {DONE[plan.direction]} in {duration(seconds)}"
    if plan.direction is Direction.UP:
        names = {entry.version: entry.name for entry in plan.history.entries}
        names |= {
            each.migration.version: each.migration.name for each in plan.steps if not each.migration.repeatable
        }
        return f"{text}; the database is at {label(names[max(names)])}" if names else text
    below = [entry.name for entry in plan.history.entries if entry.version < plan.steps[-1].migration.version]
    return f"{text}; the database is at {label(below[-1])}" if below else f"{text}; nothing is applied any more"


def _nothing(plan: Plan) -> str:
    entries = plan.history.entries
    if not entries:
        return "nothing to do" if plan.direction is Direction.UP else "nothing to do: nothing is applied"
    at = label(entries[-1].name)
    if plan.direction is Direction.DOWN:
        return f"nothing to do: the database is at {at}"
    if plan.target is not None and plan.current > plan.target:
        return f"nothing to do: the database is at {at}; to go back: pgproof downgrade --to {plan.target}"
    return f"nothing to do: the database is at {at}"


def _manner(step: Step) -> str:
    parts = [] if step.section.transactional else ["without a transaction"]
    parts += ["Python"] if step.section.function else []
    parts += [f"from statement {step.done + 1}"] if step.done else []
    return f"  ({', '.join(parts)})" if parts else ""


def _migrations(count: int) -> str:
    return "1 migration" if count == 1 else f"{count} migrations"


def _width(steps: Sequence[Step]) -> int:
    return max((len(step.migration.label) for step in steps), default=0)
