"""Enumerations, composite types, ranges and domains; base types are in `base_types`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pgproof.catalog.fact import Fact, Name, Value
from pgproof.drift.ddl.base_types import alter_base, create_base, create_shell
from pgproof.drift.ddl.naming import clause, without_method
from pgproof.drift.unit import Unit, dotted
from pgproof.sql.literal import literal
from pgproof.sql.name import quote


def fact_value(unit: Unit, fact: Fact, word: str) -> Value:
    return unit.side.facts.value(fact, word)


def create_type(unit: Unit) -> Iterator[str]:
    """An enumeration, a composite type, a range, a domain, a base type, or the shell of one."""
    name, kind = dotted(unit.name), unit.say("typtype")
    if kind == "e":
        yield f"CREATE TYPE {name} AS ENUM ({', '.join(literal(each) for each in labels(unit))})"
    elif kind == "c":
        columns = sorted(
            unit.of("pg_attribute"), key=lambda fact: int(str(fact_value(unit, fact, "position") or 0))
        )
        yield f"CREATE TYPE {name} AS ({', '.join(_attribute(unit, each) for each in columns)})"
    elif kind == "r":
        yield f"CREATE TYPE {name} AS RANGE ({', '.join(_range(unit))})"
    elif kind == "d":
        parts = [f"CREATE DOMAIN {name} AS {unit.say('base type')}"]
        if unit.say("collation") and unit.say("collation") != 'pg_catalog."default"':
            parts.append(f"COLLATE {unit.say('collation')}")
        if unit.say("default") is not None:
            parts.append(f"DEFAULT {unit.say('default')}")
        if unit.say("not null"):
            parts.append("NOT NULL")
        yield " ".join(parts)
    elif kind == "b":
        yield from create_base(unit)
    else:
        yield create_shell(unit)


def labels(unit: Unit) -> list[str]:
    """The values of an enumeration in order."""
    found = sorted(unit.of("pg_enum"), key=lambda fact: int(str(fact_value(unit, fact, "place"))))
    return [fact.name[-1] for fact in found]


def _attribute(unit: Unit, fact: Fact) -> str:
    collation = fact_value(unit, fact, "collation")
    words = f" COLLATE {collation}" if collation and collation != 'pg_catalog."default"' else ""
    return f"{quote(fact.name[-1])} {fact_value(unit, fact, 'type')}{words}"


def _range(unit: Unit) -> Iterator[str]:
    def say(word: str) -> Value:
        return unit.say(word, "pg_range")

    yield f"SUBTYPE = {say('subtype')}"
    if operators := say("subtype operator class"):
        yield f"SUBTYPE_OPCLASS = {without_method(operators)}"
    if (collation := say("subtype collation")) and collation != 'pg_catalog."default"':
        yield f"COLLATION = {collation}"
    if difference := say("subtype difference function"):
        yield f"SUBTYPE_DIFF = {str(difference).partition('(')[0]}"
    if multirange := say("multirange type"):
        yield f"MULTIRANGE_TYPE_NAME = {multirange}"


def set_aside(unit: Unit, names: Mapping[Name, str]) -> Iterator[str]:
    """Other names for a type; for a range, for its multirange and the functions that make values of both, too."""
    for fact in unit.of("pg_proc"):
        yield f"ALTER FUNCTION {dotted(fact.name[:2])}({fact.name[2]}) RENAME TO {quote(names[fact.name[:2]])}"
    for fact in unit.of("pg_type"):
        called = clause(unit) if fact.key == unit.key else f"TYPE {dotted(fact.name)}"
        yield f"ALTER {called} RENAME TO {quote(names[fact.name])}"


def alter_type(old: Unit, new: Unit) -> list[str] | None:
    """Statements, or None if the type has to be made anew."""
    if old.say("typtype") != new.say("typtype"):
        return None
    name, kind = dotted(new.name), new.say("typtype")
    if kind == "e":
        return _alter_enum(name, labels(old), labels(new))
    if kind == "d":
        if any(old.say(word) != new.say(word) for word in ("base type", "collation")):
            return None
        found = []
        if old.say("default") != new.say("default"):
            now = new.say("default")
            found.append(f"ALTER DOMAIN {name} {'DROP DEFAULT' if now is None else f'SET DEFAULT {now}'}")
        if old.say("not null") != new.say("not null"):
            found.append(f"ALTER DOMAIN {name} {'SET' if new.say('not null') else 'DROP'} NOT NULL")
        return found
    if kind == "c":
        return _alter_composite(name, old, new)
    if kind == "b":
        return alter_base(old, new)
    ignored = {"owner", "privileges"}
    words = [word for word in new.side.facts.words["pg_type"] if word not in ignored]
    if any(old.say(word) != new.say(word) for word in words):
        return None
    ranges = [[fact.values for fact in unit.of("pg_range")] for unit in (old, new)]
    return [] if ranges[0] == ranges[1] else None


def _alter_enum(name: str, old: list[str], new: list[str]) -> list[str] | None:
    """New values at their places; what is gone, or moved, cannot be said."""
    if [each for each in new if each in old] != old:
        return None
    found = []
    for place, label in enumerate(new):
        if label not in old:
            behind = (
                f" AFTER {literal(new[place - 1])}" if place else (f" BEFORE {literal(old[0])}" if old else "")
            )
            found.append(f"ALTER TYPE {name} ADD VALUE {literal(label)}{behind}")
    return found


def retypes_attributes(old: Unit, new: Unit) -> bool:
    """True for a composite type if an attribute gets another type."""
    if old.say("typtype") != "c" or new.say("typtype") != "c":
        return False
    before = {fact.name[-1]: _attribute(old, fact) for fact in old.of("pg_attribute")}
    now = {fact.name[-1]: _attribute(new, fact) for fact in new.of("pg_attribute")}
    return any(before[each] != now[each] for each in before.keys() & now.keys())


def _alter_composite(name: str, old: Unit, new: Unit) -> list[str] | None:
    before = {fact.name[-1]: fact for fact in old.of("pg_attribute")}
    now = {fact.name[-1]: fact for fact in new.of("pg_attribute")}
    found = [f"ALTER TYPE {name} DROP ATTRIBUTE {quote(each)} CASCADE" for each in before if each not in now]
    for each, fact in now.items():
        if each not in before:
            found.append(f"ALTER TYPE {name} ADD ATTRIBUTE {_attribute(new, fact)} CASCADE")
        elif _attribute(new, fact) != _attribute(old, before[each]):
            words = (
                _attribute(new, fact).partition(" ")[2]
                if not each.startswith('"')
                else str(fact_value(new, fact, "type"))
            )
            found.append(f"ALTER TYPE {name} ALTER ATTRIBUTE {quote(each)} TYPE {words} CASCADE")
    return found
