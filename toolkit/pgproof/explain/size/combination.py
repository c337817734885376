"""Most common combinations of columns (CREATE STATISTICS ... mcv) that were exported, as the server keeps them.

The list has no input, and holds values in the form of their types: so the server is given a table of its own with
a row for each combination, and makes the list of that; of each one, the shares of the rows are written over it
(statext_mcv_serialize in src/backend/statistics/mcv.c: they stand at its end). All is undone with the table.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pgproof.database.connection import Connection
from pgproof.explain.size.own import query
from pgproof.sql.literal import literal
from pgproof.sql.name import qualified

Part = str | int
"""A column by name, or an expression by its number, from -1 down."""
Cell = str | int | None
"""A value as text, the place of one among the most common ones of its column, or NULL."""
_SHARES = struct.Struct("=dd")
_TABLE = "pgproof_combinations"
_LEAST = 100


@dataclass(frozen=True, slots=True)
class Combination:
    """Values that are often together: in which share of the rows, and in which by those of each alone (`base`)."""

    cells: tuple[Cell, ...]
    share: float
    base: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Combinations:
    """The most common ones of these columns and expressions."""

    parts: tuple[Part, ...] = ()
    items: tuple[Combination, ...] = ()


def told(found: Mapping[str, Any], columns: Mapping[Part, Mapping[str, Any]], keyed: Any) -> dict[str, Any] | None:
    """A row of `export_extended.sql` as JSON has it; None where there is no list, or it may not leave.

    `columns` are those of the table, and the expressions, as they were exported: what is a label or a value there
    is one here, for others stand hashes by `keyed`. What is in a list of the schema is told as it is, and a
    combination with anything else in that column is left out.
    """
    items = found["items"] or []
    if not items:
        return None
    names: list[Part] = [*found["keys"], *range(-1, len(found["keys"]) - len(items[0][0]) - 1, -1)]
    items = [each for each in items if _is_listed(each, names, columns)]
    if not items or not all(name in columns for name in names):
        return None
    ways = ["hashes" if "hashes" in columns[name] else "values" for name in names]
    return {
        "columns": names,
        "told": ways,
        "items": [
            [
                [
                    None if is_null else keyed(value) if way == "hashes" else value
                    for value, is_null, way in zip(values, nulls, ways, strict=True)
                ],
                share,
                base,
            ]
            for values, nulls, share, base in items
        ],
    }


def _is_listed(item: Sequence[Any], names: Sequence[Part], columns: Mapping[Part, Mapping[str, Any]]) -> bool:
    """Whether the values of columns with labels are among these: a CHECK that is not valid has others, too."""
    values, nulls, *_ = item
    known = (columns.get(name, {}).get("labels") for name in names)
    told = zip(known, values, nulls, strict=True)
    return all(is_null or labels is None or value in labels for labels, value, is_null in told)


def read(written: Mapping[str, Any] | None, hashes: Mapping[Part, Sequence[str]]) -> Combinations:
    """What `told` has written; `hashes` are those of the most common values of columns and expressions.

    A combination with a value that is none of these is left out. Raises KeyError, TypeError or ValueError.
    """
    if written is None:
        return Combinations()
    parts: tuple[Part, ...] = tuple(e if isinstance(e, int) else str(e) for e in written["columns"])
    places = [
        {each: place for place, each in enumerate(hashes.get(name, ()))} if way == "hashes" else None
        for name, way in zip(parts, written["told"], strict=True)
    ]
    found = []
    for cells, share, base in written["items"]:
        pairs = list(zip(cells, places, strict=True))
        if all(cell is None or known is None or cell in known for cell, known in pairs):
            row = tuple(c if c is None or known is None else known[c] for c, known in pairs)
            found.append(Combination(row, float(share), float(base)))
    return Combinations(parts=parts, items=tuple(found))


def filled(known: Combinations, common: Mapping[Part, Sequence[str]]) -> Combinations:
    """The combinations with values for places among the most common ones of their parts, which are given."""
    found = []
    for each in known.items:
        pairs = [(cell, common.get(part, ())) for cell, part in zip(each.cells, known.parts, strict=True)]
        if all(not isinstance(cell, int) or cell < len(values) for cell, values in pairs):
            cells = tuple(values[cell] if isinstance(cell, int) else cell for cell, values in pairs)
            found.append(Combination(cells, each.share, each.base))
    return Combinations(parts=known.parts, items=tuple(found))


def packed(conn: Connection, table: tuple[str, str], parts: Mapping[Part, str], known: Combinations) -> str:
    """The list as the server keeps it, in hexadecimal digits; "" where it takes none of the values.

    `parts` are the columns and expressions of the statistics as SQL, in their order. `conn` is in a transaction,
    in a cluster of our own. Raises psycopg.Error where a value is none of the type.
    """
    order = [known.parts.index(part) for part in parts]
    rows = {tuple(each.cells[place] for place in order): (each.share, each.base) for each in known.items}
    if not rows:
        return ""
    names = ", ".join(f"c{number}" for number in range(len(order)))
    selected = ", ".join(f"({text}) AS c{number}" for number, text in enumerate(parts.values()))
    values = ", ".join(f"({', '.join(_constant(cell) for cell in row)})" for row in rows)
    statements = (
        f"CREATE TEMPORARY TABLE {_TABLE} AS SELECT {selected} FROM ONLY {qualified(*table)} WITH NO DATA",
        f"CREATE STATISTICS pg_temp.{_TABLE} (mcv) ON {names} FROM pg_temp.{_TABLE}",
        f"ALTER STATISTICS pg_temp.{_TABLE} SET STATISTICS {max(_LEAST, len(rows))}",
        f"INSERT INTO pg_temp.{_TABLE} VALUES {values}",
        f"ANALYZE pg_temp.{_TABLE}",
    )
    with conn.transaction():
        for statement in statements:
            conn.execute(statement.encode())
        given = conn.execute(_written(len(order)).encode()).fetchall()
        content, listed = conn.execute(query("combinations_made")).fetchall()[0]
        conn.execute(f"DROP TABLE pg_temp.{_TABLE}".encode())
    shares = {tuple(written): shares for (written,), shares in zip(given, rows.values(), strict=True)}
    return _with_shares(content, [shares[tuple(each)] for each in listed or ()], len(order)).hex()


def _written(columns: int) -> str:
    """The query for the combinations that were put in, in that order, as output functions write them."""
    texts = (
        f"CASE WHEN c{number} IS NOT NULL THEN pg_catalog.format('%s', c{number}) END" for number in range(columns)
    )
    return f"SELECT ARRAY[{', '.join(texts)}]::pg_catalog.text[] FROM pg_temp.{_TABLE} ORDER BY ctid"


def _constant(cell: Cell) -> str:
    return "NULL" if cell is None else literal(str(cell)).strip()


def _with_shares(content: bytes, shares: Iterable[tuple[float, float]], columns: int) -> bytes:
    """The list with other shares: behind a bool for each column, before a number of a value for each."""
    changed, found = bytearray(content), list(shares)
    length = 3 * columns + _SHARES.size
    for place, pair in enumerate(reversed(found), 1):
        _SHARES.pack_into(changed, len(content) - place * length + columns, *pair)
    return bytes(changed)
