"""What a database has not as the files build it, as data of the page: what they say beside what it has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pgproof.catalog.fact import Fact, Value
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
    """A row for each value that differs; of an object that one side lacks, what the other one has."""
    if each.expected and each.actual:
        for word, (one, other) in each.values.items():
            yield {"word": word, "expected": told(one), "actual": told(other)}
        if not each.values:
            yield {"word": "kind", "expected": each.expected.kind, "actual": each.actual.kind}
        return
    side = "actual" if each.expected is None else "expected"
    for word, text in _said(each):
        yield {"word": word, "expected": "", "actual": "", side: text}


def _said(each: Difference) -> Iterator[tuple[str, str]]:
    """What there is to say of an object: the server's definition of it, else its values; then what goes with it.

    Of the values, yes and no, numbers and single letters are left out: they are codes, or as they mostly are.
    """
    what = words.label(each.fact)
    parts = [each.fact, *(fact for fact in each.along if words.label(fact) == what)]
    if definitions := [fact.definition for fact in parts if fact.definition]:
        yield from (("definition", text.strip()) for text in definitions)
    else:
        for fact in parts:
            for word, value in zip(_vocabulary(each, fact), fact.values, strict=True):
                if (isinstance(value, str) and len(value) > 1) or (isinstance(value, tuple) and value):
                    yield word, told(value)
    for fact in each.along:
        if fact.catalog == "pg_attribute":
            yield words.label(fact), told(dict(zip(_vocabulary(each, fact), fact.values, strict=True)).get("type"))
        elif fact not in parts and fact.definition:
            yield words.label(fact), fact.definition.strip()


def _vocabulary(each: Difference, fact: Fact) -> tuple[str, ...]:
    return each.words if fact.catalog == each.fact.catalog else each.vocabulary[fact.catalog]


def told(value: Value) -> str:
    """A value of the catalog for people, all of it; what it has several of, in lines."""
    if value is None or value == "":
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "\n".join(told(each) for each in value) or "none"
    return str(value)
