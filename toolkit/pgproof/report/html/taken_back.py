"""Migrations that were taken back as data of the page: an entry for each, with how it came back on each server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pgproof.drift.reversal import Outcome, Reversal
from pgproof.report.html.entry import entry, way
from pgproof.report.verified import asides, closing

_LOOKS = {Outcome.BACK: "done", Outcome.IRREVERSIBLE: "known"}
_WORST = (Outcome.FAILED, Outcome.DIFFERS, Outcome.ONLY_EMPTY, Outcome.IRREVERSIBLE, Outcome.BACK)
Servers = Sequence[tuple[str, Sequence[Reversal]]]


def entries(servers: Servers) -> list[dict[str, Any]]:
    """An entry for each migration, in the order in which they were run."""
    of: dict[str, list[Reversal]] = {}
    for _, found in servers:
        for each in found:
            of.setdefault(each.migration.path, []).append(each)
    return [_entry(each) for each in of.values()]


def lead(servers: Servers) -> str:
    """What it came to, on each server where there are several."""
    if len(servers) == 1:
        return closing(servers[0][1])
    return "; ".join(f"PostgreSQL {found[0].major}: {closing(found)}" for _, found in servers if found)


def _entry(found: Sequence[Reversal]) -> dict[str, Any]:
    migration = found[0].migration
    worst = min((each.outcome for each in found), key=_WORST.index)
    majors = [str(each.major) for each in found if each.outcome is worst]
    where = f" on PostgreSQL {', '.join(majors)}" if len(majors) < len(found) else ""
    return entry(
        migration.name,
        migration,
        condition=f"{worst}{where}",
        look=_LOOKS.get(worst, "amiss"),
        ways=[_way(each) for each in found],
    )


def _way(each: Reversal) -> dict[str, Any]:
    problem = each.problem or each.refused
    lines = (*asides(each), *each.losses, *each.unfilled)
    error = problem.message if problem else ""
    return way(f"PostgreSQL {each.major}", str(each.outcome), error=error, lines=lines)
