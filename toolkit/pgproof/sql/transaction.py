"""What a statement has to do with transactions: does it begin or end one, can it run inside one?"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from pgproof.sql import grammar, option
from pgproof.sql.grammar import TooDeep
from pgproof.sql.statement import Statement


class Boundary(StrEnum):
    """A statement that begins or ends a transaction block (savepoints do neither)."""

    BEGIN = "begin"
    END = "end"


_BEGINS = frozenset({"TRANS_STMT_BEGIN", "TRANS_STMT_START"})
_ENDS = frozenset({"TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK", "TRANS_STMT_PREPARE"})
_SECOND_PHASE = {
    "TRANS_STMT_COMMIT_PREPARED": "COMMIT PREPARED",
    "TRANS_STMT_ROLLBACK_PREPARED": "ROLLBACK PREPARED",
}
_WHOLE = {
    "REINDEX_OBJECT_SCHEMA": "REINDEX SCHEMA",
    "REINDEX_OBJECT_SYSTEM": "REINDEX SYSTEM",
    "REINDEX_OBJECT_DATABASE": "REINDEX DATABASE",
}
# statements of one node of the grammar that never run in a transaction block
_NEVER = {
    "createdb_stmt": "CREATE DATABASE",
    "dropdb_stmt": "DROP DATABASE",
    "create_table_space_stmt": "CREATE TABLESPACE",
    "drop_table_space_stmt": "DROP TABLESPACE",
    "alter_system_stmt": "ALTER SYSTEM",
}
_REFRESHES = {
    "ALTER_SUBSCRIPTION_REFRESH": "ALTER SUBSCRIPTION ... REFRESH PUBLICATION",
    "ALTER_SUBSCRIPTION_SET_PUBLICATION": "ALTER SUBSCRIPTION ... SET PUBLICATION",
    "ALTER_SUBSCRIPTION_ADD_PUBLICATION": "ALTER SUBSCRIPTION ... ADD PUBLICATION",
    "ALTER_SUBSCRIPTION_DROP_PUBLICATION": "ALTER SUBSCRIPTION ... DROP PUBLICATION",
}
# statements of these kinds are refused only where they say CONCURRENTLY
_ONLY_CONCURRENTLY = frozenset({"index_stmt", "drop_stmt", "alter_table_stmt"})
_CONCURRENTLY = re.compile("concurrently", re.IGNORECASE)


def boundary(statement: Statement) -> Boundary | None:
    """Whether the statement begins or ends a transaction block. Raises GrammarError."""
    if _is_other(statement, "transaction_stmt"):
        return None
    kind, node = _node(statement)
    if kind != "transaction_stmt":
        return None
    word = option.word(node, "kind")
    if word in _BEGINS:
        return Boundary.BEGIN
    return Boundary.END if word in _ENDS else None


def commits(statement: Statement) -> bool:
    """True for COMMIT and END, without a new transaction behind them (AND CHAIN). Raises GrammarError."""
    if _is_other(statement, "transaction_stmt"):
        return False
    kind, node = _node(statement)
    return kind == "transaction_stmt" and option.word(node, "kind") == "TRANS_STMT_COMMIT" and not node.chain


def why_no_transaction(statement: Statement) -> str | None:
    """The command that PostgreSQL refuses inside a transaction block, in capitals, or None.

    These are the callers of the server's `PreventInTransactionBlock` (14 to 18) that a text gives away. What
    depends on the catalog (REINDEX or CLUSTER of a partitioned table, DROP SUBSCRIPTION with a slot) only the
    server can tell (SQLSTATE 25001). ALTER TYPE ... ADD VALUE is allowed since 12. Raises GrammarError.
    """
    if _is_other(statement, *_NEVER, *_JUDGES) or (
        statement.kind in _ONLY_CONCURRENTLY and not _CONCURRENTLY.search(statement.text)
    ):
        return None
    kind, node = _node(statement)
    if kind in _NEVER:
        return _NEVER[kind]
    judge = _JUDGES.get(kind)
    return judge(node) if judge else None


def copies_from_client(statement: Statement) -> bool:
    """True for COPY ... FROM STDIN and COPY ... TO STDOUT. Raises GrammarError."""
    if _is_other(statement, "copy_stmt"):
        return False
    kind, node = _node(statement)
    return kind == "copy_stmt" and not node.filename and not node.is_program


def _index(node: Any) -> str | None:
    return "CREATE INDEX CONCURRENTLY" if node.concurrent else None


def _drop(node: Any) -> str | None:
    return "DROP INDEX CONCURRENTLY" if node.concurrent else None


def _reindex(node: Any) -> str | None:
    if option.truth(node.params, "concurrently", default=False):
        return "REINDEX CONCURRENTLY"
    return _WHOLE.get(option.word(node, "kind"))


def _vacuum(node: Any) -> str | None:
    return "VACUUM" if node.is_vacuumcmd else None


def _cluster(node: Any) -> str | None:
    return None if node.HasField("relation") else "CLUSTER without a table"


def _alter_table(node: Any) -> str | None:
    for command in node.cmds:
        detail = command.alter_table_cmd
        if option.word(detail, "subtype") != "AT_DetachPartition":
            continue
        if getattr(detail, "def").partition_cmd.concurrent:
            return "ALTER TABLE ... DETACH PARTITION CONCURRENTLY"
    return None


def _alter_database(node: Any) -> str | None:
    moves = any(option.def_elem.defname == "tablespace" for option in node.options)
    return "ALTER DATABASE ... SET TABLESPACE" if moves else None


def _discard(node: Any) -> str | None:
    return "DISCARD ALL" if option.word(node, "target") == "DISCARD_ALL" else None


def _transaction(node: Any) -> str | None:
    return _SECOND_PHASE.get(option.word(node, "kind"))


def _create_subscription(node: Any) -> str | None:
    connects = option.truth(node.options, "connect", default=True)
    return "CREATE SUBSCRIPTION" if connects and option.truth(node.options, "create_slot", default=True) else None


def _alter_subscription(node: Any) -> str | None:
    refresh = option.truth(node.options, "refresh", default=True)
    return _REFRESHES.get(option.word(node, "kind")) if refresh else None


_JUDGES = {
    "index_stmt": _index,
    "drop_stmt": _drop,
    "reindex_stmt": _reindex,
    "vacuum_stmt": _vacuum,
    "cluster_stmt": _cluster,
    "alter_table_stmt": _alter_table,
    "alter_database_stmt": _alter_database,
    "discard_stmt": _discard,
    "transaction_stmt": _transaction,
    "create_subscription_stmt": _create_subscription,
    "alter_subscription_stmt": _alter_subscription,
}


def _is_other(statement: Statement, *kinds: str) -> bool:
    """True if the statement is known to be of none of these kinds, so that it need not be parsed again."""
    return bool(statement.kind) and statement.kind not in kinds


def _node(statement: Statement) -> tuple[str, Any]:
    """The kind and tree of a statement; of one whose tree is too deep to be read, "" (and the server tells)."""
    try:
        node: Any = grammar.parse(statement.text).stmts[0].stmt
    except TooDeep:
        return "", None
    kind = str(node.WhichOneof("node"))
    return kind, getattr(node, kind)
