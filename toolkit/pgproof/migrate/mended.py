"""Which invalid indexes a plan itself drops or builds again."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.database.connection import Connection
from pgproof.migrate import journal, recovery
from pgproof.migrate.plan import Plan, Step
from pgproof.sql.outside import Effect, outside

_KINDS = frozenset({"index_stmt", "reindex_stmt", "drop_stmt"})
_NAMES = "SELECT pg_catalog.to_regclass(name)::text FROM pg_catalog.unnest(%s::text[]) AS named (name)"


def mended(conn: Connection, plan: Plan) -> frozenset[str]:
    """Names of indexes, as regclass writes them: what earlier attempts left, and what files drop or reindex.

    Only of files without a transaction. Raises psycopg.Error.
    """
    found = [name for step in plan.steps if not step.section.transactional for name in _of_step(conn, step)]
    return frozenset(name for (name,) in conn.execute(_NAMES, [found]) if name)


def _of_step(conn: Connection, step: Step) -> Iterator[str]:
    last = journal.last_attempt(conn, step) if step.resumes else None
    for number, statement in enumerate(step.section.statements[step.done :], step.done + 1):
        if statement.kind not in _KINDS:
            continue
        about = outside(statement)
        noted = last.before if last and number == last.number else None
        yield from (each.qualified for each in recovery.leftovers(conn, about, noted))
        if about.effect is Effect.INDEX_DROPPED:
            yield about.name
        elif about.effect is Effect.REINDEXED and about.table:
            yield about.table
