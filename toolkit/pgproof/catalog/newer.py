"""Which parts of a database are not as they were at a mark, seen by the age and the number of their rows.

A part (`catalog.parts`) has in each catalog the rows that it had at a mark if none of them is newer than that, and
there are as many (`catalog.mark` says why). How many there were is in the digests of what the files build, if the
database had the same then. So no row is written out and hashed, as it is by `catalog.fingerprint`.

What is read of a row that stays as it is may say something else, if something that it speaks of was renamed. So
the parts count, too, in which something depends on an object whose row is new (pg_depend). Nothing is told where
anything is new that is in no part, and that facts tell of, or that initdb has made (nothing depends on that), or
where an extension has got or lost a member, which is a fact no more or again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from pgproof.catalog.ask import sql
from pgproof.catalog.fingerprint import aside, taken
from pgproof.catalog.mark import Mark, Pulse, changed
from pgproof.catalog.packed import Digests
from pgproof.catalog.parts import relation_of
from pgproof.database.connection import Connection

if TYPE_CHECKING:
    from pgproof.catalog.ask import Catalogs

_COUNTED = (
    "SELECT h.name, p.part, pg_catalog.count(*), pg_catalog.bool_or(h.is_new)"
    " FROM ({}) AS h (name, is_new, relation) LEFT JOIN ({} OFFSET 0) AS p ON p.oid = h.relation"
    " GROUP BY h.name, p.part"
)
_USERS = 16384
"""What is made after initdb has no OID below (FirstNormalObjectId, src/include/access/transam.h)."""
_NUMBERS = {"pg_attribute": "t.attrelid"}
"""How others speak of what a row is of, where it is not by the row's own OID: of a column by its table's."""


_Counts = Mapping[str, Mapping[int | None, tuple[int, bool]]]
"""Of each catalog and part how many rows there are, and whether one is new; None: of those in no part."""
_Objects = Sequence[tuple[int, int]]
"""OIDs of catalogs, and of what is new in them."""


def parts(conn: Connection, found: Catalogs, before: Mark, now: Pulse, was: Digests) -> frozenset[int] | None:
    """The parts with other rows than at the mark; None if that cannot be told, or what is in no part changed.

    `was` are the digests that the database had then, `found` its catalogs, `now` its pulse in the same
    transaction. Four round trips. Raises psycopg.Error.
    """
    touched = changed(before, now)
    if touched is None or found.unmodelled or not all(_has_rows(found, name) for name in touched):
        return None
    if not touched:
        return frozenset()
    limit = now.current - before.oldest
    objects = _new(conn, found, touched, limit)
    if any(oid < _USERS for _, oid in objects):
        return None
    different: set[int] = set()
    for name, each in _counted(conn, found, touched, limit).items():
        if not relation_of(found.batches[name].relation):
            if each.get(None, (0, False)) != (_number(was.catalogs.get(name)), False):
                return None
            continue
        there = {part: (_number(digest), False) for part, digest in was.parts.get(name, {}).items()}
        here = {part: said for part, said in each.items() if part is not None}
        different |= {part for part, _ in there.items() ^ here.items()}
    return frozenset(different | _speakers(conn, objects))


def _new(conn: Connection, found: Catalogs, names: Collection[str], limit: int) -> _Objects:
    """What is new, by its age, that others may speak of. It need be no fact: the type of a table's rows."""
    asked = []
    for name in sorted(names):
        if number := _NUMBERS.get(name, "t.oid" if "oid" in found.batches[name].types else ""):
            catalog = found.oids["pg_class" if name in _NUMBERS else name]
            asked.append(
                f"SELECT DISTINCT {catalog}, {number}::pg_catalog.int8 FROM pg_catalog.{name} AS t"
                f" WHERE {_is_new(limit)}"
            )
    return conn.execute(" UNION ALL ".join(asked).encode()).fetchall() if asked else []


def _counted(conn: Connection, found: Catalogs, names: Collection[str], limit: int) -> _Counts:
    left_out = aside(conn)
    asked = []
    for name in sorted(names):
        batch = found.batches[name]
        of = relation_of(batch.relation) or "NULL::pg_catalog.oid"
        asked.append(f"SELECT '{name}', {_is_new(limit)}, {of} {taken(found, batch, left_out)}")
    around = sql("parts").decode().removesuffix(";\n") + "\n"
    counts: dict[str, dict[int | None, tuple[int, bool]]] = {name: {} for name in names}
    query = _COUNTED.format(" UNION ALL ".join(asked), around)
    for name, part, number, is_new in conn.execute(query.encode()):
        counts[name][part] = number, is_new
    return counts


def _is_new(limit: int) -> str:
    """Rows that are older than half of all numbers look as if they were still to come."""
    return f"pg_catalog.age(t.xmin) BETWEEN 0 AND {limit}"


def _speakers(conn: Connection, objects: _Objects) -> set[int]:
    """The parts in which something depends on one of these."""
    values = {"catalogs": [of for of, _ in objects], "oids": [oid for _, oid in objects]}
    return {part for (part,) in conn.execute(sql("speakers"), values)} if objects else set()


def _has_rows(found: Catalogs, name: str) -> bool:
    """True for a catalog that is compared, row by row of its own."""
    return name in found.batches and found.batches[name].relation.source == name


def _number(digest: str | None) -> int:
    """How many rows a digest is of: its first word."""
    return int(digest.split(" ", 1)[0]) if digest else 0
