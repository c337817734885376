"""NOT NULL as of 18: a constraint with a name, which a child has of its own or of the first parent to give it one.

RENAME CONSTRAINT goes down to children, and fails where one has another name; where the constraint is a parent's,
it is refused (rename_constraint_internal, tablecmds.c). What comes to a child that has a NOT NULL already does not
change its name (AdjustNotNullInheritance, pg_constraint.c). So where a child shall be called otherwise than it
would be, it is none for a moment; or, if another parent gives the name, those of all its parents are made anew.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from pgproof.catalog.fact import Key, Name, Value
from pgproof.drift.unit import Side, Unit

Place = tuple[Name, Value]
"""A table and its column, as pg_constraint has them."""


@dataclass(frozen=True, slots=True)
class NotNulls:
    """What has to be done so that all have their names.

    `links` to parents are taken away and put back, `anew` are made anew; `behind` have what is needed before them,
    and `waiting` come when what is in their way is gone. `renamed` has the old one of each that gets another name,
    `led` those of them that follow a parent's.
    """

    links: set[Key] = field(default_factory=set)
    anew: set[Key] = field(default_factory=set)
    behind: dict[Key, frozenset[Key]] = field(default_factory=dict)
    waiting: set[Key] = field(default_factory=set)
    renamed: dict[Key, Key] = field(default_factory=dict)
    led: set[Key] = field(default_factory=set)


def named(old: Side, new: Side) -> NotNulls:
    """What has to be done; nothing before 18. Pure."""
    names = _Names(old, new)
    for place in names.places():
        names.settle(place)
    return names.found


class _Names:
    def __init__(self, old: Side, new: Side) -> None:
        self.found = NotNulls()
        self._sides = old, new
        self._of = _places(old), _places(new)
        self._links: dict[Name, list[Key]] = {}
        self._children: dict[Name, list[Name]] = {}
        for key in new.units:
            if key[0] == "pg_inherits" and key in old.units and len(key[1]) == 4:
                self._links.setdefault(key[1][:2], []).append(key)
                self._children.setdefault(key[1][2:], []).append(key[1][:2])
        self._held = {
            (unit.name[:2], str(column))
            for unit in old.units.values()
            if unit.say("contype") == "p" and isinstance(columns := unit.say("columns"), tuple)
            for column in columns
        } | {(unit.name[:2], unit.name[-1]) for unit in old.units.values() if unit.say("identity")}
        self._settled: set[Place] = set()

    def places(self) -> list[Place]:
        """Where NOT NULL stays, or comes to a table that was there."""
        return [place for place in self._of[1] if ("pg_class", place[0]) in self._sides[0].units]

    def settle(self, place: Place) -> None:
        """One of them, behind those of its parents."""
        if place in self._settled:
            return
        self._settled.add(place)
        links = [link for link in self._links.get(place[0], ()) if self._has(self._above(link, place))]
        for link in links:
            self.settle(self._above(link, place))
        was, now = self._both(place)
        if now is None:
            return
        if was is None or _called(was) != _called(now):
            self._call(place, links)
        elif not any(self._both(self._above(link, place))[1] for link in links):
            if links and not self._sides[0].units[was].say("local"):
                self.found.anew.add(now)  # else it would go with its parents'
        else:
            self.found.links.update(link for link in links if self._is_renamed(self._above(link, place)))

    def _call(self, place: Place, links: Collection[Key]) -> None:
        """Give a new name to a child's, or a name to a new one."""
        was, now = self._both(place)
        assert now is not None
        above = [self._both(self._above(link, place)) for link in links]
        is_led = [new in self.found.renamed and _called(old) == _called(was) for old, new in above if old and was]
        if (
            was
            and links
            and len(is_led) == len(links)
            and all(is_led)
            and all(_called(new) == _called(now) for _, new in above)
        ):
            self.found.renamed[now] = was
            self.found.led.add(now)
            return
        if any(new in self.found.renamed for _, new in above) or not self._is_given(place, links):
            self.found.links.update(links)
            self.found.waiting.update([now, *(new for _, new in above if new)])
            above = []
        if was and not any(old for old, _ in above) and self._is_alike(was, now):
            given = {_called(new) for _, new in above if new}
            if self._sides[1].units[now].say("local") or not given:
                self.found.renamed[now] = was

    def _is_given(self, place: Place, links: Collection[Key]) -> bool:
        """True if a child can have its name while it is a child; notes what has to come before what."""
        now = self._of[1][place]
        above = [self._both(self._above(link, place)) for link in links]
        kept = [new for old, new in above if new and old == new]
        gets = [new for _, new in above if new]
        firsts = [new for new in gets if _called(new) == _called(now)]
        if not kept and self._sides[1].units[now].say("local"):
            firsts = [now]
        if not gets:
            return True
        if not firsts or (kept and not all(self._is_free(new) for new in kept)):
            return False
        if kept:
            if self._is_partition(place[0]):
                return False
            self.found.anew.update(each for new in kept for each in self._with_those_below(new))
        for new in gets:
            if new != firsts[0]:
                self.found.behind[new] = self.found.behind.get(new, frozenset()) | {firsts[0]}
        if self._of[0].get(place):
            self.found.waiting.update(gets)
        return True

    def _with_those_below(self, key: Key) -> set[Key]:
        """It, and those that go and come with it."""
        found = {key}
        columns = self._sides[1].units[key].say("columns")
        for child in self._children.get(key[1][:2], ()):
            was, now = self._both((child, columns))
            if now and was == now and not self._sides[1].units[now].say("local"):
                found |= self._with_those_below(now)
        return found

    def _is_free(self, key: Key) -> bool:
        """True if a NOT NULL is its table's own alone, and nothing needs it, there or below."""
        unit = self._sides[1].units[key]
        columns = unit.say("columns")
        if any(
            self._has(self._above(link, (unit.name[:2], columns))) for link in self._links.get(unit.name[:2], ())
        ):
            return False
        pending = [unit.name[:2]]
        while pending:
            table = pending.pop()
            if isinstance(columns, tuple) and (table, str(columns[0])) in self._held:
                return False
            pending += self._children.get(table, ())
        return True

    def _above(self, link: Key, place: Place) -> Place:
        return link[1][2:], place[1]

    def _both(self, place: Place) -> tuple[Key | None, Key | None]:
        return self._of[0].get(place), self._of[1].get(place)

    def _has(self, place: Place) -> bool:
        return any(self._both(place))

    def _is_renamed(self, place: Place) -> bool:
        return self._of[1].get(place) in self.found.renamed

    def _is_alike(self, was: Key, now: Key) -> bool:
        """True if they differ in nothing but the name."""
        old, new = self._sides[0].units[was], self._sides[1].units[now]
        is_free = now not in self._sides[0].units and was not in self._sides[1].units
        return is_free and old.main.definition == new.main.definition

    def _is_partition(self, table: Name) -> bool:
        unit = self._sides[1].units.get(("pg_class", table))
        return unit is not None and unit.say("partition bound") is not None


def _called(key: Key | None) -> str:
    return key[1][-1] if key else ""


def _places(side: Side) -> dict[Place, Key]:
    return {(unit.name[:2], unit.say("columns")): key for key, unit in side.units.items() if _is_one(key, unit)}


def _is_one(key: Key, unit: Unit) -> bool:
    return key[0] == "pg_constraint" and unit.say("contype") == "n" and unit.main.of == ("pg_class", unit.name[:2])
