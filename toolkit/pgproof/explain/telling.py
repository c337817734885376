"""A plan in words: what each node reads and why, and what an index did for it.

The names of nodes are PostgreSQL's (14.1 "Using EXPLAIN" of its manual); what they do is said beside them. A node
that has no words here is told by its name alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from pgproof.contract.promise import Values
from pgproof.explain.facts import QueryFacts
from pgproof.explain.plan import Node, order_sources
from pgproof.place import Place
from pgproof.sql.query import has_order

_JOINS = {
    "Inner": "",
    "Left": "; rows of the first without a match stay",
    "Right": "; rows of the second without a match stay",
    "Full": "; rows of either without a match stay",
    "Semi": "; each row of the first at most once",
    "Anti": "; only rows of the first without a match",
    "Right Semi": "; each row of the second at most once",
    "Right Anti": "; only rows of the second without a match",
}
_DOES = {
    "Append": "the rows of one after another",
    "Merge Append": "the rows of all, merged in their order",
    "BitmapAnd": "only rows that are in all of these",
    "BitmapOr": "all rows that are in any of these",
    "CTE Scan": "reads the rows of the WITH query",
    "Foreign Scan": "asks the foreign server",
    "Function Scan": "calls the function, and reads the rows that it returns",
    "Gather": "workers share what is below; their rows come in any order",
    "Gather Merge": "workers share what is below; their rows are merged in order",
    "Group": "one row for each group of rows that come in order",
    "Hash": "keeps these rows in memory, to be found by a hash",
    "Limit": "stops after the rows that LIMIT asks for",
    "LockRows": "locks each row",
    "Materialize": "keeps the rows, to be read again",
    "Memoize": "remembers what was found for the same values",
    "Recursive Union": "the first rows, then what follows from them until there is nothing new",
    "Sample Scan": "reads a sample of the table",
    "SetOp": "compares two results",
    "Subquery Scan": "reads the rows of the subquery",
    "Table Function Scan": "reads the rows that the function makes",
    "Tid Scan": "goes straight to the places of rows",
    "Unique": "leaves out rows that are as the one before",
    "Values Scan": "reads the rows of VALUES",
    "WindowAgg": "computes window functions over rows that come in order",
    "WorkTable Scan": "reads the rows that the last step has found",
}
_AGGREGATES = {
    "Plain": "makes one row of all",
    "Sorted": "one row for each group of rows that come in order",
    "Hashed": "one row for each group, found by a hash in memory",
    "Mixed": "one row for each group, some found by a hash, some in order",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A node in words: its `name`, what it does (`notes`), its estimates, and the steps that it gets rows from.

    `rows` are those that the planner expects it to return, `cost` all that it and what is below costs, in the
    planner's units.
    """

    name: str
    notes: tuple[str, ...]
    rows: float
    cost: float
    steps: tuple[Step, ...]

    @property
    def shape(self) -> tuple[object, ...]:
        """The same without figures."""
        return (self.name, self.notes, *(each.shape for each in self.steps))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A plan, and when it is made: with these `values`, at these `sizes`, smallest first.

    The figures are those of the last size. Without sizes it is made with the statistics that the database has now.
    """

    sizes: tuple[float, ...]
    values: Values
    root: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The plans of a query, which stands at `place` if it is documented; and in sentences, on what they rest."""

    query: str
    place: Place | None
    server: str
    said: tuple[str, ...]
    plans: tuple[Told, ...]


def told(root: Node, *, ordered: bool) -> Step:
    """The plan whose root that is; of a query that asks for an order (`ordered`), who gives it. Pure."""
    return _step(root, {id(node) for node in order_sources(root)} if ordered else set())


def plans(facts: QueryFacts) -> Iterator[Told]:
    """The plans of a query that differ in more than figures, each at the sizes at which it is made. Pure."""
    ordered = has_order(facts.query.text)
    sized = [each for each in facts.sizes if each.n_distinct == 1]
    for values in Values:
        mine = sorted((each for each in sized if each.values is values), key=lambda each: each.size)
        for _, group in groupby(mine, key=lambda each: told(each.root, ordered=ordered).shape):
            same = list(group)
            yield Told(
                sizes=tuple(each.size for each in same),
                values=values,
                root=told(same[-1].root, ordered=ordered),
            )


