"""Whether a text that people write is one constant, or the name of one type."""

from __future__ import annotations

import re
from typing import Any

from pgproof.sql import grammar
from pgproof.sql.grammar import GrammarError

_MORE = re.compile(r";|--|/\*")


def is_constant(text: str) -> bool:
    """True of a literal, also with a sign, casts or in an array: it runs no function and reads nothing."""
    node = _alone(text)
    return node is not None and _is_constant(node)


def is_type(text: str) -> bool:
    """True of the name of a type, with a modifier or brackets or without."""
    node = _alone(f"NULL::{text}")
    return node is not None and node.WhichOneof("node") == "type_cast"


def _is_constant(node: Any) -> bool:
    match node.WhichOneof("node"):
        case "a_const":
            return True
        case "type_cast":
            return _is_constant(node.type_cast.arg)
        case "a_array_expr":
            return all(_is_constant(each) for each in node.a_array_expr.elements)
        case "a_expr":
            signed = not node.a_expr.HasField("lexpr") and node.a_expr.name[0].string.sval in ("-", "+")
            return bool(signed and _is_constant(node.a_expr.rexpr))
        case _:
            return False


def _alone(text: str) -> Any | None:
    """The one expression that a text is, or None."""
    if _MORE.search(re.sub(r"'(?:[^']|'')*'", "''", text)):
        return None
    try:
        tree = grammar.parse(f"SELECT {text}")
    except GrammarError:
        return None
    select = tree.stmts[0].stmt.select_stmt
    alone = len(tree.stmts) == len(select.target_list) == 1 and not select.from_clause
    target = select.target_list[0].res_target if alone else None
    return None if target is None or target.name else target.val
