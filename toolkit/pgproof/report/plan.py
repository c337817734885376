"""A plan for programs, and what came of trying it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pgproof.errors import PgproofError
from pgproof.migrate.event import Planned
from pgproof.migrate.plan import Step
from pgproof.migrate.trial import Ground, Trial, Tried
from pgproof.report.progress import plan_text
from pgproof.report.words import duration

SCHEMA = "pgproof.plan/1"
"""What `plan_json` writes; the number grows when a reader of an older one could break."""


def plan_json(planned: Planned) -> str:
    """The steps in order, with their statements as they would be sent."""
    plan = planned.plan
    document = {
        "schema": SCHEMA,
        "database": planned.database,
        "direction": str(plan.direction),
        "current": plan.current,
        "steps": [_as_json(step) for step in plan.steps],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def trial_text(trial: Iterator[Trial]) -> Iterator[str]:
    """Pieces of text as they come: the plan, the server, and how each step went."""
    left: list[Step] = []
    width = 0
    try:
        for event in trial:
            if isinstance(event, Planned):
                left = list(event.plan.steps)
                width = max((len(step.migration.label) for step in left), default=0)
                yield plan_text(event, last="")
            elif isinstance(event, Ground):
                yield f"tried on PostgreSQL {event.server} ({event.provider}):\n"
            elif isinstance(event, Tried):
                left.remove(event.step)
                yield f"  {event.step.migration.label:{width}}  ran in {duration(event.seconds)}\n"
    except PgproofError:
        if left:
            yield f"  {left[0].migration.label:{width}}  failed\n"
        raise
    yield "nothing was changed\n"


def _as_json(step: Step) -> dict[str, object]:
    return {
        "version": step.migration.version,
        "name": step.migration.name,
        "transaction": step.section.transactional,
        "done": step.done,
        "statements": [statement.text for statement in step.section.statements],
    }
