"""Whether a statement is refused for every row, or only for those that were made, with the values that were.

What a constraint says is about columns. Where the statement writes all of them, and says with what, there is
nothing left to chance; where a column is the row's own, or is written from one, some other row may be taken: one
is looked for (`passing`). That none is found is no proof where functions are called, a trigger may change the row,
or other tables have a say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import psycopg

from pgproof.contract.promise import Query
from pgproof.sql.condition import calls, qualifiers
from pgproof.sql.condition import columns as named
from pgproof.sql.literal import literal
from pgproof.sql.modification import Modification
from pgproof.sql.name import quote
from pgproof.synth.shape import Column, Shape, Table
from pgproof.synth.stretch import is_gone_through

NOT_NULL = "NOT NULL of "
_STEPS = ("- 1", "+ 1", "- interval '1 day'", "+ interval '1 day'")
_PARAMETER = re.compile(r"\$(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A statement, the table that holds rows of the one that it changes, and the constraint that refused them.

    `constraint` is "" where another error did.
    """

    query: Query
    says: Modification
    table: Table
    shape: Shape
    constraint: str

    @property
    def condition(self) -> str:
        """What the constraint says of a row, as SQL; "" of one that is no condition."""
        if self.constraint.startswith(NOT_NULL):
            return f"{quote(self.constraint.removeprefix(NOT_NULL))} IS NOT NULL"
        found = (each.condition for each in self.table.bonds if each.name == self.constraint and each.kind == "c")
        return next(found, "")

    @property
    def about(self) -> tuple[Column, ...]:
        """The columns that decide; of a generated one those that it is made of, of a domain those that have it."""
        bonds = [each for each in self.table.bonds if each.name == self.constraint]
        names = {name for each in bonds for name in each.columns}
        if self.constraint.startswith(NOT_NULL):
            names = {self.constraint.removeprefix(NOT_NULL)}
        elif not bonds:
            is_domain = bool(self.constraint)
            names = {name for name, _ in self.says.written if not is_domain or self._is_of_domain(name)}
        for each in self.table.columns:
            if each.name in names and each.is_generated:
                names = (names - {each.name}) | named(each.computed)
        return tuple(each for each in self.table.columns if each.name in names)

    @property
    def written(self) -> tuple[str, ...]:
        """What the statement writes to these columns, as SQL."""
        names = {each.name for each in self.about}
        return tuple(value for name, value in self.says.written if name in names)

    @property
    def own(self) -> frozenset[str]:
        """The columns of a row on which it depends whether it is refused."""
        if self.says.kind == "INSERT":
            return frozenset()
        assigned = {name for name, _ in self.says.written}
        kept = {each.name for each in self.about} - assigned
        return frozenset(kept.union(*map(named, self.written)))

    def _is_of_domain(self, name: str) -> bool:
        column = next((each for each in self.table.columns if each.name == name), None)
        type_ = self.shape.types.get(column.type_number) if column else None
        return type_ is not None and bool(type_.base)


def is_certain(conn: psycopg.Connection[Any], refused: Refused) -> bool:
    """True if nothing that was chosen here is to blame: no value of a parameter, nor a row of another table.

    Of a foreign key nothing is certain, since the row that a value names may be there in production. Where it
    depends on the row, `passing` has to be asked, too. Of an error that no constraint has raised, a trigger raises
    it for each row, or it has to follow from what the statement says. Raises psycopg.Error.
    """
    says = refused.says
    if not refused.constraint:
        found = conn.execute(_query("raising"), {"table": refused.table.number, "event": says.kind}).fetchall()
        if found:
            return any(is_always for (is_always,) in found)
        return not refused.own and _is_said(refused)
    if says.kind == "INSERT" and not says.written:
        return False  # of a query, or without the names of columns
    if not refused.about or any(
        each.name == refused.constraint and each.kind == "f" for each in refused.table.bonds
    ):
        return False
    if any(qualifiers(each) - {"", says.table} or "SELECT " in each for each in refused.written):
        return False
    if not _is_said(refused):
        return False
    assigned = {name for name, _ in says.written}
    left = (each.default for each in refused.about if says.kind == "INSERT" and each.name not in assigned)
    if any("(" in each for each in left) or _is_open(refused):
        return False
    row = conn.execute(
        _query("chance"), {"table": refused.table.number, "name": refused.constraint, "event": says.kind}
    ).fetchone()
    return row is None


def _is_said(refused: Refused) -> bool:
    """Whether the values of all parameters that are written are said."""
    said = {each.number for each in refused.query.parameters if each.value}
    return {int(number) for each in refused.written for number in _PARAMETER.findall(each)} <= said


def _is_open(refused: Refused) -> bool:
    """Whether the rows that are made tell too little: functions decide, or types that are not gone through."""
    own = [each for each in refused.table.columns if each.name in refused.own]
    has_calls = any(named(each) & refused.own and calls(each) for each in (*refused.written, refused.condition))
    return has_calls or not all(is_gone_through(each.type_number, refused.shape.types) for each in own)


def passing(conn: psycopg.Connection[Any], refused: Refused) -> tuple[tuple[str, ...], str] | None:
    """What a row has to be like for the constraint to take what is written: columns, and a condition about them.

    None where that cannot be asked of a row: of a generated column, or with parameters. Raises psycopg.Error.
    """
    columns, own = {each.name for each in refused.about}, refused.own
    if not refused.condition or any(_PARAMETER.search(each) for each in refused.written):
        return None
    if not named(refused.condition) <= columns:
        return None
    values = dict(refused.says.written)
    row = ", ".join(
        f"({values.get(each.name, quote(each.name))})::{each.type} AS {quote(each.name)}" for each in refused.about
    )
    is_taken = f"(SELECT ({refused.condition}) IS NOT FALSE FROM (SELECT {row}) AS r)"
    hints = [
        f"{quote(each.name)} IS DISTINCT FROM {v}" for each in refused.about for v in _near(conn, refused, each)
    ]
    return tuple(sorted(own)), " AND ".join([is_taken, *(f"({each} OR true)" for each in hints)])


def _near(conn: psycopg.Connection[Any], refused: Refused, column: Column) -> Iterator[str]:
    """Values next to those that the statement writes, as constants of the column's type: rows may fit there."""
    if column.name not in refused.own:
        return
    for value in dict.fromkeys(each for each in refused.written if not named(each)):
        for step in _STEPS:
            try:
                with conn.transaction():
                    query = f"SELECT (({value})::{column.type} {step})::{column.type}::pg_catalog.text"
                    row = conn.execute(query.encode()).fetchone()
            except psycopg.Error:
                if conn.closed:
                    raise
                continue
            if row and row[0] is not None:
                yield f"{literal(row[0])}::{column.type}"


@lru_cache
def _query(name: str) -> bytes:
    return files("pgproof.synth.probe").joinpath(f"{name}.sql").read_bytes()
