"""Which tables a plan touches, as far as its text says."""

from __future__ import annotations

from pgproof.migrate.plan import Plan
from pgproof.sql import relations

_ENOUGH = 100


def tables(plan: Plan) -> frozenset[str]:
    """Names of tables as SQL writes them, of the statements that are to be run first.

    Of a plan of many steps the first hundred are looked at: most of their tables are not there before them, and
    those that are there and old are touched by few.
    """
    steps = plan.steps[:_ENOUGH]
    statements = (statement for step in steps for statement in step.section.statements[step.done :])
    return frozenset(name for statement in statements for name in relations.altered(statement))
