"""Why two majors plan the same query in other ways, where that is known and right on both.

Measured on 14 to 18. As of 17 the planner leaves out `IS NOT NULL` of a NOT NULL column, so that an index that has
it as its predicate does not fit any more; as of 18 it makes one `= ANY` of ORs, takes
self-joins on a unique key out, and can skip over the leading key of an index.
"""

from __future__ import annotations

from collections import Counter

from pgproof.catalog.snapshot import Index, Snapshot
from pgproof.explain.plan import Node
from pgproof.sql.condition import conjuncts, null_test

NULL_TESTS_GO = 17
"""The major as of which IS NOT NULL of a NOT NULL column is no condition any more."""
SKIPS = 18
"""The major as of which a btree's leading key may be skipped over."""


def explained(older: Node, newer: Node) -> tuple[str, ...]:
    """What the newer plan has that no older planner could do, as sentences; () where nothing of that is known."""
    said = []
    if (
        _has_bitmap_or(older)
        and not _has_bitmap_or(newer)
        and any("= ANY" in n.index_condition for n in newer.walk())
    ):
        said.append("the ORs are one condition (= ANY), so that the index is scanned once, not by a BitmapOr")
    gone = _scans(older) - _scans(newer)
    said += [
        f"the self-join of {relation} is taken out: one scan of it is enough"
        for (schema, relation) in sorted(gone)
        if (schema, relation) in _scans(newer)
    ]
    return tuple(said)


def needless_test(snapshot: Snapshot, index: Index) -> str:
    """The NOT NULL column of which the predicate of an index says IS NOT NULL, "" if there is none."""
    table = snapshot.table(index.schema, index.table)
    never_null = {c.name for c in snapshot.columns_of(table) if c.not_null} if table else set()
    tested = (null_test(part) for part in conjuncts(index.predicate or ""))
    return next((column for column in tested if column in never_null), "")


def _has_bitmap_or(root: Node) -> bool:
    return any(node.kind == "BitmapOr" for node in root.walk())


def _scans(root: Node) -> Counter[tuple[str, str]]:
    read = (node for node in root.walk() if node.relation and node.kind != "ModifyTable")
    return Counter((node.schema, node.relation) for node in read)
