"""Which indexes can serve a query of which nobody has said so, and what it looks at without one."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.snapshot import Index
from pgproof.explain import planner
from pgproof.explain.facts import Service, Unserved
from pgproof.explain.planner import Prepared
from pgproof.explain.service import NO_SEQSCAN, Bench, services
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
    found = (services(bench, query, (index,))[0] for index in read(bench, query))
    return tuple(service for service in found if service.verdict is Verdict.HOLDS)


def unserved(bench: Bench, query: Prepared, served: tuple[Service, ...]) -> tuple[Unserved, ...]:
    """The tables with conditions that no index decides, none of whose indexes serves. Raises psycopg.Error."""
    return tuple(dict.fromkeys(_unserved(bench, query, {service.index.table for service in served})))


def _unserved(bench: Bench, query: Prepared, served: set[str]) -> Iterator[Unserved]:
    for node in planner.explain(bench.conn, query, NO_SEQSCAN).walk():
        is_whole = node.kind in _WHOLE and not node.index_condition
        is_known = bench.snapshot.table(node.schema, node.relation) is not None
        if is_whole and node.filter and is_known and node.relation not in served:
            yield Unserved(node.relation, node.filter)
