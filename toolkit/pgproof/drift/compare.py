"""What two databases do not have alike, found among their facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pgproof.catalog.fact import ALTERED, AS_MADE, MISSING, UNREAD, UNSAID, Fact, Facts, Key, Value
from pgproof.sql.name import quote

ORDER = "order of columns"
"""The word under which `orderly` has the names of a table's columns."""

_OPEN = frozenset({UNREAD, UNSAID})


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A fact that is not the same on both sides. One side may lack it: `expected` or `actual` is None.

    `words` are what the values of the fact are called, on a side that has it.

    `values` are the words whose values differ, with the expected and the actual one; of a fact that one side lacks
    there are none. What goes with an object that one side lacks is in `along`; `vocabulary` has the words for the
    values of all, by catalog.
    """

    expected: Fact | None
    actual: Fact | None
    words: tuple[str, ...]
    values: Mapping[str, tuple[Value, Value]] = field(default_factory=dict)
    along: tuple[Fact, ...] = ()
    vocabulary: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def fact(self) -> Fact:
        """The fact on a side that has it."""
        found = self.expected or self.actual
        assert found is not None
        return found

    @property
    def key(self) -> Key:
        """What identifies it."""
        return self.fact.key


def compare(expected: Facts, actual: Facts) -> tuple[Difference, ...]:
    """The differences, in the order of the accounting, then by name. Nothing, if both hold the same. Pure.

    An object that one side lacks is one difference, with all that goes with it. A fact that something is missing
    (`MISSING`) stands for what the other side has; what of initdb's one side alone says to be altered (`ALTERED`)
    is on the other one as it was made. Between majors that says nothing, since each makes others.
    """
    expected, actual = _with_unaltered(expected, actual), _with_unaltered(actual, expected)
    missing = {key: fact for key, fact in expected.facts.items() if key not in actual.facts}
    excess = {key: fact for key, fact in actual.facts.items() if key not in expected.facts}
    found = [
        *(_lone(expected, along, expected=fact, actual=None) for fact, along in _whole(missing)),
        *(_lone(actual, along, expected=None, actual=fact) for fact, along in _whole(excess)),
        *_changed(expected, actual),
    ]
    return _sorted(found, expected)


def _with_unaltered(facts: Facts, other: Facts) -> Facts:
    """The facts with those objects of initdb's that the other side alone says to be altered, as they were made."""
    if facts.major != other.major:
        return but_altered(facts)
    lone = {key: fact for key, fact in other.facts.items() if key[0] == ALTERED and key not in facts.facts}
    unaltered = {key: replace(fact, values=(AS_MADE,)) for key, fact in lone.items()}
    return replace(facts, facts={**facts.facts, **unaltered}) if lone else facts


def but_altered(facts: Facts) -> Facts:
    """The facts without those that tell of alterations of what initdb has made. Pure."""
    if not any(key[0] == ALTERED for key in facts.facts):
        return facts
    return replace(facts, facts={key: fact for key, fact in facts.facts.items() if key[0] != ALTERED})


def orderly(found: Iterable[Difference], expected: Facts, actual: Facts) -> tuple[Difference, ...]:
    """Differences in the positions of columns, told once for each table, as the order of its columns. Pure.

    A column that one side lacks moves those behind it; that is no other order. `found` is what `compare` says of
    facts that were read with the option "positions".
    """
    kept: dict[Key, Difference] = {}
    moved: set[Key] = set()
    for each in found:
        if "position" in each.values and each.fact.of:
            moved.add(each.fact.of)
        if left := leave(each, lambda word: word != "position"):
            kept[each.key] = left
    if not moved:
        return tuple(kept.values())
    wanted, there = _columns(expected, moved), _columns(actual, moved)
    for table in moved:
        one, other = wanted[table], there[table]
        if [name for name in one if name in other] != [name for name in other if name in one]:
            before = kept.get(table) or Difference(
                expected=expected.facts[table],
                actual=actual.facts[table],
                words=expected.words[table[0]],
            )
            kept[table] = replace(before, values={**before.values, ORDER: (one, other)})
    return _sorted(kept.values(), expected)


def leave(each: Difference, is_kept: Callable[[str], bool]) -> Difference | None:
    """The difference in those words alone; None if it is in none of them. Pure."""
    if each.expected is None or each.actual is None:
        return each
    values = {word: both for word, both in each.values.items() if is_kept(word)}
    return replace(each, values=values) if values or each.expected.kind != each.actual.kind else None


def _lone(facts: Facts, along: tuple[Fact, ...], *, expected: Fact | None, actual: Fact | None) -> Difference:
    """The difference of a fact that one side lacks; `facts` are those of the other one."""
    fact = expected or actual
    assert fact is not None
    if fact.catalog == MISSING:
        expected, actual = actual, expected
    return Difference(
        expected=expected, actual=actual, words=facts.words[fact.catalog], along=along, vocabulary=facts.words
    )


def _columns(facts: Facts, tables: Iterable[Key]) -> dict[Key, tuple[str, ...]]:
    """The names of these tables' columns, in their order, quoted where they must be."""
    found: dict[Key, list[tuple[int, str]]] = {table: [] for table in tables}
    for fact in facts:
        if fact.catalog == "pg_attribute" and fact.of in found:
            place = facts.value(fact, "position")
            assert isinstance(place, int)
            found[fact.of].append((place, quote(fact.name[-1])))
    return {table: tuple(name for _, name in sorted(columns)) for table, columns in found.items()}


def _sorted(found: Iterable[Difference], facts: Facts) -> tuple[Difference, ...]:
    order = {name: number for number, name in enumerate(facts.words)}
    return tuple(sorted(found, key=lambda each: (order.get(each.fact.catalog, len(order)), each.fact.name)))


def _whole(lone: Mapping[Key, Fact]) -> Iterator[tuple[Fact, tuple[Fact, ...]]]:
    """Of facts that one side lacks, those that do not go with another one, each with those that go with it."""
    along: dict[Key, list[Fact]] = {}
    for fact in lone.values():
        if (top := _top(lone, fact)) is not fact:
            along.setdefault(top.key, []).append(fact)
    for fact in lone.values():
        if _above(fact) not in lone:
            yield fact, tuple(along.get(fact.key, ()))


def _top(lone: Mapping[Key, Fact], fact: Fact) -> Fact:
    while (key := _above(fact)) and (above := lone.get(key)):
        fact = above
    return fact


def _above(fact: Fact) -> Key | None:
    """What a fact goes with; the relation that has the attributes of a composite type, with the type."""
    return ("pg_type", fact.name) if fact.kind == "composite type" else fact.of


def _changed(expected: Facts, actual: Facts) -> Iterator[Difference]:
    for key, wanted in expected.facts.items():
        found = actual.facts.get(key)
        if found is None:
            continue
        words, others = expected.words[wanted.catalog], actual.words[wanted.catalog]
        if words == others and wanted.values == found.values and wanted.kind == found.kind:
            continue
        values = {
            word: (expected.value(wanted, word), actual.value(found, word))
            for word in dict.fromkeys(words + others)
        }
        unlike = {
            word: (one, other)
            for word, (one, other) in values.items()
            if one != other and _OPEN.isdisjoint((one, other))
        }
        if unlike or wanted.kind != found.kind:
            yield Difference(expected=wanted, actual=found, words=words, values=unlike)
