"""What a plan reads of the tables that its query names: those that the planner took out are read by nobody."""

from __future__ import annotations

from pgproof.catalog.snapshot import Snapshot
from pgproof.explain.plan import Node
from pgproof.sql.query import tables_in


def unread(snapshot: Snapshot, text: str, root: Node) -> tuple[str, ...]:
    """The tables in the text of a query that its plan does not read, in order of their names.

    A partitioned table, or one with children, is read where one of them is; a view is read by its own query.
    """
    read = {(node.schema, node.relation) for node in root.walk() if node.relation}
    aliases = {node.alias.rpartition("_")[0] or node.alias for node in root.walk()}
    aliases |= {node.alias for node in root.walk()}
    found = []
    for schema, name, alias in tables_in(text):
        table = snapshot.table(schema, name)
        if table is None or table.kind not in "rmf" or table.vacant:
            continue
        if (table.schema, table.name) not in read and alias not in aliases:
            found.append(table.name)
    return tuple(dict.fromkeys(found))
