"""What differs only because something that initdb has made is called otherwise on one side.

An index by a system's function that was renamed reads `other(a)` there and `lower(a)` here. It is the same
index: to make it anew is in vain, or refused, where no function has that name. Nothing records what such a
thing was called at first; only that it is not as initdb made it (`catalog.initdb`). So two objects are taken
for the same if their words differ by names alone, and each of these, on the side that has it, is one that
initdb did not make so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgproof.catalog.fact import ALTERED, Facts
from pgproof.drift.unit import Side, Unit
from pgproof.drift.words import label

_WORD = r'(?:"(?:[^"]|"")*"|\w+)'
_NAME = re.compile(rf"(?:{_WORD}\.)?({_WORD})")
_PIECE = re.compile(rf"{_WORD}|\W")


class Otherwise:
    """The names of initdb's objects that one side alone says to be altered: of the one, and of the other."""

    def __init__(self, old: Side, new: Side) -> None:
        self._old, self._new = dict(_only(old.facts, new.facts)), dict(_only(new.facts, old.facts))

    def why(self, old: Unit, new: Unit) -> str:
        """Why the two are the same, if they are; else nothing."""
        if not (self._old or self._new):
            return ""
        pieces = [_PIECE.findall("\0".join(_said(tuple(sorted(each.contents().items()))))) for each in (old, new)]
        if len(pieces[0]) != len(pieces[1]):
            return ""
        unlike = {(was, now) for was, now in zip(*pieces, strict=True) if was != now}
        found = {self._old.get(was) or self._new.get(now) for was, now in unlike}
        if not found or None in found:
            return ""
        return f"it differs by what {' and '.join(sorted(map(str, found)))} is called"


def _only(facts: Facts, other: Facts) -> Iterator[tuple[str, str]]:
    """The last word of the name of each, and what to call it."""
    for key, fact in facts.facts.items():
        if key[0] == ALTERED and key not in other.facts and (name := _NAME.match(key[1][-1])):
            yield name[1], label(fact)


def _said(what: object) -> Iterator[str]:
    """All words of a nest of tuples; of each, how many there are, so that none goes unseen."""
    if isinstance(what, tuple):
        yield str(len(what))
        for each in what:
            yield from _said(each)
    else:
        yield f"{type(what).__name__}\0{what}"
