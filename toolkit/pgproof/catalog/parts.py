"""A catalog in parts: which rows of it are of which relation, and which part of all relations that is in.

Tables are dealt out to 256 parts by a hash of their names, with all that has rows of its own for them: columns,
defaults, constraints, indexes, triggers. So two databases can be compared part by part (`catalog.fingerprint`),
and no more be read than the parts in which they differ. What is of no relation is in no part, and always read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from pgproof.catalog.accounting import Column, Form, Relation
from pgproof.catalog.ask import sql
from pgproof.catalog.batch import Batch, Row
from pgproof.catalog.query import among
from pgproof.database.connection import Connection

COUNT = 256
NAMED = ("pg_class", "pg_constraint", "pg_trigger", "pg_policy", "pg_rewrite")
"""Catalogs in parts whose rows others speak of."""


def relation_of(relation: Relation) -> str:
    """SQL over `t` for the OID of the relation that a row of a catalog is of; empty where no row is of any.

    It gives 0 for a row that is of none.
    """
    if relation.name == "pg_class":
        return "t.oid"
    first = next((each for each in relation.read if not each.word), None)
    if first is None or first.sql:
        return ""
    if first.form is Form.NAMES and first.target == "pg_class":
        return f"t.{first.name}"
    if first.form is Form.OBJECT:
        of = f"t.{first.target} = 'pg_catalog.pg_class'::pg_catalog.regclass"
        return f"CASE WHEN {of} THEN t.{first.name} ELSE 0 END"
    return ""


def is_own(relation: Relation, column: Column) -> bool:
    """True if numbers of columns in that column are of a relation in the same part as the row. Pure."""
    return f"t.{column.target}" in relation_of(relation) or (relation.name, column.target) == (
        "pg_index",
        "indrelid",
    )


def wanted(conn: Connection, parts: Collection[int]) -> list[int]:
    """OIDs of the relations whose rows are to be read: those in these `parts`, those in none, and 0.

    One round trip. Raises psycopg.Error.
    """
    rows = conn.execute(sql("relations_of_parts"), {"parts": sorted(parts)}).fetchall()
    return [0, *(oid for (oid,) in rows)]


def labels(conn: Connection) -> dict[int, int]:
    """The part that each relation is in, by OID. One round trip. Raises psycopg.Error."""
    return dict(conn.execute(sql("parts")).fetchall())


def only(relation: Relation, oids: Collection[int]) -> str:
    """A condition over `t`: that a row is of one of these relations; empty where no row is of any."""
    of = relation_of(relation)
    return among(of, oids) if of else ""


def reader(batch: Batch, oids: Mapping[str, int]) -> Callable[[Row], int] | None:
    """What gives the OID of the relation that a row is of, as it was read, 0 for none; None where no row is."""
    if batch.relation.name == "pg_class":
        return lambda row: row[0]
    first = next((each for each in batch.columns if not each.word), None)
    if first is None or not relation_of(batch.relation):
        return None
    place, table = batch.place(first.name), oids["pg_class"]
    if first.form is Form.OBJECT:
        return lambda row: row[place][1] if row[place][0] == table else 0
    return lambda row: row[place]
