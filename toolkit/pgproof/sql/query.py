"""What the text of a query says about itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pgproof.sql import grammar
from pgproof.sql.grammar import GrammarError, TooDeep


@lru_cache(maxsize=8)
def _tree(text: str) -> Any:
    """The tree of a query, which is only read: several things are asked of the same text one after the other."""
    return grammar.parse(text)


def has_order(text: str) -> bool:
    """Whether a query asks for an order at its top level (ORDER BY)."""
    try:
        tree = _tree(text)
    except TooDeep:
        return _orders_outside(text)
    except GrammarError:
        return False
    return any(
        raw.stmt.WhichOneof("node") == "select_stmt" and len(raw.stmt.select_stmt.sort_clause) > 0
        for raw in tree.stmts
    )


def _orders_outside(text: str) -> bool:
    """Whether ORDER BY stands outside all parentheses."""
    depth = 0
    for token in grammar.scan(text):
        depth += {"ASCII_40": 1, "ASCII_41": -1}.get(token.kind, 0)
        if token.kind == "ORDER" and not depth:
            return True
    return False


def names_in(text: str) -> frozenset[str]:
    """Every identifier in a query, as the server keeps it; () of a text that cannot be scanned."""
    try:
        tokens = grammar.scan(text)
    except GrammarError:
        return frozenset()
    words = (token.of(text) for token in tokens if token.kind == "IDENT" or token.keyword)
    return frozenset(w[1:-1].replace('""', '"') if w.startswith('"') else w.lower() for w in words)


# what most nodes of a tree are, and no table and no WITH stands in
_QUERIES = re.compile(r"\b(?:select|table|values|with)\b")
_LEAVES = frozenset({"column_ref", "a_const", "param_ref", "string"})


@lru_cache(maxsize=256)
def tables_in(text: str) -> tuple[tuple[str, str, str], ...]:
    """Schema ("" for none), name and alias (else the name) of each table in a query, but for its own WITH."""
    try:
        tree = _tree(text)
    except GrammarError:
        return ()
    found = _plain(tree, text) or list(_all(tree, "RangeVar", "CommonTableExpr"))
    own = {str(each.ctename) for each in found if type(each).__name__ == "CommonTableExpr"}
    tables = (
        (str(each.schemaname), str(each.relname), str(each.alias.aliasname))
        for each in found
        if type(each).__name__ == "RangeVar"
    )
    return tuple((schema, name, alias or name) for schema, name, alias in tables if schema or name not in own)


def _plain(tree: Any, text: str) -> list[Any]:
    """The tables of a query that has one SELECT, and names tables alone behind FROM; [] of any other."""
    if _QUERIES.findall(text.lower()) != ["select"] or len(tree.stmts) != 1:
        return []
    listed = tree.stmts[0].stmt.select_stmt.from_clause
    is_plain = all(each.WhichOneof("node") == "range_var" for each in listed)
    return [each.range_var for each in listed] if is_plain else []


def limit_of(text: str) -> int | None:
    """The number behind LIMIT at the top level of a query, None where there is none or it is no number."""
    try:
        tree = _tree(text)
    except GrammarError:
        return None
    select = tree.stmts[0].stmt.select_stmt if len(tree.stmts) == 1 else None
    if select is None or not select.HasField("limit_count"):
        return None
    count = select.limit_count
    while count.WhichOneof("node") == "type_cast":
        count = count.type_cast.arg
    is_number = count.WhichOneof("node") == "a_const" and count.a_const.WhichOneof("val") == "ival"
    return int(count.a_const.ival.ival) if is_number else None


def is_transaction_control(text: str) -> bool:
    """Whether a statement begins or ends a transaction, or runs code that may (CALL, DO)."""
    try:
        tree = _tree(text)
    except GrammarError:
        return False
    return any(raw.stmt.WhichOneof("node") in ("transaction_stmt", "call_stmt", "do_stmt") for raw in tree.stmts)


def _all(message: Any, *kinds: str) -> Iterator[Any]:
    """The messages of some kinds in a tree, parents first."""
    left = [message]
    while left:
        each = left.pop()
        if type(each).__name__ in kinds:
            yield each
        parts = grammar.parts(each)
        left += [part for part in reversed(parts) if not _is_leaf(part)]


def _is_leaf(message: Any) -> bool:
    return type(message).__name__ == "Node" and message.WhichOneof("node") in _LEAVES


def null_tests(text: str, kind: str = "IS_NULL") -> frozenset[str]:
    """The columns of which a query asks IS NULL (or of the other `kind`, IS_NOT_NULL), without their tables."""
    try:
        tree = _tree(text)
    except GrammarError:
        return frozenset()
    return frozenset(_null_tests(tree, kind))


def _null_tests(message: Any, kind: str) -> list[str]:
    found = [name for part in grammar.parts(message) for name in _null_tests(part, kind)]
    if message.DESCRIPTOR.name != "NullTest" or message.arg.WhichOneof("node") != "column_ref":
        return found
    if grammar.constant("NullTestType", message.nulltesttype) == kind:
        found.append(str(message.arg.column_ref.fields[-1].string.sval))
    return found
