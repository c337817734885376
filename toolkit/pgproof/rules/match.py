"""Finds the object of the catalog that a declaration means, and why one may be missing."""

from __future__ import annotations

from pgproof.catalog.snapshot import Column, Constraint, Index, Table
from pgproof.place import Place
from pgproof.rules.rule import Evidence
from pgproof.sql.condition import bare_key
from pgproof.sql.declared import (
    ConstraintKind,
    DeclaredColumn,
    DeclaredConstraint,
    DeclaredIndex,
    Key,
    Relation,
)

LETTERS = {
    ConstraintKind.PRIMARY_KEY: "p",
    ConstraintKind.UNIQUE: "u",
    ConstraintKind.CHECK: "c",
    ConstraintKind.FOREIGN_KEY: "f",
    ConstraintKind.EXCLUSION: "x",
}


def table(evidence: Evidence, relation: Relation) -> Table | None:
    """The table that a file names."""
    return evidence.snapshot.table(relation.schema, relation.name)


def place_of(evidence: Evidence, schema: str, name: str) -> Place | None:
    """Where a file declares the table of the server with that name, if one does."""
    for declared in evidence.declared.tables_called(name):
        found = table(evidence, declared.relation)
        if found is not None and found.schema == schema:
            return declared.place
    return None


def place_of_index(evidence: Evidence, found: Index) -> Place | None:
    """Where a file declares an index of the server, else its table; None where no file does."""
    said = evidence.declared
    for declared in (*said.indexes_called(found.name), *said.unnamed_indexes_of(found.table)):
        if index(evidence, declared) is found:
            return declared.place
    return place_of(evidence, found.schema, found.table)


def advice(evidence: Evidence, otherwise: str) -> str:
    """What to do about something that is missing: a live database may lack a migration."""
    if not evidence.live:
        return otherwise
    how = "with the tool that has it" if evidence.commanded else "(pgproof status says what is pending)"
    return f"apply its migration {how}, or {otherwise}"


def column(evidence: Evidence, declared: DeclaredColumn) -> Column | None:
    """The column of that name, or None if it or its table is missing."""
    found = table(evidence, declared.relation)
    columns = evidence.snapshot.columns_of(found) if found else ()
    return next((c for c in columns if c.name == declared.name), None)


def constraint(evidence: Evidence, declared: DeclaredConstraint) -> Constraint | None:
    """The constraint of that name; of an unnamed one, the one of its kind that says the same, or nearly so."""
    found = table(evidence, declared.relation)
    if found is None:
        return None
    own = [c for c in evidence.snapshot.constraints_of(found) if c.kind == LETTERS[declared.kind]]
    if declared.name:
        return next((c for c in own if c.name == declared.name), None)
    if declared.kind is ConstraintKind.CHECK:
        return _check(evidence, found, declared, own)
    if declared.kind is ConstraintKind.EXCLUSION:
        return own[0] if own else None
    same = [c for c in own if c.columns == declared.columns]
    wanted = declared.references.name if declared.references else None
    return next((c for c in same if c.references_table == wanted), same[0] if same else None)


def _check(
    evidence: Evidence, found: Table, declared: DeclaredConstraint, own: list[Constraint]
) -> Constraint | None:
    equal = [
        c
        for c in own
        if evidence.same(found.schema, found.name, declared.expression, c.expression or "true") is True
    ]
    if equal:
        return equal[0]
    return next((c for c in own if c.name == declared.implicit), None)


def index(evidence: Evidence, declared: DeclaredIndex) -> Index | None:
    """The index of that name; of an unnamed one, the one on its table with the same keys."""
    if declared.name:
        name = f"{declared.relation.schema}.{declared.name}" if declared.relation.schema else declared.name
        return evidence.snapshot.index(name)
    found = table(evidence, declared.relation)
    candidates = evidence.snapshot.indexes_of(found) if found else ()
    wanted = list(map(key_text, declared.keys))
    return next((i for i in candidates if list(map(key_text, i.keys)) == wanted), None)


def key_text(key: Key) -> str:
    """A key's expression, for comparison of what a file declares with what the server has."""
    return bare_key(key.expression, is_column=key.is_column)


def excuse(evidence: Evidence, *names: str) -> tuple[str, Place] | None:
    """A statement that may have changed what is declared under `names`, in a way that its text does not tell."""
    for opaque in evidence.declared.opaque:
        text = opaque.statement.text
        for name in names:
            if name and name in text:
                return (
                    f'{opaque.reason}, and the one at {opaque.statement.place} speaks of "{name}"',
                    opaque.statement.place,
                )
    return None
