"""Statistics of a live database as data that can leave it: how many, how often, how wide; values if asked for.

Read with ordinary SELECTs. The most common values of a column are told as keyed hashes: equal values of two
columns have equal ones, and nobody without the key, which is thrown away, can try out which value it is. Of
enumerations, booleans and columns with a CHECK list the values themselves are told: the schema has them anyway.
The same goes for expressions of indexes and of extended statistics. Of ranges the share of empty ones is told.
Their bounds and lengths are values: the length of [0, salary) is the salary, and the planner asks for no lengths
where it has no bounds (calc_hist_selectivity in src/backend/utils/adt/rangetypes_selfuncs.c).
Settings of the planner are told where somebody has set them. Statistics are those of all tables where this role
may read pg_statistic and pg_statistic_ext_data, else those that it is shown (pg_stats, pg_stats_ext).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import class_row, dict_row

from pgproof.catalog.snapshot import Snapshot, Table
from pgproof.contract.profile import SETTINGS
from pgproof.database.connection import Connection
from pgproof.database.version import ServerVersion
from pgproof.explain.size import combination, declared, expression, extended
from pgproof.explain.size.exported import FORMAT
from pgproof.explain.size.own import query
from pgproof.sql.name import qualified, quote

_DIGITS = 16
_COLUMNS = "pg_catalog.pg_statistic"
_EXTENDED = "pg_catalog.pg_statistic_ext_data"
_WHY = {
    "privilege": "this role may not read the column",
    "index": "this role neither owns the index nor may read all statistics",
    "row security": "row security is active for this role",
    "analyze": "nobody has analysed the table",
}
_ELEMENTS = "how often elements are in it, and how many, is exported with --values alone"
_RANGES = "bounds and lengths of its ranges are exported with --values alone"
_UNTOLD = "before 17 what is known of ranges stands in pg_statistic alone, which this role may not read"
_UNSHOWN = "what is known of ranges stands in pg_statistic_ext_data alone, which this role may not read"
_WHY_EXTENDED = {**_WHY, "privilege": "this role neither owns the table nor may read all extended statistics"}
_FIGURES = ("nulls", "width", "distinct", "correlation")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Type:
    """A type below domains, and what is in arrays of it; listed are those whose values the schema has."""

    number: int = 0
    name: str = ""
    is_listed: bool = False
    is_range: bool = False
    element: str = ""
    elements_are_listed: bool = False


_UNKNOWN = _Type()


def export(
    conn: Connection, snapshot: Snapshot, *, schemas: Sequence[str], key: bytes, values: bool = False
) -> dict[str, Any]:
    """The statistics of all tables in `schemas` (all of them if none is named), as JSON has them.

    `conn` is in a transaction that only reads. `key` is for the hashes; with `values`, most common values and
    bounds of histograms are told as they are. Raises psycopg.Error.
    """
    conn.execute(query("export_settings"))
    found = _read(conn, list(schemas))
    told = _Told(snapshot, found.types, key, values)
    known = [told.column(each) for each in found.columns if not each["reason"]]
    extras = [(each, told.extended(each, found.expressions, known)) for each in found.extended]
    places = ("schema", "table", "column")
    return {
        "schema": FORMAT,
        "server": str(ServerVersion(conn.info.server_version)),
        "values": values,
        "settings": found.settings,
        "relations": found.relations,
        "columns": [each for each in known if "expression" not in each],
        "expressions": [each for each in known if "expression" in each],
        "extended": [extended.told(each, *rest) for each, rest in extras if not each["reason"]],
        "unread": [
            *(
                {**{part: each[part] for part in places}, "reason": why}
                for each in found.columns
                if (why := _WHY.get(each["reason"]) or told.left_out(each))
            ),
            *_unread(extras, found, told),
        ],
        "grants": _grants(found, told, conn.info.user),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What the server has; `expressions` are those of extended statistics, by their name and `inherited`."""

    relations: list[dict[str, Any]]
    columns: list[dict[str, Any]]
    extended: list[dict[str, Any]]
    expressions: Mapping[tuple[str, str, bool], list[dict[str, Any]]]
    settings: Mapping[str, str]
    types: Mapping[int, _Type]


