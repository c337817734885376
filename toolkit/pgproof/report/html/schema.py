"""The schema as data of the page: tables with their columns, keys and indexes, and what refers to what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from pgproof.catalog.snapshot import Column, Constraint, Index, Snapshot, Table
from pgproof.explain import partition
from pgproof.sql.name import qualified, quote

Name = tuple[str, str]
KINDS = {"r": "table", "p": "partitioned table", "v": "view", "m": "materialized view", "f": "foreign table"}
_CONSTRAINTS = {"p": "primary key", "u": "unique", "f": "foreign key", "c": "check", "x": "exclusion"}


def shown(snapshot: Snapshot) -> tuple[Table, ...]:
    """The tables, in order, without partitions that were made so that there are plans at all."""
    return tuple(each for each in snapshot.tables if not each.name.startswith(partition.NAME))


def tables(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Each table that is shown."""
    return [_table(snapshot, each) for each in shown(snapshot)]


def numbers(snapshot: Snapshot) -> Mapping[Name, int]:
    """Which place in `tables` each table has."""
    return {(each.schema, each.name): number for number, each in enumerate(shown(snapshot))}


def links(snapshot: Snapshot) -> list[dict[str, Any]]:
    """The foreign keys, from the table that has one to the one that it refers to."""
    found = numbers(snapshot)
    return [
        {
            "from": found[each.schema, each.table],
            "to": found[each.references_schema, each.references_table],
            "name": each.name,
            "columns": list(each.columns),
            "referenced": list(each.referenced),
            "on_delete": each.on_delete,
            "definition": each.definition,
        }
        for each in snapshot.constraints
        if each.kind == "f"
        and each.references_schema is not None
        and each.references_table is not None
        and (each.schema, each.table) in found
        and (each.references_schema, each.references_table) in found
    ]


def named(snapshot: Snapshot) -> Mapping[str, frozenset[int]]:
    """The tables that are meant by the names that findings have: of tables, columns, constraints and indexes."""
    meant: dict[str, set[int]] = defaultdict(set)
    for number, table in enumerate(shown(snapshot)):
        for word in _words(snapshot, table):
            meant[word].add(number)
    return {word: frozenset(found) for word, found in meant.items()}


def _words(snapshot: Snapshot, table: Table) -> Iterator[str]:
    names = (table.name, quote(table.name), f"{table.schema}.{table.name}", qualified(table.schema, table.name))
    parts = [each.name for each in snapshot.columns_of(table)]
    parts += [each.name for each in snapshot.constraints_of(table)]
    for name in dict.fromkeys(names):
        yield name
        for part in parts:
            yield f"{name}.{part}"
            yield f"{name}.{quote(part)}"
    for index in snapshot.indexes_of(table):
        yield from (
            index.name,
            quote(index.name),
            f"{index.schema}.{index.name}",
            qualified(index.schema, index.name),
        )


def _table(snapshot: Snapshot, table: Table) -> dict[str, Any]:
    constraints = snapshot.constraints_of(table)
    of = {kind: {name for each in constraints if each.kind == kind for name in each.columns} for kind in "pf"}
    return {
        "schema": table.schema,
        "name": table.name,
        "written": snapshot.written(table.schema, table.name),
        "kind": KINDS.get(table.kind, "table"),
        "columns": [_column(each, of["p"], of["f"]) for each in snapshot.columns_of(table)],
        "constraints": [_constraint(each) for each in constraints],
        "indexes": [_index(each) for each in snapshot.indexes_of(table)],
    }


def _column(column: Column, primary: set[str], foreign: set[str]) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type,
        "not_null": column.not_null,
        "default": column.default or "",
        "made": "identity" if column.identity else "generated" if column.generated else "",
        "key": [word for word, names in (("PK", primary), ("FK", foreign)) if column.name in names],
    }


def _constraint(constraint: Constraint) -> dict[str, Any]:
    states = (("not valid", not constraint.validated), ("not enforced", not constraint.enforced))
    return {
        "name": constraint.name,
        "kind": _CONSTRAINTS.get(constraint.kind, "constraint"),
        "definition": constraint.definition,
        "states": [word for word, holds in states if holds],
    }


def _index(index: Index) -> dict[str, Any]:
    states = (("unique", index.unique), ("invalid", not index.valid), ("of a constraint", bool(index.constraint)))
    return {
        "name": index.name,
        "definition": index.definition,
        "states": [word for word, holds in states if holds],
    }
