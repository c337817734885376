"""Whether a database still holds what it held: every row that facts are made of, in one digest.

The server reads the same rows as for the facts, deparses the same expressions, and sends a SHA-256 of them instead
of themselves. The text of a row tells its values apart: record_out quotes them (src/backend/utils/adt/rowtypes.c).
Facts are made of nothing but these rows and the names of objects that are not the user's own, which are asked for
again. So an equal digest means equal facts; another one says nothing, since rows may only have moved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pgproof.catalog.ask import Catalogs, catalogs, sql
from pgproof.catalog.batch import Object, Row
from pgproof.catalog.query import mark, query
from pgproof.database.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The digest of what facts were made of, and the objects whose names had to be asked for."""

    digest: str
    others: tuple[Object, ...]


def look(conn: Connection, others: Sequence[Object], *, options: frozenset[str] = frozenset()) -> str:
    """The digest now, in the transaction that the caller holds; `others` are those of the mark. Three round trips.

    The settings of the transaction are changed until its end. Raises psycopg.Error.
    """
    found = catalogs(conn, options)
    queries = [mark(query(each.relation, each.columns, each.types)) for each in found.batches.values()]
    cursor = conn.execute(b"\n".join([sql("members"), *map(str.encode, queries)]))
    outside = cursor.fetchall()
    marks: dict[str, bytes] = {}
    for name in found.batches:
        cursor.nextset()
        ((marks[name],),) = cursor.fetchall()
    names: list[Row] = []
    if others:
        values = {"catalogs": [of for of, _ in others], "numbers": [oid for _, oid in others]}
        names = conn.execute(sql("identities"), values).fetchall()
    return digest(found, outside, marks, names)


def of_rows(rows: Iterable[Row]) -> bytes:
    """Of rows that end in their digest: what the server makes of them."""
    return hashlib.sha256(b"".join([row[-1] for row in rows])).digest()


def digest(found: Catalogs, outside: Iterable[Row], marks: Mapping[str, bytes], names: Iterable[Row]) -> str:
    """Of everything that facts are made of: what is asked, what belongs to others, the rows, and names. Pure."""
    asked = [(name, each.oid, each.columns, sorted(each.types.items())) for name, each in found.batches.items()]
    parts = [asked, sorted(found.oids.items()), found.unmodelled, sorted(outside), list(marks.items())]
    whole = hashlib.sha256(repr(parts).encode())
    whole.update(repr(sorted(map(repr, names))).encode())
    return whole.hexdigest()
