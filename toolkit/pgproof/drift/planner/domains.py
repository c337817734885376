"""Domains whose values are held within arrays, rows or ranges: these take no constraint any more.

The server looks for values that break it in columns of the domain alone, and refuses where a column holds some
within others (get_rels_with_domain in src/backend/commands/typecmds.c).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from pgproof.catalog.fact import Key
from pgproof.drift.unit import Side, Unit
from pgproof.drift.words import label

if TYPE_CHECKING:
    from pgproof.drift.planner.changes import Changes

_MADE_OF_OTHERS = ("pg_type", "pg_class", "pg_attribute")
_VALIDATES = re.compile(r" VALIDATE CONSTRAINT | SET NOT NULL$")


def leave(todo: Changes) -> None:
    """Domains that are there, and get no constraint any more, keep those that they have."""
    for key in [*todo.fresh, *todo.alters]:
        unit, found = todo.new.units[key], todo.alters.get(key, [])
        domain = _domain_of(unit)
        if domain is None or domain not in todo.old.units or domain in todo.anew:
            continue
        is_added = key not in todo.alters and (unit.say("contype") == "n" or bool(unit.say("validated")))
        refused = [each for each in found if _VALIDATES.search(each)]
        holder = _holder(domain, todo.old, todo.keeps_type) if is_added or refused else None
        if holder is not None:
            why = f"{label(holder.main)} holds values of it within others, where PostgreSQL validates none"
            todo.impossible.append((label(unit.main), why))
            todo.fresh = [each for each in todo.fresh if each != key]
            if key in todo.alters:
                todo.alters[key] = [each for each in found if each not in refused]


def _domain_of(unit: Unit) -> Key | None:
    """The domain that an object is, or is a constraint of."""
    if unit.kind == "domain":
        return unit.key
    of = unit.main.of if unit.say("contype") in ("c", "n") else None
    return of if of and of[0] == "pg_type" else None


def _holder(domain: Key, old: Side, stays: Callable[[Key], bool]) -> Unit | None:
    """A column of a table that `stays` what it is, and holds values of the domain within others."""
    direct = _made_of(old, {domain}, lambda key: old.units[key].kind == "domain")
    within = _made_of(old, direct, lambda _: True) - direct
    for key, needed in sorted(old.needs.items()):
        table = old.units.get(("pg_class", key[1][:2]))
        if key[0] != "pg_attribute" or key not in old.units or table is None or not stays(key):
            continue
        of_others = needed - {table.key}
        is_array = str(old.units[key].say("type")).endswith("[]")
        if table.kind in ("table", "materialized view") and not of_others.isdisjoint(
            within | (direct if is_array else set())
        ):
            return old.units[key]
    return None


def _made_of(old: Side, first: set[Key], counts: Callable[[Key], bool]) -> set[Key]:
    """These types, and those that are made of them, or of others that are; tables stand for their rows."""
    found = set(first)
    while (
        more := {
            _type_of(key)
            for key, needed in old.needs.items()
            if key[0] in _MADE_OF_OTHERS and not found.isdisjoint(needed) and counts(_type_of(key))
        }
        - found
    ):
        found |= more
    return found


def _type_of(key: Key) -> Key:
    """The type; of a column its table."""
    return ("pg_class", key[1][:2]) if key[0] == "pg_attribute" else key
