"""Reads what statements declare, in order, into a `Declared`: CREATE, ALTER, RENAME and DROP are folded.

The reader is PostgreSQL's own grammar, so nothing that the server accepts is unreadable here; what a
statement *does* beyond its text (DO, CALL, functions, IMPORT FOREIGN SCHEMA) is not imitated but listed as opaque.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pgproof.sql import grammar
from pgproof.sql.built import Built
from pgproof.sql.declaration import Reader, relation_of
from pgproof.sql.declared import Declared, DeclaredTable, Opaque, Relation
from pgproof.sql.grammar import GrammarError, TooDeep
from pgproof.sql.statement import Statement

_OPAQUE = {
    "do_stmt": "a DO block may do anything",
    "call_stmt": "a procedure may do anything",
    "execute_stmt": "a prepared statement may do anything",
}
_IMPORT = "import_foreign_schema_stmt"
_TABLES = frozenset({"OBJECT_TABLE", "OBJECT_FOREIGN_TABLE", "OBJECT_MATVIEW"})


def read(statements: Iterable[Statement]) -> Declared:
    """What `statements` declare together. A statement that does not parse is skipped (the caller reports it)."""
    fold = _Fold()
    for statement in statements:
        try:
            tree = grammar.parse(statement.text)
        except TooDeep:
            fold.built.opaque.append(Opaque(statement, "a statement is nested too deeply to be read"))
            continue
        except GrammarError:
            continue
        for raw in tree.stmts:
            fold.see(statement, raw.stmt)
    return fold.built.declared()


class _Fold:
    """The schema so far, and the session that builds it: its search path, and its temporary tables."""

    def __init__(self) -> None:
        self.built = Built()
        self.path: tuple[str, ...] = ()
        self.file = ""
        self.temporary: set[str] = set()

    def see(self, statement: Statement, node: Any) -> None:
        if statement.source.path != self.file:  # a file begins with the settings of the server
            self.file, self.path = statement.source.path, ()
        kind = node.WhichOneof("node")
        if kind in _OPAQUE:
            self.built.opaque.append(Opaque(statement, _OPAQUE[kind]))
        elif kind == _IMPORT:
            reason = "which tables IMPORT FOREIGN SCHEMA creates, the other server says"
            self.built.opaque.append(Opaque(statement, reason, is_import=True))
        elif kind == "select_stmt" and "func_call" in str(node):
            self.built.opaque.append(Opaque(statement, "a function that is called may do anything"))
        handler = _HANDLERS.get(kind)
        if handler is not None:
            handler(self, Reader(statement, self.relation), getattr(node, kind))

    def relation(self, node: Any) -> Relation:
        """The relation that a RangeVar node names, found on the search path where a file sets one."""
        written = relation_of(node)
        if written.schema or not self.path:
            return written
        known = [schema for schema in self.path if self.built.knows(Relation(schema, written.name))]
        return self._in((*known, *self.path)[0], written.name)

    def _in(self, schema: str, name: str) -> Relation:
        return Relation("" if schema == "public" else schema, name)

    def is_temporary(self, node: Any) -> bool:
        """Whether a RangeVar names a temporary table, which is no part of the schema."""
        return node.schemaname == "pg_temp" or (not node.schemaname and node.relname in self.temporary)

    def set_variable(self, _reader: Reader, node: Any) -> None:
        if node.name != "search_path":
            return
        words = [item.a_const.sval.sval for item in node.args]
        self.path = tuple(word for word in words if word not in ("", "$user", "pg_catalog", "pg_temp"))

    def create_table(self, reader: Reader, node: Any) -> None:
        self.built.ever.add(node.relation.relname)
        if node.relation.relpersistence == "t" or node.relation.schemaname == "pg_temp":
            self.temporary.add(node.relation.relname)
            return
        relation = relation_of(node.relation)
        if not relation.schema and self.path:
            relation = self._in(self.path[0], relation.name)
        place = reader.name_place(relation.name, node.relation.location)
        parents = [self.relation(parent.range_var) for parent in node.inh_relations]
        self.built.add_table(
            DeclaredTable(relation, place, reader.statement.source.path),
            parents,
            partition=node.HasField("partbound"),
        )
        inherited = bool(parents) or node.HasField("of_typename")
        for element in node.table_elts:
            match element.WhichOneof("node"):
                case "column_def":
                    self.add_column(reader, relation, element.column_def, inherited=inherited)
                case "constraint":
                    self.add_constraint(reader, relation, element.constraint)

    def create_foreign_table(self, reader: Reader, node: Any) -> None:
        self.create_table(reader, node.base_stmt)

    def create_table_as(self, _reader: Reader, node: Any) -> None:
        self.built.ever.add(node.into.rel.relname)
        if node.into.rel.relpersistence == "t":
            self.temporary.add(node.into.rel.relname)

    def create_schema(self, reader: Reader, node: Any) -> None:
        before, self.path = self.path, (node.schemaname,)
        for element in node.schema_elts:
            kind = element.WhichOneof("node")
            if kind in ("create_stmt", "index_stmt"):
                _HANDLERS[kind](self, reader, getattr(element, kind))
        self.path = before

    def create_index(self, reader: Reader, node: Any) -> None:
        if not self.is_temporary(node.relation):
            self.built.add_index(reader.index(node))

    def add_column(self, reader: Reader, relation: Relation, node: Any, *, inherited: bool = False) -> None:
        self.built.add_column(reader.column(relation, node, inherited=inherited))
        for element in node.constraints:
            self.add_constraint(reader, relation, element.constraint, node.colname)

    def add_constraint(self, reader: Reader, relation: Relation, node: Any, column: str = "") -> None:
        constraint = reader.constraint(relation, node, column)
        if constraint is not None:
            self.built.add_constraint(constraint, of_index=node.indexname)

    def alter_table(self, reader: Reader, node: Any) -> None:
        if grammar.constant("ObjectType", node.objtype) not in _TABLES or self.is_temporary(node.relation):
            return
        relation = self.relation(node.relation)
        for item in node.cmds:
            command = item.alter_table_cmd
            subtype = grammar.constant("AlterTableType", command.subtype)
            if subtype in _ALTERATIONS:
                _ALTERATIONS[subtype](self, reader, relation, command)
            elif subtype in _COLUMN_CHANGES:
                for table in self.built.with_children(relation) if node.relation.inh else [relation]:
                    self.built.alter_column(table, command.name, **_COLUMN_CHANGES[subtype](command))

    def alter_add_column(self, reader: Reader, relation: Relation, command: Any) -> None:
        self.add_column(reader, relation, getattr(command, "def").column_def)

    def alter_add_constraint(self, reader: Reader, relation: Relation, command: Any) -> None:
        self.add_constraint(reader, relation, getattr(command, "def").constraint)

    def alter_drop_constraint(self, _reader: Reader, relation: Relation, command: Any) -> None:
        self.built.drop_constraint(relation, command.name, cascade=_cascades(command))

    def alter_drop_column(self, _reader: Reader, relation: Relation, command: Any) -> None:
        parts = [r for r in self.built.with_children(relation) if r == relation or self.built.is_partition(r)]
        for table in parts:
            self.built.drop_column(table, command.name, cascade=_cascades(command))

    def alter_parent(self, _reader: Reader, relation: Relation, command: Any) -> None:
        new = getattr(command, "def")
        adds = grammar.constant("AlterTableType", command.subtype) in ("AT_AttachPartition", "AT_AddInherit")
        is_partition = new.WhichOneof("node") == "partition_cmd"
        other = self.relation(new.partition_cmd.name if is_partition else new.range_var)
        child, parent = (other, relation) if is_partition else (relation, other)
        if adds:
            self.built.set_parent(child, parent, partition=is_partition)
        else:
            self.built.drop_parent(child, parent)

    def rename(self, _reader: Reader, node: Any) -> None:
        if self.is_temporary(node.relation):
            return
        relation = self.relation(node.relation) if node.HasField("relation") else Relation("", "")
        self.built.ever.add(node.newname)
        match grammar.constant("ObjectType", node.rename_type):
            case "OBJECT_TABLE" | "OBJECT_MATVIEW" if self.built.knows(relation):
                self.built.rename_table(relation, Relation(relation.schema, node.newname))
            case "OBJECT_INDEX" | "OBJECT_TABLE":
                self.built.rename_index(node.relation.relname, node.newname)
            case "OBJECT_TABCONSTRAINT":
                self.built.rename_constraint(relation, node.subname, node.newname)
            case "OBJECT_COLUMN":
                for table in self.built.with_children(relation):
                    self.built.rename_column(table, node.subname, node.newname)
            case "OBJECT_SCHEMA":
                self.built.rename_schema(node.subname, node.newname)

    def drop(self, _reader: Reader, node: Any) -> None:
        kind = grammar.constant("ObjectType", node.remove_type)
        for item in node.objects:
            names = _names(item)
            if not names:
                continue
            if kind in _TABLES:
                self._drop_table(names)
            elif kind == "OBJECT_INDEX":
                self.built.drop_index(names[-1])
            elif kind == "OBJECT_SCHEMA":
                self.built.drop_schema(names[-1])
            elif _cascades(node):
                self.built.drop_users_of(names[-1])

    def _drop_table(self, names: list[str]) -> None:
        if names[-1] in self.temporary and names[0] in ("pg_temp", names[-1]):
            self.temporary.discard(names[-1])
            return
        written = grammar.range_var(names)
        self.built.drop_table(self.relation(written))

    def set_schema(self, _reader: Reader, node: Any) -> None:
        if grammar.constant("ObjectType", node.object_type) in _TABLES:
            relation = self.relation(node.relation)
            self.built.rename_table(relation, self._in(node.newschema, relation.name))


def _names(item: Any) -> list[str]:
    """The parts of a name in DROP, however its kind of object writes it."""
    match item.WhichOneof("node"):
        case "list":
            parts = item.list.items
        case "type_name":
            parts = item.type_name.names
        case "object_with_args":
            parts = item.object_with_args.objname
        case _:
            parts = [item]
    return [part.string.sval for part in parts if part.WhichOneof("node") == "string"]


def _cascades(node: Any) -> bool:
    return grammar.constant("DropBehavior", node.behavior) == "DROP_CASCADE"


def _default(command: Any) -> dict[str, Any]:
    has = command.HasField("def")
    return {"default": grammar.expression(getattr(command, "def")) if has else "", "computed": False}


def _type(command: Any) -> dict[str, Any]:
    return {"type": grammar.type_name(getattr(command, "def").column_def.type_name)}


_HANDLERS: dict[str, Callable[[_Fold, Reader, Any], None]] = {
    "variable_set_stmt": _Fold.set_variable,
    "create_stmt": _Fold.create_table,
    "create_foreign_table_stmt": _Fold.create_foreign_table,
    "create_table_as_stmt": _Fold.create_table_as,
    "create_schema_stmt": _Fold.create_schema,
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
    "AT_AttachPartition": _Fold.alter_parent,
    "AT_DetachPartition": _Fold.alter_parent,
    "AT_AddInherit": _Fold.alter_parent,
    "AT_DropInherit": _Fold.alter_parent,
}
_COLUMN_CHANGES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "AT_ColumnDefault": _default,
    "AT_SetNotNull": lambda _: {"not_null": True},
    "AT_DropNotNull": lambda _: {"not_null": False},
    "AT_AlterColumnType": _type,
    "AT_AddIdentity": lambda _: {"computed": True},
}
