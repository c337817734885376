"""What an index can do for a query: asked of the planner with the other ways closed.

Two levels are kept apart. *Can* is decided here, without data: sequential scans are disabled and, in a scratch
database, all other indexes of the table are hidden. In a database that is not ours nothing can be hidden; then
several planner settings are tried, a use that is seen proves that the index can, and the opposite stays unknown
while another index gets in the way. *Does* (`chosen`) is what the planner picks by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

from pgproof.catalog.snapshot import Index, Snapshot
from pgproof.explain import isolation, plan
from pgproof.explain.asking import Asking, Line, Question, Scene, answered, beside, planned, question
from pgproof.explain.facts import Order, Service
from pgproof.explain.isolation import Hiding
from pgproof.explain.plan import Node, matches_nothing, order_sources
from pgproof.explain.planner import Prepared, Settings
from pgproof.finding import Verdict
from pgproof.sql.condition import bare_key, conjuncts, subjects
from pgproof.sql.declared import Key
from pgproof.sql.query import has_order, names_in

# the paths that are closed while one is looked for
NO_SEQSCAN: Settings = {
    "enable_seqscan": "off",
    "constraint_exclusion": "off",
    "enable_partition_pruning": "off",
}
_NESTED: Settings = {"enable_hashjoin": "off", "enable_mergejoin": "off"}
NO_BITMAP: Settings = {"enable_bitmapscan": "off"}
_ONLY_BITMAP: Settings = {"enable_indexscan": "off", "enable_indexonlyscan": "off"}
_NO_SORT: Settings = {"enable_sort": "off", "enable_incremental_sort": "off", **NO_BITMAP}
Answered = tuple[Question, Node]
"""A question, and the plan that is the answer."""
_WAYS: tuple[Settings, ...] = ({}, _NESTED, NO_BITMAP, _ONLY_BITMAP)


class Bench:
    """A session in which plans are asked for: a connection in an open transaction, and its catalog.

    `hiding` says how other indexes may be kept from the planner.
    """

    def __init__(self, conn: psycopg.Connection[Any], snapshot: Snapshot, hiding: Hiding) -> None:
        self.line = Line(conn)
        self.snapshot = snapshot
        self.hiding = hiding
        self._scenes: dict[tuple[tuple[Index, ...], bool], Scene] = {}

    @property
    def conn(self) -> psycopg.Connection[Any]:
        """The connection, when nothing that was asked is on its way."""
        return self.line.conn

    def scene(self, *indexes: Index, everywhere: bool = False) -> Scene:
        """That the planner sees these indexes alone, as `isolation.scene` says."""
        known = indexes, everywhere
        if known not in self._scenes:
            self._scenes[known] = isolation.scene(self.snapshot, indexes, self.hiding, everywhere=everywhere)
        return self._scenes[known]


def services(bench: Bench, query: Prepared, indexes: Sequence[Index]) -> tuple[Service, ...]:
    """What each of `indexes` does for `query` when the planner sees only them. Raises psycopg.Error."""
    return answered(bench.conn, asked(bench, query, indexes))


def each_alone(bench: Bench, query: Prepared, indexes: Sequence[Index]) -> tuple[Service, ...]:
    """What each of `indexes` does for `query` when the planner sees only that one. Raises psycopg.Error."""
    alone = beside([asked(bench, query, (index,)) for index in indexes])
    return tuple(service for found in answered(bench.conn, alone) for service in found)


def asked(
    bench: Bench, query: Prepared, indexes: Sequence[Index], chosen: Answered | None = None
) -> Asking[tuple[Service, ...]]:
    """As `services`, of many queries together.

    One that is not used beside the others is tried alone, and with the indexes of other tables hidden too, since
    those may lead to another order of joins. Where the planner does `chosen` by itself, and that is all that the
    index can do for the query, nothing is asked.
    """
    return tuple((yield from beside([_asked(bench, query, each, indexes, chosen) for each in indexes])))


def _asked(
    bench: Bench, query: Prepared, index: Index, beside_it: Sequence[Index], chosen: Answered | None
) -> Asking[Service]:
    if chosen is not None and (done := _done(bench, query, index, chosen)) is not None:
        return done
    service = yield from _service(bench, query, index, bench.scene(*beside_it))
    if service.verdict is not Verdict.FAILS or not index.valid or bench.hiding is Hiding.NONE:
        return service
    return (yield from _answered(bench, query, service))


def _answered(bench: Bench, query: Prepared, service: Service) -> Asking[Service]:
    """The service of an index that no other can take the place of, if that is one; else what was found before."""
    for everywhere in (False, True):
        scene = bench.scene(service.index, everywhere=everywhere)
        again = yield from _service(bench, query, service.index, scene)
        if again.verdict is Verdict.HOLDS:
            return again
    return service


def chosen(root: Node) -> tuple[str, ...]:
    """The scans of the plan that the planner makes by its own settings and statistics: "Seq Scan on jobs"."""
    return tuple(text for _, text in scans(root))


def scans(root: Node) -> Iterator[tuple[Node, str]]:
    """The nodes of a plan that read tables or indexes, each with its words."""
    for node in root.walk():
        if node.kind != "ModifyTable" and (node.relation or node.index):
            yield node, node.summary


def vacant(bench: Bench, query: Prepared) -> tuple[str, ...]:
    """The partitioned tables in the query that have no partition: there is nothing to plan for them."""
    words = names_in(query.text)
    return tuple(table.name for table in bench.snapshot.tables if table.vacant and table.name in words)


def _service(bench: Bench, query: Prepared, index: Index, scene: Scene) -> Asking[Service]:
    if not index.valid:
        return Service(index=index, verdict=Verdict.FAILS, reason="it is invalid, so the planner leaves it out")
    members = isolation.family(bench.snapshot, (index,))
    looked = _Look(query, scene)
    settings, scan, root = yield from _scan_of(looked, members)
    if scan is None:
        return _unused(bench, query, root, index, members)
    order = yield from _order(looked, members)
    return _judged(bench, index, scan, (question(query, settings, scene), root), order)


def _done(bench: Bench, query: Prepared, index: Index, chosen: Answered) -> Service | None:
    """The service that a plan shows which the planner makes by itself, if there is no more to it.

    What is done can be done: no other way has to be closed for that.
    """
    _, root = chosen
    scan = _does_all(root, isolation.family(bench.snapshot, (index,))) if index.valid else None
    if scan is None:
        return None
    order = Order.INDEX if has_order(query.text) else Order.NONE
    service = _judged(bench, index, scan, chosen, (order, ()))
    return service if service.verdict is Verdict.HOLDS else None


def _judged(
    bench: Bench, index: Index, scan: Node, shown: Answered, ordered: tuple[Order, tuple[str, ...]]
) -> Service:
    """What a scan of the index does, in the plan of a question; `ordered` says who gives the order."""
    keys = bounded(scan, index)
    filters = conjuncts(scan.filter)
    order, sort_key = ordered
    asked, root = shown
    served = Service(
        index=index,
        verdict=Verdict.HOLDS,
        keys=keys,
        conditions=conjuncts(scan.index_condition),
        rechecks=_rechecks(scan),
        filters=filters,
        order=order,
        sort_key=sort_key,
        node=plan.name_of(root, scan),
        question=asked,
    )
    first = _text(index.keys[0]) if index.keys else ""
    if first in keys or index.predicate or order in (Order.INDEX, Order.PREFIX) or index.method != "btree":
        return served
    if bench.hiding is Hiding.NONE:
        reason = "the planner reads all of it, and other ways cannot be hidden in this database"
        return Service(index=index, verdict=Verdict.UNKNOWN, reason=reason)
    reason = f"it can only be read as a whole: no condition of the query bounds its first key, {first}"
    return Service(index=index, verdict=Verdict.FAILS, keys=keys, filters=filters, order=order, reason=reason)


def _unused(bench: Bench, query: Prepared, root: Node, index: Index, members: Sequence[Index]) -> Service:
    """The verdict where no way led to a scan of the index."""
    if matches_nothing(root):
        empty = vacant(bench, query)
        reason = (
            f"there is nothing to plan for, since {empty[0]} has no partition yet"
            if empty
            else "the query contradicts itself, so the planner reads no table at all"
        )
        return Service(index=index, verdict=Verdict.UNKNOWN, reason=reason)
    tables = {(index.schema, index.table), *((member.schema, member.table) for member in members)}
    if not any((node.schema, node.relation) in tables for node in root.walk()):
        reason = f"the plan does not read {index.table}"
        return Service(index=index, verdict=Verdict.FAILS, reason=reason)
    others = sorted({node.index for node in root.walk() if node.index} - {member.name for member in members})
    if others and bench.hiding is not Hiding.CATALOG:
        reason = f"the planner takes {' and '.join(others)} instead, which cannot be hidden in this database"
        return Service(index=index, verdict=Verdict.UNKNOWN, reason=reason)
    return Service(index=index, verdict=Verdict.FAILS, reason="no condition and no order of the query fits it")


class _Look:
    """A query in a scene, asked about again and again; `ordered` says that it wants an order."""

    def __init__(self, query: Prepared, scene: Scene) -> None:
        self.query = query
        self.scene = scene
        self.ordered = has_order(query.text)
        self._known: dict[Question, Node] = {}

    def plan(self, *settings: Settings) -> Asking[Node]:
        """The plan under these settings."""
        whole = question(
            self.query, {name: value for each in settings for name, value in each.items()}, self.scene
        )
        if whole not in self._known:
            self._known[whole] = yield from planned(whole)
        return self._known[whole]


def _scan_of(looked: _Look, members: Sequence[Index]) -> Asking[tuple[Settings, Node | None, Node]]:
    """The scan of one of `members` that the query profits from most, over several ways; how it was got, from what.

    Where an order is wanted, the plan that is asked for its sake comes first: often it says all there is to say.
    """
    if looked.ordered:
        settings = {**NO_SEQSCAN, **_NO_SORT}
        root = yield from looked.plan(settings)
        if (scan := _does_all(root, members)) is not None:
            return settings, scan, root
    best: tuple[Settings, Node, Node] | None = None
    first: Node | None = None
    for way in _WAYS:
        settings = {**NO_SEQSCAN, **way}
        root = yield from looked.plan(settings)
        first = first or root
        for scan in scans_of(root, members):
            if best is None or (scan.index_condition and not best[1].index_condition):
                best = settings, scan, root
        if best is not None and best[1].index_condition:
            break
    assert first is not None
    return best or ({}, None, first)


def _does_all(root: Node, members: Sequence[Index]) -> Node | None:
    """The scan of a plan that reads one table by a btree, leaves nothing over, and gives the order.

    Any other plan over the index has the same conditions then.
    """
    read = [node for node in root.walk() if node.relation]
    names = {(index.schema, index.table, index.name) for index in members if index.method == "btree"}
    if len(read) != 1 or (read[0].schema, read[0].relation, read[0].index) not in names:
        return None
    (scan,) = read
    is_all = bool(scan.index_condition) and not scan.filter and order_sources(root) == (scan,)
    return scan if is_all else None


def scans_of(root: Node, members: Sequence[Index]) -> Iterator[Node]:
    """Nodes that scan one of `members`; for a bitmap scan the heap node, with the index's condition."""
    names = {(index.schema, index.table, index.name) for index in members}
    bare_names = {index.name for index in members}
    for node in root.walk():
        if node.index and node.relation and (node.schema, node.relation, node.index) in names:
            yield node
        if node.kind == "Bitmap Heap Scan":
            for part in node.walk():
                if part.kind == "Bitmap Index Scan" and part.index in bare_names:
                    yield Node(
                        kind=part.kind,
                        index=part.index,
                        relation=node.relation,
                        schema=node.schema,
                        alias=node.alias,
                        index_condition=part.index_condition,
                        recheck_condition=node.recheck_condition,
                        filter=node.filter,
                    )


