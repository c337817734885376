"""Whether a database holds what it held, seen without reading it: no row of its catalog is new, and none is gone.

Each change of a schema writes a row of a catalog, or deletes one. The `xmin` of a row is the transaction that
wrote it (section 5.5 of PostgreSQL's manual). So the mark of a database is the number of rows of each catalog that
facts are made of, and the oldest transaction that was not over when they were read. If later all rows are older
than that, each of them was there before; if there are as many, none is gone; so they are the same rows.

Why a row is never other than it was, and never looks older than it is (src/backend/access/heap/heapam.c):

- An update makes a row of its own. What is written over a row in place (heap_inplace_update) are statistics, the
  age of rows, and flags that say that a table may have indexes, rules or triggers, and a database triggers at
  login: all ignored by the accounting. Freezing keeps xmin, since 9.4.
- Subtransactions have later numbers than their transaction, and prepared transactions are not over: what either
  writes is new as soon as it is seen. What was rolled back is not seen.
- Transactions count to 2^32 and begin again. Of a mark that is 2^30 transactions old, nothing is believed.
- Transactions that were lost have their numbers given again: after a restore, in a copy of the cluster, after a
  crash with asynchronous commits. Each begins a life of the server, and a mark is good for one (`life.sql`).

Out of reach are a server whose memory was rolled back (a virtual machine's snapshot), and tools that write into
the files of a running server (pg_surgery).

What this user may not read is compared by a digest of the rows that are shown to it, and so are the names of
roles, which are not the database's. So a mark that still holds means equal facts; another one says nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pgproof.catalog.ask import Catalogs
    from pgproof.database.connection import Connection

_WINDOW = 2**30
_OWN_ROW = "pg_database"
"""Of this catalog only the row of the database itself."""
_TABLESPACES = "pg_tablespace"
_ROLES = (
    "SELECT pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.jsonb_agg("
    "pg_catalog.jsonb_build_array(t.oid, t.rolname) ORDER BY t.oid)::pg_catalog.text, 'UTF8'))"
    " FROM pg_catalog.pg_roles AS t"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """The life that a server and a database are in, and where they are in it; no `name` on a standby.

    `oldest` is the oldest transaction that is not over, `next` the next one; `readable` are the catalogs that this
    user may read.
    """

    name: str | None
    oldest: int
    next: int
    readable: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What there was when facts were read: in that `life`, when `oldest` was not over, so many rows (`counts`).

    `rest` is the digest of what is not counted: if it `is_whole`, that are the names of roles alone.
    """

    life: str
    oldest: int
    counts: Mapping[str, int]
    is_whole: bool
    rest: str


def make(conn: Connection, found: Catalogs) -> Mark | None:
    """The mark of the database, in the transaction that facts are read in (REPEATABLE READ); None on a standby.

    Two round trips. Raises psycopg.Error.
    """
    life = alive(conn)
    if life.name is None:
        return None
    counted = [*(name for name in found.batches if name in life.readable), _TABLESPACES, _OWN_ROW]
    rest = _digests(found, counted)
    rows, digests = _scan(conn, counted, life.oldest, rest)
    return Mark(
        life=life.name,
        oldest=life.oldest,
        counts={name: count for name, count, _ in rows},
        is_whole=not rest,
        rest=_rest(digests),
    )


def holds(conn: Connection, mark: Mark, *, options: frozenset[str] = frozenset()) -> bool:
    """True if the database holds what it did, in the transaction of the caller; `options` are those of then.

    At most three round trips. The settings of the transaction are changed until its end. Raises psycopg.Error.
    """
    life = alive(conn)
    if life.name != mark.life or not mark.oldest <= life.next < mark.oldest + _WINDOW:
        return False
    if not mark.counts.keys() <= life.readable:
        return False
    asked: list[str] = []
    if not mark.is_whole:
        from pgproof.catalog.ask import catalogs

        asked = _digests(catalogs(conn, options), mark.counts)
    rows, digests = _scan(conn, mark.counts, mark.oldest, asked)
    return _rest(digests) == mark.rest and not any(new or count != mark.counts[name] for name, count, new in rows)


def alive(conn: Connection) -> Life:
    """The life that the server and the database are in. Raises psycopg.Error."""
    ((name, oldest, following, readable),) = conn.execute(_sql("life")).fetchall()
    return Life(name=name, oldest=oldest, next=following, readable=frozenset(readable))


def _scan(
    conn: Connection, counted: Iterable[str], oldest: int, digests: Sequence[str]
) -> tuple[list[tuple[str, int, int]], list[bytes]]:
    """How many rows these catalogs have, and how many that are not older; the digests of roles and of the rest."""
    asked = [_ROLES, *digests]
    new = f"pg_catalog.age(t.xmin) BETWEEN 0 AND pg_catalog.age('{oldest % 2**32}'::pg_catalog.xid)"
    both = f"pg_catalog.count(*), pg_catalog.count(*) FILTER (WHERE {new})"
    counts = [
        f"SELECT '{name}', {both} FROM pg_catalog.{name} AS t"
        + (" WHERE t.datname = pg_catalog.current_database()" if name == _OWN_ROW else "")
        for name in counted
    ]
    cursor = conn.execute("; ".join(["SET LOCAL jit = off", " UNION ALL ".join(counts), *asked]).encode())
    cursor.nextset()
    rows = cursor.fetchall()
    found: list[bytes] = []
    for _ in asked:
        cursor.nextset()
        ((each,),) = cursor.fetchall()
        found.append(each)
    return rows, found


def _digests(found: Catalogs, counted: Collection[str]) -> list[str]:
    """Queries for digests of the rows that are shown of what is not counted."""
    from pgproof.catalog.query import digest, query

    rest = [each for name, each in found.batches.items() if name not in counted]
    return [digest(query(each.relation, each.columns, each.types)) for each in rest]


def _rest(digests: Iterable[bytes]) -> str:
    return hashlib.sha256(b"".join(digests)).hexdigest()


@cache
def _sql(name: str) -> bytes:
    return files("pgproof.catalog").joinpath(f"{name}.sql").read_bytes()
