"""A constraint is as the files declare it: columns, condition, and what a foreign key points to and does.

Conditions are compared in the server's own normal form, not as text.

Bad:
    CREATE TABLE owners (id integer PRIMARY KEY);
    CREATE TABLE pets (id integer PRIMARY KEY, owner_id integer REFERENCES owners (id));
    CREATE TABLE IF NOT EXISTS pets (
        id integer PRIMARY KEY, owner_id integer REFERENCES owners (id) ON DELETE CASCADE
    );

Good:
    CREATE TABLE owners (id integer PRIMARY KEY);
    CREATE TABLE pets (id integer PRIMARY KEY, owner_id integer REFERENCES owners (id) ON DELETE CASCADE);
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.snapshot import Constraint
from pgproof.finding import Finding
from pgproof.rules import match
from pgproof.rules.rule import Evidence, Rule
from pgproof.sql.declared import ConstraintKind, DeclaredConstraint


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a declared constraint that exists."""
    for declared in evidence.declared.constraints:
        actual = match.constraint(evidence, declared)
        if actual is None:
            continue
        thing = f"{actual.table}.{actual.name}"
        condition = _condition(evidence, declared, actual)
        differs = list(_differences(declared, actual))
        if condition is False:
            differs.append(f"Its condition is {actual.expression}, not {declared.expression}.")
        if differs:
            yield RULE.fails(
                thing,
                f"{declared.kind} {actual.name} differs from its declaration",
                declared.place,
                detail=f"{' '.join(differs)} The server has: {actual.definition}",
                hint="replace it in a migration, or mend what the file declares",
            )
        elif isinstance(condition, str):
            message = f"the condition of {declared.kind} {actual.name} could not be compared"
            yield RULE.unknown(thing, message, declared.place, detail=condition)
        else:
            said = f"CHECK ({declared.expression})" if declared.expression else actual.definition
            yield RULE.holds(thing, f"{declared.kind} {actual.name} exists: {said}", declared.place)


def _condition(evidence: Evidence, declared: DeclaredConstraint, actual: Constraint) -> bool | str:
    if declared.kind is not ConstraintKind.CHECK:
        return True
    return evidence.same(actual.schema, actual.table, declared.expression, actual.expression or "true")


def _differences(declared: DeclaredConstraint, actual: Constraint) -> Iterator[str]:
    has_columns = declared.kind not in (ConstraintKind.CHECK, ConstraintKind.EXCLUSION)
    if has_columns and declared.columns and actual.columns != declared.columns:
        yield f"Its columns are ({', '.join(actual.columns)}), not ({', '.join(declared.columns)})."
    if declared.references is None:
        return
    if actual.references_table != declared.references.name:
        yield f"It references {actual.references_table}, not {declared.references}."
    elif declared.referenced and actual.referenced != declared.referenced:
        yield f"It references ({', '.join(actual.referenced)}), not ({', '.join(declared.referenced)})."
    for event in ("delete", "update"):
        have, want = getattr(actual, f"on_{event}"), getattr(declared, f"on_{event}")
        if have != want:
            yield f"Its action is ON {event.upper()} {have}, not {want}."


RULE = Rule("CON102", "declared-constraint-differs", judge)
