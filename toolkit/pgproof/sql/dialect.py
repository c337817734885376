"""The one door to sqlglot: reads what a person wrote in queries and predicates, never what a database holds.

sqlglot takes about 180 ms to load, so it is loaded with this file, and this file where it is needed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from pgproof.sql import grammar
from pgproof.sql.declared import Relation
from pgproof.sql.grammar import GrammarError

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of what it cannot read; we say so ourselves

_CONSTANTS = (exp.Literal, exp.Null, exp.Boolean, exp.Neg, exp.Paren, exp.Cast, exp.DataType, exp.DataTypeParam)


@dataclass(frozen=True, slots=True)
class Value:
    """What a statement assigns to a column: its SQL if it is a constant, `is_default` for DEFAULT, else unknown.

    `start` is the offset of the value in the statement's text where it is a literal, else None.
    """

    column: str
    constant: str | None
    is_default: bool
    start: int | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """A row that INSERT ... VALUES makes (`inserts`), or what UPDATE sets; () columns: in the table's order."""

    relation: Relation
    inserts: bool
    values: tuple[Value, ...]
    columns_named: bool = True


def writes(text: str) -> tuple[Write, ...]:
    """The rows with known values that a statement writes; () for other statements and what sqlglot cannot read."""
    tree = _parsed(text)
    if isinstance(tree, exp.Update) and isinstance(tree.this, exp.Table):
        return (Write(_relation(tree.this), False, tuple(_assignments(tree, text))),)
    if isinstance(tree, exp.Insert):
        return tuple(_rows(tree, text))
    return ()


def allowed_values(expression: str, column: str) -> tuple[str, ...]:
    """The literals that a CHECK allows for a column, as SQL: of `column IN (...)`, `= ANY (ARRAY[...])` or an OR.

    () where the expression, or the part of it that speaks of the column, has another form.
    """
    tree = _parsed(f"SELECT {expression}")
    if not isinstance(tree, exp.Select):
        return ()
    condition = tree.expressions[0].unnest()
    parts = list(condition.flatten()) if isinstance(condition, exp.And) else [condition]
    for part in parts:
        values = _listed(part.unnest(), column)
        if values:
            return values
    return ()


def equal_columns(condition: str) -> tuple[str, ...]:
    """Columns that a condition (conjuncts) sets equal to something that is no column of the same table."""
    return tuple(_compared(condition, exp.EQ))


def bounded_columns(condition: str) -> tuple[str, ...]:
    """Columns that a condition (conjuncts) bounds from above or below by something that is no column."""
    return tuple(dict.fromkeys(_compared(condition, exp.GT, exp.GTE, exp.LT, exp.LTE)))


def _compared(condition: str, *kinds: type[exp.Expression]) -> Iterator[str]:
    """The columns at the left of these comparisons."""
    tree = _parsed(f"SELECT {condition}")
    if not isinstance(tree, exp.Select):
        return
    top = tree.expressions[0].unnest()
    parts = list(top.flatten()) if isinstance(top, exp.And) else [top]
    for part in (p.unnest() for p in parts):
        if isinstance(part, kinds):
            left, right = _uncast(part.this), _uncast(part.expression)
            if isinstance(left, exp.Column) and not isinstance(right, exp.Column):
                yield left.name


def _parsed(text: str) -> exp.Expr | None:
    try:
        tree = sqlglot.parse_one(_without_numbers(text), read="postgres")
    except (SqlglotError, GrammarError):
        return None
    return None if isinstance(tree, exp.Command) else tree


def _without_numbers(text: str) -> str:
    """`?` for each `$n`, as wide as it was: sqlglot takes `$1,$` for the quote of a string."""
    for token in grammar.scan(text) if "$" in text else ():
        if token.kind == "PARAM":
            text = text[: token.start] + "?".ljust(token.end - token.start) + text[token.end :]
    return text


def _relation(table: exp.Table) -> Relation:
    return Relation(_folded(table.args.get("db")), _folded(table.this))


def _folded(identifier: exp.Expr | str | None) -> str:
    """A name as the server keeps it: in lower case unless it was quoted."""
    if not isinstance(identifier, exp.Identifier):
        return ""
    name = str(identifier.this)
    return name if identifier.args.get("quoted") else name.lower()


def _assignments(tree: exp.Update, text: str) -> Iterator[Value]:
    for item in tree.expressions:
        if isinstance(item, exp.EQ) and isinstance(item.this, exp.Column):
            yield _value(_folded(item.this.this), item.expression, text)


def _rows(tree: exp.Insert, text: str) -> Iterator[Write]:
    target, source = tree.this, tree.expression
    table = target.this if isinstance(target, exp.Schema) else target
    if not isinstance(table, exp.Table) or not isinstance(source, exp.Values) or tree.args.get("conflict"):
        return
    columns = [_folded(item) for item in target.expressions] if isinstance(target, exp.Schema) else []
    for row in source.expressions:
        items = row.expressions if isinstance(row, exp.Tuple) else [row]
        names = columns or [""] * len(items)
        values = tuple(_value(name, item, text) for name, item in zip(names, items, strict=False))
        yield Write(_relation(table), True, values, columns_named=bool(columns))


def _value(column: str, node: exp.Expr, text: str) -> Value:
    if isinstance(node, (exp.Column, exp.Var)) and node.name.upper() == "DEFAULT":
        return Value(column, None, True)
    if not all(isinstance(part, _CONSTANTS) for part in node.walk()):
        return Value(column, None, False)
    written = node.sql(dialect="postgres", comments=False)
    start = text.find(written)
    return Value(column, written, False, start if start >= 0 else None)


def _listed(node: exp.Expr, column: str) -> tuple[str, ...]:
    if isinstance(node, exp.Or):
        parts = [_listed(part.unnest(), column) for part in node.flatten()]
        return tuple(value for part in parts for value in part) if all(parts) else ()
    subject = _uncast(node.this) if isinstance(node.this, exp.Expr) else None
    if not (isinstance(subject, exp.Column) and _folded(subject.this) == column):
        return ()
    if isinstance(node, exp.In):
        return _literals(node.expressions)
    if isinstance(node, exp.EQ):
        other = _uncast(node.expression)
        if isinstance(other, exp.Any):
            other = _uncast(other.this)
            return _literals(other.expressions) if isinstance(other, exp.Array) else ()
        return _literals([other])
    return ()


def _literals(nodes: list[exp.Expr]) -> tuple[str, ...]:
    values = [_uncast(node) for node in nodes]
    if all(isinstance(value, (exp.Literal, exp.Neg)) for value in values):
        return tuple(value.sql(dialect="postgres") for value in values)
    return ()


def _uncast(node: exp.Expr) -> exp.Expr:
    node = node.unnest()
    while isinstance(node, (exp.Cast, exp.Paren)):
        node = node.this.unnest()
    return node
