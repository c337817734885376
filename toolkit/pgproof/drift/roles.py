"""Of the roles of a cluster, what counts for one database: what its files make and change of them.

A cluster has roles of many databases and people. What files say of them is seen by what they do to a cluster that
has roles by these names, and nothing else: a role that they make counts with all that it has and is given, of one
that they only change counts what they change.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from pgproof.catalog.fact import UNSAID, Fact, Facts, Key, Value
from pgproof.drift.ddl.others import EVERYWHERE
from pgproof.drift.unit import grantee
from pgproof.drift.words import label
from pgproof.sql.name import quote

_SINCE_GRANTORS = 16
_WHOLE = frozenset({"pg_auth_members", "pg_shdescription", "pg_shseclabel"})


def is_of_cluster(fact: Fact) -> bool:
    """True for what tells of roles, and is not in one database. Pure."""
    if fact.catalog == "pg_db_role_setting":
        return fact.name[-1:] == (EVERYWHERE,)
    return fact.catalog in _WHOLE or fact.catalog in ("pg_authid", "pg_parameter_acl")


def without_cluster(facts: Facts) -> Facts:
    """The facts of the database alone. Pure."""
    return replace(facts, facts={key: fact for key, fact in facts.facts.items() if not is_of_cluster(fact)})


def labels(facts: Facts) -> frozenset[str]:
    """What the objects are called that are the cluster's. Pure."""
    return frozenset(label(fact) for fact in facts if is_of_cluster(fact))


def said(before: Facts, after: Facts, altered: Mapping[str, Collection[str]], ran: Collection[str]) -> Facts:
    """The facts of `after`, of roles only what files have made of those of `before`. Pure.

    `altered` are the words that statements set, by role, maybe to what they were; `ran` are the roles that ran
    these.
    """
    kept: dict[Key, Fact] = {}
    words = {quote(role): each for role, each in altered.items()}
    for fact in after:
        was = before.facts.get(fact.key)
        found: Fact | None = fact
        if is_of_cluster(fact) and was is not None:
            if fact.catalog == "pg_authid":
                found = _altered(after, was, fact, words.get(fact.name[0], ()))
            elif fact.catalog == "pg_parameter_acl":
                found = _with_lines(after, fact, _not_in(_lines(before, was)))
            elif fact.values == was.values:
                found = None
        if found is not None:
            kept[found.key] = found
    return replace(after, facts=_without_grantors(kept.values(), ran))


def counted(expected: Facts, actual: Facts, ran: Collection[str]) -> Facts:
    """The facts of a database, of roles only what is to be compared with what files make (`expected`). Pure."""
    there = replace(actual, facts=_without_grantors(actual.facts.values(), ran))
    judge = _Judge(expected=expected, actual=there, made=_made(expected), ran=frozenset(map(quote, ran)))
    found = (judge.counted(fact) if is_of_cluster(fact) else fact for fact in there)
    return replace(there, facts={fact.key: fact for fact in found if fact is not None})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judge:
    """What of the facts of a cluster counts; `made` are the roles that files make."""

    expected: Facts
    actual: Facts
    made: frozenset[str]
    ran: frozenset[str]

    def counted(self, fact: Fact) -> Fact | None:
        """What of a fact about roles counts; None if nothing."""
        same = self.expected.facts.get(fact.key)
        match fact.catalog:
            case "pg_authid":
                return fact if same else None
            case "pg_auth_members":
                is_theirs = not self.made.isdisjoint(fact.name[:2])
                return fact if same or (is_theirs and not self._comes_with_making(fact)) else None
            case "pg_parameter_acl":
                known = {grantee(line)[0] for line in _lines(self.expected, same)} | self.made
                return _with_lines(self.actual, fact, lambda line: grantee(line)[0] in known)
            case "pg_db_role_setting" if same and fact.name[0] not in self.made:
                names = {_setting(line) for line in _lines(self.expected, same, "settings")}
                return _with_lines(self.actual, fact, lambda line: _setting(line) in names, "settings")
            case "pg_db_role_setting":
                return fact if fact.name[0] in self.made else None
        return fact if same or fact.name[-1] in self.made else None

    def _comes_with_making(self, fact: Fact) -> bool:
        """True for what whoever makes a role gets by that, the right to grant it (since 16, CREATE ROLE)."""
        options = [self.actual.value(fact, f"{word} option") for word in ("admin", "inherit", "set")]
        is_by_server = self.actual.major >= _SINCE_GRANTORS and len(fact.name) == len(("role", "member"))
        return is_by_server and fact.name[1] in self.ran and options == [True, False, False]


def _made(expected: Facts) -> frozenset[str]:
    roles = (fact for fact in expected if fact.catalog == "pg_authid")
    return frozenset(fact.name[0] for fact in roles if UNSAID not in fact.values)


def _altered(facts: Facts, was: Fact, fact: Fact, words: Collection[str]) -> Fact | None:
    """The fact of a role with what was changed, or is among these words; None if there is no such thing."""
    both = zip(facts.words[fact.catalog], was.values, fact.values, strict=True)
    values = tuple(now if now != then or word in words else UNSAID for word, then, now in both)
    return None if set(values) <= {UNSAID} else replace(fact, values=values)


def _lines(facts: Facts, fact: Fact | None, word: str = "privileges") -> tuple[str, ...]:
    value = facts.value(fact, word) if fact else None
    return tuple(map(str, value)) if isinstance(value, tuple) else ()


def _with_lines(facts: Facts, fact: Fact, is_kept: Callable[[str], bool], word: str = "privileges") -> Fact | None:
    """The fact with those lines of a value; None if it has none."""
    value: Value = tuple(line for line in _lines(facts, fact, word) if is_kept(line))
    place = facts.words[fact.catalog].index(word)
    return replace(fact, values=(*fact.values[:place], value, *fact.values[place + 1 :])) if value else None


def _not_in(lines: Collection[str]) -> Callable[[str], bool]:
    return lambda line: line not in lines


def _setting(line: str) -> str:
    return line.partition("=")[0]


def _without_grantors(found: Iterable[Fact], ran: Collection[str]) -> dict[Key, Fact]:
    """The facts by key; a membership granted by who ran the files, a superuser on scratch, is as if by the server.

    Of several that are then called the same, it is the one that allows most.
    """
    told: dict[Key, Fact] = {}
    theirs = frozenset(map(quote, ran))
    for fact in found:
        each = fact
        if fact.catalog == "pg_auth_members" and fact.name[2:] and fact.name[2] in theirs:
            each = replace(fact, name=fact.name[:2])
        if (other := told.get(each.key)) and each.catalog == "pg_auth_members":
            both = zip(other.values, each.values, strict=True)
            each = replace(each, values=tuple(one or another for one, another in both))
        told[each.key] = each
    return told
