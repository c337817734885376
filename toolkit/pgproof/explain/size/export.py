"""Statistics of a live database as data that can leave it: how many, how often, how wide; values if asked for.

Read with ordinary SELECTs. The most common values of a column are told as keyed hashes: equal values of two
columns have equal ones, and nobody without the key, which is thrown away, can try out which value it is. Of
enumerations, booleans and columns with a CHECK list the values themselves are told: the schema has them anyway.
Settings of the planner are told where somebody has set them. Extended statistics are those of all tables where
this role may read pg_statistic_ext_data, else those of its own (pg_stats_ext).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from typing import Any

from psycopg.rows import dict_row

from pgproof.catalog.snapshot import Snapshot, Table
from pgproof.contract.profile import SETTINGS
from pgproof.database.connection import Connection
from pgproof.database.version import ServerVersion
from pgproof.explain.size import combination, declared, extended
from pgproof.explain.size.exported import FORMAT
from pgproof.explain.size.own import query
from pgproof.sql.name import qualified, quote

_DIGITS = 16
_DATA = "pg_catalog.pg_statistic_ext_data"
_WHY = {
    "privilege": "this role may not read the column",
    "row security": "row security is active for this role",
    "analyze": "nobody has analysed the table",
}
_KEPT = {
    "elements": "how often elements are in it, and how many, is exported with --values alone",
    "ranges": "bounds and lengths of its ranges are not exported",
}
_WHY_EXTENDED = {**_WHY, "privilege": "this role neither owns the table nor may read all extended statistics"}


def export(
    conn: Connection, snapshot: Snapshot, *, schemas: Sequence[str], key: bytes, values: bool = False
) -> dict[str, Any]:
    """The statistics of all tables in `schemas` (all of them if none is named), as JSON has them.

    `conn` is in a transaction that only reads. `key` is for the hashes; with `values`, most common values and
    bounds of histograms are told as they are. Raises psycopg.Error.
    """
    conn.execute(query("export_settings"))
    names = {"schemas": list(schemas)}
    with conn.cursor(row_factory=dict_row) as cursor:
        relations = cursor.execute(query("export_relations"), names).fetchall()
        columns = cursor.execute(query("export_columns"), names).fetchall()
        combined = cursor.execute(query(_extended_of(conn)), names).fetchall()
        settings = cursor.execute(query("export_planner"), {"names": sorted(SETTINGS)}).fetchall()
    known = [_column(each, snapshot, key, values=values) for each in columns if not each["reason"]]
    unread = [each for each in columns if each["reason"]]
    extras = [(each, _combinations(each, known, key)) for each in combined]
    return {
        "schema": FORMAT,
        "server": str(ServerVersion(conn.info.server_version)),
        "values": values,
        "settings": {each["name"]: each["value"] for each in settings},
        "relations": relations,
        "columns": known,
        "extended": [extended.told(each, found) for each, found in extras if not each["reason"]],
        "unread": [
            *(
                {**{part: each[part] for part in ("schema", "table", "column")}, "reason": why}
                for each in columns
                if (why := _WHY.get(each["reason"]) or _kept(each, values=values))
            ),
            *_unread(extras),
        ],
        "grants": _grants(unread, combined, conn.info.user),
    }


def _extended_of(conn: Connection) -> str:
    """Where this role finds extended statistics: those of all tables, or of its own."""
    row = conn.execute("SELECT pg_catalog.has_table_privilege(%s, 'SELECT')", (_DATA,)).fetchone()
    return "export_extended" if row and row[0] else "export_extended_owned"


def _kept(found: dict[str, Any], *, values: bool) -> str:
    """Why something of a column that was read is not exported; "" where all is."""
    return "" if found["kept"] == "elements" and _has_elements(found, values) else _KEPT.get(found["kept"], "")


def _has_elements(found: dict[str, Any], values: bool) -> bool:
    """Whether what is in arrays may be told: labels, or whatever was asked for."""
    return bool(found["elements"]) and (values or found["elements_are_listed"])


def _combinations(found: dict[str, Any], known: Sequence[dict[str, Any]], key: bytes) -> dict[str, Any] | None:
    """The most common combinations of extended statistics, told as the values of their columns are."""
    where = (found["table_schema"], found["table"])
    own = {each["column"]: each for each in known if (each["schema"], each["table"]) == where}
    return combination.told(found, own, lambda value: _hashed(value, key))


def _hashed(value: str, key: bytes) -> str:
    return hmac.new(key, value.encode(), "sha256").hexdigest()[:_DIGITS]


def _unread(extras: Sequence[tuple[dict[str, Any], dict[str, Any] | None]]) -> Iterator[dict[str, str]]:
    """Extended statistics that could not be read, and what of others is left out."""
    for each, found in extras:
        why = _WHY_EXTENDED.get(each["reason"], "")
        kept = extended.left_out(each["kinds"], combinations=found is not None or not each["items"])
        if not why and kept:
            why = f"{kept} hold values, and are not exported"
        if why:
            yield {"schema": each["schema"], "statistics": each["name"], "reason": why}


def _column(found: dict[str, Any], snapshot: Snapshot, key: bytes, *, values: bool) -> dict[str, Any]:
    """One column; `labels` are values that the schema has, `hashes` stand for those that it has not."""
    common, frequencies = found["values"] or [], found["frequencies"] or []
    told: dict[str, Any] = {part: found[part] for part in ("schema", "table", "column", "type", "inherited")}
    told |= {part: found[part] for part in ("nulls", "width", "distinct", "correlation")}
    told["frequencies"] = frequencies
    if _has_elements(found, values):
        told["elements"] = {
            "type": found["element_type"],
            "values": found["elements"],
            "frequencies": found["element_frequencies"],
            "counts": found["element_counts"] or [],
        }
    table = Table(schema=found["schema"], name=found["table"], kind="", visible=False)
    own = [c for c in snapshot.constraints_of(table) if c.columns == (found["column"],)]
    listed = declared.listed(own, found["column"])
    if found["is_listed"] or (listed and set(common) <= set(listed)):
        told["labels"] = common
    elif values:
        told |= {"values": common, "bounds": found["bounds"] or []}
    else:
        told["hashes"] = [_hashed(each, key) for each in common]
    return told


def _grants(unread: Sequence[dict[str, Any]], combined: Sequence[dict[str, Any]], role: str) -> list[str]:
    """What whoever owns the tables would have to run so that this role can read the rest, and nothing more."""
    columns: dict[str, list[str]] = {}
    for each in unread:
        if each["reason"] == "privilege":
            table = qualified(each["schema"], each["table"])
            columns.setdefault(table, []).append(quote(each["column"]))
    found = [f"GRANT SELECT ({', '.join(names)}) ON {table} TO {quote(role)};" for table, names in columns.items()]
    if any(each["reason"] == "privilege" for each in combined):
        found.append(f"GRANT SELECT ON {_DATA} TO {quote(role)};")
    return found
