"""From one type of a column to another: what keeps every value, and what the server converts by itself.

An assignment cast refuses a value that is too long or too great, where an explicit one cuts it off silently (SQL's
own rule: "CREATE CAST" and 8.3 of PostgreSQL's manual); so USING is written only where there is no other way.
"""

from __future__ import annotations

import re

_CASTS = {
    "boolean": {"integer"},
    "integer": {"boolean", "money", "bit", '"char"'},
    "bigint": {"money", "bit", "oid"},
    "jsonb": {"json", "boolean", "smallint", "integer", "bigint", "numeric", "real", "double precision"},
    "json": {"jsonb"},
    "timestamp without time zone": {"time without time zone"},
    "timestamp with time zone": {"time without time zone", "time with time zone"},
    "time without time zone": {"interval", "time with time zone"},
    "interval": {"time without time zone"},
    "cidr": {"inet"},
    "inet": {"cidr"},
}
"""Casts that have to be written (pg_cast), beside those within a family."""
_TYPE = re.compile(r"(?P<name>[^()]*?)(?:\((?P<first>\d+)(?:,(?P<second>-?\d+))?\))?(?P<rest>[^()]*)\Z")
_GREATER = {
    "smallint": {"integer", "bigint", "numeric"},
    "integer": {"bigint", "numeric"},
    "bigint": {"numeric"},
    "real": {"double precision"},
    "character varying": {"text"},
    "text": {"character varying"},
}
_TEXTS = {"text", "character varying", "character", "name"}
_FAMILIES = (
    {"smallint", "integer", "bigint", "numeric", "real", "double precision"},
    _TEXTS,
    {"date", "timestamp without time zone", "timestamp with time zone"},
)


def keeps_all(old: str, new: str) -> bool:
    """True if every value of the one type is one of the other, as far as that is known."""
    if old == new:
        return True
    before, now = _parts(old), _parts(new)
    if before[0] != now[0]:
        return now[0] in _GREATER.get(before[0], ()) and now[1] is None
    if now[1] is None:
        return True
    if before[1] is None:
        return False
    scales = before[2] or 0, now[2] or 0
    return now[1] - scales[1] >= before[1] - scales[0] and scales[1] >= scales[0]


def needs_using(old: str, new: str) -> bool:
    """True if the server may have no cast that it uses by itself."""
    one, other = _parts(old)[0], _parts(new)[0]
    return one != other and not any({one, other} <= family for family in _FAMILIES)


def conversion(name: str, old: str, new: str) -> str:
    """A column of the one type as a value of the other, with a cast that there is; if need be, by its text."""
    ends = [_parts(each)[0] for each in (old, new)]
    while all(each.endswith("[]") for each in ends):
        ends = [each.removesuffix("[]") for each in ends]
    one, other = ends
    is_there = one == other or other in _CASTS.get(one, ()) or any({one, other} <= each for each in _FAMILIES)
    is_text = bool({one, other} & _TEXTS)
    return f"{name}::{new}" if is_there or is_text else f"{name}::text::{new}"


def _parts(text: str) -> tuple[str, int | None, int | None]:
    match = _TYPE.match(text)
    if match is None:
        return text, None, None
    first, second = match["first"], match["second"]
    name = f"{match['name'].strip()}{match['rest']}"
    return name, int(first) if first else None, int(second) if second else None
