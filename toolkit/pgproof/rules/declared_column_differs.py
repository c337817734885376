"""A column is as the files declare it: type, NOT NULL and default.

Types and defaults are compared in the server's own normal form, not as text.

Bad:
    CREATE TABLE accounts (id integer PRIMARY KEY, plan text DEFAULT 'free');
    CREATE TABLE IF NOT EXISTS accounts (id integer PRIMARY KEY, plan text NOT NULL DEFAULT 'basic');

Good:
    CREATE TABLE accounts (id integer PRIMARY KEY, plan text DEFAULT 'free');
    ALTER TABLE accounts ALTER COLUMN plan SET DEFAULT 'basic', ALTER COLUMN plan SET NOT NULL;
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.snapshot import Column
from pgproof.finding import Finding
from pgproof.rules import match
from pgproof.rules.rule import Evidence, Rule, listed
from pgproof.sql.condition import bare
from pgproof.sql.declared import DeclaredColumn


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a declared column that exists."""
    for declared in evidence.declared.columns:
        actual = match.column(evidence, declared)
        if actual is None:
            continue
        thing = f"{declared.relation}.{declared.name}"
        differs, unclear = _differences(evidence, declared, actual)
        if differs:
            yield RULE.fails(
                thing,
                f"column {thing} has {listed(differs)}",
                declared.place,
                hint="change the column in a migration, or mend what the file declares",
            )
        elif unclear:
            yield RULE.unknown(thing, f"column {thing} could not be compared", declared.place, detail=unclear)
        else:
            yield RULE.holds(thing, f"column {thing} is {_shape(actual)}", declared.place)


def _differences(evidence: Evidence, declared: DeclaredColumn, actual: Column) -> tuple[list[str], str]:
    differs = []
    kind = not declared.type or evidence.same("", "", f"NULL::{declared.type}", f"NULL::{actual.type}")
    if kind is False:
        differs.append(f"type {actual.type}, not {declared.type}")
    if declared.not_null and not actual.not_null:
        differs.append("no NOT NULL")
    if actual.not_null and not (declared.not_null or declared.inherited or _is_key(evidence, declared)):
        differs.append("a NOT NULL that is not declared")
    default = _default(evidence, declared, actual)
    if default is False:
        differs.append(f"default {actual.default or 'NULL'}, not {declared.default or 'NULL'}")
    unclear = next((answer for answer in (kind, default) if isinstance(answer, str)), "")
    return differs, unclear


def _is_key(evidence: Evidence, declared: DeclaredColumn) -> bool:
    """Whether a primary key, which implies NOT NULL, holds the column."""
    return any(
        c.kind == "p" and c.table == declared.relation.name and declared.name in c.columns
        for c in evidence.snapshot.constraints
    )


def _default(evidence: Evidence, declared: DeclaredColumn, actual: Column) -> bool | str:
    if declared.computed or actual.identity or actual.generated or (declared.inherited and not declared.default):
        return True
    one, other = declared.default or "NULL", actual.default or "NULL"
    return evidence.same("", "", f"({one})::{actual.type}", f"({other})::{actual.type}")


def _shape(column: Column) -> str:
    parts = [column.type]
    if column.not_null:
        parts.append("NOT NULL")
    if column.default is not None and not column.generated:
        parts.append(f"DEFAULT {bare(column.default)}")
    return " ".join(parts)


RULE = Rule("CAT103", "declared-column-differs", judge)
