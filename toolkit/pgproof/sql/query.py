"""What the text of a query says about itself."""

from __future__ import annotations

from typing import Any

from pgproof.sql import grammar
from pgproof.sql.grammar import GrammarError, TooDeep


def has_order(text: str) -> bool:
    """Whether a query asks for an order at its top level (ORDER BY)."""
    try:
        tree = grammar.parse(text)
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


def null_tests(text: str) -> frozenset[str]:
    """The columns of which a query asks IS NULL, without their tables."""
    try:
        tree = grammar.parse(text)
    except GrammarError:
        return frozenset()
    return frozenset(_null_tests(tree))


def _null_tests(message: Any) -> list[str]:
    found = [name for part in grammar.parts(message) for name in _null_tests(part)]
    if message.DESCRIPTOR.name != "NullTest" or message.arg.WhichOneof("node") != "column_ref":
        return found
    if grammar.constant("NullTestType", message.nulltesttype) == "IS_NULL":
        found.append(str(message.arg.column_ref.fields[-1].string.sval))
    return found
