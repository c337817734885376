"""The index that would make a promise hold, made in a database of its own and planned with at production size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import replace

from pgproof.catalog.read import read as read_catalog
from pgproof.contract.profile import Profile
from pgproof.contract.promise import Served, Values
from pgproof.database import failure
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.explain import advice, planner
from pgproof.explain.facts import Proposal, QueryFacts
from pgproof.explain.service import Bench
from pgproof.finding import Verdict
from pgproof.flows import sized
from pgproof.flows.stage import now

Fresh = Callable[[], AbstractContextManager[Conninfo]]
"""Gives a new database that the files have built, until its end."""


def advised(
    bench: Bench, server: ScratchServer, fresh: Fresh, profile: Profile, queries: Sequence[QueryFacts]
) -> tuple[QueryFacts, ...]:
    """The facts; where an index does not do what it is said to, with one that would. Raises DatabaseError."""
    return tuple(
        replace(facts, proposal=proposal)
        if (proposal := next(_proposals(bench, server, fresh, profile, facts), None))
        else facts
        for facts in queries
    )


def _proposals(
    bench: Bench, server: ScratchServer, fresh: Fresh, profile: Profile, facts: QueryFacts
) -> Iterator[Proposal]:
    """Those that the planner takes at every size, smallest first."""
    for definition in _definitions(bench, facts):
        now("trying indexes", definition)
        with fresh() as database:
            proposal = _at_size(server, database, profile, facts, definition)
        if proposal:
            yield proposal


def _definitions(bench: Bench, facts: QueryFacts) -> tuple[str, ...]:
    if facts.problem or facts.alternatives or facts.fallback:
        return ()
    if facts.advice:
        return (facts.advice,)
    failing = [service.index for service in facts.services if service.verdict is Verdict.FAILS]
    if not failing and not facts.missing:
        return ()
    with failure.told():
        query = planner.prepare(bench.conn, facts.query.text, tuple(p.type for p in facts.query.parameters))
        read = [
            (node.schema, node.relation) for node in planner.explain(bench.conn, query).walk() if node.relation
        ]
        where = [(index.schema, index.table) for index in failing] or read
        table = bench.snapshot.table(*where[0]) if where else None
        if table is None:
            return ()
        return advice.fitting(bench, query, table, ordered=Served.ORDER in facts.query.serves)


def _at_size(
    server: ScratchServer, database: Conninfo, profile: Profile, facts: QueryFacts, definition: str
) -> Proposal | None:
    """What comes of the index; None where the planner leaves it alone at the largest size."""
    with closing(connect(database)) as conn, failure.told():
        conn.execute(definition.encode())
        snapshot = read_catalog(conn)
        name, _, others = advice.latest(conn)
    plain = replace(facts, services=())
    (planned,), _ = sized.at_size(server, database, profile, snapshot, (plain,))
    plans = [each for each in planned.sizes if each.n_distinct == 1]
    if not plans:
        return None
    largest = max(each.size for each in plans)
    usual = [each for each in plans if each.size == largest and each.values is Values.GENERIC]
    if not all(any(node.index == name for node in each.root.walk()) for each in usual):
        return None
    with closing(connect(database)) as conn, failure.told():
        _, size, _ = advice.latest(conn)
    return Proposal(definition=definition, sizes=tuple(plans), size=largest, bytes=size, indexes=others)
