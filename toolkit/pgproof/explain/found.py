"""Which indexes can serve a query of which nobody has said so, and what it looks at without one."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.snapshot import Index
from pgproof.explain import planner, service
from pgproof.explain.asking import Asking, answered, beside
from pgproof.explain.facts import Service, Unserved
from pgproof.explain.planner import Prepared
from pgproof.explain.service import NO_SEQSCAN, Bench
from pgproof.finding import Verdict
from pgproof.sql.query import names_in

_WHOLE = ("Seq Scan", "Index Scan", "Index Only Scan")


def read(bench: Bench, query: Prepared) -> tuple[Index, ...]:
    """The indexes of the tables that a query reads, or names; of partitioned ones the whole index."""
    words = names_in(query.text)
    planned = {(node.schema, node.relation) for node in planner.explain(bench.conn, query).walk()}
    tables = {(t.schema, t.name) for t in bench.snapshot.tables if t.name in words and t.kind != "v"} | planned
    return tuple(i for i in bench.snapshot.indexes if (i.schema, i.table) in tables and not i.parent)


def serving(bench: Bench, query: Prepared) -> tuple[Service, ...]:
    """The indexes that serve a query, each seen alone. Raises psycopg.Error."""
    return answered(bench.conn, asked(bench, query))


def asked(bench: Bench, query: Prepared) -> Asking[tuple[Service, ...]]:
    """As `serving`, of many queries together."""
    askings = [service.asked(bench, query, (index,)) for index in read(bench, query)]
    found = [each for (each,) in (yield from beside(askings))]
    return tuple(each for each in found if each.verdict is Verdict.HOLDS)


def unserved(bench: Bench, query: Prepared, served: tuple[Service, ...]) -> tuple[Unserved, ...]:
    """The tables with conditions that no index decides, none of whose indexes serves. Raises psycopg.Error."""
    return tuple(dict.fromkeys(_unserved(bench, query, {each.index.table for each in served})))


def _unserved(bench: Bench, query: Prepared, served: set[str]) -> Iterator[Unserved]:
    for node in planner.explain(bench.conn, query, NO_SEQSCAN).walk():
        is_whole = node.kind in _WHOLE and not node.index_condition
        is_known = bench.snapshot.table(node.schema, node.relation) is not None
        if is_whole and node.filter and is_known and node.relation not in served:
            yield Unserved(node.relation, node.filter)
