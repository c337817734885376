"""An EXPLAIN (VERBOSE, FORMAT JSON) result as a tree.

Nodes are told apart by what PostgreSQL prints of them, never by cost: up to 17 a disabled node costs 1e10 more,
since 18 it says so instead (src/backend/commands/explain.c).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A plan node. Conditions are SQL as the server deparses it; "" and () where a node has none.

    `cost` is its total cost in the planner's units, `rows` how many rows it is expected to return: they say
    something where statistics do. `direction` is that of a scan ("Backward"), `operation` what is done to the rows
    of a table ("Update"). `subplan` is the name of the sub-plan that begins here ("InitPlan 1", "CTE x").
    `removed` is how many partitions are not shown, since what EXECUTE was given does not need them.
    """

    kind: str
    relation: str = ""
    schema: str = ""
    alias: str = ""
    index: str = ""
    index_condition: str = ""
    recheck_condition: str = ""
    filter: str = ""
    one_time_filter: str = ""
    sort_key: tuple[str, ...] = ()
    presorted_key: tuple[str, ...] = ()
    strategy: str = ""
    group_key: tuple[str, ...] = ()
    join_type: str = ""
    join_condition: str = ""
    join_filter: str = ""
    direction: str = ""
    operation: str = ""
    parent_relationship: str = ""
    subplan: str = ""
    output: tuple[str, ...] = ()
    cost: float = 0.0
    rows: float = 0.0
    removed: int = 0
    children: tuple[Node, ...] = ()

    def walk(self) -> Iterator[Node]:
        """The node and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def inputs(self) -> tuple[Node, ...]:
        """The children that rows come from (sub-plans and init plans of expressions are none)."""
        return tuple(c for c in self.children if c.parent_relationship not in ("InitPlan", "SubPlan"))

    @property
    def summary(self) -> str:
        """The node in the words of text EXPLAIN: "Index Scan using i on jobs"."""
        using = f" using {self.index}" if self.index else ""
        return f"{self.kind}{using} on {self.relation}" if self.relation else f"{self.kind}{using}"


def name_of(root: Node, wanted: Node) -> str:
    """What tells a scan from all others of its plan: "j", "j#2" for the second of that alias, "j@CTE x".

    As pg_plan_advice of PostgreSQL 19 names relations: alias, occurrence in its sub-plan, sub-plan. Of a
    partition, the alias has a number of its own.
    """
    seen: dict[tuple[str, str], int] = {}
    for node, subplan in _placed(root, ""):
        if not node.alias:
            continue
        seen[node.alias, subplan] = number = seen.get((node.alias, subplan), 0) + 1
        if (node.alias, node.relation) == (wanted.alias, wanted.relation) and _scans(node, wanted.index):
            return f"{node.alias}{f'#{number}' if number > 1 else ''}{f'@{subplan}' if subplan else ''}"
    return wanted.alias


def _scans(node: Node, index: str) -> bool:
    """Whether a scan reads the index ("" for none); a bitmap scan does so below it."""
    if node.kind == "Bitmap Heap Scan":
        return any(part.index == index for part in node.walk() if part.index)
    return node.index == index


def _placed(node: Node, subplan: str) -> Iterator[tuple[Node, str]]:
    """All nodes with the sub-plan that each belongs to ("" for the query itself)."""
    within = node.subplan or subplan
    yield node, within
    for child in node.children:
        yield from _placed(child, within)


def read(document: Any) -> Node:
    """The root node of what EXPLAIN (FORMAT JSON) returned: a list with one object that holds "Plan"."""
    return _node(document[0]["Plan"])


def _node(item: Mapping[str, Any]) -> Node:
    return Node(
        kind=item["Node Type"],
        relation=item.get("Relation Name", ""),
        schema=item.get("Schema", ""),
        alias=item.get("Alias", ""),
        index=item.get("Index Name", ""),
        index_condition=item.get("Index Cond", ""),
        recheck_condition=item.get("Recheck Cond", ""),
        filter=item.get("Filter", ""),
        one_time_filter=str(item.get("One-Time Filter", "")),
        sort_key=tuple(item.get("Sort Key", ())),
        presorted_key=tuple(item.get("Presorted Key", ())),
        strategy=item.get("Strategy", ""),
        group_key=tuple(item.get("Group Key", ())),
        join_type=item.get("Join Type", ""),
        join_condition=item.get("Hash Cond", "") or item.get("Merge Cond", ""),
        join_filter=item.get("Join Filter", ""),
        direction=item.get("Scan Direction", ""),
        operation=item.get("Operation", ""),
        parent_relationship=item.get("Parent Relationship", ""),
        subplan=item.get("Subplan Name", ""),
        output=tuple(item.get("Output", ())),
        cost=float(item.get("Total Cost", 0.0)),
        rows=float(item.get("Plan Rows", 0.0)),
        removed=int(item.get("Subplans Removed", 0)),
        children=tuple(_node(child) for child in item.get("Plans", ())),
    )


# Nodes that hand on the order of their (first) input.
_KEEP_ORDER = frozenset(
    {"Limit", "LockRows", "Result", "Subquery Scan", "Gather Merge", "Unique", "WindowAgg", "Materialize"}
    | {"ProjectSet", "Group", "Nested Loop", "Merge Join", "ModifyTable"}
)
_INDEX_SCANS = frozenset({"Index Scan", "Index Only Scan"})


def order_sources(root: Node) -> tuple[Node, ...]:
    """The nodes that the order of the result comes from: index scans, sorts, or whatever has no order.

    Follows order-preserving nodes down from the root; an Append or Merge Append takes its order from all inputs.
    """
    if root.kind in _INDEX_SCANS or not root.inputs:
        return (root,)
    if root.kind in ("Append", "Merge Append"):
        return tuple(source for child in root.inputs for source in order_sources(child))
    if root.kind in _KEEP_ORDER or (root.kind == "Aggregate" and root.strategy == "Sorted"):
        return order_sources(root.inputs[0])
    return (root,)


def matches_nothing(root: Node) -> bool:
    """Whether the planner proved that no row can match: the plan is a Result under "One-Time Filter: false"."""
    node = _line(root)[-1]
    return node.kind == "Result" and node.one_time_filter == "false" and not node.inputs


def is_counted(root: Node) -> bool:
    """Whether an aggregate without GROUP BY makes one row of all rows, also of none."""
    return any(node.kind == "Aggregate" and node.strategy == "Plain" for node in _line(root))


def _line(root: Node) -> list[Node]:
    """The root and what stands below it, as long as that is one node."""
    line = [root]
    while line[-1].kind != "Result" and len(line[-1].inputs) == 1:
        line.append(line[-1].inputs[0])
    return line
