"""What the text of a query says about itself."""

from __future__ import annotations

from pgproof.sql import grammar
from pgproof.sql.grammar import GrammarError


def has_order(text: str) -> bool:
    """Whether a query asks for an order at its top level (ORDER BY)."""
    try:
        tree = grammar.parse(text)
    except GrammarError:
        return False
    return any(
        raw.stmt.WhichOneof("node") == "select_stmt" and len(raw.stmt.select_stmt.sort_clause) > 0
        for raw in tree.stmts
    )