def _read(conn: Connection, schemas: list[str]) -> _Found:
    columns = "export_columns" if _may_read(conn, _COLUMNS) else "export_columns_shown"
    suffix = "" if _may_read(conn, _EXTENDED) else "_owned"
    named = {"schemas": schemas}
    with conn.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(query(columns), named).fetchall()
        combined = cursor.execute(query(f"export_extended{suffix}"), named).fetchall()
        spoken = cursor.execute(query(f"export_expressions{suffix}"), named).fetchall()
        relations = cursor.execute(query("export_relations"), named).fetchall()
        settings = cursor.execute(query("export_planner"), {"names": sorted(SETTINGS)}).fetchall()
    tables = {(each["schema"], each["name"]): (each["table_schema"], each["table"]) for each in combined}
    texts = [((each["owner_schema"], each["owner"]), each) for each in found if each["expression"]]
    texts += [(tables[each["schema"], each["name"]], each) for each in spoken]
    kinds = expression.types(conn, [(table, each["expression"]) for table, each in texts])
    for (_, each), kind in zip(texts, kinds, strict=True):
        each["type"] = kind
    numbers = sorted({each["type"] for each in (*found, *spoken)})
    with conn.cursor(row_factory=class_row(_Type)) as typed:
        types = {each.number: each for each in typed.execute(query("export_types"), {"numbers": numbers})}
    expressions: dict[tuple[str, str, bool], list[dict[str, Any]]] = {}
    for each in spoken:
        expressions.setdefault((each["schema"], each["name"], each["inherited"]), []).append(each)
    return _Found(
        relations=relations,
        columns=found,
        extended=combined,
        expressions=expressions,
        settings={each["name"]: each["value"] for each in settings},
        types=types,
    )


def _may_read(conn: Connection, relation: str) -> bool:
    row = conn.execute("SELECT pg_catalog.has_table_privilege(%s, 'SELECT')", (relation,)).fetchone()
    return bool(row and row[0])


