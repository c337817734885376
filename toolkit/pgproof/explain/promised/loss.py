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
    """What the query does with all other indexes, in which this one must not be seen any more.

    Where others have its name, which plans may have alone (of a bitmap scan), the question that showed the service
    is asked again, too.
    """
    index, shown = service.index, service.question
    assert shown is not None
    members = isolation.family(bench.snapshot, (index,))
    dropped = (_drop(index),)
    asked = [question(query, NO_SEQSCAN, dropped)]
    if any(len(bench.snapshot.indexes_called(member.name)) > 1 for member in members):
        asked.append(replace(shown, scene=(*dropped, *shown.scene)))
    plans: list[Node] = []
    for answer in (yield asked):
        if not isinstance(answer, Node):
            return _undone(index, answer)
        plans.append(answer)
    tables = {index.table, *(member.table for member in members)}
    found = dict.fromkeys(text for node, text in scans(plans[0]) if node.relation in tables or not node.relation)
    is_missed = not any(True for each in plans for _ in scans_of(each, members))
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
