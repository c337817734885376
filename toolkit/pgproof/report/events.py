"""What happens while migrations run, for programs: `pgproof.events/1`, one JSON object a line, as it happens.

Each has `event`: the name of what happened, in lower case. The one that names the database also names the schema
of these lines. Fields may be added and never change their meaning; times are in seconds.

`advanced` says of a statement that is still running how far it is, where the server knows (CREATE INDEX, REINDEX,
CLUSTER, VACUUM: `command`, `relation`, `phase`; `done` of `total`, counted in `unit`; `partitions_done` of
`partitions`) or whom it waits for (`waited`, `held_by`); about once a second, and at each new phase. What is not
known is null. `number` is null in a transaction of several statements.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from pgproof.errors import Interrupted, PgproofError, Problem
from pgproof.migrate.event import Advanced, Event, Landed, Orphaned, Planned
from pgproof.migrate.plan import Plan, Step
from pgproof.report import advance
from pgproof.report.failed import failed_line, problem_object
from pgproof.sql.statement import Statement

SCHEMA = "pgproof.events/1"


def lines(events: Iterator[Event]) -> Iterator[str]:
    """A line for each event, and one for the end: `done`, `failed` or `interrupted` with the problems."""
    count = 0
    thinned = advance.for_programs()
    try:
        for event in events:
            if isinstance(event, Advanced) and not thinned.is_worth(event):
                continue
            count += type(event).__name__ == "Ended"
            yield _line(_data(event))
    except PgproofError as error:
        name = "interrupted" if isinstance(error, Interrupted) else "failed"
        yield failed_line(error.problems, count, name)
        raise
    yield _line({"event": "done", "migrations": count})


def _line(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False) + "\n"


def _data(event: Event) -> dict[str, Any]:
    data: dict[str, Any] = {"event": type(event).__name__.lower()}
    if isinstance(event, Planned):
        return {**data, "schema": SCHEMA, "database": event.database, **_plan(event.plan)}
    if isinstance(event, Orphaned):
        orphan = {"backend": event.orphan.pid, "run": event.orphan.run, "query": event.orphan.query}
        return {**data, **orphan, "cancelled": event.cancelled}
    if isinstance(event, Advanced):
        return {**data, **_advanced(event)}
    for field in fields(event):
        value = getattr(event, field.name)
        if isinstance(value, Step):
            data |= {"migration": value.migration.name, "direction": str(value.direction)}
        elif isinstance(value, Problem):
            data |= problem_object(value)
        elif isinstance(value, Statement):
            data |= {"place": str(value.place)}
        else:
            data[field.name] = value
    if isinstance(event, Landed):
        data["of"] = len(event.step.section.statements)
    return data


def _advanced(event: Advanced) -> dict[str, Any]:
    step, look, found = event.step, event.look, advance.of(event)
    names = ("command", "relation", "phase", "unit", "done", "total", "partitions_done", "partitions")
    return {
        "migration": step.migration.name,
        "direction": str(step.direction),
        "number": event.number,
        "of": len(step.section.statements),
        "seconds": event.seconds,
        **{name: getattr(found, name) if found else None for name in names},
        "waited": look.waited if look else None,
        "held_by": advance.holder(event) or None,
    }


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "direction": str(plan.direction),
        "current": plan.current,
        "migrations": [
            {
                "version": step.migration.version,
                "name": step.migration.name,
                "statements": len(step.section.statements),
                "done": step.done,
                "transaction": step.section.transactional,
            }
            for step in plan.steps
        ],
    }
