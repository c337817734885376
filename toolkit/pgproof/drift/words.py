"""Objects and differences in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pgproof.catalog.fact import Fact, Value
from pgproof.drift.compare import Difference
from pgproof.sql.name import quote

_LONGEST = 200
_QUERY = "_RETURN"
"""The rule that is the query of a view (41.2 of PostgreSQL's manual)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Who speaks of the two sides: of what one lacks, of what it has too much, and what it should be."""

    missing: str
    excess: str
    expected: str


FILES = Voice(missing="is missing", excess="is there, and no file makes it", expected="the files say")
"""A database is compared with files."""


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


def lines(each: Difference, voice: Voice = FILES) -> Iterator[str]:
    """A difference for a person, a line for each value that is not the same."""
    what = label(each.fact)
    along = f" (with {len(each.along)} more)" if each.along else ""
    if each.fact.kind and each.actual is None:
        yield f"- {what} {voice.missing}{along}"
    elif each.fact.kind and each.expected is None:
        yield f"+ {what} {voice.excess}{along}"
    elif each.expected is None or each.actual is None:
        sign, side = ("-", voice.missing) if each.actual is None else ("+", voice.excess)
        for word, value in zip(each.words, each.fact.values, strict=True):
            yield f"{sign} {what}: {word} {_shown(value)} {side}"
    else:
        for word, (expected, actual) in each.values.items():
            yield f"~ {what}: {word} is {_shown(actual)}, {voice.expected} {_shown(expected)}"


def _shown(value: Value) -> str:
    if value is None or value == "":
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "; ".join(_shown(each) for each in value) or "none"
    line = " ".join(str(value).split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "..."
