"""Operators, and the families and classes that tell access methods of them.

An operator that others name as their commutator or negator may be made before it is (CREATE OPERATOR, Notes). What
a class cannot do without is made with it; other members are loose in its family, as pg_depend has it
(amadjustmembers in "Index Access Method Functions" of PostgreSQL's manual).
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.fact import Fact
from pgproof.drift.ddl.naming import clause, types_in, without_method
from pgproof.drift.unit import Unit, dotted
from pgproof.sql.name import quote

_LINKS = {"COMMUTATOR": "commutator", "NEGATOR": "negator"}
_ESTIMATORS = {"RESTRICT": "restriction estimator", "JOIN": "join estimator"}
_FLAGS = {"HASHES": "hashes", "MERGES": "merges"}


def create_operator(unit: Unit) -> Iterator[str]:
    """An operator; nothing for one that is only spoken of by others."""
    if not unit.say("function"):
        return
    left, right = operands(unit)
    parts = [f"FUNCTION = {_bare(unit.say('function'))}"]
    parts += [f"{word} = {each}" for word, each in (("LEFTARG", left), ("RIGHTARG", right)) if each != "NONE"]
    parts += [f"{word} = {_operator(unit.say(name))}" for word, name in _LINKS.items() if unit.say(name)]
    parts += [f"{word} = {_bare(unit.say(name))}" for word, name in _ESTIMATORS.items() if unit.say(name)]
    parts += [word for word, name in _FLAGS.items() if unit.say(name)]
    yield f"CREATE OPERATOR {quote(unit.name[0])}.{unit.name[1]} ({', '.join(parts)})"


def operands(unit: Unit) -> tuple[str, str]:
    """The types on both sides of an operator; NONE on the left of one that has only the other."""
    found = types_in(unit.side, unit.name[2:])
    return ("NONE", found[0]) if unit.say("oprkind") == "l" else (found[0], found[-1])


def alter_operator(old: Unit, new: Unit) -> list[str] | None:
    """Statements, or None if it has to be made anew. Links follow the operators that come and go."""
    if any(old.say(word) != new.say(word) for word in ("oprkind", "result", "function")):
        return None
    parts = []
    for word, name in {**_ESTIMATORS, **_LINKS, **_FLAGS}.items():
        was, now = old.say(name), new.say(name)
        if was == now or (word in _LINKS and _follows(old, new, was, now)):
            continue
        if word in _ESTIMATORS:
            parts.append(f"{word} = {_bare(now) if now else 'NONE'}")
        elif was or new.side.facts.major < 17:  # before, and once they are set, they stay
            return None
        else:
            parts.append(word if word in _FLAGS else f"{word} = {_operator(now)}")
    return [f"ALTER {clause(new)} SET ({', '.join(parts)})"] if parts else []


def _follows(old: Unit, new: Unit, was: object, now: object) -> bool:
    """True where the operator that was linked goes, or the one that is to be comes."""
    before, after = (
        {called(each) for each in unit.side.units.values() if each.kind == "operator"} for unit in (old, new)
    )
    return (was is None or was not in after) and (now is None or now not in before)


def called(unit: Unit) -> str:
    """An operator as others speak of it."""
    return f"{quote(unit.name[0])}.{unit.name[1]}({','.join(operands(unit))})"


def create_family(unit: Unit) -> Iterator[str]:
    """An operator family, without members."""
    yield f"CREATE {clause(unit)}"


def create_class(unit: Unit) -> Iterator[str]:
    """An operator class with what it cannot do without."""
    items = [_item(unit, fact) for fact in (*unit.of("pg_amop"), *unit.of("pg_amproc"))]
    if stored := unit.say("stored type"):
        items.append(f"STORAGE {stored}")
    elif not items:
        items.append(f"STORAGE {unit.say('input type')}")
    family = without_method(unit.say("family"))
    default = " DEFAULT" if unit.say("default") else ""
    name, _, using = clause(unit).partition(" USING ")
    of = f"FOR TYPE {unit.say('input type')} USING {using} FAMILY {family}"
    yield f"CREATE {name}{default} {of} AS {', '.join(items)}"


def create_member(unit: Unit) -> Iterator[str]:
    """An operator or a function of a family that no class needs."""
    yield f"ALTER OPERATOR FAMILY {family_of(unit.main)} ADD {_item(unit, unit.main)}"


def drop_member(unit: Unit) -> Iterator[str]:
    """It is no member any more."""
    word, number, types = _place(unit, unit.main)
    yield f"ALTER OPERATOR FAMILY {family_of(unit.main)} DROP {word} {number} ({types})"


def family_of(member: Fact) -> str:
    """The family of a member; the server's own, and those of extensions, have a name of one part."""
    name = member.name
    return f"{dotted(name[:2])} USING {quote(name[2])}" if member.of else name[0]


def _place(unit: Unit, member: Fact) -> tuple[str, str, str]:
    """OPERATOR or FUNCTION, its number, and for which types."""
    begin = 3 if member.of else 1
    if member.catalog == "pg_amop":
        *types, number, _ = member.name[begin:]
        return "OPERATOR", number, ", ".join(types_in(unit.side, types))
    *types, number = member.name[begin:]
    return "FUNCTION", number, ", ".join(types_in(unit.side, types))


def _item(unit: Unit, member: Fact) -> str:
    word, number, types = _place(unit, member)
    say = unit.side.facts.value
    if word == "FUNCTION":
        return f"FUNCTION {number} ({types}) {say(member, 'function')}"
    name, _, operands = str(say(member, "operator")).partition("(")
    order = say(member, "sort family")
    use = f" FOR ORDER BY {without_method(order)}" if order else ""
    return f"OPERATOR {number} {name} ({operands}{use}"


def _bare(function: object) -> str:
    return str(function).partition("(")[0]


def _operator(name: object) -> str:
    return f"OPERATOR({str(name).partition('(')[0]})"
