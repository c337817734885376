"""What `drift` came to, in words and as data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from pgproof import __version__
from pgproof.catalog.fact import Fact, Value
from pgproof.drift.compare import Difference
from pgproof.drift.outcome import Drift
from pgproof.sql.name import quote

_LONGEST = 200
_QUERY = "_RETURN"
"""The rule that is the query of a view (41.2 of PostgreSQL's manual)."""


def drift_text(result: Drift) -> str:
    """For people: what was compared, what differs, and what that means."""
    lines = [result.database, f"at {result.version}, compared with what the files build on {result.expected}"]
    for each in result.differences:
        lines += _difference(each)
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


def label(fact: Fact) -> str:
    """An object for a person: "column public.jobs.id"; of a row that says more of one, that one."""
    if fact.catalog == "pg_rewrite" and fact.name[-1] == _QUERY:
        return f"view {_dotted(fact.name[:-1])}"
    if fact.kind:
        return f"{fact.kind} {_dotted(fact.name)}"
    if fact.catalog in ("pg_description", "pg_seclabel", "pg_shdescription", "pg_shseclabel", "pg_depend"):
        kind, *path = fact.name
        return f"{'column' if fact.of and fact.of[0] == 'pg_attribute' else kind} {_dotted(path)}"
    return f"{_PARTS.get(fact.catalog, fact.catalog)} {_dotted(fact.name)}"


_PARTS = {
    "pg_attrdef": "column",
    "pg_partitioned_table": "table",
    "pg_index": "index",
    "pg_sequence": "sequence",
    "pg_range": "type",
    "pg_aggregate": "aggregate",
    "pg_foreign_table": "foreign table",
}


def _dotted(path: Sequence[str]) -> str:
    return ".".join(quote(part) for part in path)


def _difference(each: Difference) -> Iterator[str]:
    what = label(each.fact)
    along = f" (with {len(each.along)} more)" if each.along else ""
    if each.fact.kind and each.actual is None:
        yield f"- {what} is missing{along}"
    elif each.fact.kind and each.expected is None:
        yield f"+ {what} is there, and no file makes it{along}"
    elif each.expected is None or each.actual is None:
        side = "is not there" if each.actual is None else "is there, and no file makes it"
        for word, value in zip(each.words, each.fact.values, strict=True):
            yield f"{'-' if each.actual is None else '+'} {what}: {word} {_shown(value)} {side}"
    else:
        for word, (expected, actual) in each.values.items():
            yield f"~ {what}: {word} is {_shown(actual)}, the files say {_shown(expected)}"


def _shown(value: Value) -> str:
    if value is None or value == "":
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "; ".join(_shown(each) for each in value) or "none"
    line = " ".join(str(value).split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "..."


def _object(each: Difference) -> dict[str, Any]:
    return {
        "kind": each.fact.kind,
        "catalog": each.fact.catalog,
        "name": list(each.fact.name),
        "label": label(each.fact),
        "state": "missing" if each.actual is None else "unexpected" if each.expected is None else "changed",
        "values": {word: {"expected": one, "actual": other} for word, (one, other) in each.values.items()},
        "with": [label(fact) for fact in each.along],
    }


def _closing(result: Drift) -> str:
    count = len(result.differences) + len(result.standings)
    pending = f"; {result.pending} pending" if result.pending else ""
    if count:
        return f"{count} {'difference' if count == 1 else 'differences'}{pending}"
    if result.reasons:
        return f"no difference was found, but not all could be seen{pending}"
    return f"no drift: the database is what the files say{pending}"
