"""Whether an index holds all that a query reads of its table, so that the table is not looked at.

check_index_only in src/backend/optimizer/path/indxpath.c: where it does, every path over the index is index-only,
so that no statistics are needed to see it.
"""

from __future__ import annotations

from pgproof.catalog.snapshot import Index
from pgproof.explain import isolation
from pgproof.explain.asking import Asking, answered, planned, question
from pgproof.explain.facts import Coverage
from pgproof.explain.plan import Node
from pgproof.explain.planner import Prepared
from pgproof.explain.service import NO_BITMAP, NO_SEQSCAN, Bench
from pgproof.sql.condition import columns


def of(bench: Bench, query: Prepared, index: Index) -> Coverage:
    """What the query reads beside the index. Raises psycopg.Error."""
    return answered(bench.conn, asked(bench, query, index))


def asked(bench: Bench, query: Prepared, index: Index) -> Asking[Coverage]:
    """As `of`, of many queries together."""
    members = isolation.family(bench.snapshot, (index,))
    names = {(each.schema, each.name) for each in members}
    root = yield from planned(question(query, {**NO_SEQSCAN, **NO_BITMAP}, bench.scene(index)))
    found = [node for node in root.walk() if (node.schema, node.index) in names]
    if not found:
        return Coverage(index=index, is_whole=None)
    if all(node.kind == "Index Only Scan" for node in found):
        return Coverage(index=index, is_whole=True)
    held = {key.expression for key in index.keys} | set(index.include)
    outside = dict.fromkeys(name for node in found for name in _read(node) if name not in held)
    return Coverage(index=index, is_whole=False, outside=tuple(outside))


def _read(node: Node) -> list[str]:
    """The columns that a scan returns or looks at."""
    texts = [*node.output, node.filter]
    return [name for text in texts if text for name in sorted(columns(text))]
