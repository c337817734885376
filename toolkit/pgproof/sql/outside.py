"""What a statement that cannot run in a transaction is about: what one can see afterwards if it has landed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pgproof.sql import grammar
from pgproof.sql.name import qualified, quote
from pgproof.sql.statement import Statement


class Effect(StrEnum):
    """What is different when it has landed. The last two are not to be seen."""

    INDEX_BUILT = "index built"
    INDEX_DROPPED = "index dropped"
    REINDEXED = "reindexed"
    PARTITION_DETACHED = "partition detached"
    DATABASE_CREATED = "database created"
    DATABASE_DROPPED = "database dropped"
    TABLESPACE_CREATED = "tablespace created"
    TABLESPACE_DROPPED = "tablespace dropped"
    SUBSCRIPTION_CREATED = "subscription created"
    SUBSCRIPTION_DROPPED = "subscription dropped"
    PREPARED_ENDED = "prepared transaction ended"
    SAME_AGAIN = "the same when done again"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The effect and whom it is about.

    `table` and the `name` of a relation that is there before are SQL, quoted and qualified as written; any other
    `name` (of the index to be built, a database, a prepared transaction) is as it will be in the catalog.
    """

    effect: Effect
    name: str = ""
    table: str = ""


_NAMED = {
    "createdb_stmt": (Effect.DATABASE_CREATED, "dbname"),
    "dropdb_stmt": (Effect.DATABASE_DROPPED, "dbname"),
    "create_table_space_stmt": (Effect.TABLESPACE_CREATED, "tablespacename"),
    "drop_table_space_stmt": (Effect.TABLESPACE_DROPPED, "tablespacename"),
    "create_subscription_stmt": (Effect.SUBSCRIPTION_CREATED, "subname"),
    "drop_subscription_stmt": (Effect.SUBSCRIPTION_DROPPED, "subname"),
}
_SAME_AGAIN = frozenset(
    """vacuum_stmt cluster_stmt alter_system_stmt alter_database_stmt alter_subscription_stmt discard_stmt
    check_point_stmt variable_set_stmt variable_show_stmt""".split()
)


def outside(statement: Statement) -> Outside:
    """What the statement is about. Raises GrammarError."""
    node: Any = grammar.parse(statement.text).stmts[0].stmt
    kind = str(node.WhichOneof("node"))
    detail = getattr(node, kind)
    if kind in _NAMED:
        effect, field = _NAMED[kind]
        return Outside(effect=effect, name=str(getattr(detail, field)))
    if kind in _SAME_AGAIN:
        return Outside(effect=Effect.SAME_AGAIN)
    judge = _JUDGES.get(kind)
    return judge(detail) if judge else Outside(effect=Effect.UNSEEN)


def _index(node: Any) -> Outside:
    return Outside(effect=Effect.INDEX_BUILT, name=str(node.idxname), table=_relation(node.relation))


def _drop(node: Any) -> Outside:
    if not node.concurrent:
        return Outside(effect=Effect.UNSEEN)
    words = [str(item.string.sval) for item in node.objects[0].list.items]
    return Outside(effect=Effect.INDEX_DROPPED, name=".".join(map(quote, words)))


def _reindex(node: Any) -> Outside:
    relation = _relation(node.relation) if node.HasField("relation") else ""
    return Outside(effect=Effect.REINDEXED, name=str(node.name), table=relation)


def _alter_table(node: Any) -> Outside:
    for command in node.cmds:
        partition = getattr(command.alter_table_cmd, "def").partition_cmd
        if partition.concurrent:
            return Outside(
                effect=Effect.PARTITION_DETACHED, name=_relation(partition.name), table=_relation(node.relation)
            )
    return Outside(effect=Effect.UNSEEN)


def _transaction(node: Any) -> Outside:
    if node.gid:
        return Outside(effect=Effect.PREPARED_ENDED, name=str(node.gid))
    return Outside(effect=Effect.UNSEEN)


def _relation(node: Any) -> str:
    return qualified(node.schemaname, node.relname) if node.schemaname else quote(node.relname)


_JUDGES: dict[str, Callable[[Any], Outside]] = {
    "index_stmt": _index,
    "drop_stmt": _drop,
    "reindex_stmt": _reindex,
    "alter_table_stmt": _alter_table,
    "transaction_stmt": _transaction,
}
