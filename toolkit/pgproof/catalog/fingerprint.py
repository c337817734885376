"""Whether two databases of one major hold the same, seen without reading either: a digest that the server makes.

Each row that a fact is made of is written by the server as text in which no number of this database is left: what
an OID leads to is named instead. The text of a row tells its values apart: record_out quotes them
(src/backend/utils/adt/rowtypes.c). Of the rows of a catalog, which come in any order, the sums of two hashes of 64
bits are taken (hashtextextended). So equal fingerprints mean equal facts, but for one chance in 2^128. Another one
says nothing: columns keep their numbers, and a table that has lost one is not like one that never had it; members
of extensions count, though facts leave them out.

OIDs below 12000 belong to objects that are the same on every server of a major (src/include/access/transam.h,
FirstUnpinnedObjectId): they are left as they are, and the names of these objects are hashed by themselves. So is
what was altered of all that initdb has made (`catalog.initdb`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pgproof.catalog import initdb
from pgproof.catalog.accounting import Form
from pgproof.catalog.ask import OTHERS, sql
from pgproof.catalog.batch import Batch
from pgproof.catalog.packed import Digests
from pgproof.catalog.parts import relation_of
from pgproof.catalog.portable import PINNED, portable
from pgproof.catalog.query import among
from pgproof.database.connection import Connection

if TYPE_CHECKING:
    from pgproof.catalog.ask import Catalogs

_Sums = tuple[int, str, str]
_SAME = 'pg_catalog.hashtextextended(r.written COLLATE pg_catalog."C", {})'
_PIECES = (("pg_depend", "pg_class"), ("pg_constraint",), ("pg_attribute",), ("pg_index", "pg_attrdef"))
"""Catalogs that are asked for together if two sessions share the work, the longest work first; and all others."""
_IN_PARTS = (
    "SELECT h.name, p.part, pg_catalog.count(*), pg_catalog.sum(h.one)::pg_catalog.text,"
    " pg_catalog.sum(h.other)::pg_catalog.text FROM ({}) AS h (name, one, other, relation)"
    " FULL JOIN ({}) AS p ON p.oid = h.relation GROUP BY h.name, p.part"
)
"""A server that expects few rows looks for each in all others; in a full join it cannot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """The digest of a database, those of its catalogs, and those of their parts where these were asked for."""

    whole: str
    catalogs: Mapping[str, str]
    parts: Mapping[str, Mapping[int, str]] | None = None


def fingerprint(
    conn: Connection, found: Catalogs, other: Connection | None = None, *, by_part: bool = False
) -> Fingerprint | None:
    """That of the database in the transaction that the caller holds; None if there is something unaccounted for.

    What is in pgproof's own schema is left out. `found` are the catalogs of its server (`catalog.ask`), asked for
    in the same transaction. An `other` session that sees the same does what it can of the work. As many round
    trips, whatever there is to read. With `by_part` it takes longer, and less than to ask for the parts behind it.
    Raises psycopg.Error.
    """
    if found.unmodelled:
        return None
    left_out, later = aside(conn), [name for (name,) in conn.execute(initdb.touched(found).encode())]
    texts = {name: _rows(found, each, left_out) for name, each in found.batches.items()}
    texts |= {f"pinned {number}": each for number, each in enumerate(_pinned(found))}
    texts["memberships"] = _text("memberships")
    texts |= {each: f"SELECT o::pg_catalog.text AS written FROM ({_text(each)}) AS o" for each in OTHERS}
    if query := initdb.said(found, later):
        texts["altered"] = f"SELECT o::pg_catalog.text AS written FROM ({query}) AS o"
    places = {name: place for place, name in enumerate(texts)}
    parted = [name for name, each in found.batches.items() if relation_of(each.relation)] if by_part else []
    asks = {name: _hashed(places[name], text) for name, text in texts.items() if name not in parted}
    rows = _shared(conn, other, _pieces(asks))
    parts = _by_part(conn, found, parted, left_out, other) if by_part else {}
    rows = sorted([*rows, *((places[name], *_summed(each)) for name, each in parts.items())])
    asked = [(name, each.columns) for name, each in found.batches.items()]
    catalogs = {name: " ".join(map(str, sums)) for name, (_, *sums) in zip(found.batches, rows, strict=False)}
    return Fingerprint(
        whole=hashlib.sha256(repr([asked, rows]).encode()).hexdigest(),
        catalogs=catalogs,
        parts=_digests_of(parts) if by_part else None,
    )


def digests(conn: Connection, found: Catalogs) -> Digests | None:
    """Those of all catalogs and of all their parts, in the same way; None where there is no fingerprint."""
    whole = fingerprint(conn, found)
    return Digests(catalogs=whole.catalogs, parts=in_parts(conn, found, found.batches)) if whole else None


def in_parts(
    conn: Connection, found: Catalogs, names: Collection[str], other: Connection | None = None
) -> dict[str, dict[int, str]]:
    """The digests of the parts of these catalogs, by part (`catalog.parts`); where there is no row, there is none.

    Of a catalog whose rows are in no part there is nothing. As `fingerprint`, in the same transaction.
    """
    parted = [name for name, each in found.batches.items() if name in names and relation_of(each.relation)]
    return _digests_of(_by_part(conn, found, parted, aside(conn), other))


