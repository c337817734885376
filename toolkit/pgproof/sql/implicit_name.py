"""The names that PostgreSQL gives to constraints and indexes which a statement leaves unnamed.

ChooseConstraintName and ChooseIndexName (src/backend/catalog/pg_constraint.c, src/backend/commands/indexcmds.c):
table, columns and a label, cut to what a name may hold, and a number where that name is taken.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from pgproof.sql import condition
from pgproof.sql.declared import ConstraintKind, DeclaredConstraint, DeclaredIndex

_LENGTH = 63  # NAMEDATALEN - 1, in bytes
_LABELS = {
    ConstraintKind.PRIMARY_KEY: "pkey",
    ConstraintKind.UNIQUE: "key",
    ConstraintKind.CHECK: "check",
    ConstraintKind.FOREIGN_KEY: "fkey",
    ConstraintKind.EXCLUSION: "excl",
}


def of_constraint(constraint: DeclaredConstraint, taken: Container[str]) -> str:
    """The name of an unnamed constraint, where its table already has those in `taken`."""
    columns: Sequence[str] = constraint.columns
    if constraint.kind is ConstraintKind.PRIMARY_KEY:
        columns = ()
    if constraint.kind is ConstraintKind.CHECK:
        columns = sorted(condition.columns(constraint.expression))
        columns = columns if len(columns) == 1 else ()
    return _free(constraint.relation.name, columns, _LABELS[constraint.kind], taken)


def of_not_null(table: str, column: str) -> str:
    """The name of an unnamed NOT NULL, which is a constraint since PostgreSQL 18, where nothing else has it."""
    return _joined(table, column, "not_null")


def of_sequence(table: str, column: str) -> str:
    """The name of the sequence of an identity column, where nothing else has it."""
    return _joined(table, column, "seq")


def of_index(index: DeclaredIndex, taken: Container[str]) -> str:
    """The name of an unnamed index, where its table already has those in `taken`."""
    keys = [key.expression if key.is_column else condition.output_name(key.expression) for key in index.keys]
    return _free(index.relation.name, [*keys, *index.include], "idx", taken)


def _free(table: str, columns: Sequence[str], label: str, taken: Container[str]) -> str:
    name, number = _joined(table, "_".join(columns), label), 0
    while name in taken:
        number += 1
        name = _joined(table, "_".join(columns), f"{label}{number}")
    return name


def _joined(table: str, columns: str, label: str) -> str:
    """`table_columns_label`; the longer of the first two is cut until all fits (makeObjectName)."""
    room = _LENGTH - len(label) - 1 - (1 if columns else 0)
    one, two = table.encode(), columns.encode()
    while len(one) + len(two) > room:
        if len(one) > len(two):
            one = one[:-1]
        else:
            two = two[:-1]
    parts = [part.decode(errors="ignore") for part in (one, two)]
    return "_".join([*filter(None, parts), label])
