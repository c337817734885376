"""Definitions that are the same in other words: the server is told the one, and has to write the other.

A database that was dumped and restored has other text in its expressions than one that the files have just built
(`drift.recast` says why). What may be the same is guessed from the text; whether it is, the server says: where an
object is made of the one text, and the server then writes it in the words of the other, there is no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pgproof.catalog.fact import Fact, Facts, Key, Value
from pgproof.database import failure
from pgproof.database.connection import Connection
from pgproof.drift.compare import Difference, leave
from pgproof.drift.planner.repair import repair
from pgproof.drift.recast import recast_values
from pgproof.errors import DatabaseError
from pgproof.flows.clone import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Reworded:
    """Values that are the same in other words: their `words`, by what identifies the fact."""

    words: Mapping[Key, frozenset[str]] = field(default_factory=dict)

    def without(self, differences: Iterable[Difference]) -> tuple[Difference, ...]:
        """The differences that are left. Pure."""
        return tuple(filter(None, map(self._left, differences)))

    def _left(self, each: Difference) -> Difference | None:
        same = self.words.get(each.key, frozenset())
        return leave(each, lambda word: word not in same)

    def applied(self, facts: Facts, like: Facts) -> Facts:
        """The facts in the words of others. Pure."""
        values = {
            key: {word: like.value(like.facts[key], word) for word in words} for key, words in self.words.items()
        }
        return _with(facts, values)


def in_other_words(differences: Iterable[Difference]) -> Reworded:
    """The values that look as if they were the same, of objects that were made of the one text. Pure."""
    return Reworded(
        words={each.key: frozenset(recast_values(each)) for each in differences if recast_values(each)}
    )


def reworded(conn: Connection, differences: Iterable[Difference]) -> Reworded:
    """Which values are the same in other words, tried in a database that holds what is `expected` of them.

    It is one on a scratch server; what is done there is taken back. Raises DatabaseError where it cannot be read.
    """
    suspects = {each.key: found for each in differences if (found := recast_values(each))}
    return _tried(conn, suspects) if suspects else Reworded()


def _tried(conn: Connection, suspects: Mapping[Key, Mapping[str, tuple[str, str]]]) -> Reworded:
    """Each text is told to the server, the expected one first; what it then writes is read."""
    here = {key: {word: both[0] for word, both in words.items()} for key, words in suspects.items()}
    there = {key: {word: both[1] for word, both in words.items()} for key, words in suspects.items()}
    proven: dict[Key, frozenset[str]] = {}
    facts = read(conn)
    for before, after, meant in (
        (_with(facts, there), facts, there),  # as if it stood there in other words
        (facts, _with(facts, there), here),
    ):
        for key, words in _same(conn, before, after, meant).items():
            proven[key] = proven.get(key, frozenset()) | words
    return Reworded(words=proven)


def _same(
    conn: Connection, before: Facts, after: Facts, meant: Mapping[Key, Mapping[str, Value]]
) -> dict[Key, frozenset[str]]:
    """Which of the values are as they are meant to be when the server was led from the one to the other."""
    statements = repair(before, after, online=False).statements
    try:
        with failure.told(), conn.transaction(force_rollback=True):
            for each in statements:
                conn.execute(each.sql.encode())
            found = read(conn)
    except DatabaseError:
        return {}  # what cannot be tried is a difference
    return {
        key: frozenset(word for word, value in words.items() if found.value(found.facts[key], word) == value)
        for key, words in meant.items()
        if key in found.facts
    }


def _with(facts: Facts, values: Mapping[Key, Mapping[str, Value]]) -> Facts:
    """The facts with other values; a definition that has the old text has the new one."""
    changed = {
        key: _changed(facts.facts[key], facts.words[key[0]], words)
        for key, words in values.items()
        if key in facts.facts
    }
    return replace(facts, facts={**facts.facts, **changed})


def _changed(fact: Fact, words: Sequence[str], values: Mapping[str, Value]) -> Fact:
    definition = fact.definition
    for word, value in values.items():
        old = fact.values[words.index(word)]
        if definition and isinstance(old, str) and isinstance(value, str):
            definition = definition.replace(old, value)
    said = tuple(values.get(word, value) for word, value in zip(words, fact.values, strict=True))
    return replace(fact, values=said, definition=definition)
