"""Turns nodes of the grammar's trees into declarations, with the places where they are written."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pgproof.place import Place
from pgproof.sql import grammar
from pgproof.sql.declared import (
    ConstraintKind,
    DeclaredColumn,
    DeclaredConstraint,
    DeclaredIndex,
    Key,
    Relation,
)
from pgproof.sql.grammar import Characters
from pgproof.sql.statement import Statement

_KINDS = {
    "CONSTR_PRIMARY": ConstraintKind.PRIMARY_KEY,
    "CONSTR_UNIQUE": ConstraintKind.UNIQUE,
    "CONSTR_CHECK": ConstraintKind.CHECK,
    "CONSTR_FOREIGN": ConstraintKind.FOREIGN_KEY,
    "CONSTR_EXCLUSION": ConstraintKind.EXCLUSION,
}
_ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
_SERIAL = re.compile(r"(?:small|big)?serial[248]?\Z", re.IGNORECASE)
_SERIAL_TYPES = {
    "smallserial": "smallint",
    "serial2": "smallint",
    "serial": "integer",
    "serial4": "integer",
    "bigserial": "bigint",
    "serial8": "bigint",
}


def relation_of(node: Any) -> Relation:
    """The relation that a RangeVar node names."""
    return Relation(node.schemaname, node.relname)


class Reader:
    """Reads nodes of one statement. Byte offsets are those of the statement's tree.

    `relation` finds the relation that a RangeVar node names.
    """

    def __init__(self, statement: Statement, relation: Callable[[Any], Relation]) -> None:
        self.statement = statement
        self._relation = relation
        self._characters = Characters(statement.text)

    def at(self, byte: int) -> int:
        """The character offset of a byte offset, both in the statement."""
        return self._characters.at(byte)

    def name_place(self, name: str, byte: int) -> Place:
        """Where `name` is written, at or behind a byte offset in the statement; else that offset."""
        start = self.at(byte)
        match = re.compile(rf'"?(?<![\w$]){re.escape(name)}(?![\w$])', re.IGNORECASE).search(
            self.statement.text, start
        )
        if match is None:
            return self.statement.at(start)
        return self.statement.at(match.end() - len(name), len(name))

    def column(self, relation: Relation, node: Any, *, inherited: bool = False) -> DeclaredColumn:
        """A ColumnDef node; one with options alone has no type."""
        kinds = [grammar.constant("ConstrType", c.constraint.contype) for c in node.constraints]
        default = ""
        for item in node.constraints:
            if grammar.constant("ConstrType", item.constraint.contype) == "CONSTR_DEFAULT":
                default = grammar.expression(item.constraint.raw_expr)
        written = grammar.type_name(node.type_name) if node.HasField("type_name") else ""
        serial = _SERIAL.match(written) is not None
        return DeclaredColumn(
            relation=relation,
            name=node.colname,
            type=_SERIAL_TYPES.get(written.lower(), written) if serial else written,
            not_null=serial or bool({"CONSTR_NOTNULL", "CONSTR_PRIMARY", "CONSTR_IDENTITY"} & set(kinds)),
            default=default,
            computed=serial or bool({"CONSTR_IDENTITY", "CONSTR_GENERATED"} & set(kinds)),
            place=self.name_place(node.colname, node.location),
            offset=self.statement.start + self.at(node.location),
            inherited=inherited,
        )

    def constraint(self, relation: Relation, node: Any, column: str) -> DeclaredConstraint | None:
        """A Constraint node, or None for what is no constraint in pg_constraint (NOT NULL, DEFAULT, ...).

        `column` is the column that it is written behind, "" for a table constraint.
        """
        kind = _KINDS.get(grammar.constant("ConstrType", node.contype))
        if kind is None:
            return None
        foreign = kind is ConstraintKind.FOREIGN_KEY
        own = node.fk_attrs if foreign else node.keys
        columns = tuple(part.string.sval for part in own) or ((column,) if column else ())
        offset = self.at(node.location)
        place = (
            self.name_place(node.conname, node.location)
            if node.conname
            else self.statement.at(offset, len(kind.value.removesuffix(" constraint")))
        )
        return DeclaredConstraint(
            relation=relation,
            name=node.conname,
            kind=kind,
            columns=columns,
            place=place,
            offset=self.statement.start + offset,
            expression=grammar.expression(node.raw_expr) if kind is ConstraintKind.CHECK else "",
            references=self._relation(node.pktable) if foreign else None,
            referenced=tuple(part.string.sval for part in node.pk_attrs),
            on_delete=_ACTIONS.get(node.fk_del_action, "NO ACTION"),
            on_update=_ACTIONS.get(node.fk_upd_action, "NO ACTION"),
        )

    def index(self, node: Any) -> DeclaredIndex:
        """An IndexStmt node."""
        relation = self._relation(node.relation)
        written = self.statement.text.upper().find("INDEX")
        place = self.name_place(node.idxname, written) if node.idxname else self.statement.place
        return DeclaredIndex(
            relation=relation,
            name=node.idxname,
            method=node.access_method or "btree",
            unique=node.unique,
            keys=tuple(self._key(item.index_elem) for item in node.index_params),
            include=tuple(item.index_elem.name for item in node.index_including_params),
            predicate=grammar.expression(node.where_clause) if node.HasField("where_clause") else "",
            place=place,
        )

    def _key(self, node: Any) -> Key:
        descending = grammar.constant("SortByDir", node.ordering) == "SORTBY_DESC"
        nulls = grammar.constant("SortByNulls", node.nulls_ordering)
        return Key(
            expression=node.name or grammar.expression(node.expr),
            is_column=bool(node.name),
            descending=descending,
            nulls_first=descending if nulls == "SORTBY_NULLS_DEFAULT" else nulls == "SORTBY_NULLS_FIRST",
        )
