"""What the rows of some parts of a catalog speak of, and is in other parts: read to be named, not to be a fact."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from pgproof.catalog.accounting import Column, Form
from pgproof.catalog.ask import Catalogs, sql
from pgproof.catalog.batch import Batch, Others, Row, numbers
from pgproof.catalog.parts import NAMED
from pgproof.catalog.query import FIXED, among, query
from pgproof.database.connection import Connection

_FIRST = 16384
"""The first OID that a user's object can have (FirstNormalObjectId, src/include/access/transam.h)."""
Objects = set[tuple[str, int]]
"""The names of catalogs, and OIDs of rows in them."""


def complete(conn: Connection, found: Catalogs, others: Others) -> dict[tuple[int, int], str]:
    """Read the rows that those of `found` speak of into its batches, and those that name these in turn.

    Gives the names of the columns of all relations that are spoken of, by OID and number. At most three round
    trips: a trigger is named by its table, and that by its schema, which is always read. Raises psycopg.Error.
    """
    asked: Objects = set()
    batches = found.batches.values()
    spoken = {each for batch in batches for each in _spoken(found, batch, batch.rows, batch.columns)}
    while missing := {each for each in spoken - asked if each[1] not in found.batches[each[0]].by_number}:
        asked |= missing
        fetched = _fetch(conn, found, missing, others)
        spoken = {each for batch, rows in fetched for each in _spoken(found, batch, rows, _identity(batch))}
    relations = sorted(number for name, number in asked if name == "pg_class")
    if not relations:
        return {}
    columns = conn.execute(sql("columns_of"), {"relations": relations}).fetchall()
    return {(relation, number): name for relation, number, name in columns}


def _identity(batch: Batch) -> list[Column]:
    return [each for each in batch.columns if not each.word]


def _spoken(
    found: Catalogs, batch: Batch, rows: Iterable[Row], columns: Collection[Column]
) -> Iterator[tuple[str, int]]:
    """The users' objects that these columns of rows speak of, in catalogs that are in parts."""
    names = {oid: name for name, oid in found.oids.items()}
    for place, column in enumerate(batch.columns, FIXED):
        if column not in columns:
            continue
        if column.form is Form.NAMES and column.target in NAMED:
            said = ((column.target, oid) for row in rows for oid in numbers(row[place]))
        elif column.form is Form.OBJECT:
            said = ((names[row[place][0]], row[place][1]) for row in rows)
        else:
            continue
        yield from (each for each in said if each[0] in NAMED and each[1] >= _FIRST)


def _fetch(conn: Connection, found: Catalogs, missing: Objects, others: Others) -> list[tuple[Batch, list[Row]]]:
    """These rows, one round trip."""
    batches = [found.batches[name] for name in dict.fromkeys(sorted(name for name, _ in missing))]
    asks = []
    for batch in batches:
        oids = sorted(number for name, number in missing if name == batch.relation.name)
        asks.append(query(batch.relation, batch.columns, batch.types, only=among("t.oid", oids)))
    cursor = conn.execute("\n".join(asks).encode())
    fetched = []
    for number, batch in enumerate(batches):
        if number:
            cursor.nextset()
        fetched.append((batch, batch.add(cursor.fetchall(), found.oids, others)))
    return fetched
