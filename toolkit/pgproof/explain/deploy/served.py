"""Indexes that serve a query on one schema, and that it has to do without on another.

A name counts for nothing here: an index that does the same under another one takes its place. Asked is only about
indexes that are not alike on both schemas.
"""

from __future__ import annotations

from collections.abc import Sequence

from pgproof.catalog.snapshot import Index, Snapshot
from pgproof.contract.promise import Query
from pgproof.explain.facts import Lost, Order, Service
from pgproof.explain.found import read, serving
from pgproof.explain.planner import Prepared
from pgproof.explain.service import Bench, each_alone, services
from pgproof.finding import Verdict
from pgproof.sql.condition import bare_key, subjects

_ORDERS = (Order.SORT, Order.NONE, Order.PREFIX, Order.INDEX)


def lost(home: Bench, abroad: Bench, query: Query, here: Prepared, there: Prepared) -> tuple[Lost, ...]:
    """The indexes that serve the query at home and have no substitute abroad. Raises psycopg.Error.

    Where another one still serves a part of its conditions, that is enough or not by the data: UNKNOWN, unless the
    query promises to use the one that is gone.
    """
    gone = [index for index in read(home, here) if not _is_alike(home.snapshot, abroad.snapshot, index)]
    own = [each for each in each_alone(home, here, gone) if each.verdict is Verdict.HOLDS]
    if not own:
        return ()
    others = serving(abroad, there)
    named = {name for word in query.uses for name in (word.text, word.text.rpartition(".")[2])}
    found = (_lost(abroad, there, service, others, service.index.name in named) for service in own)
    return tuple(each for each in found if each is not None)


def _is_alike(here: Snapshot, there: Snapshot, index: Index) -> bool:
    """Whether the other schema has an index of the same table that is made alike, by whatever name."""
    return any(
        _shape(here, index) == _shape(there, other)
        for other in there.indexes
        if (other.schema, other.table) == (index.schema, index.table)
    )


def _shape(snapshot: Snapshot, index: Index) -> tuple[object, ...]:
    types = {
        each.name: each.base_type
        for each in snapshot.columns
        if (each.schema, each.table) == (index.schema, index.table)
    }
    columns = tuple(types.get(key.expression, "") for key in index.keys)
    rest = index.definition.partition(" USING ")[2]  # with operator classes and collations
    return (index.method, index.unique, index.valid, index.keys, index.include, index.predicate, columns, rest)


def _lost(abroad: Bench, there: Prepared, own: Service, others: Sequence[Service], is_named: bool) -> Lost | None:
    if any(_is_as_good(own, other) or _finds_one(other) for other in others):
        return None
    name = own.index.name
    rest = [s for s in others if s.keys and s.index.table == own.index.table]
    if rest and not is_named:
        partly = " and ".join(f"{each.index.name} by {', '.join(each.keys)}" for each in rest)
        reason = f"it is served by {partly} alone, and how much that finds depends on the data"
        return Lost(index=name, verdict=Verdict.UNKNOWN, reason=reason)
    return Lost(index=name, verdict=Verdict.FAILS, reason=_reason(abroad, there, own.index))


def _reason(abroad: Bench, there: Prepared, index: Index) -> str:
    other = abroad.snapshot.index(f"{index.schema}.{index.name}")
    if other is None:
        return "it is not there"
    service = services(abroad, there, (other,))[0]
    return service.reason or f"there it is another one: {other.definition}"


def _is_as_good(own: Service, other: Service) -> bool:
    """Whether it bounds the same keys, leaves no more conditions over, and gives the same order."""
    same_order = _ORDERS.index(other.order) >= _ORDERS.index(own.order)
    return same_order and set(own.keys) <= set(other.keys) and set(other.filters) <= set(own.filters)


def _finds_one(service: Service) -> bool:
    """Whether it leads to one row at most: a unique index whose keys are all compared for equality."""
    keys = [bare_key(key.expression, is_column=key.is_column) for key in service.index.keys]
    equal = {text for part in service.conditions if " = " in part for text in subjects(part)}
    return service.index.unique and not service.index.predicate and set(keys) <= equal
