"""What a database of one major would be on a server of another: put together of what that server made of it.

The texts are those of the server (it has read what the other major wrote, and has written it anew), all else is
what the database says; and what the newer major makes by itself is as it is on the other side of the comparison.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from pgproof.catalog.accounting import deparsed
from pgproof.catalog.fact import UNREAD, UNSAID, Fact, Facts, Key, Value
from pgproof.drift.compare import Difference
from pgproof.drift.lacks import is_rule_of_not_null, recoded, without_units
from pgproof.drift.majors import Made, between
from pgproof.drift.planner.makers import goes_by_itself
from pgproof.drift.recast import but_recast, is_recast
from pgproof.drift.unit import Side, Unit
from pgproof.drift.words import label
from pgproof.errors import Problem

_LACKS = frozenset({"0A000", "42601", "42883"})
"""Errors of who does not know what it is told: feature_not_supported, syntax_error, undefined_function."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Across:
    """A database as a server of another major has it.

    `made` is what the newer of the majors makes by itself, `impossible` what the older one cannot have, by object,
    with the reason; `reasons` are why nobody can tell that there is no other difference.
    """

    facts: Facts
    made: tuple[Made, ...]
    impossible: Mapping[Key, str]
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What a server was told, of the facts `told`, and what it has made of them (`found`).

    `refused` is what it has not made, by the label of the object, and why. `kept` are objects that are to be as
    they are on the other side, or not at all.
    """

    told: Facts
    found: Facts
    refused: Mapping[str, Problem] = field(default_factory=dict)
    kept: Collection[Key] = ()


def across(wanted: Facts, there: Facts, copied: Copied) -> Across:
    """The facts of `wanted` in the major of `there`, of which a server has made a copy. Pure."""
    return _Translation(wanted, there, copied).result()


class _Translation:
    def __init__(self, origin: Facts, there: Facts, copied: Copied) -> None:
        self._origin, self._there = origin, there
        wanted, clone, refused = copied.told, copied.found, copied.refused
        self._wanted, self._clone, self._kept = wanted, clone, copied.kept
        self._side, self._made = Side(wanted), Side(clone)
        self._refused = {
            key: refused[name] for key, unit in self._side.units.items() if (name := label(unit.main)) in refused
        }
        self._facts: dict[Key, Fact] = {
            fact.key: recoded(clone, fact, there.words[fact.catalog])
            for fact in clone
            if fact.catalog in there.words
        }
        self._needs = {**wanted.needs, **clone.needs}
        self._impossible: dict[Key, str] = {}
        self._reasons: list[str] = []

    def result(self) -> Across:
        """All that is known of it."""
        unlike = {each.key: each for each in between(self._wanted, self._there)[0]}
        self._note_refused(unlike)
        for each in between(self._wanted, self._clone)[0]:
            self._correct(each, unlike)
        self._call_rules_alike()
        taken = [each for each in between(self._origin, self._there)[1] if self._takes(each)]
        self._keep_unread()
        whole = replace(
            self._clone,
            words=self._there.words,
            facts=self._facts,
            needs={key: found for key, found in self._needs.items() if key in self._facts},
            unmodelled=self._wanted.unmodelled,
            unread=self._wanted.unread,
        )
        there = {key for key in self._impossible if key in self._facts and key not in self._there.facts}
        away = {key: why for key, why in self._impossible.items() if key not in there}
        spared = without_units(whole, self._there, {**away, **dict.fromkeys(self._kept, "")})
        told = {key: why for key, why in spared.impossible.items() if key not in self._kept}
        return Across(
            facts=spared.facts,
            made=tuple(taken),
            impossible={**self._impossible, **told},
            reasons=tuple(dict.fromkeys(self._reasons)),
        )

    def _keep_unread(self) -> None:
        """What the user may not see of a database is seen of no copy."""
        for fact in self._wanted:
            for word, value in zip(self._wanted.words[fact.catalog], fact.values, strict=True):
                if (
                    value in (UNREAD, UNSAID)
                    and fact.key in self._facts
                    and word in self._there.words[fact.catalog]
                ):
                    self._set(fact.key, word, value)

    def _note_refused(self, unlike: Mapping[Key, Difference]) -> None:
        """What the server has not made, and cannot be told to be as it is on the other side."""
        other = Side(self._there)
        for key, problem in self._refused.items():
            unit = self._side.units[key]
            found = [each for fact in unit.facts if (each := unlike.get(fact.key))]
            why = f"PostgreSQL {self._there.major} refuses it: {problem.message}"
            is_text = all(each.values and deparsed(each.fact.catalog) >= each.values.keys() for each in found)
            if key in other.units and not found:
                self._facts |= {fact.key: fact for fact in other.units[key].facts}
            elif (
                key in other.units
                and is_text
                and (problem.sqlstate not in _LACKS or not any(map(but_recast, found)))
            ):
                self._doubt(label(unit.main), why)
                self._facts |= {fact.key: fact for fact in other.units[key].facts}
            else:
                self._impossible[key] = why

    def _doubt(self, what: str, why: str) -> None:
        self._reasons.append(f"{what}: whether it is the same in the words of another major: {why}")

    def _correct(self, each: Difference, unlike: Mapping[Key, Difference]) -> None:
        """What the server has made otherwise than it was told."""
        if each.expected is None:
            if not _comes_by_itself(self._made.units.get(each.key)):
                for fact in (each.fact, *each.along):
                    self._facts.pop(
                        fact.key, None
                    )  # an index that a partition gets where it is attached, in a copy
            return
        if self._side.unit_of(each.fact) in {*self._impossible, *self._kept}:
            return
        if each.actual is None:
            for fact in (each.fact, *each.along):
                self._add(fact, unlike.get(fact.key))
            return
        texts = deparsed(each.fact.catalog)
        for word, (value, _) in each.values.items():
            if word not in texts and word in self._there.words[each.fact.catalog]:
                self._set(each.key, word, value)

    def _add(self, fact: Fact, differs: Difference | None) -> None:
        """What no statement of ours makes, as the database says it; its texts are in the words of its major."""
        if self._side.unit_of(fact) in self._impossible or fact.catalog not in self._there.words:
            return
        words = self._there.words[fact.catalog]
        twin = self._there.facts.get(fact.key)
        if twin is None and _comes_by_itself(self._side.units.get(fact.key)):
            return  # it is called otherwise there, or another version of its extension has none
        if twin and not differs:
            self._facts[fact.key] = twin
            return
        self._facts[fact.key] = recoded(self._wanted, fact, words)
        if twin is None or differs is None:
            return
        values = differs.values
        for word, value in zip(words, twin.values, strict=True):
            if word not in values:
                self._set(fact.key, word, value)
            elif word in deparsed(fact.catalog) and is_recast(str(values[word][0]), str(value)):
                self._set(fact.key, word, value)
                self._doubt(label(fact), f"a server of PostgreSQL {self._there.major} could not be asked")

    def _set(self, key: Key, word: str, value: Value) -> None:
        fact, words = self._facts[key], self._there.words[key[0]]
        values = tuple(value if name == word else old for name, old in zip(words, fact.values, strict=True))
        self._facts[key] = replace(fact, values=values)

    def _takes(self, made: Made) -> bool:
        """Take what a major makes by itself from the other side; True if there is then no difference in it."""
        each = made.difference
        if each.actual is None:  # the database has it, and no server of the other major will
            return each.key not in self._facts
        if each.expected is None:
            self._facts.setdefault(each.key, each.actual)
            return self._facts[each.key].values == each.actual.values
        mine = self._facts.get(each.key)
        if mine is None:
            return False
        for word in each.values.keys() & set(self._there.words[each.key[0]]):
            value = self._there.value(each.actual, word)
            if word in deparsed(each.key[0]):
                if self._there.value(mine, word) != value:
                    return False
            else:
                self._set(each.key, word, value)
        return True

    def _call_rules_alike(self) -> None:
        """A NOT NULL, which has no name before 18 (of a domain: 17), is called as it is on the other side."""
        mine = {key: self._facts[key] for key in self._facts if is_rule_of_not_null(self._clone, self._facts[key])}
        named = {_of(self._clone, fact): key for key, fact in mine.items()}
        for fact in self._there:
            if not is_rule_of_not_null(self._there, fact) or any(each.key == fact.key for each in self._wanted):
                continue
            key = named.get(_of(self._there, fact))
            if key is None or key == fact.key or key in self._wanted.facts or fact.key in self._facts:
                continue
            old = self._facts.pop(key)
            self._facts[fact.key] = replace(old, name=fact.name)
            self._needs[fact.key] = self._needs.pop(key, frozenset())


def _comes_by_itself(unit: Unit | None) -> bool:
    return unit is not None and unit.catalog != "pg_inherits" and goes_by_itself(unit)


def _of(facts: Facts, fact: Fact) -> tuple[Key | None, Value]:
    return fact.of, facts.value(fact, "columns")
