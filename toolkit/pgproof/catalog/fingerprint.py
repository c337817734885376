"""Whether two databases of one major hold the same, seen without reading either: a digest that the server makes.

Each row that a fact is made of is written by the server as text in which no number of this database is left: what
an OID leads to is named instead. The text of a row tells its values apart: record_out quotes them
(src/backend/utils/adt/rowtypes.c). Of the rows of a catalog, which come in any order, the sums of two hashes of 64
bits are taken (hashtextextended). So equal fingerprints mean equal facts, but for one chance in 2^128. Another one
says nothing: columns keep their numbers, and a table that has lost one is not like one that never had it; members
of extensions count, though facts leave them out.

OIDs below 12000 belong to objects that are the same on every server of a major (src/include/access/transam.h,
FirstUnpinnedObjectId): they are left as they are, and the names of these objects are hashed by themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pgproof.catalog.accounting import Column, Form
from pgproof.catalog.ask import sql
from pgproof.catalog.batch import Batch
from pgproof.catalog.query import privileges, written
from pgproof.database.connection import Connection

if TYPE_CHECKING:
    from pgproof.catalog.ask import Catalogs

_PINNED = 12000
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
    "CASE WHEN t.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass"
    " THEN t.refobjid::pg_catalog.regclass::pg_catalog.text || ' ' || t.refobjsubid ELSE {} END"
)
"""What a row of pg_depend leads to; most of them to columns, of which the other rows tell the rest."""
_HIDES = r"^([^=]*(password|passfile|secret|token|key)[^=]*)=.*$"
_SAME = 'pg_catalog.hashtextextended(r.written COLLATE pg_catalog."C", {})'


def fingerprint(conn: Connection, found: Catalogs) -> str | None:
    """That of the database in the transaction that the caller holds; None if there is something unaccounted for.

    What is in pgproof's own schema is left out. `found` are the catalogs of its server (`catalog.ask`), asked for
    in the same transaction. Two round trips, whatever there is to read. Raises psycopg.Error.
    """
    if found.unmodelled:
        return None
    aside: dict[str, list[int]] = dict(conn.execute(sql("aside")).fetchall())
    parts = [*(_rows(found, each, aside) for each in found.batches.values()), *_pinned(found)]
    parts.append(sql("memberships").decode().removesuffix(";\n") + "\n")
    others = sql("others_privileges").decode().removesuffix(";\n")
    parts.append(f"SELECT o::pg_catalog.text AS written FROM ({others}\n) AS o")
    asks = " UNION ALL ".join([_hashed(place, part) for place, part in enumerate(parts)])
    rows = sorted(conn.execute(asks.encode()).fetchall())
    asked = [(name, each.columns) for name, each in found.batches.items()]
    return hashlib.sha256(repr([asked, rows]).encode()).hexdigest()


def _hashed(place: int, part: str) -> str:
    sums = ", ".join([f"pg_catalog.sum({_SAME.format(seed)})::pg_catalog.text" for seed in (0, 1)])
    return f"SELECT {place}, pg_catalog.count(*), {sums} FROM ({part} OFFSET 0) AS r"


def _rows(found: Catalogs, batch: Batch, aside: Mapping[str, list[int]]) -> str:
    """The rows that facts are made of, as text."""
    relation = batch.relation
    kind = relation.kind if relation.kind.startswith("CASE ") else f"'{relation.kind}'"
    number = ["t.attnum"] if relation.number == "t.attnum" else []
    values = ", ".join([kind, *number, *(_portable(each, batch) for each in batch.columns)])
    where = "".join(f" AND NOT {each}" for each in _asides(found, batch, aside))
    return (
        f"SELECT ROW({values})::pg_catalog.text AS written FROM pg_catalog.{relation.source} AS t"
        f" WHERE ({relation.rows}){where}"
    )


def _asides(found: Catalogs, batch: Batch, aside: Mapping[str, list[int]]) -> Iterator[str]:
    """Conditions: one holds for what is left out, of the object itself or of the first that its name leads to."""
    if "oid" in batch.types and batch.relation.name in aside:
        yield _among("t.oid", aside[batch.relation.name])
    for column in batch.columns:
        if column.word or column.form not in (Form.NAMES, Form.OBJECT):
            continue
        if column.form is Form.OBJECT and aside:
            every = [oid for oids in aside.values() for oid in oids]
            each = " OR ".join(
                f"t.{column.target} = {found.oids[name]} AND {_among(f't.{column.name}', oids)}"
                for name, oids in aside.items()
            )
            yield f"({_among(f't.{column.name}', every)} AND ({each}))"
        elif column.target in aside and batch.types[column.name] == "oid":
            yield _among(f"t.{column.name}", aside[column.target])
        return


def _among(value: str, oids: Sequence[int]) -> str:
    return f"{value} = ANY ('{{{','.join(map(str, sorted(oids)))}}}'::pg_catalog.oid[])"


def _portable(column: Column, batch: Batch) -> str:
    """An expression for the value of a column that means the same in every database."""
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
        case Form.NAMES:
            return _named(column, value, batch.types[column.name])
    return value


def _named(column: Column, value: str, kind: str) -> str:
    """What an OID, or each of several, is called."""
    fast = _NAMES.get(column.target)
    slow = _IDENTITY.format(f"'pg_catalog.{column.target}'::pg_catalog.regclass", "{0}")
    name = fast or slow
    pinned = -1 if column.target == "pg_authid" else _PINNED
    if kind in ("oid", "regproc"):
        value = f"({value})::pg_catalog.oid"
        return f"CASE WHEN {value} < {pinned} THEN {value}::pg_catalog.text ELSE {name.format(value)} END"
    several = (
        f"(SELECT pg_catalog.string_agg({name.format('u.oid')}, ', ' ORDER BY u.place)"
        f" FROM pg_catalog.unnest(({value})::pg_catalog.oid[]) WITH ORDINALITY AS u (oid, place))"
    )
    return f"CASE WHEN {pinned} > ALL ({value}) THEN ({value})::pg_catalog.text ELSE {several} END"


def _open(value: str) -> str:
    """Options without their secrets; who is not shown them at all has another fingerprint."""
    return (
        f"COALESCE((SELECT pg_catalog.array_agg(pg_catalog.regexp_replace(o, '{_HIDES}', '\\1=...', 'i'))"
        f" FROM pg_catalog.unnest({value}) AS o)::pg_catalog.text, pg_catalog.current_setting('is_superuser'))"
    )


def _pinned(found: Catalogs) -> Iterator[str]:
    """The names of the objects whose OIDs are left as they are."""
    for name, batch in found.batches.items():
        if "oid" in batch.types and batch.relation.source == name:
            names = ", ".join(f"t.{each.name}" for each in batch.columns if not each.word)
            yield (
                f"SELECT ROW(t.oid, {names})::pg_catalog.text AS written FROM pg_catalog.{name} AS t"
                f" WHERE t.oid < {_PINNED}"
            )
