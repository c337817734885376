"""Shows that the promise of an index can fail: the index is dropped, and the same check must turn red.

All is rolled back.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

from pgproof.catalog.snapshot import Index
from pgproof.explain import isolation, planner
from pgproof.explain.facts import Loss, Service
from pgproof.explain.isolation import Hiding
from pgproof.explain.planner import Prepared
from pgproof.explain.service import NO_SEQSCAN, Bench, scans, services
from pgproof.finding import Verdict


def losses(bench: Bench, query: Prepared, served: tuple[Service, ...]) -> tuple[Loss, ...]:
    """What comes of the query without each index that serves it; () where nothing may be dropped."""
    if bench.hiding is Hiding.NONE:
        return ()
    return tuple(_loss(bench, query, each) for each in served if each.verdict is Verdict.HOLDS)


def _loss(bench: Bench, query: Prepared, service: Service) -> Loss:
    index = service.index
    members = isolation.family(bench.snapshot, (index,))
    with planner.savepoint(bench.conn):
        try:
            bench.conn.execute(_drop(index))
        except psycopg.Error as error:
            if bench.conn.closed:
                raise
            return Loss(index=index, is_missed=None, instead=error.diag.message_primary or str(error))
        try:
            again = services(bench, query, (index,))[0]
            root = planner.explain(bench.conn, query, NO_SEQSCAN)
        except psycopg.Error as error:
            if bench.conn.closed:
                raise
            message = error.diag.message_primary or str(error)
            return Loss(index=index, is_missed=True, instead=f"the server refuses it: {message}")
    tables = {index.table, *(member.table for member in members)}
    found = dict.fromkeys(text for node, text in scans(root) if node.relation in tables or not node.relation)
    return Loss(index=index, is_missed=again.verdict is not Verdict.HOLDS, instead=" and ".join(found))


def _drop(index: Index) -> sql.Composed:
    if index.constraint:
        table = sql.Identifier(index.schema, index.table)
        name = sql.Identifier(index.constraint)
        return sql.SQL("ALTER TABLE {} DROP CONSTRAINT {} CASCADE").format(table, name)
    return sql.SQL("DROP INDEX {} CASCADE").format(sql.Identifier(index.schema, index.name))
