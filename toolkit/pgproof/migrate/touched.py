"""Which tables a plan touches, as far as its text says."""

from __future__ import annotations

from pgproof.migrate.plan import Plan
from pgproof.sql import relations


def tables(plan: Plan) -> frozenset[str]:
    """Names of tables as SQL writes them, of all statements that are to be run."""
    statements = (statement for step in plan.steps for statement in step.section.statements[step.done :])
    return frozenset(name for statement in statements for name in relations.altered(statement))
