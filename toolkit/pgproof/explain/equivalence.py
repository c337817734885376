"""Whether two expressions mean the same, by the server's own normal form.

Both are planned side by side as outputs of one query; EXPLAIN VERBOSE prints them after parsing, type resolution
and constant folding. Nothing is executed, so a read-only transaction is enough.
"""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from pgproof.database import failure
from pgproof.errors import DatabaseError
from pgproof.explain import planner
from pgproof.explain.row import empty_row
from pgproof.explain.service import Bench


def same(
    bench: Bench, pairs: Sequence[tuple[str, str]], *, schema: str = "", table: str = ""
) -> tuple[bool | str, ...]:
    """For each pair of SQL expressions over the columns of `table` ("" for none): equal, or why that is unknown.

    True and False are the server's answer; a string is its error about the pair. Raises DatabaseError if the
    server is lost.
    """
    found = bench.snapshot.table(schema, table) if table else None
    source = f" FROM {empty_row(bench.snapshot, found, table)}" if found else ""
    together = _outputs(bench, [text for pair in pairs for text in pair], source) if pairs else []
    if isinstance(together, list):
        return tuple(one == other for one, other in zip(together[::2], together[1::2], strict=True))
    return tuple(_alone(bench, pair, source) for pair in pairs)


def _alone(bench: Bench, pair: tuple[str, str], source: str) -> bool | str:
    outputs = _outputs(bench, list(pair), source)
    return outputs if isinstance(outputs, str) else outputs[0] == outputs[1]


def _outputs(bench: Bench, expressions: list[str], source: str) -> list[str] | str:
    items = ", ".join(f"({text})" for text in expressions)
    try:
        root = planner.explain_text(bench.conn, f"SELECT {items}{source}")
    except psycopg.Error as error:
        if bench.conn.closed:
            raise DatabaseError(failure.problem(error)) from error
        return error.diag.message_primary or str(error)
    return list(root.output) if len(root.output) == len(expressions) else "the plan does not show the expressions"
