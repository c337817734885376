"""Gathers what the rules judge: declarations, catalog, and what the server says about every documented query."""

from __future__ import annotations

from functools import cache

from pgproof.contract.promise import Contract
from pgproof.explain import equivalence
from pgproof.explain.isolation import Hiding
from pgproof.explain.service import Bench
from pgproof.explain.study import Spare, studies
from pgproof.migrate.library import Library
from pgproof.rules.rule import Evidence, Same
from pgproof.sql import ddl
from pgproof.sql.declared import Declared
from pgproof.synth.probe.fact import Survey


def gather(bench: Bench, declared: Declared, contract: Contract, spare: Spare, survey: Survey) -> Evidence:
    """The evidence that one session gives. Raises DatabaseError if the server is lost."""
    return Evidence(
        declared=declared,
        snapshot=bench.snapshot,
        contract=contract,
        queries=studies(bench, contract.queries, spare),
        same=_same(bench),
        live=bench.hiding is Hiding.NONE,
        major=bench.conn.info.server_version // 10_000,
        survey=survey,
    )


def declared_in(library: Library) -> Declared:
    """What the files declare. Pure."""
    return ddl.read([s for migration in library.migrations for s in migration.up.statements])


def _same(bench: Bench) -> Same:
    @cache
    def same(schema: str, table: str, one: str, other: str) -> bool | str:
        if one == other:
            return True
        return equivalence.same(bench, [(one, other)], schema=schema, table=table)[0]

    return same
