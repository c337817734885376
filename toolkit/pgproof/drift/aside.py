"""Of what differs, what files often leave to whoever runs the server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pgproof.catalog.fact import Fact, Facts, Key, Value
from pgproof.drift.compare import Difference, leave

_OWNER = "owner"
_WORDS = {"privileges": "privileges", "tablespace": "tablespaces"}
_CATALOGS = {
    "pg_default_acl": "privileges",
    "pg_init_privs": "privileges",
    "pg_shdepend": "privileges",
    "pg_db_role_setting": "settings of the database",
    "pg_user_mapping": "user mappings",
    "pg_subscription": "subscriptions",
}
_VERSION = "versions of extensions"
_NAMES = "names of NOT NULL constraints"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """What files alone make, and by what it is (a plural: "privileges") what they often leave to others."""

    essential: tuple[Difference, ...] = ()
    aside: Mapping[str, tuple[Difference, ...]] = field(default_factory=dict)

    @property
    def count(self) -> tuple[int, int]:
        """How far the two are from each other, first by what is essential; of a lone table, columns count too."""
        lone = sum(len(each.along) for each in self.essential)
        return len(self.essential) + lone, sum(len(each) for each in self.aside.values())


def sort_out(found: Iterable[Difference]) -> Sorted:
    """Sort differences; who owns what is left out. Pure."""
    found = tuple(found)
    renamed = _renamed(found)
    essential: list[Difference] = []
    aside: dict[str, list[Difference]] = {}
    for each in found:
        whole = _CATALOGS.get(each.fact.catalog) or (_NAMES if each.key in renamed else None)
        if whole:
            aside.setdefault(whole, []).append(each)
            continue
        what = {word: _what(each.fact, word) for word in each.values}
        if part := leave(each, lambda word: what[word] is None):  # noqa: B023  (called here)
            essential.append(part)
        for name in sorted({name for name in what.values() if name and name != _OWNER}):
            values = {word: both for word, both in each.values.items() if what[word] == name}
            aside.setdefault(name, []).append(replace(each, values=values))
    return Sorted(essential=tuple(essential), aside={name: tuple(each) for name, each in sorted(aside.items())})


def _what(fact: Fact, word: str) -> str | None:
    """What a value is, that is not for the files alone to say; None for the others."""
    if word == _OWNER:
        return _OWNER
    return _VERSION if (fact.catalog, word) == ("pg_extension", "version") else _WORDS.get(word)


def _renamed(found: Iterable[Difference]) -> frozenset[Key]:
    """NOT NULL constraints that both sides have under other names (PostgreSQL 18 is the first to keep them).

    A table that was renamed before an upgrade to 18 has other ones than the files make there.
    """
    lone = [each for each in found if each.fact.catalog == "pg_constraint" and not each.values]
    sides: dict[tuple[object, ...], list[Difference]] = {}
    for each in lone:
        values = dict(zip(each.words, each.fact.values, strict=True))
        if values.get("contype") == "n" and not each.along:
            sides.setdefault((each.fact.of, each.fact.values), []).append(each)
    pairs = (same for same in sides.values() if {each.expected is None for each in same} == {True, False})
    return frozenset(each.key for pair in pairs for each in pair)


def ownerless(facts: Facts) -> Facts:
    """The same facts with default privileges of "owner" instead of the role that is said to give them. Pure.

    Where several roles give such, they keep their names.
    """
    roles: dict[tuple[str, ...], list[Fact]] = {}
    for fact in facts:
        if fact.catalog == "pg_default_acl":
            roles.setdefault(fact.name[1:], []).append(fact)
    alone = {each[0].key: _of_owner(each[0]) for each in roles.values() if len(each) == 1}
    changed = (alone.get(key, fact) for key, fact in facts.facts.items())
    return replace(facts, facts={fact.key: fact for fact in changed})


def _of_owner(fact: Fact) -> Fact:
    role, *more = fact.name

    def said(value: Value) -> Value:
        if isinstance(value, tuple):
            return tuple(sorted((said(each) for each in value), key=str))
        text = str(value)
        return f"{_OWNER}{text[len(role) :]}" if text.startswith(f"{role}: ") else value

    return replace(fact, name=(_OWNER, *more), values=tuple(said(each) for each in fact.values))
