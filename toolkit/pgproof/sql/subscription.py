"""What a statement about a subscription does at the publisher: pure.

PostgreSQL's manual: CREATE, ALTER and DROP SUBSCRIPTION (subscriptioncmds.c in src/backend/commands has what
connects). One that is enabled has a worker, which connects by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any

from pgproof.sql import grammar, option
from pgproof.sql.grammar import TooDeep
from pgproof.sql.statement import Statement

_KINDS = frozenset({"create_subscription_stmt", "alter_subscription_stmt", "drop_subscription_stmt"})
_REFRESHES = frozenset(
    f"ALTER_SUBSCRIPTION_{each}" for each in ("REFRESH", "SET_PUBLICATION", "ADD_PUBLICATION", "DROP_PUBLICATION")
)
_OF_THE_SLOT = frozenset({"failover", "two_phase"})


class Reach(StrEnum):
    """Whether the publisher is reached: always, by a worker, where there is a slot, never."""

    ALWAYS = auto()
    BY_WORKER = auto()
    WITH_SLOT = auto()
    NEVER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """What a statement does to the subscription `name`. `has_slot` is True or False where it says so."""

    name: str
    reach: Reach
    words: str
    has_slot: bool | None = None


def subscribed(statement: Statement) -> Subscribed | None:
    """What it does to a subscription; None for any other statement."""
    is_other = statement.kind not in _KINDS if statement.kind else "subscription" not in statement.text.lower()
    if is_other:
        return None
    try:
        node: Any = grammar.parse(statement.text).stmts[0].stmt
    except TooDeep:
        return None
    kind = str(node.WhichOneof("node"))
    detail = getattr(node, kind)
    match kind:
        case "create_subscription_stmt":
            return _created(detail)
        case "alter_subscription_stmt":
            return _altered(detail)
        case "drop_subscription_stmt":
            return Subscribed(
                name=detail.subname, reach=Reach.WITH_SLOT, words="DROP SUBSCRIPTION", has_slot=False
            )
    return None


def _created(node: Any) -> Subscribed:
    connects = option.truth(node.options, "connect", default=True)
    slot = option.text(node.options, "slot_name")
    return Subscribed(
        name=node.subname,
        reach=Reach.ALWAYS if connects else Reach.NEVER,
        words="CREATE SUBSCRIPTION",
        has_slot=slot != "none",
    )


def _altered(node: Any) -> Subscribed:
    kind = option.word(node, "kind")
    words = {each.def_elem.defname for each in node.options}
    slot = option.text(node.options, "slot_name") if "slot_name" in words else None
    reach = Reach.NEVER
    if kind in _REFRESHES and option.truth(node.options, "refresh", default=True):
        reach = Reach.ALWAYS
    elif kind == "ALTER_SUBSCRIPTION_ENABLED" and option.truth(node.options, "enabled", default=True):
        reach = Reach.BY_WORKER
    elif words & _OF_THE_SLOT:
        reach = Reach.WITH_SLOT
    has_slot = None if slot is None else slot != "none"
    return Subscribed(name=node.subname, reach=reach, words="ALTER SUBSCRIPTION", has_slot=has_slot)
