"""What a database has not as the files build it, as data of the page: what they say beside what it has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pgproof.catalog.fact import Value
from pgproof.drift import words
from pgproof.drift.code import OF_HISTORY, items
from pgproof.drift.compare import Difference
from pgproof.drift.outcome import Drift
from pgproof.report.drift import closing, expected, reasons, signature


def side_by_side(result: Drift) -> dict[str, Any]:
    """The comparison, an entry for each object that is not alike."""
    return {
        "at": result.version,
        "expected": expected(result),
        "verdict": str(result.verdict),
        "closing": closing(result),
        "differences": [_difference(result, each) for each in result.differences],
        "standings": [
            {"code": str(OF_HISTORY[each.condition]), "text": f"{each.name} {each.condition}: {each.detail}"}
            for each in result.standings
        ],
        "remarks": [*result.remarks, *result.notes],
        "reasons": reasons(result),
    }


def _difference(result: Drift, each: Difference) -> dict[str, Any]:
    found = items(each)
    deed = result.deeds.get(each.key)
    accepted = [result.accepted[item] for item in found if item in result.accepted]
    return {
        "label": words.label(each.fact),
        "state": "missing" if each.actual is None else "unexpected" if each.expected is None else "changed",
        "codes": list(dict.fromkeys(str(item.code) for item in found)),
        "lines": list(words.lines(each)),
        "rows": list(_rows(each)),
        "along": sorted({words.label(fact) for fact in each.along} - {words.label(each.fact)}),
        "by": signature(deed) if deed else "",
        "is_accepted": len(accepted) == len(found),
        "because": list(dict.fromkeys(each.because for each in accepted)),
    }


def _rows(each: Difference) -> Iterator[dict[str, str]]:
    """A row for each value: of an object that one side lacks, what the other one has, as far as that is set."""
    if each.expected and each.actual:
        for word, (one, other) in each.values.items():
            yield {"word": word, "expected": told(one), "actual": told(other)}
        if not each.values:
            yield {"word": "kind", "expected": each.expected.kind, "actual": each.actual.kind}
        return
    side = "actual" if each.expected is None else "expected"
    for word, value in zip(each.words, each.fact.values, strict=True):
        if value not in (None, "", False, ()):
            yield {"word": word, "expected": "", "actual": "", side: told(value)}


def told(value: Value) -> str:
    """A value of the catalog for people, all of it; what it has several of, in lines."""
    if value is None or value == "":
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "\n".join(told(each) for each in value) or "none"
    return str(value)
