"""What two databases do not have alike, found among their facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pgproof.catalog.fact import Fact, Facts, Key, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A fact that is not the same on both sides. One side may lack it: `expected` or `actual` is None.

    `words` are what the values of the fact are called, on a side that has it.

    `values` are the words whose values differ, with the expected and the actual one; of a fact that one side lacks
    there are none. What goes with an object that one side lacks is in `along`.
    """

    expected: Fact | None
    actual: Fact | None
    words: tuple[str, ...]
    values: Mapping[str, tuple[Value, Value]] = field(default_factory=dict)
    along: tuple[Fact, ...] = ()

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

    An object that one side lacks is one difference, with all that goes with it.
    """
    missing = {key: fact for key, fact in expected.facts.items() if key not in actual.facts}
    excess = {key: fact for key, fact in actual.facts.items() if key not in expected.facts}
    found = [
        *(
            Difference(expected=fact, actual=None, words=expected.words[fact.catalog], along=along)
            for fact, along in _whole(missing)
        ),
        *(
            Difference(expected=None, actual=fact, words=actual.words[fact.catalog], along=along)
            for fact, along in _whole(excess)
        ),
        *_changed(expected, actual),
    ]
    order = {name: number for number, name in enumerate(expected.words)}
    return tuple(sorted(found, key=lambda each: (order.get(each.fact.catalog, len(order)), each.fact.name)))


def _whole(lone: Mapping[Key, Fact]) -> Iterator[tuple[Fact, tuple[Fact, ...]]]:
    """Of facts that one side lacks, those that do not go with another one, each with those that go with it."""
    along: dict[Key, list[Fact]] = {}
    for fact in lone.values():
        if (top := _top(lone, fact)) is not fact:
            along.setdefault(top.key, []).append(fact)
    for fact in lone.values():
        if fact.of not in lone:
            yield fact, tuple(along.get(fact.key, ()))


def _top(lone: Mapping[Key, Fact], fact: Fact) -> Fact:
    while fact.of and (above := lone.get(fact.of)):
        fact = above
    return fact


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
        unlike = {word: (one, other) for word, (one, other) in values.items() if one != other}
        if unlike or wanted.kind != found.kind:
            yield Difference(expected=wanted, actual=found, words=words, values=unlike)
