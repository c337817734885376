"""Base types: what the server is told of how their values are read, written and stored (CREATE TYPE)."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.drift.unit import Unit, dotted
from pgproof.sql.literal import literal

_FUNCTIONS = {
    "INPUT": "input function",
    "OUTPUT": "output function",
    "RECEIVE": "receive function",
    "SEND": "send function",
    "TYPMOD_IN": "modifier input function",
    "TYPMOD_OUT": "modifier output function",
    "ANALYZE": "analyze function",
    "SUBSCRIPT": "subscript function",
}
_FIXED = frozenset({"INPUT", "OUTPUT"})
"""Not to be changed by ALTER TYPE."""
_ALIGNMENT = {"c": "char", "s": "int2", "i": "int4", "d": "double"}
_STORAGE = {"p": "plain", "e": "external", "m": "main", "x": "extended"}
_CHANGEABLE = frozenset({*_FUNCTIONS.values(), "storage"}) - {_FUNCTIONS[each] for each in _FIXED}
_NO_CHOICE = frozenset({"owner", "privileges", "array"})


def is_shell(unit: Unit) -> bool:
    """True for a type that is only a name yet."""
    return unit.kind == "type" and not unit.say("defined")


def is_base(unit: Unit) -> bool:
    """True for a type whose values functions read and write."""
    return unit.kind == "type" and unit.say("typtype") == "b"


def create_shell(unit: Unit) -> str:
    """A name to be filled in."""
    return f"CREATE TYPE {dotted(unit.name)}"


def create_base(unit: Unit) -> Iterator[str]:
    """What fills in the shell, with all that can be said of a base type."""
    parts = [f"{word} = {function(unit, word)}" for word, name in _FUNCTIONS.items() if unit.say(name)]
    length = int(str(unit.say("length")))
    parts.append(f"INTERNALLENGTH = {'VARIABLE' if length < 0 else length}")
    if unit.say("passed by value"):
        parts.append("PASSEDBYVALUE")
    parts.append(f"ALIGNMENT = {_ALIGNMENT[str(unit.say('alignment'))]}")
    parts.append(f"STORAGE = {_STORAGE[str(unit.say('storage'))]}")
    parts.append(f"CATEGORY = {literal(str(unit.say('category')))}")
    if unit.say("preferred"):
        parts.append("PREFERRED = true")
    if (default := unit.say("default text")) is not None:
        parts.append(f"DEFAULT = {literal(str(default))}")
    if element := unit.say("element"):
        parts.append(f"ELEMENT = {element}")
    parts.append(f"DELIMITER = {literal(str(unit.say('delimiter')))}")
    if unit.say("collation"):
        parts.append("COLLATABLE = true")
    yield f"CREATE TYPE {dotted(unit.name)} ({', '.join(parts)})"


def function(unit: Unit, word: str) -> str:
    """A function of the type by its name; NONE for none."""
    found = unit.say(_FUNCTIONS[word])
    return str(found).rpartition("(")[0] if found else "NONE"


def alter_base(old: Unit, new: Unit) -> list[str] | None:
    """ALTER TYPE ... SET, by a superuser; None if the type has to be made anew."""
    words = new.side.facts.words["pg_type"]
    unlike = {word for word in words if old.say(word) != new.say(word)} - _NO_CHOICE
    if not unlike <= _CHANGEABLE or ("storage" in unlike and new.say("storage") == "p"):
        return None
    parts = [f"{word} = {function(new, word)}" for word, name in _FUNCTIONS.items() if name in unlike]
    if "storage" in unlike:
        parts.append(f"STORAGE = {_STORAGE[str(new.say('storage'))]}")
    return [f"ALTER TYPE {dotted(new.name)} SET ({', '.join(parts)})"] if parts else []
