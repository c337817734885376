"""Columns that take less on another schema than on a statement's own: by type, enumeration or domain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

from pgproof.catalog.snapshot import Table
from pgproof.explain.facts import Unsure
from pgproof.explain.service import Bench
from pgproof.sql.name import qualified

_WHOLE = ("smallint", "integer", "bigint", "numeric")
_TEXTS = frozenset({"text", "character varying"})
_STAMPS = frozenset({"timestamp without time zone", "timestamp with time zone"})
_WIDER = {
    **{
        name: frozenset({*_WHOLE[place + 1 :], "real", "double precision"})
        for place, name in enumerate(_WHOLE[:-1])
    },
    "real": frozenset({"double precision"}),
    **dict.fromkeys(("date", *_STAMPS), _STAMPS),
    "time without time zone": frozenset({"time with time zone", "interval"}),
    "cidr": frozenset({"inet"}),
    "json": frozenset({"text"}),
    **dict.fromkeys(("text", "character varying", "character", "name"), _TEXTS),
}
"""The types that take every value of a type, maybe rounded, where they have no modifier."""
_MODIFIER = re.compile(r"\(.*?\)")


@dataclass(frozen=True, slots=True)
class _Taken:
    """What a column takes: a type with its modifier, the labels of an enumeration, the rules of domains (SQL)."""

    type: str
    labels: tuple[str, ...]
    rules: tuple[str, ...]


def narrower(
    home: Bench,
    abroad: Bench,
    here: Table,
    there: Table,
    columns: frozenset[str],
    said: Mapping[str, tuple[tuple[str, ...], ...]],
) -> Iterator[Unsure]:
    """Those of the columns that take less `there`, each with what it takes.

    `said` are the types (SQL) that all values for a column are known to be of, for each value. Raises
    psycopg.Error.
    """
    if not columns:
        return
    own, others = _columns(home, here), _columns(abroad, there)
    for name in (each for each in others if each in columns and each in own):
        less = " and ".join(_less(own[name], others[name]))
        if less and not _is_taken(home, own[name], others[name], said.get(name, ())):
            what = f"the type of {name}"
            yield Unsure(table=there.name, constraint=what, definition=less, columns=(name,), is_of_type=True)


def _is_taken(home: Bench, own: _Taken, other: _Taken, said: tuple[tuple[str, ...], ...]) -> bool:
    """Whether the other column takes all values, by a type that each is said to be of."""
    kinds = (
        [replace(own, type=kind, labels=()) for each in types if (kind := _named(home, each))] for types in said
    )
    return bool(said) and all(any(not list(_less(kind, other)) for kind in each) for each in kinds)


def _named(bench: Bench, written: str) -> str:
    """The server's name of a type, with its modifier; "" of one that is not the server's own, or has a meaning."""
    row = bench.conn.execute(_query("built_in_type"), {"type": written}).fetchone()
    if row is None:
        return ""
    name, modifier = str(row[0]), "".join(_MODIFIER.findall(written))
    word, brackets = name.removesuffix("[]"), "[]" if name.endswith("[]") else ""
    head, space, rest = word.partition(" with") if word.startswith("time") else (word, "", "")
    return f"{head}{modifier}{space}{rest}{brackets}"


def _less(own: _Taken, other: _Taken) -> Iterator[str]:
    """What the other column does not take, or may not, in the words of a type."""
    if own.labels and other.labels:
        gone = [label for label in own.labels if label not in other.labels]
        if gone:
            yield f"{other.type}, which lacks {', '.join(map(repr, gone))}"
    elif not _is_wider(own, other):
        yield other.type
    for rule in other.rules:
        if rule not in own.rules:
            yield f"{other.type} with {rule}"


def _is_wider(own: _Taken, other: _Taken) -> bool:
    """Whether the other type takes all values of this one: the same, or a wider one, and no limit is lower."""
    one, two = (_MODIFIER.sub("", each.type) for each in (own, other))
    limits = [[int(n) for n in re.findall(r"\d+", "".join(_MODIFIER.findall(each.type)))] for each in (own, other)]
    if own.labels:  # of an enumeration
        return two.removesuffix("[]") in _TEXTS and one.endswith("[]") == two.endswith("[]") and not limits[1]
    if one != two:
        known = _WIDER.get(one.removesuffix("[]"), frozenset())
        return two.removesuffix("[]") in known and one.endswith("[]") == two.endswith("[]") and not limits[1]
    if not limits[1]:
        return True
    if len(limits[0]) != len(limits[1]):
        return False
    if one.startswith("numeric") and len(limits[1]) == 2:  # digits before the point, and behind it
        limits = [[digits - scale, scale] for digits, scale in limits]
    return all(less <= more for less, more in zip(*limits, strict=True))


def _columns(bench: Bench, table: Table) -> dict[str, _Taken]:
    rows = bench.conn.execute(_query("column_types"), {"table": qualified(table.schema, table.name)}).fetchall()
    return {
        name: _Taken(kind, tuple(labels), (*rules, *(["NOT NULL"] if is_needed else [])))
        for name, kind, labels, rules, is_needed in rows
    }


@lru_cache
def _query(name: str) -> bytes:
    return files("pgproof.explain.deploy").joinpath(f"{name}.sql").read_bytes()
