"""How versions stand, in words and as JSON: what `status` says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pgproof.migrate.migration import label
from pgproof.migrate.standing import Condition, Standing
from pgproof.report.words import duration

STATUS_SCHEMA = "pgproof.status/1"
"""What `status_json` writes; the number grows when a reader of an older one could break."""


def status_text(database: str, folder: str, standings: Sequence[Standing]) -> str:
    """A table of all versions, and what to type next."""
    width = max((len(label(each.name)) for each in standings), default=0)
    lines = [f"{database}, migrations in {folder}"]
    for each in standings:
        lines.append(f"  {label(each.name):{width}}  {each.condition:11}  {_when(each)}".rstrip())
        if each.detail:
            lines.append(f"      {each.detail}")
    return "\n".join([*lines, _counted(standings), ""])


def status_json(database: str, folder: str, standings: Sequence[Standing], findings: Mapping[str, Any]) -> str:
    """The same for programs, with its findings; times in ISO 8601 with their offset, durations in seconds."""
    document = {
        "schema": STATUS_SCHEMA,
        "database": database,
        "folder": folder,
        "pending": _count(standings, Condition.PENDING),
        "migrations": [_as_json(each) for each in standings],
        **findings,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def conditions(standings: Sequence[Standing]) -> str:
    """How many versions stand how: "3 applied, 1 pending"."""
    counts = [(condition, _count(standings, condition)) for condition in Condition]
    return ", ".join(f"{count} {condition}" for condition, count in counts if count)


def _as_json(each: Standing) -> dict[str, object]:
    entry = each.entry
    duration = entry.duration if entry else None
    return {
        "version": each.version,
        "name": each.name,
        "state": str(each.condition),
        "reversible": each.reversible,
        "applied_at": entry.finished_at.isoformat() if entry and entry.finished_at else None,
        "applied_by": entry.applied_by if entry else None,
        "seconds": duration.total_seconds() if duration else None,
        "statements_done": entry.done if entry else 0,
        "detail": each.detail,
    }


def _counted(standings: Sequence[Standing]) -> str:
    text = conditions(standings)
    amiss = [each for each in standings if each.condition is not Condition.APPLIED]
    if not amiss:
        return text
    if all(each.goes_on for each in amiss):
        return f"{text}; next: pgproof upgrade"
    return f"{text}; next: pgproof upgrade --dry-run, which says what to do about it"


def _count(standings: Sequence[Standing], condition: Condition) -> int:
    return sum(1 for each in standings if each.condition is condition)


def _when(each: Standing) -> str:
    entry = each.entry
    if entry is None:
        return "(irreversible)" if each.reversible is False else ""
    when = entry.finished_at or entry.started_at
    parts = [f"{when:%Y-%m-%d %H:%M:%S%z}", f"by {entry.applied_by}"]
    if entry.duration is not None and each.condition in {Condition.APPLIED, Condition.EDITED}:
        parts.append(f"in {duration(entry.duration.total_seconds())}")
    return "  ".join(parts) + ("  (irreversible)" if each.reversible is False else "")
