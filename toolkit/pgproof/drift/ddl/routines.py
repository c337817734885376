"""Functions, procedures and aggregates."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.fact import Value
from pgproof.drift.ddl.naming import clause
from pgproof.drift.unit import Unit, dotted
from pgproof.sql.literal import literal


def create_routine(unit: Unit) -> Iterator[str]:
    """A function or procedure as the server writes it, an aggregate by its parts."""
    if unit.kind == "aggregate":
        yield f"CREATE AGGREGATE {dotted(unit.name[:2])}({unit.name[2]}) ({', '.join(_aggregate(unit))})"
        return
    yield str(unit.main.definition).rstrip().removesuffix(";")
    if (support := unit.say("support function")) is not None:
        yield f"ALTER {clause(unit)} SUPPORT {str(support).partition('(')[0]}"


def _aggregate(unit: Unit) -> Iterator[str]:
    def say(word: str) -> Value:
        return unit.say(word, "pg_aggregate")

    def function(word: str) -> str:
        return str(say(word)).partition("(")[0]

    names = {
        "SFUNC": "transition function",
        "FINALFUNC": "final function",
        "COMBINEFUNC": "combine function",
        "SERIALFUNC": "serialization function",
        "DESERIALFUNC": "deserialization function",
        "MSFUNC": "moving transition function",
        "MINVFUNC": "moving inverse function",
        "MFINALFUNC": "moving final function",
    }
    yield from (f"{key} = {function(word)}" for key, word in names.items() if say(word))
    plain = {
        "STYPE": "state type",
        "SSPACE": "state size",
        "MSTYPE": "moving state type",
        "MSSPACE": "moving state size",
    }
    yield from (f"{key} = {say(word)}" for key, word in plain.items() if say(word))
    starts = {"INITCOND": "initial value", "MINITCOND": "moving initial value"}
    yield from (f"{key} = {literal(str(say(word)))}" for key, word in starts.items() if say(word) is not None)
    extras = {"FINALFUNC_EXTRA": "final function", "MFINALFUNC_EXTRA": "moving final function"}
    yield from (key for key, word in extras.items() if say(f"{word} gets all arguments"))
    modifies = {"r": "READ_ONLY", "s": "SHAREABLE", "w": "READ_WRITE"}
    if say("final function modifies"):
        yield f"FINALFUNC_MODIFY = {modifies[str(say('final function modifies'))]}"
    if say("moving transition function") and say("moving final function modifies"):
        yield f"MFINALFUNC_MODIFY = {modifies[str(say('moving final function modifies'))]}"
    if operator := say("sort operator"):
        schema, _, rest = str(operator).partition(".")
        yield f"SORTOP = OPERATOR({schema}.{rest.partition('(')[0]})"
    if unit.say("parallel") in ("s", "r"):
        yield f"PARALLEL = {'SAFE' if unit.say('parallel') == 's' else 'RESTRICTED'}"


_SHAPE = (
    "prokind",
    "returns",
    "returns a set",
    "all arguments",
    "modes of arguments",
    "names of arguments",
    "variadic",
)


def alter_routine(old: Unit, new: Unit) -> list[str] | None:
    """Statements, or None if the routine has to be made anew."""
    if old.kind == "aggregate" or any(old.say(word) != new.say(word) for word in _SHAPE):
        is_same = [f.values for f in old.of("pg_aggregate")] == [f.values for f in new.of("pg_aggregate")]
        words = [w for w in new.side.facts.words["pg_proc"] if w not in ("owner", "privileges")]
        return [] if is_same and not any(old.say(word) != new.say(word) for word in words) else None
    if old.say("defaults of arguments") and not new.say("defaults of arguments"):
        return None
    if old.main.definition == new.main.definition and old.say("support function") == new.say("support function"):
        return []
    found = list(create_routine(new))
    if old.say("support function") and not new.say("support function"):
        return None
    return [each.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1) for each in found]