def _by_part(
    conn: Connection,
    found: Catalogs,
    names: Sequence[str],
    left_out: Mapping[str, list[int]],
    other: Connection | None,
) -> dict[str, dict[int | None, _Sums]]:
    """Of each of these catalogs, how many rows each part has, and the sums of their hashes; None: of no part."""
    every: dict[str, dict[int | None, _Sums]] = {name: {} for name in names}
    asks = {name: _related(name, _rows(found, found.batches[name], left_out, related=True)) for name in names}
    pieces = _pieces(asks)
    around = _IN_PARTS.format("{}", _text("parts"))
    for name, part, *sums in _shared(conn, other, pieces, around) if pieces else ():
        if name is not None:
            every[name][part] = tuple(sums)
    return every


def _pieces(asks: Mapping[str, str]) -> list[list[str]]:
    """Queries, by what they are about, in pieces for sessions that share the work."""
    apart = [[asks[name] for name in names if name in asks] for names in _PIECES]
    rest = [ask for name, ask in asks.items() if not any(name in names for names in _PIECES)]
    return [each for each in (rest, *apart) if each]


def _digests_of(parts: Mapping[str, Mapping[int | None, _Sums]]) -> dict[str, dict[int, str]]:
    return {
        name: {part: " ".join(map(str, sums)) for part, sums in each.items() if part is not None}
        for name, each in parts.items()
    }


def _summed(parts: Mapping[int | None, _Sums]) -> tuple[int, str | None, str | None]:
    """What the server says of all rows of a catalog, of what it has said of its parts."""
    if not parts:
        return 0, None, None
    number, one, two = (sum(map(int, each)) for each in zip(*parts.values(), strict=True))
    return number, str(one), str(two)


def _shared(
    conn: Connection, other: Connection | None, pieces: Sequence[Sequence[str]], around: str = "{}"
) -> list[tuple[Any, ...]]:
    """The rows of all these queries, asked for at once, or by two sessions that take piece after piece."""
    if other is None:
        pieces = [[each for piece in pieces for each in piece]]
    queries = [around.format(" UNION ALL ".join(piece)).encode() for piece in pieces]
    if other is None:
        return conn.execute(queries[0]).fetchall()
    rows: list[tuple[Any, ...]] = []
    left = iter(queries)  # of a list: asking it for the next is one step, whoever asks

    def work(session: Connection) -> None:
        for query in left:
            rows.extend(session.execute(query).fetchall())

    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(work, session) for session in (conn, other)]:
            done.result()
    return rows


def aside(conn: Connection) -> dict[str, list[int]]:
    """OIDs of what is no part of a comparison, by catalog (aside.sql). One round trip. Raises psycopg.Error."""
    return dict(conn.execute(sql("aside")).fetchall())


def _text(name: str) -> str:
    return sql(name).decode().removesuffix(";\n") + "\n"


def _hashed(place: int, part: str) -> str:
    sums = ", ".join([f"pg_catalog.sum({_SAME.format(seed)})::pg_catalog.text" for seed in (0, 1)])
    return f"SELECT {place}, pg_catalog.count(*), {sums} FROM ({part} OFFSET 0) AS r"


def _related(name: str, rows: str) -> str:
    """Both hashes of each row, and the relation that it is of."""
    return f"SELECT '{name}', {_SAME.format(0)}, {_SAME.format(1)}, r.relation FROM ({rows} OFFSET 0) AS r"


def _rows(found: Catalogs, batch: Batch, left_out: Mapping[str, list[int]], *, related: bool = False) -> str:
    """The rows that facts are made of, as text; with the relation that each is of, if that is asked for."""
    relation = batch.relation
    kind = relation.kind if relation.kind.startswith("CASE ") else f"'{relation.kind}'"
    number = ["t.attnum"] if relation.number == "t.attnum" else []
    values = ", ".join([kind, *number, *(portable(each, batch) for each in batch.columns)])
    of = f", {relation_of(relation)} AS relation" if related else ""
    return f"SELECT ROW({values})::pg_catalog.text AS written{of} {taken(found, batch, left_out)}"


def taken(found: Catalogs, batch: Batch, left_out: Mapping[str, list[int]]) -> str:
    """FROM and WHERE: the rows of a catalog, called `t`, that a digest is of. `left_out` is from `aside`. Pure."""
    where = "".join(f" AND NOT {each}" for each in _asides(found, batch, left_out))
    return f"FROM pg_catalog.{batch.relation.source} AS t WHERE ({batch.relation.rows}){where}"


def _asides(found: Catalogs, batch: Batch, left_out: Mapping[str, list[int]]) -> Iterator[str]:
    """Conditions: one holds for what is left out, of the object itself or of the first that its name leads to."""
    if "oid" in batch.types and batch.relation.name in left_out:
        yield among("t.oid", left_out[batch.relation.name])
    for column in batch.columns:
        if column.word or column.form not in (Form.NAMES, Form.OBJECT):
            continue
        if column.form is Form.OBJECT and left_out:
            every = [oid for oids in left_out.values() for oid in oids]
            each = " OR ".join(
                f"t.{column.target} = {found.oids[name]} AND {among(f't.{column.name}', oids)}"
                for name, oids in left_out.items()
            )
            yield f"({among(f't.{column.name}', every)} AND ({each}))"
        elif column.target in left_out and batch.types[column.name] == "oid":
            yield among(f"t.{column.name}", left_out[column.target])
        return


def _pinned(found: Catalogs) -> Iterator[str]:
    """The names of the objects whose OIDs are left as they are."""
    for name, batch in found.batches.items():
        if "oid" in batch.types and batch.relation.source == name:
            names = ", ".join(f"t.{each.name}" for each in batch.columns if not each.word)
            yield (
                f"SELECT ROW(t.oid, {names})::pg_catalog.text AS written FROM pg_catalog.{name} AS t"
                f" WHERE t.oid < {PINNED}"
            )
