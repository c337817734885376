"""Reads what statements declare, in order, into a `Declared`: CREATE, ALTER, RENAME and DROP are folded.

The reader is PostgreSQL's own grammar, so nothing that the server accepts is unreadable here; what a
statement *does* beyond its text (DO, CALL, functions) is not imitated but listed as opaque.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from pgproof.sql import grammar
from pgproof.sql.declaration import Reader, relation_of
from pgproof.sql.declared import (
    ConstraintKind,
    Declared,
    DeclaredColumn,
    DeclaredConstraint,
    DeclaredIndex,
    DeclaredTable,
    Opaque,
    Relation,
)
from pgproof.sql.grammar import GrammarError
from pgproof.sql.statement import Statement

_OPAQUE = {
    "do_stmt": "a DO block may do anything",
    "call_stmt": "a procedure may do anything",
    "execute_stmt": "a prepared statement may do anything",
}


def read(statements: Iterable[Statement]) -> Declared:
    """What `statements` declare together. A statement that does not parse is skipped (the caller reports it)."""
    fold = _Fold()
    for statement in statements:
        try:
            tree = grammar.parse(statement.text)
        except GrammarError:
            continue
        for raw in tree.stmts:
            fold.see(statement, raw.stmt)
    return fold.declared()


class _Fold:
    """The schema as declared so far."""

    def __init__(self) -> None:
        self.tables: list[DeclaredTable] = []
        self.columns: list[DeclaredColumn] = []
        self.constraints: list[DeclaredConstraint] = []
        self.indexes: list[DeclaredIndex] = []
        self.opaque: list[Opaque] = []
        self.ever: set[str] = set()

    def declared(self) -> Declared:
        return Declared(
            tables=tuple(self.tables),
            columns=tuple(self.columns),
            constraints=tuple(self.constraints),
            indexes=tuple(self.indexes),
            opaque=tuple(self.opaque),
            ever=frozenset(self.ever),
        )

    def see(self, statement: Statement, node: Any) -> None:
        kind = node.WhichOneof("node")
        if kind in _OPAQUE:
            self.opaque.append(Opaque(statement, _OPAQUE[kind]))
        elif kind == "select_stmt" and "func_call" in str(node):
            self.opaque.append(Opaque(statement, "a function that is called may do anything"))
        handler = _HANDLERS.get(kind)
        if handler is not None:
            handler(self, Reader(statement), getattr(node, kind))

    def create_table(self, reader: Reader, node: Any) -> None:
        relation = relation_of(node.relation)
        self.ever.add(relation.name)
        path = reader.statement.source.path
        place = reader.name_place(relation.name, node.relation.location)
        self.tables.append(DeclaredTable(relation, place, path))
        for element in node.table_elts:
            match element.WhichOneof("node"):
                case "column_def":
                    self.add_column(reader, relation, element.column_def)
                case "constraint":
                    self.add_constraint(reader, relation, element.constraint)

    def create_index(self, reader: Reader, node: Any) -> None:
        index = reader.index(node)
        if index.name:
            self.ever.add(index.name)
        self.indexes.append(index)

    def add_column(self, reader: Reader, relation: Relation, node: Any) -> None:
        self.ever.add(node.colname)
        self.columns.append(reader.column(relation, node))
        for element in node.constraints:
            self.add_constraint(reader, relation, element.constraint, node.colname)

    def add_constraint(self, reader: Reader, relation: Relation, node: Any, column: str = "") -> None:
        constraint = reader.constraint(relation, node, column)
        if constraint is None:
            return
        if constraint.name:
            self.ever.add(constraint.name)
        if node.indexname:  # USING INDEX: the index becomes the constraint's, under the constraint's name
            self.indexes = [i for i in self.indexes if i.name != node.indexname]
        self.constraints.append(constraint)

    def alter_table(self, reader: Reader, node: Any) -> None:
        relation = relation_of(node.relation)
        for item in node.cmds:
            command = item.alter_table_cmd
            subtype = grammar.constant("AlterTableType", command.subtype)
            action = _ALTERATIONS.get(subtype)
            if action is not None:
                action(self, reader, relation, command)

    def alter_add_column(self, reader: Reader, relation: Relation, command: Any) -> None:
        self.add_column(reader, relation, getattr(command, "def").column_def)

    def alter_add_constraint(self, reader: Reader, relation: Relation, command: Any) -> None:
        self.add_constraint(reader, relation, getattr(command, "def").constraint)

    def alter_drop_constraint(self, _reader: Reader, relation: Relation, command: Any) -> None:
        self.constraints = [
            c for c in self.constraints if not (_same(c.relation, relation) and c.name == command.name)
        ]

    def alter_drop_column(self, _reader: Reader, relation: Relation, command: Any) -> None:
        name = command.name
        self.columns = [c for c in self.columns if not (_same(c.relation, relation) and c.name == name)]
        self.constraints = [
            c for c in self.constraints if not (_same(c.relation, relation) and name in _columns_of(c))
        ]
        self.indexes = [i for i in self.indexes if not (_same(i.relation, relation) and name in _index_words(i))]

    def alter_column(self, relation: Relation, column: str, /, **changes: Any) -> None:
        self.columns = [
            replace(c, **changes) if _same(c.relation, relation) and c.name == column else c for c in self.columns
        ]

    def alter_default(self, _reader: Reader, relation: Relation, command: Any) -> None:
        has = command.HasField("def")
        default = grammar.expression(getattr(command, "def")) if has else ""
        self.alter_column(relation, command.name, default=default, computed=False)

    def alter_set_not_null(self, _reader: Reader, relation: Relation, command: Any) -> None:
        self.alter_column(relation, command.name, not_null=True)

    def alter_drop_not_null(self, _reader: Reader, relation: Relation, command: Any) -> None:
        self.alter_column(relation, command.name, not_null=False)

    def alter_type(self, _reader: Reader, relation: Relation, command: Any) -> None:
        kind = grammar.type_name(getattr(command, "def").column_def.type_name)
        self.alter_column(relation, command.name, type=kind)

    def alter_computed(self, _reader: Reader, relation: Relation, command: Any) -> None:
        self.alter_column(relation, command.name, computed=True)

    def rename(self, _reader: Reader, node: Any) -> None:
        kind = grammar.constant("ObjectType", node.rename_type)
        relation = relation_of(node.relation)
        self.ever.add(node.newname)
        match kind:
            case "OBJECT_TABLE":
                self._rename_relation(relation, Relation(relation.schema, node.newname))
            case "OBJECT_INDEX":
                self.indexes = [
                    replace(i, name=node.newname) if i.name == relation.name else i for i in self.indexes
                ]
            case "OBJECT_TABCONSTRAINT":
                self.constraints = [
                    replace(c, name=node.newname) if _same(c.relation, relation) and c.name == node.subname else c
                    for c in self.constraints
                ]
            case "OBJECT_COLUMN":
                self._rename_column(relation, node.subname, node.newname)

    def _rename_relation(self, old: Relation, new: Relation) -> None:
        self.tables = [replace(t, relation=new) if _same(t.relation, old) else t for t in self.tables]
        self.columns = [replace(c, relation=new) if _same(c.relation, old) else c for c in self.columns]
        self.indexes = [replace(i, relation=new) if _same(i.relation, old) else i for i in self.indexes]
        self.constraints = [
            replace(
                c,
                relation=new if _same(c.relation, old) else c.relation,
                references=new if c.references and _same(c.references, old) else c.references,
            )
            for c in self.constraints
        ]

    def _rename_column(self, relation: Relation, old: str, new: str) -> None:
        """Follow a renamed column in columns and keys; expressions that name it are dropped as unknowable."""
        self.alter_column(relation, old, name=new)

        def renamed(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(new if name == old else name for name in names)

        kept = []
        for c in self.constraints:
            if _same(c.relation, relation) and c.kind is ConstraintKind.CHECK and old in _words(c.expression):
                continue
            mine = _same(c.relation, relation)
            theirs = c.references is not None and _same(c.references, relation)
            kept.append(
                replace(
                    c,
                    columns=renamed(c.columns) if mine else c.columns,
                    referenced=renamed(c.referenced) if theirs else c.referenced,
                )
            )
        self.constraints = kept
        self.indexes = [self._renamed_index(i, old, new) for i in self.indexes if not self._lost(i, relation, old)]

    def _lost(self, index: DeclaredIndex, relation: Relation, old: str) -> bool:
        written = [index.predicate, *(k.expression for k in index.keys if not k.is_column)]
        return _same(index.relation, relation) and any(old in _words(text) for text in written)

    def _renamed_index(self, index: DeclaredIndex, old: str, new: str) -> DeclaredIndex:
        keys = tuple(replace(k, expression=new) if k.is_column and k.expression == old else k for k in index.keys)
        return replace(index, keys=keys, include=tuple(new if c == old else c for c in index.include))

    def drop(self, _reader: Reader, node: Any) -> None:
        kind = grammar.constant("ObjectType", node.remove_type)
        for item in node.objects:
            names = [part.string.sval for part in item.list.items]
            if not names:
                continue
            relation = Relation(names[-2] if len(names) > 1 else "", names[-1])
            if kind == "OBJECT_TABLE":
                self._drop_table(relation)
            elif kind == "OBJECT_INDEX":
                self.indexes = [i for i in self.indexes if i.name != relation.name]

    def _drop_table(self, relation: Relation) -> None:
        self.tables = [t for t in self.tables if not _same(t.relation, relation)]
        self.columns = [c for c in self.columns if not _same(c.relation, relation)]
        self.indexes = [i for i in self.indexes if not _same(i.relation, relation)]
        self.constraints = [
            c
            for c in self.constraints
            if not _same(c.relation, relation) and not (c.references and _same(c.references, relation))
        ]

    def set_schema(self, _reader: Reader, node: Any) -> None:
        if grammar.constant("ObjectType", node.object_type) == "OBJECT_TABLE":
            relation = relation_of(node.relation)
            self._rename_relation(relation, Relation(node.newschema, relation.name))


_HANDLERS: dict[str, Callable[[_Fold, Reader, Any], None]] = {
    "create_stmt": _Fold.create_table,
    "index_stmt": _Fold.create_index,
    "alter_table_stmt": _Fold.alter_table,
    "rename_stmt": _Fold.rename,
    "drop_stmt": _Fold.drop,
    "alter_object_schema_stmt": _Fold.set_schema,
}
_ALTERATIONS: dict[str, Callable[[_Fold, Reader, Relation, Any], None]] = {
    "AT_AddColumn": _Fold.alter_add_column,
    "AT_AddConstraint": _Fold.alter_add_constraint,
    "AT_DropConstraint": _Fold.alter_drop_constraint,
    "AT_DropColumn": _Fold.alter_drop_column,
    "AT_ColumnDefault": _Fold.alter_default,
    "AT_SetNotNull": _Fold.alter_set_not_null,
    "AT_DropNotNull": _Fold.alter_drop_not_null,
    "AT_AlterColumnType": _Fold.alter_type,
    "AT_AddIdentity": _Fold.alter_computed,
}


def _same(one: Relation, other: Relation) -> bool:
    """Whether two written names can mean one relation: the search path is public unless a file says more."""
    return one.name == other.name and (one.schema or "public") == (other.schema or "public")


def _columns_of(constraint: DeclaredConstraint) -> set[str]:
    return {*constraint.columns, *_words(constraint.expression)}


def _index_words(index: DeclaredIndex) -> set[str]:
    return {word for key in index.keys for word in _words(key.expression)} | {
        *index.include,
        *_words(index.predicate),
    }


def _words(expression: str) -> set[str]:
    return set(re.findall(r"[A-Za-z_][\w$]*", expression))
