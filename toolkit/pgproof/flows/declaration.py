"""What a command of the user's has built, as declarations: no file that can be read says what there has to be."""

from __future__ import annotations

from pgproof.catalog.snapshot import Column, Constraint, Index, Snapshot, Table
from pgproof.explain import partition
from pgproof.place import Place
from pgproof.sql.declared import (
    ConstraintKind,
    Declared,
    DeclaredColumn,
    DeclaredConstraint,
    DeclaredIndex,
    DeclaredTable,
    Relation,
)

_TABLES = frozenset({"r", "p"})
_KINDS = {
    "p": ConstraintKind.PRIMARY_KEY,
    "u": ConstraintKind.UNIQUE,
    "c": ConstraintKind.CHECK,
    "f": ConstraintKind.FOREIGN_KEY,
    "x": ConstraintKind.EXCLUSION,
}
"""By pg_constraint.contype."""


def declared(snapshot: Snapshot, place: Place) -> Declared:
    """What has been built, as if it stood at the place: what is judged of declarations is judged of that. Pure."""
    tables = [
        each for each in snapshot.tables if each.kind in _TABLES and not each.name.startswith(partition.NAME)
    ]
    names = {(each.schema, each.name): Relation("" if each.visible else each.schema, each.name) for each in tables}
    every: list[Table | Constraint | Index] = [*tables, *snapshot.constraints, *snapshot.indexes]
    return Declared(
        tables=tuple(DeclaredTable(relation, place, place.path) for relation in names.values()),
        columns=tuple(
            _declared_column(each, names[each.schema, each.table], place)
            for each in snapshot.columns
            if (each.schema, each.table) in names
        ),
        constraints=tuple(
            _declared_constraint(each, names[each.schema, each.table], place)
            for each in snapshot.constraints
            if (each.schema, each.table) in names
        ),
        indexes=tuple(
            DeclaredIndex(
                relation=names[each.schema, each.table],
                name=each.name,
                method=each.method,
                unique=each.unique,
                keys=each.keys,
                include=each.include,
                predicate=each.predicate or "",
                place=place,
            )
            for each in snapshot.indexes
            if (each.schema, each.table) in names and not (each.constraint or each.parent)
        ),
        ever=frozenset(each.name for each in every),
    )


def _declared_column(found: Column, relation: Relation, place: Place) -> DeclaredColumn:
    return DeclaredColumn(
        relation=relation,
        name=found.name,
        type=found.type,
        not_null=found.not_null,
        default=found.default or "",
        computed=found.identity or found.generated,
        place=place,
        offset=0,
    )


def _declared_constraint(found: Constraint, relation: Relation, place: Place) -> DeclaredConstraint:
    return DeclaredConstraint(
        relation=relation,
        name=found.name,
        kind=_KINDS[found.kind],
        columns=found.columns,
        place=place,
        offset=0,
        expression=(found.expression or "") if found.kind == "c" else "",
        references=Relation(found.references_schema or "", found.references_table)
        if found.references_table
        else None,
        referenced=found.referenced,
        on_delete=found.on_delete,
        on_update=found.on_update,
    )
