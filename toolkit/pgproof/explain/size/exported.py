"""Reads what `pgproof stats export` has written, as figures of a profile.

Rows of tables, shares of NULL and of labels, widths, correlations, numbers of values and of combinations, how
often the most common ones are, values and bounds of histograms where they were exported, of columns and of
expressions, settings of the planner: with these the sweep plans as production would. Its sizes are those of the
export, and multiples of them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pgproof.catalog.snapshot import Column, Snapshot, Table
from pgproof.contract.profile import SETTINGS
from pgproof.errors import InputError, Problem
from pgproof.explain.size import extended
from pgproof.explain.size.column import Elements, Ranges, Said
from pgproof.explain.size.combination import Part
from pgproof.explain.size.extended import Extended

FORMAT = "pgproof.stats/1"
Name = tuple[str, str]
_HINT = "write it with: pgproof stats export --database URL > {path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What was known of an expression of an index (schema, name), with its table and its place in the index.

    `top` is the partitioned index that this is a part of, else itself.
    """

    index: Name
    table: Name
    position: int
    text: str
    top: Name
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """Rows of tables (schema, name) as they were, and what was known of columns. `path` is the file.

    `keys` are expressions of indexes. `settings` are those of the planner that somebody had set, as SET takes
    them.
    """

    path: str
    rows: Mapping[Name, float]
    columns: Mapping[tuple[Name, str], Mapping[str, Any]]
    settings: Mapping[str, str] = field(default_factory=dict)
    extended: tuple[Extended, ...] = ()
    keys: tuple[Key, ...] = ()

    @property
    def largest(self) -> float:
        """The rows of the largest table."""
        return max(self.rows.values(), default=1.0)

    def said(self, sizes: tuple[float, ...]) -> dict[tuple[Name, str], Said]:
        """What that says of each column, at each of so many sizes."""
        return {key: said_of(each, self.rows.get(key[0], 1.0), len(sizes)) for key, each in self.columns.items()}

    def at(self, sizes: tuple[float, ...]) -> dict[Name, tuple[float, ...]]:
        """The rows of each table when the largest has as many as `sizes` say."""
        return {
            name: tuple(max(1.0, rows * size / self.largest) for size in sizes) for name, rows in self.rows.items()
        }

    def strangers(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Tables and columns that the schema does not have. Raises InputError if it has none of the tables."""
        tables = {(each.schema, each.name): each for each in snapshot.tables}
        if self.rows and not set(self.rows) & set(tables):
            names = ", ".join(sorted(".".join(name) for name in self.rows)[:5])
            raise InputError(
                Problem(
                    message=f"{self.path} has the statistics of another schema",
                    detail=f"It speaks of {names}, and the migrations create none of its tables.",
                    hint=_HINT.format(path=self.path),
                )
            )
        lost = [".".join(name) for name in self.rows if name not in tables]
        lost += [
            f"{'.'.join(name)}.{column}"
            for name, column in self.columns
            if name in tables and column not in {c.name for c in _columns(snapshot, tables[name])}
        ]
        indexes = {(each.schema, each.name) for each in snapshot.indexes}
        lost += [f"index {'.'.join(each.index)}" for each in self.keys if not {each.index, each.top} & indexes]
        return tuple(sorted(dict.fromkeys(lost)))

    def key(self, index: Name, top: Name, position: int) -> Key | None:
        """What is known of an expression of an index, or of a part of the partitioned one that it is a part of."""
        found = [each for each in self.keys if each.position == position]
        own = [each for each in found if each.index == index] or [each for each in found if each.top == top]
        return own[0] if own else None


def load(path: Path) -> Exported:
    """The export in a file. Raises InputError where there is none, or it is of another form."""
    try:
        return read(str(path), path.read_text(encoding="utf-8"))
    except OSError as error:
        problem = Problem(message=f"cannot read {path}: {error.strerror or error}", hint=_HINT.format(path=path))
        raise InputError(problem) from None
    except UnicodeDecodeError:
        raise InputError(Problem(message=f"{path} is not UTF-8", hint=_HINT.format(path=path))) from None


def read(path: str, text: str) -> Exported:
    """The export in the text of a file. Raises InputError."""
    try:
        found = json.loads(text)
        if not isinstance(found, dict) or found.get("schema") != FORMAT:
            raise InputError(Problem(message=f"{path} is no export of statistics", hint=_HINT.format(path=path)))
        rows = dict(_rows(found["relations"]))
        columns = dict(_columns_of(found["columns"]))
        hashes: dict[tuple[Name, Part], list[str]] = {name: each["hashes"] for name, each in columns.items()}
        return Exported(
            path=path,
            rows=rows,
            extended=tuple(extended.read(found["extended"], rows, hashes, figures)),
            keys=tuple(_keys(found.get("expressions", []))),
            columns=columns,
            settings={str(name): str(value) for name, value in found["settings"].items() if name in SETTINGS},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = Problem(
            message=f"{path} is not as it was exported",
            detail=f"{type(error).__name__}: {error}.",
            hint=_HINT.format(path=path),
        )
        raise InputError(problem) from None


def _rows(relations: list[dict[str, Any]]) -> Iterator[tuple[Name, float]]:
    for each in relations:
        if each["kind"] in ("r", "p", "m") and float(each["rows"]) >= 0:
            yield (str(each["schema"]), str(each["name"])), max(1.0, float(each["rows"]))


def _columns_of(columns: list[dict[str, Any]]) -> Iterator[tuple[tuple[Name, str], dict[str, Any]]]:
    """Of a partitioned table what is known of all its partitions together, which comes last."""
    for each in columns:
        yield ((str(each["schema"]), str(each["table"])), str(each["column"])), figures(each)


def _keys(expressions: list[dict[str, Any]]) -> Iterator[Key]:
    for each in expressions:
        index = (str(each["schema"]), str(each["index"]))
        schema, name = each.get("top", index)
        yield Key(
            index=index,
            table=(str(each["table"][0]), str(each["table"][1])),
            position=int(each["position"]),
            text=str(each["expression"]),
            top=(str(schema), str(name)),
            figures=figures(each),
        )


def figures(written: Mapping[str, Any]) -> dict[str, Any]:
    """What is written of one column or expression. Raises KeyError, TypeError or ValueError."""
    order = written["correlation"]
    return {
        "nulls": _share(written["nulls"]),
        **{part: _number(written[part]) for part in ("width", "distinct")},
        "correlation": None if order is None else _number(order),
        "frequencies": [_share(each) for each in written["frequencies"]],
        "type": str(written["type"]),
        "elements": _elements_of(written.get("elements")),
        "ranges": _ranges_of(written.get("ranges"), str(written["type"])),
        **{
            part: [str(value) for value in written.get(part, [])]
            for part in ("labels", "values", "hashes", "bounds")
        },
    }


def _number(written: Any) -> float:
    found = float(written)
    if not math.isfinite(found):
        raise ValueError(f"{found} is no figure")
    return found


def _share(written: Any) -> float:
    found = _number(written)
    if not 0 <= found <= 1:
        raise ValueError(f"{found:g} is no share of rows")
    return found


def _elements_of(written: Mapping[str, Any] | None) -> Elements:
    if written is None:
        return Elements()
    return Elements(
        type=str(written["type"]),
        values=tuple(map(str, written["values"])),
        frequencies=tuple(map(_number, written["frequencies"])),
        counts=tuple(map(_number, written["counts"])),
    )


def _ranges_of(written: Mapping[str, Any] | None, kind: str) -> Ranges:
    if written is None:
        return Ranges()
    return Ranges(
        type=kind,
        empty=_share(written["empty"]),
        bounds=tuple(map(str, written.get("bounds", ()))),
        lengths=tuple(map(_number, written.get("lengths", ()))),
    )


def said_of(column: Mapping[str, Any], rows: float, sizes: int) -> Said:
    """What `figures` say of a column or an expression of a table that had so many rows, for so many sizes."""
    distinct, nulls = column["distinct"], column["nulls"]
    filled = max(1e-9, 1 - nulls)
    said = Said(
        nulls=(nulls,) * sizes,
        width=(max(1.0, column["width"]),) * sizes,
        correlation=column["correlation"],
        elements=column["elements"],
        ranges=column["ranges"],
    )
    if column["labels"]:
        said.shares = {
            label: share / filled for label, share in zip(column["labels"], column["frequencies"], strict=False)
        }
        return said
    if distinct:
        said.fan_out = (max(1.0, filled / -distinct if distinct < 0 else rows * filled / distinct),) * sizes
    said.frequencies = tuple(column["frequencies"])
    said.hot = (max(said.frequencies, default=0.0),) * sizes
    said.type, said.common, said.bounds = column["type"], tuple(column["values"]), tuple(column["bounds"])
    return said


def _columns(snapshot: Snapshot, table: Table) -> tuple[Column, ...]:
    return snapshot.columns_of(table)
