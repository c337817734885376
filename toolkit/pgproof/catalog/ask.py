"""What is asked of the catalog of a server: the columns that the accounting has, those that this server has.

Expressions are written by the server under an empty search_path, so that each name in them has its schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pgproof.catalog.accounting import accounting
from pgproof.catalog.batch import Batch
from pgproof.database.connection import Connection

# constants in expressions are written as these say, which a role or a database may have otherwise
_SETTINGS = (
    "SET LOCAL search_path = ''",
    "SET LOCAL timezone = 'UTC'",
    "SET LOCAL datestyle = 'ISO'",
    "SET LOCAL intervalstyle = 'postgres'",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL standard_conforming_strings = on",
    "SET LOCAL lc_monetary = 'C'",
    "SET LOCAL extra_float_digits = 1",
    "SET LOCAL quote_all_identifiers = off",
    "SET LOCAL jit = off",
    # rows come in one order, as long as nothing changes
    "SET LOCAL synchronize_seqscans = off",
    "SET LOCAL max_parallel_workers_per_gather = 0",
)

OTHERS = ("others_privileges", "others_owners", "others_comments", "others_missing")
"""The queries for what is said of objects that are not the user's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogs:
    """The relations of pg_catalog: `oids` by name, what is to be read of them, and what is unaccounted for."""

    oids: Mapping[str, int]
    batches: dict[str, Batch]
    unmodelled: list[str]


def settle(conn: Connection) -> None:
    """Change the settings of a transaction to those in which catalogs are asked, until its end."""
    conn.execute("; ".join(_SETTINGS).encode())


def catalogs(conn: Connection, options: frozenset[str]) -> Catalogs:
    """The catalogs of this server; the settings of the transaction are changed until its end. One round trip."""
    found: dict[str, tuple[int, dict[str, str]]] = {}
    cursor = conn.execute(b"; ".join([*map(str.encode, _SETTINGS), sql("catalogs")]))
    for _ in _SETTINGS:
        cursor.nextset()
    for oid, relation, column, kind in cursor:
        found.setdefault(relation, (oid, {}))[1][column] = kind
    known = accounting()
    unmodelled: list[str] = []
    for name, (_, types) in found.items():
        if name not in known:
            unmodelled.append(f"this server has a catalog {name}, which is not in the accounting")
        elif not known[name].ignored:
            more = types.keys() - {each.name for each in known[name].columns}
            unmodelled += [f"this server has a column {name}.{column}" for column in sorted(more)]
    batches = {}
    for each in known.values():
        if each.name in found and not each.ignored and each.option in ("", *options):
            oid, types = found[each.name]
            wanted = [column for column in each.read if column.option in ("", *options)]
            columns = tuple(column for column in wanted if column.name in types)
            batches[each.name] = Batch(each.asked(options), columns, oid, types)
    return Catalogs(oids={name: oid for name, (oid, _) in found.items()}, batches=batches, unmodelled=unmodelled)


@cache
def sql(name: str) -> bytes:
    """A query of this room."""
    return files("pgproof.catalog").joinpath(f"{name}.sql").read_bytes()
