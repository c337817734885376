"""Columns that an INSERT of any form leaves out although they are NOT NULL and nothing fills them in.

The planner completes the rows of an INSERT to the table's columns: what has neither a value nor a default is a
typed NULL in the target list below ModifyTable (rewriteTargetListIU in src/backend/rewrite/rewriteHandler.c,
expand_insert_targetlist in src/backend/optimizer/prep/preptlist.c). So it is seen of INSERT ... SELECT and of
ON CONFLICT, too, whose values are not in the text. NOT NULL is checked before a conflict is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgproof.catalog.snapshot import Table
from pgproof.explain import planner, trigger
from pgproof.explain.facts import Refusal
from pgproof.explain.plan import Node
from pgproof.explain.planner import Prepared
from pgproof.explain.service import Bench
from pgproof.finding import Verdict

_NULL = re.compile(r"\(?NULL::.+")
_NOT_NULL_VIOLATION = "23502"


def left_out(bench: Bench, query: Prepared) -> tuple[Refusal, ...]:
    """The NOT NULLs that refuse every row of an INSERT, in column order. Raises psycopg.Error.

    A column that a trigger may fill in is none of them.
    """
    found: list[Refusal] = []
    for node in planner.explain(bench.conn, query).walk():
        table = bench.snapshot.table(node.schema, node.relation) if node.operation == "Insert" else None
        if table is not None and table.kind in "rp" and node.inputs:
            found += _of(bench, table, node)
    return tuple(found)


def _of(bench: Bench, table: Table, node: Node) -> Iterator[Refusal]:
    """The refusals of one table. The output of the node below has its columns by number, dropped ones included."""
    written = node.inputs[0].output
    triggers = trigger.of(bench.snapshot, table, "INSERT")
    for column in bench.snapshot.columns_of(table):
        is_filled = column.generated or column.identity or column.domain or column.default is not None
        if not column.not_null or is_filled or column.position > len(written):
            continue
        if not _NULL.fullmatch(written[column.position - 1]):
            continue
        if any(trigger.may_change(each, column.name) for each in triggers):
            continue
        yield Refusal(
            table=table.name,
            constraint=f"{column.name} NOT NULL",
            sqlstate=_NOT_NULL_VIOLATION,
            verdict=Verdict.FAILS,
            values=((column.name, "NULL"),),
            definition="NOT NULL",
        )
