"""Expressions for what a column of the catalog says that mean the same everywhere: names instead of OIDs."""

from __future__ import annotations

from pgproof.catalog.accounting import Column, Form
from pgproof.catalog.batch import Batch
from pgproof.catalog.parts import is_own
from pgproof.catalog.query import privileges, written

PINNED = 12000
"""Objects with OIDs below are the same on every server of a major (FirstUnpinnedObjectId)."""
_NAMES = {
    "pg_authid": "pg_catalog.pg_get_userbyid({})::pg_catalog.text",
    "pg_class": "{}::pg_catalog.regclass::pg_catalog.text",
    "pg_collation": "{}::pg_catalog.regcollation::pg_catalog.text",
    "pg_namespace": "{}::pg_catalog.regnamespace::pg_catalog.text",
    "pg_operator": "{}::pg_catalog.regoperator::pg_catalog.text",
    "pg_proc": "{}::pg_catalog.regprocedure::pg_catalog.text",
    "pg_type": "pg_catalog.format_type({}, NULL)",
}
"""How the server names an object of these catalogs fastest."""
_IDENTITY = "(SELECT o.type || ' ' || o.identity FROM pg_catalog.pg_identify_object({}, {}, 0) AS o)"
_CHEAPER = (
    "CASE WHEN t.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND t.refobjsubid > 0"
    " THEN t.refobjid::pg_catalog.regclass::pg_catalog.text || ' ' || (SELECT a.attname"
    " FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = t.refobjid AND a.attnum = t.refobjsubid) ELSE {} END"
)
"""What a row of pg_depend leads to; most of them to columns, which take less time than others."""
_COLUMNS = (
    "CASE WHEN {0} IS NOT NULL THEN (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', '"
    " ORDER BY k.place) FROM pg_catalog.unnest(({0})::pg_catalog.int2[]) WITH ORDINALITY AS k (number, place)"
    " JOIN pg_catalog.pg_attribute AS a ON a.attrelid = {1} AND a.attnum = k.number) END"
)
"""The names of columns."""
_HIDES = r"^([^=]*(password|passfile|secret|token|key)[^=]*)=.*$"


def portable(column: Column, batch: Batch, pinned: int = PINNED) -> str:
    """An expression for the value of a column that means the same in every database.

    OIDs below `pinned` are left as they are, but for those of roles.
    """
    value = written(column)
    if batch.relation.name == "pg_depend" and column.name == "refobjid":
        value = _CHEAPER.format(value)
    match column.form:
        case Form.OBJECT:
            of, name = f"t.{column.target}", _NAMES["pg_class"].format(value)
            other = _IDENTITY.format(of, value)
            return f"CASE WHEN {of} = 'pg_catalog.pg_class'::pg_catalog.regclass THEN {name} ELSE {other} END"
        case Form.PRIVILEGES:
            return privileges(column, batch.columns, role=_NAMES["pg_authid"])
        case Form.OPEN:
            return _open(value)
        case Form.COLUMNS if not is_own(batch.relation, column):
            return _COLUMNS.format(value, f"t.{column.target}")  # what they are called is said in another part
        case Form.NAMES:
            return _named(column, value, batch.types[column.name], pinned)
    return value


def _named(column: Column, value: str, kind: str, pinned: int) -> str:
    """What an OID, or each of several, is called."""
    fast = _NAMES.get(column.target)
    slow = _IDENTITY.format(f"'pg_catalog.{column.target}'::pg_catalog.regclass", "{0}")
    name = fast or slow
    pinned = 0 if column.target == "pg_authid" else pinned  # -1 were the highest OID
    if kind in ("oid", "regproc"):
        value = f"({value})::pg_catalog.oid"
        return f"CASE WHEN {value} < {pinned} THEN {value}::pg_catalog.text ELSE {name.format(value)} END"
    several = (
        f"(SELECT pg_catalog.string_agg({name.format('u.oid')}, ', ' ORDER BY u.place)"
        f" FROM pg_catalog.unnest(({value})::pg_catalog.oid[]) WITH ORDINALITY AS u (oid, place))"
    )
    known = f"WHEN {pinned} > ALL ({value}) THEN ({value})::pg_catalog.text"
    return f"CASE WHEN {value} IS NULL THEN NULL {known} ELSE {several} END"


def _open(value: str) -> str:
    """Options without their secrets; who is not shown them at all has another fingerprint."""
    return (
        f"COALESCE((SELECT pg_catalog.array_agg(pg_catalog.regexp_replace(o, '{_HIDES}', '\\1=...', 'i'))"
        f" FROM pg_catalog.unnest({value}) AS o)::pg_catalog.text, pg_catalog.current_setting('is_superuser'))"
    )