@dataclass(frozen=True, slots=True)
class _Told:
    """How figures are told: as hashes by this key, or as values."""

    snapshot: Snapshot
    types: Mapping[int, _Type]
    key: bytes
    values: bool

    def column(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """One column, or one expression of an index."""
        told: dict[str, Any] = {part: found[part] for part in ("schema", "table", "column")}
        listed: tuple[str, ...] = ()
        if found["expression"]:
            del told["column"]
            told |= {"index": found["table"], "table": [found["owner_schema"], found["owner"]]}
            told |= {"position": found["position"], "expression": found["expression"]}
            told |= {"top": [found["top_schema"], found["top"]]} if found["top"] else {}
        else:
            told["inherited"] = found["inherited"]
            table = Table(schema=found["schema"], name=found["table"], kind="", visible=False)
            own = [c for c in self.snapshot.constraints_of(table) if c.columns == (found["column"],)]
            listed = declared.listed(own, found["column"])
        return told | self._figures(found, listed)

    def extended(
        self,
        found: Mapping[str, Any],
        expressions: Mapping[tuple[str, str, bool], list[dict[str, Any]]],
        known: Sequence[dict[str, Any]],
    ) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        """The most common combinations of extended statistics, and what is known of their expressions."""
        spoken = [
            {"position": each["position"], "expression": each["expression"], **self._figures(each, ())}
            for each in expressions.get((found["schema"], found["name"], found["inherited"]), ())
        ]
        where = (found["table_schema"], found["table"])
        own: dict[combination.Part, Mapping[str, Any]] = {
            each["column"]: each for each in known if (each["schema"], each.get("table")) == where
        }
        own |= {each["position"]: each for each in spoken}
        return combination.told(found, own, self.hashed), spoken

    def left_out(self, found: Mapping[str, Any]) -> str:
        """Why something of a column that was read is not exported; "" where all is."""
        kind = self.types.get(found["type"], _UNKNOWN)
        has_elements = found["elements"] is not None or found["element_counts"] is not None
        if has_elements and not self._has_elements(found, kind):
            return _ELEMENTS
        if found["nulls"] is None or not kind.is_range:
            return ""
        if not found.get("is_told", True):
            return _UNTOLD
        return _RANGES if not self.values and found["ranges"] is not None else ""

    def is_range(self, found: Mapping[str, Any]) -> bool:
        return self.types.get(found["type"], _UNKNOWN).is_range

    def hashed(self, value: str) -> str:
        return hmac.new(self.key, value.encode(), "sha256").hexdigest()[:_DIGITS]

    def _figures(self, found: Mapping[str, Any], listed: Sequence[str]) -> dict[str, Any]:
        """`labels` are values that the schema has (`listed`, or the type's), `hashes` stand for others."""
        kind = self.types.get(found["type"], _UNKNOWN)
        common = found["values"] or []
        told: dict[str, Any] = {"type": kind.name} | {part: found[part] for part in _FIGURES}
        told["frequencies"] = found["frequencies"] or []
        if self._has_elements(found, kind):
            told["elements"] = {
                "type": kind.element,
                "values": found["elements"],
                "frequencies": found["element_frequencies"],
                "counts": found["element_counts"] or [],
            }
        if kind.is_range and found["empty"] is not None:
            told["ranges"] = {"empty": found["empty"]}
            if self.values:
                told["ranges"] |= {"bounds": found["ranges"] or [], "lengths": found["lengths"] or []}
        if kind.is_listed or (listed and set(common) <= set(listed)):
            told["labels"] = common
        elif self.values:
            told |= {"values": common, "bounds": found["bounds"] or []}
        else:
            told["hashes"] = [self.hashed(each) for each in common]
        return told

    def _has_elements(self, found: Mapping[str, Any], kind: _Type) -> bool:
        """Whether what is in arrays may be told: labels, or whatever was asked for."""
        return bool(found["elements"]) and (self.values or kind.elements_are_listed)


def _unread(
    extras: Sequence[tuple[dict[str, Any], tuple[dict[str, Any] | None, list[dict[str, Any]]]]],
    found: _Found,
    told: _Told,
) -> Iterator[dict[str, str]]:
    """Extended statistics that could not be read, and what of others is left out."""
    for each, (combinations, _) in extras:
        why = [_WHY_EXTENDED[each["reason"]]] if each["reason"] else []
        if not why and each["items"] and combinations is None:
            why = ["most common combinations hold values, and are not exported"]
        for one in found.expressions.get((each["schema"], each["name"], each["inherited"]), ()):
            left = told.left_out(one)
            if _is_unshown(one, told):
                left = _UNSHOWN
            why += [f"{one['expression']}: {left}"] if left else []
        if why:
            yield {"schema": each["schema"], "statistics": each["name"], "reason": "; ".join(why)}


def _is_unshown(found: Mapping[str, Any], told: _Told) -> bool:
    """Whether it is a range of which the view of extended statistics shows nothing, though there is something."""
    return told.is_range(found) and found["empty"] is None and found["nulls"] < 1


def _grants(found: _Found, told: _Told, role: str) -> list[str]:
    """What whoever owns the tables would have to run so that this role can read the rest, and nothing more."""
    columns: dict[str, list[str]] = {}
    for each in found.columns:
        if each["reason"] == "privilege":
            table = qualified(each["schema"], each["table"])
            columns.setdefault(table, []).append(quote(each["column"]))
    grants = [
        f"GRANT SELECT ({', '.join(names)}) ON {table} TO {quote(role)};" for table, names in columns.items()
    ]
    if any(each["reason"] == "index" or told.left_out(each) == _UNTOLD for each in found.columns):
        grants.append(f"GRANT SELECT ON {_COLUMNS} TO {quote(role)};")
    spoken = [one for each in found.expressions.values() for one in each]
    if any(each["reason"] == "privilege" for each in found.extended) or any(_is_unshown(e, told) for e in spoken):
        grants.append(f"GRANT SELECT ON {_EXTENDED} TO {quote(role)};")
    return grants
