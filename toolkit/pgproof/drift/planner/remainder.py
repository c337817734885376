"""What differs, and no statement of ours brings about, each with the reason."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.drift.planner.changes import Changes
from pgproof.drift.unit import Unit
from pgproof.drift.words import label

_PLACE = "place among the parents"


def remainder(todo: Changes) -> Iterator[tuple[str, str]]:
    """The object, and why; beside what `todo` has found impossible. Pure."""
    for key, unit in todo.new.units.items():
        old = todo.old.units.get(key)
        yield from ((label(unit.main), why) for why in _reasons(todo, old, unit))
        if _is_called_otherwise(todo, unit) and (table := todo.new.units.get(("pg_class", unit.name[:2]))):
            yield label(table.main), f"what {label(unit.main)} is called follows from how the table was made"
    yield from _orphans(todo)


def _reasons(todo: Changes, old: Unit | None, new: Unit) -> Iterator[str]:
    labels = [[(f.name, f.values) for f in each.of("pg_seclabel")] if each else [] for each in (old, new)]
    if labels[0] != labels[1]:
        yield "security labels are set by whoever has their provider"
    may_be = new.kind == "column" or new.say("contype") in ("c", "n")
    if may_be and _is_local(todo, old, new) != new.say("local"):
        yield "whether it is inherited alone follows from how the table was made"
    if new.catalog == "pg_inherits" and _is_in_another_place(todo, new):
        yield "the order of parents follows from how the table was made"


def _is_local(todo: Changes, old: Unit | None, new: Unit) -> object:
    """Whether a column, CHECK or NOT NULL will be its table's own, as attislocal and conislocal have it.

    It is if the table has had it by itself, also when it was taken from all parents that it had it from (5.11 of
    PostgreSQL's manual); ATTACH PARTITION alone makes it the parent's (MergeAttributesIntoExisting, tablecmds.c).
    """
    if not todo.is_kept(new):
        return new.say("local")
    links = list(todo.families[1].links(new))
    if any(_is_partition(todo.new.units[link]) and not todo.is_attached(link) for link in links):
        return new.say("local")
    is_supplied = any(todo.is_attached(link) for link in links)
    if old is None or old.kind != new.kind or old.key in todo.anew:
        return new.say("local") if is_supplied else True
    return bool(old.say("local")) or not is_supplied


def _is_called_otherwise(todo: Changes, new: Unit) -> bool:
    """True for a NOT NULL of a new child's that it has from a parent it has no more (as of 18)."""
    if new.say("contype") != "n" or new.say("local") or todo.is_kept(new) or _is_partition(new):
        return False
    return all(key[1][-1] != new.name[-1] for key in todo.families[1].parents_of(new).values())


def _is_in_another_place(todo: Changes, new: Unit) -> bool:
    """True for a child that was there, if it is of other parents, or of the same in another order."""
    table = todo.old.units.get(("pg_class", new.name[:2]))
    if table is None or table.kind == "index" or _is_partition(new):
        return False
    links = [key for key in todo.new.units if key[0] == "pg_inherits" and key[1][:2] == new.name[:2]]
    kept = sorted((key for key in links if todo.is_attached(key)), key=lambda key: _place(todo.old.units[key]))
    if new.key in kept:
        return _place(new) != kept.index(new.key) + 1
    return len(links) - len(kept) > 1 or _place(new) != len(kept) + 1


def _place(link: Unit) -> int:
    return int(str(link.say(_PLACE)))


def _is_partition(unit: Unit) -> bool:
    table = unit.side.units.get(("pg_class", unit.name[:2]))
    return table is not None and table.say("partition bound") is not None


def _orphans(todo: Changes) -> Iterator[tuple[str, str]]:
    """Facts that tell of no object of the user's own (a comment on a member of an extension)."""
    for side, other in ((todo.new, todo.old), (todo.old, todo.new)):
        for key, fact in side.facts.facts.items():
            if side.unit_of(fact) not in side.units:
                twin = other.facts.facts.get(key)
                if twin is None or twin.values != fact.values:
                    yield label(fact), "it belongs to an object of somebody else"
