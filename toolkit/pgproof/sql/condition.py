"""Conditions as the server writes them (Index Cond, Filter, CHECK), taken apart with the grammar."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pgproof.sql import grammar
from pgproof.sql.grammar import GrammarError

_CALLS = (
    "func_call",
    "min_max_expr",
    "coalesce_expr",
    "case_expr",
    "sub_link",
    "AEXPR_NULLIF",
    "sql_value_function",
)


@lru_cache(maxsize=4096)
def conjuncts(condition: str) -> tuple[str, ...]:
    """The parts of `a AND b AND c`, as SQL; () for "". A condition that is no SQL (SubPlan) is one part."""
    if not condition:
        return ()
    node = _parsed(condition)
    if node is None:
        return (condition,)
    if node.WhichOneof("node") == "bool_expr":
        kind = grammar.constant("BoolExprType", node.bool_expr.boolop)
        if kind == "AND_EXPR":
            return tuple(grammar.expression(part) for part in node.bool_expr.args)
    return (grammar.expression(node),)


def null_test(condition: str) -> str:
    """The column of `column IS NOT NULL`, "" for another condition."""
    node = _parsed(condition)
    if node is None or node.WhichOneof("node") != "null_test":
        return ""
    test = node.null_test
    if grammar.constant("NullTestType", test.nulltesttype) != "IS_NOT_NULL":
        return ""
    return str(test.arg.column_ref.fields[-1].string.sval) if test.arg.WhichOneof("node") == "column_ref" else ""


def is_sql(condition: str) -> bool:
    """Whether the grammar can read a condition (EXPLAIN prints some that are no SQL)."""
    return _parsed(condition) is not None


@lru_cache(maxsize=4096)
def subjects(conjunct: str) -> tuple[str, ...]:
    """What a condition is about (its left side), bare (see `bare`): ("user_id",) of `jobs.user_id = $1`."""
    node = _parsed(conjunct)
    if node is None:
        return ()
    match node.WhichOneof("node"):
        case "a_expr":
            return _row(node.a_expr.lexpr)
        case "null_test":
            return (_bare(node.null_test.arg),)
        case "boolean_test":
            return (_bare(node.boolean_test.arg),)
        case "bool_expr":
            return tuple(_bare(part) for part in node.bool_expr.args)
        case _:
            return (_bare(node),)


@lru_cache(maxsize=4096)
def bare(expression: str) -> str:
    """An expression without casts and without the table before a column: `lower((t.a)::text)` is `lower(a)`."""
    node = _parsed(expression)
    return expression if node is None else _bare(node)


def unqualified(expression: str) -> str:
    """An expression without the table before a column: `t.a = 'x'::kind` is `a = 'x'::kind`."""
    node = _parsed(expression)
    if node is None:
        return expression
    copy = type(node)()
    copy.CopyFrom(node)
    _unqualify(copy)
    return grammar.expression(copy)


def _unqualify(message: Any) -> None:
    """Take qualifiers out of a tree, in place."""
    if _is_node(message, "column_ref"):
        del message.column_ref.fields[:-1]
        return
    for part in grammar.parts(message):
        _unqualify(part)


def bare_key(expression: str, *, is_column: bool) -> str:
    """A key of an index as `bare` writes it: an expression, or the name of a column (unquoted)."""
    return bare('"' + expression.replace('"', '""') + '"' if is_column else expression)


@lru_cache(maxsize=4096)
def columns(condition: str) -> frozenset[str]:
    """The names of all columns in a condition, without their tables."""
    node = _parsed(condition)
    return frozenset() if node is None else frozenset(name for name, _ in _references(node))


def output_name(expression: str) -> str:
    """What the server calls the output of an expression: a function's name, a column's, else "expr".

    FigureColname in src/backend/parser/parse_target.c, as far as keys of indexes go.
    """
    node = _parsed(expression)
    while node is not None and node.WhichOneof("node") in ("type_cast", "collate_clause"):
        node = getattr(node, node.WhichOneof("node")).arg
    if node is None:
        return "expr"
    match node.WhichOneof("node"):
        case "func_call":
            return str(node.func_call.funcname[-1].string.sval)
        case "column_ref":
            return str(node.column_ref.fields[-1].string.sval)
        case "coalesce_expr":
            return "coalesce"
        case "case_expr":
            return "case"
        case _:
            return "expr"


def calls(condition: str) -> bool:
    """Whether there is more in a condition than operators: functions and what is like them, CASE, a query."""
    node = _parsed(condition)
    return node is None or any(word in str(node) for word in _CALLS)


def qualifiers(condition: str) -> frozenset[str]:
    """The tables (or aliases) that columns of a condition are written with; "" for a bare column."""
    node = _parsed(condition)
    return frozenset() if node is None else frozenset(table for _, table in _references(node))


def _parsed(condition: str) -> Any | None:
    try:
        tree = grammar.parse(f"SELECT {condition}")
    except GrammarError:
        return None
    if len(tree.stmts) != 1:
        return None
    targets = tree.stmts[0].stmt.select_stmt.target_list
    return targets[0].res_target.val if len(targets) == 1 else None


def _row(node: Any) -> tuple[str, ...]:
    if node.WhichOneof("node") == "row_expr":
        return tuple(_bare(part) for part in node.row_expr.args)
    return (_bare(node),)


def _bare(node: Any) -> str:
    copy = type(node)()
    copy.CopyFrom(node)
    return grammar.expression(_stripped(copy))


def _stripped(message: Any) -> Any:
    """Take casts and qualifiers out of a tree, in place; returns the node that then stands at its top."""
    while _is_node(message, "type_cast"):
        inner = type(message)()
        inner.CopyFrom(message.type_cast.arg)
        message.CopyFrom(inner)
    if _is_node(message, "column_ref"):
        fields = message.column_ref.fields
        if len(fields) > 1:
            del fields[:-1]
        return message
    for _, child in message.ListFields():
        for item in _messages(child):
            _stripped(item)
    return message


def _references(message: Any) -> list[tuple[str, str]]:
    if _is_node(message, "column_ref"):
        names = [field.string.sval for field in message.column_ref.fields]
        return [(names[-1], names[-2] if len(names) > 1 else "")]
    return [found for _, child in message.ListFields() for item in _messages(child) for found in _references(item)]


def _is_node(message: Any, kind: str) -> bool:
    return bool(message.DESCRIPTOR.name == "Node" and message.WhichOneof("node") == kind)


def _messages(value: Any) -> list[Any]:
    """The protobuf messages in a field's value: one, many, or none."""
    if hasattr(value, "ListFields"):
        return [value]
    if isinstance(value, (str, bytes, int, float)):
        return []
    return [item for item in value if hasattr(item, "ListFields")]
