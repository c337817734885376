"""What stands between the brackets of CREATE TABLE."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pgproof.drift.ddl import columns, guards
from pgproof.drift.ddl.privileges import common
from pgproof.drift.unit import Side, Unit
from pgproof.sql.name import quote

_INDENT = "\n    "
_ORDER = "puxcn"
"""Of constraints: the primary key, unique ones, EXCLUDE, CHECK."""


def inside(parts: Sequence[Unit]) -> str:
    """Columns, each with its default and NOT NULL, then constraints, one a line; `parts` in any order."""
    defaults = {each.name: each for each in parts if each.catalog == "pg_attrdef"}
    rules = [each for each in parts if each.catalog == "pg_constraint"]
    not_null = {each.say("columns"): each for each in rules if each.say("contype") == "n"}
    lines = []
    for column in sorted((each for each in parts if each.catalog == "pg_attribute"), key=_place):
        default = defaults.get(column.name)
        said = f"DEFAULT {default.say('default')}" if default else ""
        lines.append(columns.column_definition(column, said, not_null.pop((column.name[-1],), None)))
    left = [each for each in rules if each.say("contype") != "n" or each in not_null.values()]
    left.sort(key=lambda each: (_ORDER.index(str(each.say("contype"))), each.name))
    lines += [f"CONSTRAINT {quote(each.name[-1])} {each.main.definition}" for each in left]
    return f"({_INDENT}{f',{_INDENT}'.join(lines)}\n)" if lines else "()"


def finish(parts: Sequence[Unit], before: Side | None = None) -> Iterator[str]:
    """What the brackets do not say of what is in them: how it is stored, who may do what, comments."""
    for each in sorted(parts, key=lambda each: (each.catalog, _place(each), each.name)):
        if each.catalog == "pg_attribute":
            yield from columns.finish_column(None, each)
        elif each.of("pg_index"):
            yield from guards.constraint_index(None, each)
        yield from common(None, each, before)


def _place(unit: Unit) -> int:
    return int(str(unit.say("position") or 0))