def _step(node: Node, ordering: set[int]) -> Step:
    return Step(
        name=_name(node),
        notes=tuple(_notes(node, id(node) in ordering)),
        rows=node.rows,
        cost=node.cost,
        steps=tuple(_step(child, ordering) for child in node.children),
    )


def _name(node: Node) -> str:
    kind = f"{node.kind} Backward" if node.direction == "Backward" else node.kind
    if node.kind == "Aggregate" and node.strategy == "Hashed":
        kind = "HashAggregate"
    if node.kind == "ModifyTable" and node.operation:
        kind = node.operation
    using = f" using {node.index}" if node.index else ""
    on = f" on {node.relation}" if node.relation else ""
    alias = f" {node.alias}" if node.relation and node.alias != node.relation else ""
    subplan = f"{node.subplan}: " if node.subplan else ""
    return f"{subplan}{kind}{using}{on}{alias}"


def _notes(node: Node, gives_order: bool) -> Iterator[str]:
    yield from _reading(node)
    yield from _making(node)
    if gives_order and node.index and node.kind in ("Index Scan", "Index Only Scan"):
        yield "rows come in the order of the index: nothing has to be sorted"
    if node.recheck_condition and node.kind == "Bitmap Heap Scan":
        yield f"looks again, where the bitmap knows the page alone: {_plain(node.recheck_condition)}"
    if node.filter:
        yield f"reads each of these rows, and drops it unless {_plain(node.filter)}"
    if node.one_time_filter:
        yield (
            "no row can match: the planner has proved it"
            if node.one_time_filter == "false"
            else f"nothing is read unless {_plain(node.one_time_filter)}"
        )


def _reading(node: Node) -> Iterator[str]:
    """What a scan reads, and where an index leads."""
    match node.kind:
        case "Index Scan" | "Index Only Scan":
            where = _plain(node.index_condition)
            yield f"the index leads to the rows where {where}" if where else "goes through the whole index"
            if node.kind == "Index Only Scan":
                yield "the index has all that is asked for: the table is read where pages changed lately alone"
        case "Bitmap Index Scan":
            where = _plain(node.index_condition)
            yield f"notes the rows where {where}" if where else "notes all rows of the index"
        case "Bitmap Heap Scan":
            yield "reads the pages of the rows that were noted, in the order of the table"
        case "Seq Scan":
            yield "reads the whole table"


def _making(node: Node) -> Iterator[str]:
    """What is done with rows."""
    match node.kind:
        case "Sort":
            yield f"sorts all rows by {', '.join(node.sort_key)}"
        case "Incremental Sort":
            rest = node.sort_key[len(node.presorted_key) :]
            yield f"rows come in the order of {', '.join(node.presorted_key)}: sorts each run by {', '.join(rest)}"
        case "Nested Loop":
            where = f", kept where {_plain(node.join_filter)}" if node.join_filter else ""
            yield f"for each row of the first, reads the second{where}{_JOINS.get(node.join_type, '')}"
        case "Hash Join" | "Merge Join":
            how = "looks up each row of the first by its hash" if node.kind == "Hash Join" else "goes through both"
            more = f" and {_plain(node.join_filter)}" if node.join_filter else ""
            where = f"{_plain(node.join_condition)}{more}"
            yield f"{how}: {where}{_JOINS.get(node.join_type, '')}"
        case "Aggregate":
            by = f": {', '.join(node.group_key)}" if node.group_key else ""
            yield f"{_AGGREGATES.get(node.strategy, 'makes one row of each group')}{by}"
        case "Group":
            yield f"{_DOES['Group']}: {', '.join(node.group_key)}"
        case "ModifyTable":
            yield "changes the rows that come from below"
        case kind if kind in _DOES:
            yield _DOES[kind]


def _plain(condition: str) -> str:
    """A condition without the parentheses around all of it."""
    depth = 0
    for place, sign in enumerate(condition):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and place < len(condition) - 1:
            return condition
    return condition[1:-1] if condition.startswith("(") and condition.endswith(")") else condition