def bounded(scan: Node, index: Index) -> tuple[str, ...]:
    """The index keys that the scan's index condition bounds, in key order. They stand on its left."""
    compared = {text for part in conjuncts(scan.index_condition) for text in subjects(part)}
    return tuple(_text(key) for key in index.keys if _text(key) in compared)


def _rechecks(scan: Node) -> tuple[str, ...]:
    """Conditions that the index only narrows down, so that each row is looked at again (GIN, GiST, hash)."""
    taken = set(conjuncts(scan.index_condition))
    return tuple(part for part in conjuncts(scan.recheck_condition) if part not in taken)


def _text(key: Key) -> str:
    return bare_key(key.expression, is_column=key.is_column)


def _order(looked: _Look, members: Sequence[Index]) -> Asking[tuple[Order, tuple[str, ...]]]:
    """Where the order comes from when sorting is made as dear as can be, and what must be sorted nonetheless."""
    if not looked.ordered:
        return Order.NONE, ()
    names = {index.name for index in members}
    sorted_by: tuple[str, ...] = ()
    for way in ({}, _NESTED):
        sources = order_sources((yield from looked.plan(NO_SEQSCAN, _NO_SORT, way)))
        if all(source.index in names for source in sources):
            return Order.INDEX, ()
        sorted_by = sorted_by or next((s.sort_key for s in sources if s.kind == "Sort"), ())
    half = {**NO_SEQSCAN, **_NO_SORT, "enable_incremental_sort": "on"}
    for source in order_sources((yield from looked.plan(half))):
        if source.presorted_key and any(node.index in names for node in source.walk()):
            rest = source.sort_key[len(source.presorted_key) :]
            return Order.PREFIX, tuple(_without_table(key) for key in rest)
    return Order.SORT, tuple(_without_table(key) for key in sorted_by)


def _without_table(key: str) -> str:
    """A sort key without its table: "jobs.created_at DESC" is "created_at DESC"."""
    head, blank, tail = key.partition(" ")
    return head.rpartition(".")[2] + blank + tail if head.count(".") == 1 and "(" not in head else key
