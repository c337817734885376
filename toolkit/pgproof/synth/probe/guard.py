"""Reads what refuses rows from the catalog of a scratch database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg.rows import dict_row

from pgproof.sql.condition import columns as named
from pgproof.sql.name import qualified
from pgproof.synth.candidate import candidates, quoted
from pgproof.synth.probe.fact import Guard
from pgproof.synth.shape import Column, Shape

_NOT_INHERITED = "fipux"


def read(conn: psycopg.Connection[Any]) -> tuple[Guard, ...]:
    """The guards of all tables, by schema, table, kind and name. `conn` is in a transaction.

    Conditions name everything with its schema. Raises psycopg.Error.
    """
    return tuple(map(_guard, rows(conn, "guards")))


def gaps(conn: psycopg.Connection[Any], all_: Sequence[Guard]) -> tuple[Guard, ...]:
    """The guards that a table has and one that inherits from it has not; each as one of the latter, its `heir`.

    Only CHECK and NOT NULL are inherited (5.11 of PostgreSQL's manual). Raises psycopg.Error.
    """
    of: dict[int, list[Guard]] = {}
    for each in all_:
        of.setdefault(each.table, []).append(each)
    found: list[Guard] = []
    for row in rows(conn, "descendants"):
        own = {_sense(each) for each in of.get(row["child"], ())}
        for each in of.get(row["parent"], ()):
            if _sense(each) in own or not (each.kind in _NOT_INHERITED or each.is_own):
                continue
            names = {"schema": row["schema"], "table_name": row["name"], "heir": row["name"]}
            found.append(replace(each, table=row["child"], **names))
    return tuple(found)


def _sense(guard: Guard) -> tuple[str, ...]:
    """What a guard refuses, so that another table's can be compared."""
    is_key = guard.kind in "pui"
    return ("u" if is_key else guard.kind, *sorted(guard.keys or guard.columns), guard.condition, guard.predicate)


def _guard(row: dict[str, Any]) -> Guard:
    """An index is about the columns in its keys."""
    guard = Guard(**{key: _frozen(value) for key, value in row.items()})
    if guard.columns or not guard.keys:
        return guard
    return replace(guard, columns=tuple(sorted(frozenset[str]().union(*map(named, guard.keys)))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """What a domain is over, by name and number, and how a column holds it.

    Either the column `is_whole` a value of it, or there is something `before` and `after` that: it is in an array,
    or in a row.
    """

    base: str
    number: int
    is_whole: bool = True
    before: str = ""
    after: str = ""

    def written(self, value: str | None) -> str | None:
        """The value of a column that holds this one of the domain."""
        if self.is_whole:
            return value
        absent = "NULL" if self.before.startswith("{") else ""
        return self.before + (absent if value is None else quoted(value)) + self.after


def of_domains(conn: psycopg.Connection[Any], shape: Shape) -> tuple[tuple[Guard, Domain], ...]:
    """The guards of domains, each of the first column that has the domain's type, also in an array or a row.

    Those of domains that no column has are not there. Raises psycopg.Error.
    """
    columns = [(table, column) for table in shape.tables for column in table.columns if not column.is_generated]
    found: list[tuple[Guard, Domain]] = []
    for row in rows(conn, "domains"):
        domain = Domain(base=row["base"], number=row["base_number"])
        held = [(table, column, _held(domain, column, row["is_over"], shape)) for table, column in columns]
        users = sorted((each for each in held if each[2]), key=lambda each: not (each[2] and each[2].is_whole))
        for table, column, way in users[:1]:
            guard = Guard(
                table=table.number,
                schema=table.schema,
                table_name=table.name,
                root_schema=table.schema,
                root=table.name,
                name=row["name"],
                root_name=row["name"],
                kind=row["kind"],
                columns=(column.name,),
                condition=row["condition"],
                domain=qualified(row["schema"], row["domain"]),
            )
            found.append((guard, way or domain))
    return tuple(found)


def _held(domain: Domain, column: Column, is_over: Sequence[int], shape: Shape) -> Domain | None:
    """How the column holds values of the domain; None if it does not."""
    type_ = shape.types.get(column.type_number)
    if column.type_number in is_over:
        return domain
    if type_ is None:
        return None
    if type_.element in is_over:
        return replace(domain, is_whole=False, before="{", after="}")
    place = next((place for place, each in enumerate(type_.fields) if each in is_over), None)
    if place is None:
        return None
    others = [quoted(candidates(each, shape.types)[0]) for each in type_.fields]
    before, after = "".join(f"{each}," for each in others[:place]), "".join(f",{e}" for e in others[place + 1 :])
    return replace(domain, is_whole=False, before=f"({before}", after=f"{after})")


def by_root(guards: Sequence[Guard]) -> tuple[tuple[Guard, ...], ...]:
    """The guards, those together that a partitioned table has given to its partitions."""
    groups: dict[tuple[str, str, str, str], list[Guard]] = {}
    for each in guards:
        groups.setdefault((each.root_schema, each.root, each.kind, each.root_name), []).append(each)
    return tuple(tuple(group) for group in groups.values())


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def rows(
    conn: psycopg.Connection[Any], name: str, values: Mapping[str, object] | None = None
) -> list[dict[str, Any]]:
    """What the file of that name selects; conditions in it name everything with its schema."""
    path = conn.execute("SELECT pg_catalog.current_setting('search_path')").fetchone()
    conn.execute("SET LOCAL search_path = pg_catalog")
    rows = conn.cursor(row_factory=dict_row).execute(_sql(name), values).fetchall()
    conn.execute("SELECT pg_catalog.set_config('search_path', %s, true)", path)
    return rows


@lru_cache
def _sql(name: str) -> bytes:
    return files("pgproof.synth.probe").joinpath(f"{name}.sql").read_bytes()
