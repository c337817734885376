"""Shows that the promise of an index can fail: the index is dropped, and the same check must turn red.

All is rolled back.
"""

from __future__ import annotations

from dataclasses import replace

import psycopg

from pgproof.catalog.snapshot import Index
from pgproof.explain import isolation
from pgproof.explain.asking import Answer, Asking, Unset, answered, beside, question
from pgproof.explain.facts import Loss, Service
from pgproof.explain.isolation import Hiding
from pgproof.explain.plan import Node
from pgproof.explain.planner import Prepared
from pgproof.explain.service import NO_SEQSCAN, Bench, scans, scans_of
from pgproof.finding import Verdict
from pgproof.sql.name import qualified, quote


def losses(bench: Bench, query: Prepared, served: tuple[Service, ...]) -> tuple[Loss, ...]:
    """What comes of the query without each index that serves it; () where nothing may be dropped."""
    return answered(bench.conn, asked(bench, query, served))


def asked(bench: Bench, query: Prepared, served: tuple[Service, ...]) -> Asking[tuple[Loss, ...]]:
    """As `losses`, of many queries together."""
    if bench.hiding is Hiding.NONE:
        return ()
    holding = [each for each in served if each.verdict is Verdict.HOLDS]
    return tuple((yield from beside([_loss(bench, query, each) for each in holding])))


def _loss(bench: Bench, query: Prepared, service: Service) -> Asking[Loss]:
    """The question that showed the service is asked again, and what the query does with all other indexes."""
    index, shown = service.index, service.question
    assert shown is not None
    members = isolation.family(bench.snapshot, (index,))
    dropped = (_drop(index),)
    again, root = yield (
        replace(shown, scene=(*dropped, *shown.scene)),
        question(query, NO_SEQSCAN, dropped),
    )
    if not isinstance(root, Node) or not isinstance(again, Node):
        return _undone(index, again if isinstance(root, Node) else root)
    tables = {index.table, *(member.table for member in members)}
    found = dict.fromkeys(text for node, text in scans(root) if node.relation in tables or not node.relation)
    is_missed = next(scans_of(again, members), None) is None
    return Loss(index=index, is_missed=is_missed, instead=" and ".join(found))


def _undone(index: Index, answer: Answer) -> Loss:
    """That the index cannot be dropped, or the query not be planned without it."""
    if isinstance(answer, Unset):
        return Loss(index=index, is_missed=None, instead=_said(answer.error))
    assert isinstance(answer, psycopg.Error)
    return Loss(index=index, is_missed=True, instead=f"the server refuses it: {_said(answer)}")


def _said(error: psycopg.Error) -> str:
    return error.diag.message_primary or str(error)


def _drop(index: Index) -> str:
    name = qualified(index.schema, index.name)
    if not index.constraint:
        return f"DROP INDEX {name} CASCADE"
    return f"ALTER TABLE {qualified(index.schema, index.table)} DROP CONSTRAINT {quote(index.constraint)} CASCADE"
