"""Plans every documented query at the sizes of the profile, on a copy of the database that the files build."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pgproof.catalog.snapshot import Snapshot, Table
from pgproof.contract.profile import Profile
from pgproof.contract.promise import Size
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.errors import CannotTell
from pgproof.explain import planner
from pgproof.explain.facts import QueryFacts
from pgproof.explain.planner import Prepared
from pgproof.explain.size.exported import load
from pgproof.explain.size.own import OwnDatabase
from pgproof.explain.size.sweep import Asked, Sweep, sweep
from pgproof.flows.stage import now
from pgproof.sql.query import names_in

Sized = tuple[tuple[QueryFacts, ...], tuple[str, ...]]
"""The facts with their plans at size, and in sentences, on what these rest."""


def at_size(
    server: ScratchServer, copy: Conninfo, profile: Profile, snapshot: Snapshot, queries: Sequence[QueryFacts]
) -> Sized:
    """Plan the queries that the server accepts. `copy` is a database of its own, whose files will be written to.

    Raises InputError where the profile has figures that cannot be, DatabaseError where the database is not ours.
    """
    now("planning at production size")
    with OwnDatabase(server, copy) as own:
        asked: list[Asked] = []
        numbers: list[int] = []
        for number, facts in enumerate(queries):
            if facts.problem is None and facts.query.plans:
                with own.conn.transaction(force_rollback=True):
                    prepared = planner.prepare(
                        own.conn, facts.query.text, tuple(p.type for p in facts.query.parameters)
                    )
                    tables = _tables(own, prepared, snapshot)
                asked.append(_asked(facts, prepared, tables))
                numbers.append(number)
        try:
            statistics = load(Path(profile.path).parent / profile.statistics) if profile.statistics else None
            found = sweep(own, profile, snapshot, asked, statistics, _promised(queries)) if asked else Sweep()
        except CannotTell as reason:
            return tuple(queries), tuple(f"{p.message}: {p.detail}" for p in reason.problems)
    sized = list(queries)
    for number, answer in zip(numbers, found.answers, strict=True):
        sized[number] = replace(
            sized[number], sizes=tuple(answer.sizes), alone=tuple(answer.alone), unsized=answer.reason
        )
    return tuple(sized), tuple(found.said)


def _promised(queries: Sequence[QueryFacts]) -> tuple[Size, ...]:
    """The sizes that promises are about."""
    values = (promise.value for facts in queries for promise in facts.query.promises)
    return tuple(dict.fromkeys(each for each in values if isinstance(each, Size)))


def _asked(facts: QueryFacts, prepared: Prepared, tables: frozenset[tuple[str, str]]) -> Asked:
    return Asked(
        prepared=prepared,
        tables=tables,
        uses=tuple(service.index for service in facts.services),
        constants={each.number: each.value for each in facts.query.parameters if each.value},
    )


def _tables(own: OwnDatabase, prepared: Prepared, snapshot: Snapshot) -> frozenset[tuple[str, str]]:
    """The tables that a query may read: those of its plan, and those whose names stand in it."""
    words = names_in(prepared.text)
    root = planner.explain(own.conn, prepared)
    planned = {(node.schema, node.relation) for node in root.walk() if node.relation}
    return frozenset(planned | {(t.schema, t.name) for t in snapshot.tables if _is_named(t, words)})


def _is_named(table: Table, words: frozenset[str]) -> bool:
    return table.name in words and table.kind != "v"
