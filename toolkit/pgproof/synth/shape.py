"""What rows have to fit: the tables of a database, their columns with types, and what they are bound to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg.rows import dict_row

from pgproof.sql.name import qualified


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """A type: a domain has a `base`, an array an `element`, a range a `subtype`, a multirange a `range`."""

    number: int
    name: str
    kind: str
    element: int
    base: int
    labels: tuple[str, ...]
    fields: tuple[int, ...]
    subtype: int
    range: int
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column. `is_own` if the server gives it a value itself (identity, generated, a sequence).

    `computed` is the expression of a generated one, `default` that of another one's default.
    """

    number: int
    name: str
    type: str
    type_number: int
    is_needed: bool
    is_identity: bool
    is_generated: bool
    is_own: bool
    computed: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond:
    """A constraint or a unique index, by the name that a refusal says, and the columns that it is about.

    Of a foreign key, `target` is the table as SQL, `referenced` its columns, `leaves` the numbers of the tables
    that hold its rows; unless it `is_divided` into partitions, only rows of its own count. One that `has_period`
    is about ranges in its last columns. `kind` is as in pg_constraint.contype. A `made` one is a wish for a row;
    its condition may speak of other tables, too.
    """

    name: str
    kind: str
    columns: tuple[str, ...]
    condition: str = ""
    target: str = ""
    referenced: tuple[str, ...] = ()
    leaves: tuple[int, ...] = ()
    is_divided: bool = False
    has_period: bool = False
    made: bool = False

    @property
    def origin(self) -> str:
        """The target in FROM, without tables that inherit from it: a foreign key does not look at them."""
        return self.target if self.is_divided else f"ONLY {self.target}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table that holds rows itself."""

    number: int
    schema: str
    name: str
    columns: tuple[Column, ...]
    bonds: tuple[Bond, ...]

    @property
    def sql(self) -> str:
        """Its name in a statement, and for people."""
        return qualified(self.schema, self.name)

    @property
    def foreign_keys(self) -> tuple[Bond, ...]:
        """What its rows refer to."""
        return tuple(each for each in self.bonds if each.kind == "f")

    def needs(self, bond: Bond) -> bool:
        """True if a row cannot do without what the foreign key refers to."""
        return all(each.is_needed for each in self.columns if each.name in bond.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """All tables, in the order of their names, and the types by their numbers.

    `materialized` views and `foreign` tables are there as SQL; the former behind those that they select from.
    `accepted` is what the server was found to take of values for a type.
    """

    tables: tuple[Table, ...]
    types: Mapping[int, Type]
    materialized: tuple[str, ...]
    foreign: tuple[str, ...]
    accepted: dict[tuple[str, tuple[str | None, ...]], tuple[str | None, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )


def read(conn: psycopg.Connection[Any]) -> Shape:
    """The shape of the database: five queries, whose texts of conditions name everything with its schema.

    `conn` is in a transaction. Raises psycopg.Error.
    """
    path = conn.execute("SELECT pg_catalog.current_setting('search_path')").fetchone()
    conn.execute("SET LOCAL search_path = pg_catalog")
    found = {name: _rows(conn, name) for name in ("tables", "columns", "constraints", "types", "others")}
    conn.execute("SELECT pg_catalog.set_config('search_path', %s, true)", path)
    columns: dict[int, list[Column]] = {}
    for row in found["columns"]:
        columns.setdefault(row.pop("table"), []).append(Column(**row))
    bonds: dict[int, list[Bond]] = {}
    for row in found["constraints"]:
        bonds.setdefault(row["table"], []).append(_bond(row))
    return Shape(
        tables=tuple(
            Table(
                number=row["number"],
                schema=row["schema"],
                name=row["name"],
                columns=tuple(columns.get(row["number"], ())),
                bonds=(*bonds.get(row["number"], ()), *_bound(row["bound"], columns.get(row["number"], []))),
            )
            for row in found["tables"]
        ),
        types={row["number"]: Type(**{k: _frozen(v) for k, v in row.items()}) for row in found["types"]},
        materialized=tuple(_name(row) for row in found["others"] if row["is_materialized"]),
        foreign=tuple(_name(row) for row in found["others"] if not row["is_materialized"]),
    )


def _name(row: dict[str, Any]) -> str:
    return qualified(row["schema"], row["name"])


def _bond(row: dict[str, Any]) -> Bond:
    is_key = row["kind"] == "f"
    return Bond(
        name=row["name"],
        kind=row["kind"],
        columns=tuple(row["columns"]),
        condition=row["condition"] or "",
        target=qualified(row["referenced_schema"], row["referenced_name"]) if is_key else "",
        referenced=tuple(row["referenced_columns"]),
        leaves=tuple(row["leaves"]) or ((row["referenced"],) if is_key else ()),
        is_divided=bool(row["leaves"]),
        has_period=row["has_period"],
    )


def _bound(condition: str | None, columns: list[Column]) -> tuple[Bond, ...]:
    """The bounds of a partition are a condition like those of CHECK (pg_get_partition_constraintdef)."""
    if not condition:
        return ()
    from pgproof.sql.condition import columns as named

    about = tuple(each.name for each in columns if each.name in named(condition))
    return (Bond(name="its bounds as a partition", kind="c", columns=about, condition=condition),)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _rows(conn: psycopg.Connection[Any], name: str) -> list[dict[str, Any]]:
    return conn.cursor(row_factory=dict_row).execute(_sql(name)).fetchall()


@lru_cache
def _sql(name: str) -> bytes:
    return files("pgproof.synth").joinpath(f"{name}.sql").read_bytes()
