"""Which repeatable files are to be run: those whose text is not the one that was run last.

They run in the order of their names, and only when no versioned migration is left pending, since they may speak of
what it makes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from pgproof.migrate.migration import ALGORITHM, Migration
from pgproof.migrate.plan import Direction, Plan, Step
from pgproof.migrate.standing import Condition, Standing

if TYPE_CHECKING:
    from pgproof.migrate.library import Library


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """What the database says of a repeatable file: the checksum of the text run last, when and by whom."""

    name: str
    checksum: str
    algorithm: str
    applied_at: datetime
    applied_by: str


def planned(plan: Plan, library: Library, past: Mapping[str, Repeated]) -> Plan:
    """`plan`, an upgrade, with the changed repeatable files at its end if it leaves nothing pending. Pure."""
    applied = {entry.version for entry in plan.history.entries} | {step.migration.version for step in plan.steps}
    if any(each.version not in applied for each in library.migrations):
        return plan
    changed = [each for each in library.repeatables if not is_same(each, past.get(each.name))]
    steps = [Step(migration=each, direction=Direction.UP, schema=plan.history.schema) for each in changed]
    return replace(plan, steps=(*plan.steps, *steps))


def standings(library: Library, past: Mapping[str, Repeated]) -> tuple[Standing, ...]:
    """How each repeatable file stands, by name. Pure."""
    return tuple(_standing(each, past.get(each.name)) for each in library.repeatables)


def _standing(found: Migration, past: Repeated | None) -> Standing:
    same = is_same(found, past)
    changed = f"Its text has changed since it was run on {past.applied_at:%Y-%m-%d}." if past and not same else ""
    return Standing(
        version=0,
        name=found.name,
        condition=Condition.APPLIED if same else Condition.PENDING,
        reversible=None,
        entry=None,
        detail=changed,
    )


def is_same(found: Migration, past: Repeated | None) -> bool:
    """True if the file was run as it is now."""
    return past is not None and (past.checksum, past.algorithm) == (found.checksum, ALGORITHM)
