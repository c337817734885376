"""Roles that statements name and do not make: they have to be there before the statements run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from pgproof.sql import grammar
from pgproof.sql.grammar import GrammarError
from pgproof.sql.statement import Statement

_SPEAKS_OF_ROLES = re.compile(
    r"\b(?:grant|revoke|owner|authorization|policy|role|privileges|user)\b", re.IGNORECASE
)
_MAKES_ONE = re.compile(r"\bcreate\s+(?:role|user|group)\b", re.IGNORECASE)


def named(statements: Iterable[Statement]) -> tuple[str, ...]:
    """The roles, sorted. Those that a statement makes, or that a body of code may make, are left out."""
    wanted: set[str] = set()
    made: set[str] = set()
    bodies = ""
    for statement in statements:
        text = statement.text
        if not _SPEAKS_OF_ROLES.search(text):
            continue
        try:
            tree = grammar.parse(text)
        except GrammarError:
            continue
        for raw in tree.stmts:
            kind = raw.stmt.WhichOneof("node")
            if kind == "create_role_stmt":
                made.add(raw.stmt.create_role_stmt.role)
            elif kind in ("do_stmt", "create_function_stmt") and _MAKES_ONE.search(text):
                bodies += text
            wanted.update(_named_in(raw.stmt))
    return tuple(sorted(name for name in wanted - made if name not in bodies))


def _named_in(message: Any) -> Iterator[str]:
    if message.DESCRIPTOR.name == "RoleSpec":
        if message.rolename:  # the others are PUBLIC, CURRENT_USER and the like
            yield message.rolename
        return
    for _, value in message.ListFields():
        for item in [value] if hasattr(value, "ListFields") else _several(value):
            yield from _named_in(item)


def _several(value: Any) -> list[Any]:
    if isinstance(value, (str, bytes, int, float)):
        return []
    return [item for item in value if hasattr(item, "ListFields")]
