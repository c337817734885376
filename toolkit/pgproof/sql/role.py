"""Roles in statements: named and not made, so that they have to be there; made ones; altered ones."""

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
_PUTS_TOGETHER = re.compile(r"\bexecute\b", re.IGNORECASE)
_NAMES_ONE = re.compile(
    r'\bcreate\s+(?:role|user|group)\s+(?!mapping\b)("(?:[^"]|"")+"|[^\W\d][\w$]*)', re.IGNORECASE
)
_ATTRIBUTES = {
    "superuser": "superuser",
    "inherit": "inherit",
    "createrole": "create role",
    "createdb": "create database",
    "canlogin": "login",
    "isreplication": "replication",
    "bypassrls": "bypass row security",
    "connectionlimit": "connection limit",
    "validUntil": "valid until",
}
"""By what the grammar calls them (AlterOptRoleElem in src/backend/parser/gram.y)."""


def named(statements: Iterable[Statement]) -> tuple[str, ...]:
    """The roles, sorted. Those that a statement makes, or that a body of code may make, are left out."""
    wanted: set[str] = set()
    made: set[str] = set()
    bodies = ""
    for text, node in _trees(statements):
        kind = node.WhichOneof("node")
        made |= _made_in(node)
        if kind in ("do_stmt", "create_function_stmt") and _MAKES_ONE.search(text):
            bodies += text
        wanted.update(_named_in(node))
    return tuple(sorted(name for name in wanted - made if name not in bodies))


def made(statements: Iterable[Statement]) -> frozenset[str]:
    """The roles that a statement makes, or a body of code that says CREATE ROLE and their name.

    Those that an earlier statement names are left out: they were there before.
    """
    seen: set[str] = set()
    found: set[str] = set()
    for text, node in _trees(statements):
        kind = node.WhichOneof("node")
        here = _made_in(node)
        if kind in ("do_stmt", "create_function_stmt"):
            here |= {_folded(each) for each in _NAMES_ONE.findall(text)}
        found |= here - seen
        seen |= {*_named_in(node), *here}
    return frozenset(found)


def may_make_others(statement: Statement) -> bool:
    """True for a body of code that may make roles whose names it puts together (EXECUTE)."""
    return bool(_PUTS_TOGETHER.search(statement.text) and _MAKES_ONE.search(statement.text))


def altered(statements: Iterable[Statement]) -> dict[str, frozenset[str]]:
    """The attributes that ALTER ROLE sets, by role, as the catalog's accounting calls them; passwords aside."""
    found: dict[str, set[str]] = {}
    for _, node in _trees(statements):
        if node.WhichOneof("node") == "alter_role_stmt":
            said = node.alter_role_stmt
            words = {_ATTRIBUTES.get(each.def_elem.defname) for each in said.options}
            found.setdefault(said.role.rolename, set()).update(filter(None, words))
    return {name: frozenset(words) for name, words in found.items()}


def _trees(statements: Iterable[Statement]) -> Iterator[tuple[str, Any]]:
    """The text and the tree of those that may speak of roles; of what no grammar reads there is none."""
    for statement in statements:
        if not _SPEAKS_OF_ROLES.search(statement.text):
            continue
        try:
            tree = grammar.parse(statement.text)
        except GrammarError:
            continue
        yield from ((statement.text, raw.stmt) for raw in tree.stmts)


def _folded(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()


def _made_in(node: Any) -> set[str]:
    """The role that a statement makes, or gives another name."""
    kind = node.WhichOneof("node")
    if kind == "create_role_stmt":
        return {node.create_role_stmt.role}
    is_other_name = kind == "rename_stmt" and _is_role(node.rename_stmt.rename_type)
    return {node.rename_stmt.newname} if is_other_name else set()


def _is_role(kind: int) -> bool:
    return grammar.constant("ObjectType", kind) == "OBJECT_ROLE"


def _named_in(message: Any) -> Iterator[str]:
    kind = message.DESCRIPTOR.name
    if kind in ("CommentStmt", "SecLabelStmt") and _is_role(message.objtype):
        yield message.object.string.sval
    elif kind == "RenameStmt" and _is_role(message.rename_type):
        yield message.subname
    if kind == "RoleSpec":
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
