"""What `drift` came to, in words and as data."""

from __future__ import annotations

import json
from typing import Any

from pgproof import __version__
from pgproof.drift import words
from pgproof.drift.compare import Difference
from pgproof.drift.outcome import Drift


def drift_text(result: Drift) -> str:
    """For people: what was compared, what differs, and what that means."""
    lines = [result.database, f"at {result.version}, compared with what the files build on {result.expected}"]
    for each in result.differences:
        lines += words.lines(each)
    for standing in result.standings:
        lines.append(f"  {standing.name} {standing.condition}: {standing.detail}")
    lines += [f"note: {remark}" for remark in result.remarks]
    lines += [f"cannot tell: {reason}" for reason in result.reasons]
    return "\n".join([*lines, _closing(result), ""])


def drift_json(result: Drift) -> str:
    """For programs: the same, `verdict` first."""
    return (
        json.dumps(
            {
                "schema": "pgproof.drift/1",
                "version": __version__,
                "verdict": str(result.verdict),
                "database": result.database,
                "at": result.version,
                "expected": result.expected,
                "pending": result.pending,
                "differences": [_object(each) for each in result.differences],
                "history": [
                    {"name": each.name, "condition": str(each.condition), "detail": each.detail}
                    for each in result.standings
                ],
                "remarks": list(result.remarks),
                "reasons": list(result.reasons),
            },
            ensure_ascii=False,
            indent=2,
        )
        + "\n"
    )


def _object(each: Difference) -> dict[str, Any]:
    return {
        "kind": each.fact.kind,
        "catalog": each.fact.catalog,
        "name": list(each.fact.name),
        "label": words.label(each.fact),
        "state": "missing" if each.actual is None else "unexpected" if each.expected is None else "changed",
        "values": {word: {"expected": one, "actual": other} for word, (one, other) in each.values.items()},
        "with": [words.label(fact) for fact in each.along],
    }


def _closing(result: Drift) -> str:
    count = len(result.differences) + len(result.standings)
    pending = f"; {result.pending} pending" if result.pending else ""
    if count:
        return f"{count} {'difference' if count == 1 else 'differences'}{pending}"
    if result.reasons:
        return f"no difference was found, but not all could be seen{pending}"
    return f"no drift: the database is what the files say{pending}"
