"""The index that would serve a query, or give it its order: found among existing ones, or proposed and tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files

from psycopg import sql

from pgproof.catalog.snapshot import Index, Table
from pgproof.database.connection import Connection
from pgproof.explain import isolation, planner
from pgproof.explain.facts import Order, Service
from pgproof.explain.isolation import Hiding
from pgproof.explain.planner import Prepared
from pgproof.explain.service import Bench, each_alone, services
from pgproof.finding import Verdict
from pgproof.sql.condition import bare, bare_key
from pgproof.sql.declared import Key
from pgproof.sql.dialect import bounded_columns, equal_columns

_TRIAL = "pgproof_trial"


def alternatives(bench: Bench, query: Prepared, instead_of: Index) -> tuple[str, ...]:
    """Names of other indexes of the same table that give the query its order, by name. Raises psycopg.Error."""
    others = [
        index
        for index in bench.snapshot.indexes_on(instead_of.schema, instead_of.table)
        if index.name != instead_of.name and index.valid
    ]
    return tuple(
        each.index.name
        for each in each_alone(bench, query, others)
        if each.verdict is Verdict.HOLDS and each.order is Order.INDEX and each.keys
    )


def proposal(bench: Bench, query: Prepared, service: Service) -> str:
    """An index definition that serves conditions and order of the query, proved by making it; "" if none.

    Only in a scratch database: the index is made, the query planned, and all of it rolled back. Its keys are the
    columns compared for equality, then the sort keys.
    """
    if bench.hiding is Hiding.NONE or not service.sort_key:
        return ""
    condition = " AND ".join(f"({part})" for part in service.filters) or "true"
    named = [bare_key(name, is_column=True) for name in equal_columns(condition)]
    table = bench.snapshot.table(service.index.schema, service.index.table)
    columns = bench.snapshot.columns_of(table) if table else ()
    names = {bare_key(column.name, is_column=True) for column in columns}
    order = [_key(text) for text in service.sort_key]
    equal = [k for k in dict.fromkeys([*service.keys, *named]) if k not in {bare(o.expression) for o in order}]
    if not {*equal, *(bare(key.expression) for key in order)} <= names:
        return ""
    return _tried(bench, query, service.index, [*map(_key, equal), *order])


def fitting(bench: Bench, query: Prepared, table: Table, *, ordered: bool) -> tuple[str, ...]:
    """Definitions of indexes of a table that serve the query, fewest keys first, or give its order (`ordered`).

    Each was made in the scratch database, and the query planned; all of it was rolled back. Their keys are columns
    that are compared for equality, then one that is bounded, or the sort keys. Raises psycopg.Error.
    """
    if bench.hiding is Hiding.NONE:
        return ()
    with isolation.only(bench.conn, bench.snapshot, (), bench.hiding, everywhere=True):
        root = planner.explain(bench.conn, query)
    scan = next((n for n in root.walk() if (n.schema, n.relation) == (table.schema, table.name)), None)
    if scan is None:
        return ()
    sorts = next((node.sort_key for node in root.walk() if node.kind == "Sort"), ())
    condition = scan.filter or "true"
    equal = [_key(name) for name in _named(equal_columns(condition))]
    if ordered:
        wanted = [[*equal, *map(_bare, map(_key, sorts))]]
    else:
        wanted = [equal, [*equal, *(_key(name) for name in _named(bounded_columns(condition))[:1])]]
    known = {bare_key(column.name, is_column=True) for column in bench.snapshot.columns_of(table)}
    like = _trial(table.schema, table.name, ())
    possible = [keys for keys in wanted if keys and {key.expression for key in keys} <= known]
    found = [_tried(bench, query, like, keys, ordered=ordered) for keys in possible]
    return tuple(dict.fromkeys(filter(None, found)))


def latest(conn: Connection) -> tuple[str, int, int]:
    """The index that was made last: name, bytes, and how many its table has. Raises psycopg.Error."""
    ((name, size, indexes),) = conn.execute(_latest()).fetchall()
    return name, size, indexes


@lru_cache(maxsize=1)
def _latest() -> bytes:
    return files("pgproof.explain").joinpath("latest_index.sql").read_bytes()


def _named(columns: Sequence[str]) -> list[str]:
    return [bare_key(name, is_column=True) for name in dict.fromkeys(columns)]


def _bare(key: Key) -> Key:
    return replace(key, expression=bare(key.expression))


def _tried(bench: Bench, query: Prepared, like: Index, keys: list[Key], *, ordered: bool = True) -> str:
    shape = ", ".join(map(str, keys))
    trial = _trial(like.schema, like.table, keys)
    with planner.savepoint(bench.conn):
        target = sql.Identifier(like.schema, like.table)
        bench.conn.execute(
            sql.SQL("CREATE INDEX {} ON {} ").format(sql.Identifier(_TRIAL), target).as_bytes(bench.conn)
            + f"({shape})".encode()
        )
        served = services(bench, query, (trial,))[0]
    good = served.verdict is Verdict.HOLDS and (served.order is Order.INDEX or not ordered)
    return f"CREATE INDEX ON {bench.snapshot.written(like.schema, like.table)} ({shape})" if good else ""


def _trial(schema: str, table: str, keys: Sequence[Key]) -> Index:
    return Index(
        schema=schema,
        name=_TRIAL,
        table=table,
        method="btree",
        unique=False,
        valid=True,
        keys=tuple(keys),
        include=(),
        predicate=None,
        constraint=None,
        parent=None,
        definition="",
    )


def _key(text: str) -> Key:
    """A key out of a sort key as EXPLAIN prints it: "created_at DESC NULLS LAST"."""
    expression, _, order = text.partition(" ")
    descending = order.startswith("DESC")
    nulls_first = "NULLS FIRST" in order or (descending and "NULLS LAST" not in order)
    return Key(expression=expression, is_column=False, descending=descending, nulls_first=nulls_first)
