"""Base types and the functions that read and write them need each other: a shell type stands in between.

CREATE TYPE with a name alone makes one, the functions may speak of it then, and CREATE TYPE with the functions
fills it in (CREATE TYPE in PostgreSQL's manual, Notes). DROP TYPE ... CASCADE drops the type with those functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pgproof.catalog.fact import Key
from pgproof.drift.ddl.base_types import is_base
from pgproof.drift.unit import Side

Needs = Mapping[Key, frozenset[Key]]


def functions(side: Side, needs: Needs) -> dict[Key, Key]:
    """The functions that a base type needs, and that need it: the type of each."""
    return dict(_functions(side, needs))


def _functions(side: Side, needs: Needs) -> Iterator[tuple[Key, Key]]:
    for key, unit in side.units.items():
        if key[0] == "pg_type" and is_base(unit):
            yield from ((each, key) for each in needs.get(key, ()) if key in needs.get(each, ()))


def straight(side: Side, needs: Needs) -> Needs:
    """The same needs, but those functions do not need their types, only the schemas of them. Pure."""
    changed: dict[Key, frozenset[Key]] = {}
    for each, key in functions(side, needs).items():
        schema = {other for other in needs[key] if other[0] == "pg_namespace"}
        changed[each] = frozenset(changed.get(each, needs[each]) - {key} | schema)
    return {**needs, **changed}
