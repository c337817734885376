"""What each line about a difference is called: a code, the object, and a pin. Acceptances speak of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from pgproof.catalog.fact import Value
from pgproof.drift import words
from pgproof.drift.compare import Difference
from pgproof.migrate.standing import Condition


class Code(StrEnum):
    """The kinds of differences, in `codes.txt`: none is used again. Those of the history cannot be accepted."""

    MISSING = "DRF101"
    UNEXPECTED = "DRF102"
    CHANGED = "DRF103"
    FILE_EDITED = "DRF201"
    FILE_MISSING = "DRF202"
    STOPPED = "DRF203"
    INTERRUPTED = "DRF204"
    UNTOLD = "DRF301"


MEANINGS = {
    Code.MISSING: "What the files make is missing.",
    Code.UNEXPECTED: "It is there, and no file makes it.",
    Code.CHANGED: "It is not as the files make it.",
    Code.FILE_EDITED: "The file of an applied migration was edited.",
    Code.FILE_MISSING: "The file of an applied migration is missing.",
    Code.STOPPED: "A migration stopped half way.",
    Code.INTERRUPTED: "A migration was interrupted.",
    Code.UNTOLD: "Nobody can tell.",
}
"""What each says, in a sentence."""
ACCEPTABLE = frozenset({Code.MISSING, Code.UNEXPECTED, Code.CHANGED})
OF_HISTORY = {
    Condition.EDITED: Code.FILE_EDITED,
    Condition.MISSING: Code.FILE_MISSING,
    Condition.STOPPED: Code.STOPPED,
    Condition.INTERRUPTED: Code.INTERRUPTED,
}
"""The code of a version that does not stand as it should."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line about a difference. `object` is "column public.jobs.state: default", or without the word behind it.

    `pin` is a word for what was seen: if that changes, it is another. What is missing has none, since it cannot
    become anything else.
    """

    code: Code
    object: str
    pin: str = ""

    def __str__(self) -> str:
        return f"{self.code} {self.object}"

    @property
    def pinned(self) -> str:
        """The object with the pin, as an acceptance names it."""
        return f"{self.object} #{self.pin}" if self.pin else self.object


def items(each: Difference) -> tuple[Item, ...]:
    """What the lines about a difference (`words.lines`) are called, in their order. Pure."""
    code = Code.MISSING if each.actual is None else Code.UNEXPECTED if each.expected is None else Code.CHANGED
    what = _on_one_line(words.label(each.fact))
    return tuple(
        Item(
            code=code,
            object=f"{what}: {word}" if word else what,
            pin="" if code is Code.MISSING else _pin(each, word),
        )
        for word in words.aspects(each)
    )


def _on_one_line(name: str) -> str:
    """Names may hold line ends and what else cannot be seen; here they are written as U& would."""
    return "".join(char if char.isprintable() else f"\\{ord(char):04x}" for char in name)


def _pin(each: Difference, word: str) -> str:
    if each.expected is None:
        seen = repr(tuple(_values(each))) if not word else repr(each.fact.values[each.words.index(word)])
    else:
        kinds = (each.expected.kind, each.actual.kind if each.actual else "")
        seen = repr((kinds, each.values.get(word)))
    return sha256(seen.encode()).hexdigest()[:12]


def _values(each: Difference) -> Iterator[tuple[object, ...]]:
    """An object and all that goes with it; but for where columns stand, which is not always read."""
    for fact in (each.fact, *sorted(each.along, key=lambda fact: fact.key)):
        said = zip(each.vocabulary[fact.catalog], fact.values, strict=True)
        values: list[tuple[str, Value]] = [(word, value) for word, value in said if word != "position"]
        yield fact.key, fact.kind, values
