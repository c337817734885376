"""Which tables that are there already a statement alters: the ones it takes strong locks on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pgproof.sql import grammar
from pgproof.sql.name import qualified, quote
from pgproof.sql.statement import Statement

# kind of statement -> its field that names the table
_TABLE = {
    "alter_table_stmt": "relation",
    "index_stmt": "relation",
    "create_trig_stmt": "relation",
    "rule_stmt": "relation",
    "rename_stmt": "relation",
    "create_policy_stmt": "table",
    "insert_stmt": "relation",
    "update_stmt": "relation",
    "delete_stmt": "relation",
    "cluster_stmt": "relation",
    "reindex_stmt": "relation",
}


def altered(statement: Statement) -> Iterator[str]:
    """Names of tables as SQL writes them. A statement that creates its table alters none. Raises GrammarError."""
    if statement.kind in {"create_stmt", "comment_stmt"}:
        return
    node: Any = grammar.parse(statement.text).stmts[0].stmt
    kind = str(node.WhichOneof("node"))
    detail = getattr(node, kind)
    if kind in _TABLE:
        yield from _name(getattr(detail, _TABLE[kind]))
    elif kind == "truncate_stmt":
        for each in detail.relations:
            yield from _name(each.range_var)
    elif kind == "vacuum_stmt":
        for each in detail.rels:
            yield from _name(each.vacuum_relation.relation)
    elif kind == "drop_stmt":
        for each in detail.objects:
            words = [str(item.string.sval) for item in each.list.items]
            if words:
                yield ".".join(map(quote, words))


def _name(relation: Any) -> Iterator[str]:
    if relation.relname:
        name = str(relation.relname)
        yield qualified(relation.schemaname, name) if relation.schemaname else quote(name)
