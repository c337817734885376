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
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from pgproof.catalog.accounting import accounting
from pgproof.database.connection import Connection

_WINDOW = 2**30
_FIRST = 3
"""The first transaction there can be (FirstNormalTransactionId, src/include/access/transam.h)."""
_OWN_ROW = "pg_database"
_MEMBERS = "pg_depend, what belongs to extensions"
"""What an extension got or lost is no row of a catalog that facts are made of, and takes it out of them, or in."""
_ONLY = {
    _OWN_ROW: "pg_database AS t WHERE t.datname = pg_catalog.current_database()",
    _MEMBERS: "pg_depend AS t WHERE t.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass",
}
"""Of these only the rows that count."""
_TABLESPACES = "pg_tablespace"
_ROLES = (
    "SELECT pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.jsonb_agg("
    "pg_catalog.jsonb_build_array(t.oid, t.rolname) ORDER BY t.oid)::pg_catalog.text, 'UTF8'))"
    " FROM pg_catalog.pg_roles AS t"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What is seen of a database at one moment: the `life` it is in, and how many rows its catalogs have.

    On a standby there is no `life`. `oldest` is the oldest transaction that is not over, `next` the next one, and
    `current` the one that ages count back from; `latest` are those that have written the youngest row of each
    catalog that has one. `rest` is the digest of what is not counted.
    """

    life: str | None
    oldest: int
    next: int
    current: int
    latest: Mapping[str, int]
    counts: Mapping[str, int]
    rest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What there was when facts were read: in that `life`, when `oldest` was not over, so many rows (`counts`).

    `rest` is the digest of the names of roles, and of what this user may not read.
    """

    life: str
    oldest: int
    counts: Mapping[str, int]
    rest: str


def mark(seen: Pulse) -> Mark | None:
    """By what it is seen later that nothing has changed since; None on a standby. Pure."""
    if seen.life is None:
        return None
    return Mark(life=seen.life, oldest=seen.oldest, counts=dict(seen.counts), rest=seen.rest)


def holds(before: Mark, now: Pulse) -> bool:
    """True if the database holds now what it held then, by what was read with the same options. Pure."""
    return changed(before, now) == frozenset()


def changed(before: Mark, now: Pulse) -> frozenset[str] | None:
    """The catalogs whose rows are not those that they had then; None where that cannot be told. Pure."""
    is_comparable = (
        before.life == now.life
        and before.oldest <= now.next < before.oldest + _WINDOW
        and before.counts.keys() == now.counts.keys()
        and before.rest == now.rest
    )
    if not is_comparable:
        return None
    return frozenset(
        name
        for name, count in now.counts.items()
        if count != before.counts[name] or now.latest.get(name, 0) >= before.oldest
    )


def is_settled(before: Pulse, now: Pulse) -> bool:
    """True if nothing was changed between two moments of one session, also on a standby. Pure."""
    here = before.life or "standby"
    mark = Mark(life=here, oldest=before.oldest, counts=before.counts, rest=before.rest)
    return holds(mark, replace(now, life=now.life or "standby"))


def pulse(
    conn: Connection,
    *,
    options: frozenset[str] = frozenset(),
    other: Connection | None = None,
    sizes: Mapping[str, int] | None = None,
) -> Pulse:
    """That of the database, in the transaction of the caller, a REPEATABLE READ one.

    `options` are those of the accounting. An `other` session that sees the same counts half of the rows, by the
    `sizes` that the catalogs had before. At most three round trips in each, and no row is sent. The settings of
    the transactions are changed until their end. Raises psycopg.Error.
    """
    ((life, oldest, following, readable),) = conn.execute(_sql("life")).fetchall()
    wanted = [each.name for each in accounting().values() if not each.ignored and each.option in ("", *options)]
    counted = [name for name in wanted if name in readable]
    rest = [] if len(counted) == len(wanted) else _digests(conn, options, counted)
    one, two = _halves([*counted, _TABLESPACES, *_ONLY], sizes or {} if other else None)
    with ThreadPoolExecutor(1) as beside:
        more = beside.submit(_counted, other, two, (), following) if other else None
        here = _counted(conn, one, (_ROLES, *rest), following)
        rows = {**here.rows, **(more.result().rows if more else {})}
    return Pulse(
        life=life,
        oldest=oldest,
        next=following,
        current=here.current,
        latest={name: latest for name, (_, latest) in rows.items() if latest is not None},
        counts={name: rows[name][0] for name in (*one, *two)},
        rest=hashlib.sha256(b"".join(here.digests)).hexdigest(),
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    """What one session has found: of each catalog the number of rows, and who has written the youngest."""

    rows: Mapping[str, tuple[int, int | None]]
    digests: Sequence[bytes]
    current: int


def _counted(conn: Connection, names: Sequence[str], digests: Sequence[str], following: int) -> _Counted:
    cursor = conn.execute("; ".join(["SET LOCAL jit = off", _counts(names), *digests]).encode())
    cursor.nextset()
    rows = {name: (count, age) for name, count, age in cursor.fetchall()}
    found = []
    while cursor.nextset():
        ((each,),) = cursor.fetchall()
        found.append(each)
    # ages count back from one transaction, of which the lower 32 bits are known: it is not before the next one
    since_first, _ = rows.pop("")
    current = following + (since_first + _FIRST - following) % 2**32
    latest = {name: (count, None if age is None else current - age) for name, (count, age) in rows.items()}
    return _Counted(latest, found, current)


def _halves(names: Sequence[str], sizes: Mapping[str, int] | None) -> tuple[list[str], list[str]]:
    """The names in two lists that are about as large; without sizes all in one."""
    if sizes is None:
        return [*names], []
    halves: tuple[list[str], list[str]] = ([], [])
    rows = [0, 0]
    for name in sorted(names, key=lambda each: -sizes.get(each, 0)):
        less = rows.index(min(rows))
        halves[less].append(name)
        rows[less] += sizes.get(name, 0)
    return halves


def _counts(names: Sequence[str]) -> str:
    """How many rows these catalogs have, and the age of the youngest; for "", how old the first transaction is.

    Rows that are older than half of all numbers look as if they were still to come.
    """
    age = "pg_catalog.age(t.xmin)"
    both = f"pg_catalog.count(*), pg_catalog.min({age}) FILTER (WHERE {age} >= 0)"
    every = [f"SELECT '', pg_catalog.age('{_FIRST}'::pg_catalog.xid)::pg_catalog.int8, 0"]
    every += [f"SELECT '{name}', {both} FROM pg_catalog.{_ONLY.get(name, f'{name} AS t')}" for name in names]
    return " UNION ALL ".join(every)


def _digests(conn: Connection, options: frozenset[str], counted: Sequence[str]) -> list[str]:
    """Queries for digests of the rows that are shown of what is not counted."""
    from pgproof.catalog.ask import catalogs
    from pgproof.catalog.query import digest, query

    rest = [each for name, each in catalogs(conn, options).batches.items() if name not in counted]
    return [digest(query(each.relation, each.columns, each.types)) for each in rest]


@cache
def _sql(name: str) -> bytes:
    return files("pgproof.catalog").joinpath(f"{name}.sql").read_bytes()
