"""What is asked of a catalog: the rows and the columns that the accounting has, those that this server has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pgproof.catalog.accounting import Column, Form, Relation

FIXED = 4
"""What is selected before the columns: the number by which others speak of a row, its kind, how others name it,
and the statement that makes it."""
_EXPLODED = (
    "SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array("
    "{grantee}, {grantor}, a.privilege_type, a.is_grantable, {owner}) "
    "ORDER BY {grantee}, {grantor}, a.privilege_type, a.is_grantable) FROM pg_catalog.aclexplode({acl}) AS a"
)


def query(
    relation: Relation,
    columns: Sequence[Column],
    types: Mapping[str, str],
    *,
    defines: bool = False,
    only: str = "",
) -> str:
    """The query for these columns of a relation; `types` are those of all columns that the server has.

    With `defines`, the statements that make the objects, too. `only` is a condition over `t` for fewer rows.
    """
    kind = relation.kind if relation.kind.startswith("CASE ") else f"'{relation.kind}'"
    number = "NULL" if relation.number == "t.oid" and "oid" not in types else relation.number
    selected = [number, kind, relation.display or "NULL"]
    selected += [
        (defines and relation.definition) or "NULL",
        *(_selected(each, columns, types) for each in columns),
    ]
    where = f"({relation.rows}) AND {only}" if only else relation.rows
    return f"SELECT {', '.join(selected)}\n  FROM pg_catalog.{relation.source} AS t\n WHERE {where};"


def among(value: str, oids: Iterable[int]) -> str:
    """A condition: that a value is one of these OIDs."""
    return f"{value} = ANY ('{{{','.join(map(str, oids))}}}'::pg_catalog.oid[])"


def digest(asked: str) -> str:
    """A query for the digest of all rows of another one: as text, which tells their values apart (rowtypes.c)."""
    row = "pg_catalog.convert_to(the_row::pg_catalog.text, pg_catalog.getdatabaseencoding())"
    every = f"pg_catalog.string_agg(pg_catalog.sha256({row}), ''::pg_catalog.bytea)"
    rows = f"({asked.removesuffix(';')} OFFSET 0) AS the_row"
    return f"SELECT pg_catalog.sha256(COALESCE({every}, ''::pg_catalog.bytea)) FROM {rows}"


def written(column: Column) -> str:
    """The expression that is read: the column itself, or SQL."""
    return column.sql or f"t.{column.name}"


def _selected(column: Column, columns: Sequence[Column], types: Mapping[str, str]) -> str:
    value = written(column)
    if column.form is Form.NAMES and types[column.name] == "regproc":
        return f"{value}::pg_catalog.oid"
    if column.form is Form.OBJECT:
        return f"ARRAY[t.{column.target}, {value}]"
    if column.form is Form.PRIVILEGES:
        return privileges(column, columns)
    return value


def privileges(column: Column, columns: Sequence[Column], *, role: str = "{}::pg_catalog.int8") -> str:
    """What was granted, as an array of arrays; NULL where that is just what acldefault() has.

    `role` is an expression for the OID of one.
    """
    # settings have none: it is whoever ran initdb who may do all (acldefault in src/backend/utils/adt/acl.c)
    nobody = "10" if column.target == "'p'" else "0"
    owner = next((f"t.{each.name}" for each in columns if each.word == "owner"), nobody)
    acl = f"t.{column.name}"
    roles = {"grantee": role.format("a.grantee"), "grantor": role.format("a.grantor"), "owner": role.format(owner)}
    granted = _EXPLODED.format(acl=acl, **roles)
    if not column.target:
        return f"({granted})"
    default = f'pg_catalog.acldefault(({column.target})::pg_catalog."char", {owner})'
    usual = _EXPLODED.format(acl=default, **roles)
    return f"CASE WHEN {acl} IS NOT NULL THEN NULLIF(COALESCE(({granted}), '[]'), COALESCE(({usual}), '[]')) END"
