"""What has another name and is else the same: proposed by what it says without its name, decided by a person.

Indexes and constraints are told by what they do: with another name they are renamed, instead of being built anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pgproof.catalog.fact import Facts, Key, Name, Value
from pgproof.drift.ddl.naming import clause, is_of_relation
from pgproof.drift.unit import Side, Unit, dotted
from pgproof.errors import InputError, Problem
from pgproof.sql.literal import literal
from pgproof.sql.name import nearest, quote

_OF_THEIR_TABLE = {"column": "COLUMN", "constraint": "CONSTRAINT"}
_BY_CLAUSE = frozenset(
    "table|view|materialized view|foreign table|sequence|index|type|domain|schema|function|procedure|aggregate|"
    "trigger|policy|rule|collation|statistics".split("|")
)
_NAMES_ALONE = frozenset({"index", "constraint"})
_HOLDERS = frozenset({"table", "view", "materialized view", "foreign table"})
_PART = re.compile(r'\s*(?:"(?P<quoted>(?:[^"]|"")+)"|(?P<plain>[^".=\s]+))\s*(?:(?P<dot>\.)|\Z)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """An object, what it is called in the other database, and the statements there and back."""

    about: str
    key: Key
    new: str
    sql: str
    back: str

    @property
    def word(self) -> str:
        """What decides it: "public.t.a=b"."""
        return f"{dotted(self.key[1][:3])}={quote(self.new)}"


def in_turn(words: Sequence[str]) -> list[str]:
    """What is larger first: a table before its columns. Pure."""
    return sorted(words, key=lambda word: len(_parts(word.partition("=")[0])))


def proposals(current: Facts, wanted: Facts) -> tuple[Rename, ...]:
    """What is gone on the one side and new on the other, and says the same but for its name. Pure."""
    old, new = Side(current), Side(wanted)
    gone = _by_contents(old, [key for key in old.units if key not in new.units])
    fresh = _by_contents(new, [key for key in new.units if key not in old.units])
    found = []
    for contents, keys in gone.items():
        others = fresh.get(contents, [])
        if len(keys) == len(others) == 1:
            found.append(_rename(old.units[keys[0]], others[0][1][_place(old.units[keys[0]])]))
    for unit in old.units.values():
        if unit.kind == "type" and (other := new.units.get(unit.key)):
            found += _values(unit, other)
    return tuple(sorted(found, key=lambda each: each.word))


def is_name_alone(rename: Rename) -> bool:
    """True for what nobody who asks for rows names: an index, a constraint."""
    return rename.about.partition(" ")[0] in _NAMES_ALONE


def decided(word: str, current: Facts, wanted: Facts, done: Sequence[Rename] = ()) -> Rename:
    """What `--rename old=new` means, where those before it are `done` already. Raises InputError."""
    before, is_two, behind = word.partition("=")
    parts, new = _parts(before), _parts(behind)
    for each in done:
        name = each.key[1]
        if len(parts) > 1 and parts[:-1] == name[-len(parts) + 1 :]:
            parts = (*name[:-1], each.new, parts[-1])
    if not (is_two and parts and new):
        raise InputError(
            Problem(
                message=f'"{word}" is no renaming',
                hint="write --rename old=new: --rename public.jobs.state=status",
            )
        )
    side, other = Side(current), Side(wanted)
    candidates = list(_named(side, parts))
    for unit in candidates:
        if unit.key not in other.units and _renamed(unit, new[-1]) in other.units:
            return _rename(unit, new[-1])
    for fact in current:  # a value of an enumeration is no object of its own
        if fact.catalog == "pg_enum" and fact.name[-len(parts) :] == parts:
            unit = side.units[side.unit_of(fact)]
            for each in _values(unit, other.units[unit.key]) if unit.key in other.units else ():
                if each.new == new[-1] and each.key == fact.key:
                    return each
    raise InputError(_undecidable(word, side, other, candidates, parts))


def _undecidable(word: str, side: Side, other: Side, candidates: Sequence[Unit], parts: Name) -> Problem:
    if not candidates:
        near = nearest(".".join(parts), [".".join(key[1]) for key in side.units])
        detail = f'FROM has nothing that is called "{".".join(parts)}".'
        return Problem(
            message=f"cannot rename {word}", detail=detail, hint=f'did you mean "{near}"?' if near else ""
        )
    unit = candidates[0]
    about = f"{unit.kind} {dotted(unit.name[:3])}"
    if unit.key in other.units:
        return Problem(message=f"cannot rename {word}", detail=f"TO has the {about} as well.")
    return Problem(
        message=f"cannot rename {word}",
        detail=f'TO has no {unit.kind} "{word.partition("=")[2]}" in its place.',
        hint="see what differs without --rename: what is like something else is proposed",
    )


def _parts(text: str) -> Name:
    """A name in parts; nothing, if it is none."""
    found: list[str] = []
    at = 0
    while match := _PART.match(text, at):
        found.append(match["quoted"].replace('""', '"') if match["quoted"] else match["plain"])
        at = match.end()
        if not match["dot"]:
            return tuple(found)
    return ()


def _named(side: Side, parts: Name) -> Iterator[Unit]:
    """Objects of that name: what is spelled out first, then in public, then wherever there is one."""
    units = [unit for unit in side.units.values() if unit.kind in _BY_CLAUSE or unit.kind in _OF_THEIR_TABLE]
    names = [(unit, unit.name[: _place(unit) + 1]) for unit in units]
    yield from (unit for unit, name in names if name == parts)
    yield from (unit for unit, name in names if name == ("public", *parts))
    yield from (unit for unit, name in names if name[-len(parts) :] == parts)


def _place(unit: Unit) -> int:
    """Where in its name its own stands: what follows are the types of arguments."""
    return 1 if unit.kind in ("function", "procedure", "aggregate") else len(unit.name) - 1


def _renamed(unit: Unit, new: str) -> Key:
    place = _place(unit)
    return unit.catalog, (*unit.name[:place], new, *unit.name[place + 1 :])


def _rename(unit: Unit, new: str) -> Rename:
    old = unit.name[_place(unit)]
    back = Unit(_renamed(unit, new), unit.facts, unit.side)
    return Rename(
        about=f"{unit.kind} {dotted(unit.name[:3])}",
        key=unit.key,
        new=new,
        sql=_statement(unit, unit, new),
        back=_statement(back, unit, old),
    )


def _statement(named: Unit, unit: Unit, new: str) -> str:
    if unit.kind in _OF_THEIR_TABLE:
        on = "TABLE" if is_of_relation(unit) else "DOMAIN"
        word = _OF_THEIR_TABLE[unit.kind]
        table = f"ALTER {on} {dotted(unit.name[:2])}"
        return f"{table} RENAME {word} {quote(named.name[-1])} TO {quote(new)}"
    called = clause(unit)
    place = _place(unit)
    plain, other = dotted(unit.name[:2]), dotted(named.name[:2])
    if unit.kind in ("trigger", "policy", "rule"):
        plain, other = f" {quote(unit.name[-1])} ON", f" {quote(named.name[-1])} ON"
    elif place == 0:
        plain, other = quote(unit.name[0]), quote(named.name[0])
    return f"ALTER {called.replace(plain, other, 1)} RENAME TO {quote(new)}"


def _by_contents(side: Side, keys: Sequence[Key]) -> dict[object, list[Key]]:
    found: dict[object, list[Key]] = {}
    columns: dict[Name, list[object]] = {}
    for key, unit in side.units.items():
        if unit.kind == "column":
            columns.setdefault(key[1][:2], []).append((key[1][-1], _said(unit)))
    for key in keys:
        unit = side.units[key]
        if unit.kind not in _BY_CLAUSE and unit.kind not in _OF_THEIR_TABLE:
            continue
        if unit.say("local") is False or unit.say(
            "internal"
        ):  # it has the name of its parent's, or of its own maker
            continue
        along = tuple(sorted(columns.get(key[1], ()), key=repr)) if unit.kind in _HOLDERS else ()
        if unit.kind in _HOLDERS and not along:
            continue
        place = _place(unit)
        around = (*unit.name[:place], *unit.name[place + 1 :])
        found.setdefault((unit.kind, around, unit.main.of, _said(unit), along), []).append(key)
    return found


def _said(unit: Unit) -> tuple[object, ...]:
    """What an object says, without its name, its comment, and the order of columns."""
    own = unit.name[_place(unit)]
    position = _position(unit)
    said = []
    for fact in unit.facts:
        if fact.catalog in ("pg_description", "pg_seclabel"):
            continue
        values = [_nameless(each, own) for each in fact.values]
        if fact.catalog == "pg_attribute" and position is not None:
            values[position] = None
        said.append(
            (fact.catalog, tuple("" if part == own else part for part in fact.name), fact.kind, tuple(values))
        )
    return tuple(sorted(said, key=repr))


def _nameless(value: Value, own: str) -> Value:
    """A value, or nothing where it is the object's name: a constraint names its index."""
    is_own = isinstance(value, str) and (value == own or value.endswith(f".{quote(own)}"))
    return None if is_own else value


def _position(unit: Unit) -> int | None:
    words = unit.side.facts.words.get("pg_attribute", ())
    return words.index("position") if "position" in words else None


def _values(old: Unit, new: Unit) -> Iterator[Rename]:
    """Values of an enumeration that have another name at their place."""
    places = [{unit.side.facts.value(fact, "place"): fact for fact in unit.of("pg_enum")} for unit in (old, new)]
    labels = [{fact.name[-1] for fact in each.values()} for each in places]
    for place, fact in places[0].items():
        other = places[1].get(place)
        if other is None or fact.name[-1] in labels[1] or other.name[-1] in labels[0]:
            continue
        was, now = fact.name[-1], other.name[-1]
        on = f"ALTER TYPE {dotted(old.name)} RENAME VALUE"
        yield Rename(
            about=f"value {literal(was)} of type {dotted(old.name)}",
            key=fact.key,
            new=now,
            sql=f"{on} {literal(was)} TO {literal(now)}",
            back=f"{on} {literal(now)} TO {literal(was)}",
        )
