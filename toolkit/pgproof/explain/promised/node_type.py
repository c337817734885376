"""The nodes of plans, by the words that people have for them, and the planner's setting that is against each.

The words are EXPLAIN's (src/backend/commands/explain.c), the settings those of 19.7.1 in the manual.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pgproof.contract.promise import Forbidden
from pgproof.explain.plan import Node, order_sources
from pgproof.explain.planner import Settings

# words of people -> what EXPLAIN calls the nodes
KINDS: dict[str, tuple[str, ...]] = {
    "sequential scan": ("Seq Scan",),
    "bitmap scan": ("Bitmap Heap Scan",),
    "sort": ("Sort", "Incremental Sort"),
    "hash": ("Hash",),
    "hashaggregate": ("Aggregate Hashed",),
    "groupaggregate": ("Aggregate Sorted",),
    "aggregate": ("Aggregate", "Aggregate Hashed", "Aggregate Sorted", "Aggregate Plain", "Aggregate Mixed"),
    **{
        name.lower(): (name,)
        for name in (
            "Append, Bitmap Heap Scan, Bitmap Index Scan, CTE Scan, Custom Scan, Foreign Scan, Function Scan, "
            "Gather, Gather Merge, Group, Hash Join, Incremental Sort, Index Only Scan, Index Scan, Limit, "
            "LockRows, Materialize, Memoize, Merge Append, Merge Join, Nested Loop, ProjectSet, Recursive Union, "
            "Result, Sample Scan, Seq Scan, SetOp, Subquery Scan, Table Function Scan, Tid Range Scan, Tid Scan, "
            "Unique, Values Scan, WindowAgg, WorkTable Scan"
        ).split(", ")
    },
}
_AGAINST = {
    "Seq Scan": "enable_seqscan",
    "Index Scan": "enable_indexscan",
    "Index Only Scan": "enable_indexonlyscan",
    "Bitmap Heap Scan": "enable_bitmapscan",
    "Bitmap Index Scan": "enable_bitmapscan",
    "Tid Scan": "enable_tidscan",
    "Tid Range Scan": "enable_tidscan",
    "Sort": "enable_sort",
    "Incremental Sort": "enable_incremental_sort",
    "Hash Join": "enable_hashjoin",
    "Hash": "enable_hashjoin",
    "Merge Join": "enable_mergejoin",
    "Nested Loop": "enable_nestloop",
    "Materialize": "enable_material",
    "Memoize": "enable_memoize",
    "Aggregate Hashed": "enable_hashagg",
}


def against(forbidden: Iterable[Forbidden]) -> Settings:
    """The settings under which the planner does without these nodes wherever it can."""
    kinds = [kind for each in forbidden for kind in KINDS[each.kind]]
    return {_AGAINST[kind]: "off" for kind in kinds if kind in _AGAINST}


def read_whole(root: Node, forbidden: Forbidden, *, asks_order: bool) -> Iterator[Node]:
    """Where a Seq Scan is forbidden, the scans that read a whole index instead, and not for an order asked for."""
    if "Seq Scan" not in KINDS[forbidden.kind]:
        return
    ordered = order_sources(root) if asks_order else ()
    for node in root.walk():
        whole = node.kind in ("Index Scan", "Index Only Scan") and not node.index_condition
        if whole and node not in ordered and forbidden.table in ("", *names_of(node)):
            yield node


def found(root: Node, forbidden: Forbidden) -> Iterator[Node]:
    """The nodes of a plan that are forbidden. A partition stands for its table by the name of the alias."""
    for node in root.walk():
        kind = f"{node.kind} {node.strategy}".rstrip() if node.kind == "Aggregate" else node.kind
        if kind not in KINDS[forbidden.kind]:
            continue
        if forbidden.table in ("", *names_of(node)):
            yield node


def names_of(node: Node) -> tuple[str, str, str]:
    """What people call a scan's table: its name or alias; a partition has that of the whole, with a number."""
    return node.relation, node.alias, node.alias.rpartition("_")[0]
