"""Schemas that hypothesis makes up, and changes to them: of nearly everything that CREATE makes, called anything.

A schema is a plan of slots, each with a few bytes that say whether its object is there, and what it is like. What
an object speaks of is chosen among what is there, so that each builds. A change is other bytes in some slots.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from hypothesis import strategies as st

from pgproof.sql.name import quote

T = TypeVar("T")
SIZE = 14
"""The bytes of a slot."""
_ODD = (
    "{}",
    "{}",
    "{}",
    "we ird {}",
    'quo"te {}',
    "dot.{}",
    "line\nbreak {}",
    "emoji 😀 {}",
    "{}" + "x" * 61,
    "select {}",
    "Ünï{}",
    "it's {}",
    "back\\slash {}",
    "$1 {}",
    "-- {}",
    "per%cent %s {}",
    "comma, ({})",
)


class Bytes:
    """The bytes of a slot, read one after the other. None of them set is the simplest."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 1

    @property
    def is_there(self) -> bool:
        return self._data[0] % 4 in (1, 2)

    def pick(self, *options: T) -> T:
        """One of them; the first, where nothing is left."""
        value = self._data[self._at] if self._at < len(self._data) else 0
        self._at += 1
        return options[value % len(options)]

    def some(self, options: Sequence[T], most: int = 3) -> list[T]:
        """At least one of them, in any order."""
        if not options:
            return []
        count, first, step = self.pick(*range(most)), self.pick(*range(len(options))), self.pick(1, 2)
        places = dict.fromkeys((first + step * number) % len(options) for number in range(count + 1))
        return [options[place] for place in places]


@dataclass(slots=True)
class Table:
    """A relation that has been made: how it is called, and its columns with their types."""

    name: str
    word: str
    columns: dict[str, str] = field(default_factory=dict)
    keys: list[tuple[str, ...]] = field(default_factory=list)
    generated: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    collated: list[str] = field(default_factory=list)
    is_partitioned: bool = False
    is_logged: bool = True
    has_children: bool = False
    has_key: bool = False
    indexed: bool = False

    def of(self, *types: str) -> list[str]:
        """Its columns of these types; all, if none is said."""
        return [name for name, kind in self.columns.items() if not types or kind in types]


@dataclass(slots=True)
class World:
    """What is there while a schema is written down."""

    names: Mapping[str, str]
    major: int
    has_icu: bool
    plan: Mapping[str, bytes]
    script: list[str] = field(default_factory=list)
    schemas: list[str] = field(default_factory=lambda: ["public"])
    tables: list[Table] = field(default_factory=list)
    views: list[Table] = field(default_factory=list)
    parts: list[Table] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    collations: list[str] = field(default_factory=list)
    sequences: list[str] = field(default_factory=list)
    inc: str = ""
    touch: str = ""
    enums: dict[str, list[str]] = field(default_factory=dict)
    objects: list[str] = field(default_factory=list)
    granted: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def q(self, slot: str) -> str:
        """The name of what is in a slot, quoted where it must be."""
        return quote(self.names[slot])

    def slot(self, name: str) -> Bytes | None:
        """The bytes of a slot, if something is in it."""
        found = Bytes(self.plan[name])
        return found if found.is_there else None

    def say(self, sql: str, *called: str) -> None:
        """A statement, and what COMMENT ON calls what it makes."""
        self.script.append(sql)
        self.objects += called

    def place(self, bits: Bytes, slot: str) -> str:
        """A qualified name."""
        return f"{bits.pick(*self.schemas)}.{self.q(slot)}"

    def since(self, major: int, text: str) -> str:
        return text if self.major >= major else ""


def text_of(world: World) -> str:
    return ";\n".join(world.script)


Maker = Callable[[World], None]


def slots(*groups: tuple[str, int]) -> list[str]:
    return [f"{prefix}{number}" for prefix, count in groups for number in range(count)]


@dataclass(frozen=True, slots=True)
class Story:
    """Two schemas, each of which builds."""

    one: str
    other: str


def written(
    makers: Sequence[Maker], names: Mapping[str, str], plan: Mapping[str, bytes], major: int, has_icu: bool
) -> str:
    world = World(names, major, has_icu, plan)
    for make in makers:
        make(world)
    return text_of(world)


@st.composite
def stories(
    draw: st.DrawFn, makers: Sequence[Maker], all_slots: Sequence[str], major: int, has_icu: bool
) -> Story:
    """A schema, and what becomes of it: some slots filled or emptied, and single bytes of others."""
    length = len(all_slots)
    styles = draw(st.binary(min_size=length, max_size=length))
    names = {
        slot: _ODD[style % len(_ODD)].format(slot)[:63] for slot, style in zip(all_slots, styles, strict=True)
    }
    data = draw(st.binary(min_size=length * SIZE, max_size=length * SIZE))
    plan = {slot: data[SIZE * place : SIZE * (place + 1)] for place, slot in enumerate(all_slots)}
    changed = dict(plan)
    whole = st.tuples(st.sampled_from(all_slots), st.binary(min_size=SIZE, max_size=SIZE))
    changed.update(draw(st.lists(whole, max_size=6)))
    there = [slot for slot in all_slots if Bytes(plan[slot]).is_there] or list(all_slots)
    for slot, place, value in draw(
        st.lists(st.tuples(st.sampled_from(there), st.integers(0, SIZE - 1), st.integers(0, 255)), max_size=12)
    ):
        changed[slot] = changed[slot][:place] + bytes([value]) + changed[slot][place + 1 :]
    one, other = (written(makers, names, each, major, has_icu) for each in (plan, changed))
    return Story(one, other)
