"""What an INSERT, UPDATE or DELETE says: which table, which columns get what, and where its parameters stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pgproof.sql import grammar
from pgproof.sql.condition import conjuncts, qualifiers, unqualified
from pgproof.sql.grammar import GrammarError

_BEGINS = frozenset({"now", "transaction_timestamp"})
"""Functions that give the start of the transaction (9.9.5 of PostgreSQL's manual); so does CURRENT_TIMESTAMP."""
_NOWS = _BEGINS | {"clock_timestamp", "statement_timestamp"}
_OF_ROWS = ("update_stmt", "delete_stmt", "merge_stmt")
_COMPARED = frozenset({"AEXPR_OP", "AEXPR_OP_ANY", "AEXPR_NOT_DISTINCT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Modification:
    """A statement that changes rows of one table; names are as the server keeps them, `schema` may be "".

    `assigned` are columns with the SQL of what they get (of INSERT, in its first row), `written` in all its rows.
    `conditions` are those of
    its WHERE that speak of the table alone and have no parameters, without the table's name. `parameters` are the
    columns that parameters are compared with or assigned to, `elsewhere` those of other tables that they are
    compared with: schema, table and column. `arrays` are those of `= ANY ($n)`. `begun` are the columns that get
    the start of the transaction.
    """

    kind: str
    schema: str
    table: str
    assigned: tuple[tuple[str, str], ...]
    written: tuple[tuple[str, str], ...]
    conditions: tuple[str, ...]
    parameters: Mapping[int, str]
    elsewhere: Mapping[int, tuple[str, str, str]]
    arrays: frozenset[int]
    begun: tuple[str, ...]


def modification(text: str) -> Modification | None:
    """What a single INSERT, UPDATE or DELETE says; None of another statement, or one that cannot be read."""
    try:
        tree = grammar.parse(text)
    except GrammarError:
        return None
    kind = tree.stmts[0].stmt.WhichOneof("node") if len(tree.stmts) == 1 else ""
    if kind not in ("insert_stmt", "update_stmt", "delete_stmt"):
        return None
    node = getattr(tree.stmts[0].stmt, kind)
    pairs = list(_assigned(kind, node))
    parameters = {number: name for name, value in pairs if (number := _number(_coalesced(value)))}
    own = {"", str(node.relation.alias.aliasname) or str(node.relation.relname)}
    others = {name: each for name, each in _relations(node) if name not in own or kind == "insert_stmt"}
    compared, elsewhere = dict[int, str](), dict[int, tuple[str, str, str]]()
    arrays: set[int] = set()
    for name, table, value, is_any in _comparisons(node):
        if not (number := _number(value)):
            continue
        if table in own and kind != "insert_stmt":
            compared.setdefault(number, name)
        elif other := others.get(table) or (next(iter(others.values()), None) if not table else None):
            elsewhere.setdefault(number, (*other, name))
        arrays |= {number} if is_any else set()
    return Modification(
        kind=kind.removesuffix("_stmt").upper(),
        schema=str(node.relation.schemaname),
        table=str(node.relation.relname),
        assigned=tuple((name, grammar.expression(value)) for name, value in pairs),
        written=tuple((name, grammar.expression(value)) for name, value in _assigned(kind, node, every=True)),
        conditions=tuple(_conditions(kind, node)),
        parameters={**parameters, **compared},
        elsewhere=elsewhere,
        arrays=frozenset(arrays),
        begun=tuple(name for name, value in pairs if gives_begin(value)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A table that rows of unknown values are written to, and the columns (() for all of INSERT)."""

    event: str
    schema: str
    table: str
    columns: tuple[str, ...]


def targets(text: str) -> tuple[Target, ...]:
    """What INSERT (of a query, or ON CONFLICT), UPDATE or MERGE writes to; () of another statement."""
    try:
        tree = grammar.parse(text)
    except GrammarError:
        return ()
    kind = tree.stmts[0].stmt.WhichOneof("node") if len(tree.stmts) == 1 else ""
    if kind not in ("insert_stmt", "update_stmt", "merge_stmt"):
        return ()
    node = getattr(tree.stmts[0].stmt, kind)
    found = [("INSERT", node.cols)] if kind == "insert_stmt" else []
    if kind == "insert_stmt" and node.HasField("on_conflict_clause"):
        found.append(("UPDATE", node.on_conflict_clause.target_list))
    if kind == "update_stmt":
        found.append(("UPDATE", node.target_list))
    for item in node.merge_when_clauses if kind == "merge_stmt" else ():
        clause = item.merge_when_clause
        word = grammar.constant("CmdType", clause.command_type).removeprefix("CMD_")
        found += [(word, clause.target_list)] if word in ("INSERT", "UPDATE") else []
    schema, table = str(node.relation.schemaname), str(node.relation.relname)
    return tuple(
        Target(event=event, schema=schema, table=table, columns=tuple(str(each.res_target.name) for each in names))
        for event, names in found
        if names or event == "INSERT"
    )


@dataclass(frozen=True, slots=True)
class Passed:
    """A parameter that is written as it comes: its number, and what it is cast to (SQL types, innermost first)."""

    number: int
    types: tuple[str, ...]


def passed(text: str) -> Mapping[str, tuple[Passed, ...]]:
    """The columns that an INSERT of VALUES or an UPDATE writes parameters alone to, with these.

    A column that gets something else anywhere is not there, nor is any of a statement with ON CONFLICT.
    """
    try:
        tree = grammar.parse(text)
    except GrammarError:
        return {}
    kind = tree.stmts[0].stmt.WhichOneof("node") if len(tree.stmts) == 1 else ""
    if kind not in ("insert_stmt", "update_stmt"):
        return {}
    node = getattr(tree.stmts[0].stmt, kind)
    if kind == "insert_stmt" and node.HasField("on_conflict_clause"):
        return {}
    found: dict[str, list[Passed | None]] = {}
    for name, value in _assigned(kind, node, every=True):
        found.setdefault(name, []).append(_passed(value))
    known = {name: tuple(each for each in values if each) for name, values in found.items()}
    return {name: values for name, values in known.items() if len(values) == len(found[name])}


def _passed(value: Any) -> Passed | None:
    types: list[str] = []
    while value.WhichOneof("node") == "type_cast":
        types.insert(0, grammar.type_name(value.type_cast.type_name))
        value = value.type_cast.arg
    return Passed(int(value.param_ref.number), tuple(types)) if value.WhichOneof("node") == "param_ref" else None


def touches_rows_there(text: str) -> bool:
    """Whether it is an UPDATE, DELETE or MERGE: one that does nothing where there are no rows."""
    try:
        tree = grammar.parse(text)
    except GrammarError:
        return False
    return len(tree.stmts) == 1 and tree.stmts[0].stmt.WhichOneof("node") in _OF_ROWS


def gives_begin(node: Any, functions: frozenset[str] = _BEGINS) -> bool:
    """Whether an expression of the grammar holds the start of the transaction: a key word or such a function."""
    if node.DESCRIPTOR.name == "SQLValueFunction":
        word = grammar.constant("SQLValueFunctionOp", node.op)
        return word.startswith(("SVFOP_CURRENT_TIME", "SVFOP_LOCALTIME", "SVFOP_CURRENT_DATE"))
    if node.DESCRIPTOR.name == "FuncCall" and str(node.funcname[-1].string.sval) in functions:
        return True
    return any(gives_begin(part, functions) for part in grammar.parts(node))


def is_moment(expression: str) -> bool:
    """Whether an expression, such as a default, is the time of now, be it the transaction's or the clock's."""
    try:
        tree = grammar.parse(f"SELECT {expression}") if expression else None
    except GrammarError:
        return False
    return tree is not None and any(gives_begin(each.stmt, _NOWS) for each in tree.stmts)


def _assigned(kind: str, node: Any, *, every: bool = False) -> Iterator[tuple[str, Any]]:
    """The columns with what they get: of INSERT in its first row, or in `every` one."""
    if kind == "update_stmt":
        for item in node.target_list:
            if not item.res_target.indirection:
                yield str(item.res_target.name), _own(item.res_target.val)
    rows = node.select_stmt.select_stmt.values_lists if kind == "insert_stmt" else ()
    for row in rows if every else rows[:1]:
        for item, value in zip(node.cols, row.list.items, strict=False):
            yield str(item.res_target.name), value


def _own(value: Any) -> Any:
    """What a column gets: of SET (a, b) = (1, 2) its part of the row, of a query the query."""
    if value.WhichOneof("node") != "multi_assign_ref":
        return value
    source, place = value.multi_assign_ref.source, value.multi_assign_ref.colno
    return source.row_expr.args[place - 1] if source.WhichOneof("node") == "row_expr" else source


def _relations(message: Any) -> Iterator[tuple[str, tuple[str, str]]]:
    """What tables are called in a statement, and their schemas and names."""
    if message.DESCRIPTOR.name == "RangeVar":
        yield str(message.alias.aliasname) or str(message.relname), (str(message.schemaname), str(message.relname))
    for part in grammar.parts(message):
        yield from _relations(part)


def _coalesced(node: Any) -> Any:
    """The first argument of COALESCE, or the node."""
    node = _uncast(node)
    return node.coalesce_expr.args[0] if node.WhichOneof("node") == "coalesce_expr" else node


def _comparisons(message: Any) -> Iterator[tuple[str, str, Any, bool]]:
    """Each column and its table as it is written, what they are compared with, and whether that is an array."""
    if message.DESCRIPTOR.name == "A_Expr":
        kind = grammar.constant("A_Expr_Kind", message.kind)
        if kind in _COMPARED:
            for one, other in ((message.lexpr, message.rexpr), (message.rexpr, message.lexpr)):
                if (column := _column(one)) is not None:
                    yield *column, other, kind == "AEXPR_OP_ANY"
        elif kind == "AEXPR_IN" and (column := _column(message.lexpr)) is not None:
            yield from ((*column, each, False) for each in message.rexpr.list.items)
    for part in grammar.parts(message):
        yield from _comparisons(part)


def _conditions(kind: str, node: Any) -> Iterator[str]:
    if kind == "insert_stmt" or not node.HasField("where_clause"):
        return
    relation = node.relation
    own = {str(relation.alias.aliasname) or str(relation.relname)}
    others = node.from_clause if kind == "update_stmt" else node.using_clause
    for part in conjuncts(grammar.expression(node.where_clause)):
        if "$" not in part and "SELECT" not in part and qualifiers(part) <= (own if others else {*own, ""}):
            yield unqualified(part)


def _column(node: Any) -> tuple[str, str] | None:
    """The name of a column, and what is written before it."""
    node = _uncast(node)
    if node.WhichOneof("node") != "column_ref":
        return None
    names = [str(each.string.sval) for each in node.column_ref.fields]
    return (names[-1], names[-2] if len(names) > 1 else "") if names[-1] else None


def _number(node: Any) -> int:
    """The number of a parameter, casts aside; 0 of anything else."""
    node = _uncast(node)
    return int(node.param_ref.number) if node.WhichOneof("node") == "param_ref" else 0


def _uncast(node: Any) -> Any:
    while node.WhichOneof("node") == "type_cast":
        node = node.type_cast.arg
    return node
