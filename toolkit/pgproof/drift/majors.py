"""What a major of PostgreSQL makes of a schema unlike those before it, and what these lack: `majors.toml`, read.

Each entry there has its source in the release notes of that major (appendix E of PostgreSQL's manual).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from pgproof.catalog.fact import Facts, Name, Value
from pgproof.drift.compare import Difference, compare

_TOKEN = re.compile(r"""\s*('(?:[^']|'')*'|"(?:[^"]|"")*"|[^\W\d][\w$]*|[\d.]+\d|\S)""")
_NAME = re.compile(r'["\w]')
_TABLE = frozenset({"DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE"})
"""All privileges that there were on a table before 17 (5.8 of its manual)."""


_CALLED = "a foreign key to a partition"
"""What either side may have alone: another name for the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Makes:
    """What majors from `since` on make: of the value `word`, or, without one, of a fact that older ones lack.

    `how` is the name of what recognises it; without, it is `new` where an older one has one of `old` (none: no
    such value). `because` is a sentence for people.
    """

    since: int
    catalog: str
    because: str
    word: str = ""
    how: str = ""
    new: Value = None
    old: tuple[Value, ...] = (None,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A difference, or the part of one, that a major makes by itself."""

    difference: Difference
    makes: Makes


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacks:
    """What majors before `since` lack: what is `called` so, and shows in the value `word` of a fact.

    It is one of `values`, or any but none; `how` is the name of what recognises it instead. Without a word, it is
    each fact of the catalog.
    """

    since: int
    catalog: str
    called: str
    word: str = ""
    values: tuple[Value, ...] = ()
    how: str = ""


@cache
def known() -> tuple[Makes, ...]:
    """All that is known of what majors make by themselves."""
    return tuple(Makes(**{**each, "old": tuple(each.get("old", (None,)))}) for each in _entries("makes"))


@cache
def lacks() -> tuple[Lacks, ...]:
    """All that is known of what majors lack, besides whole catalogs and columns of them."""
    return tuple(Lacks(**{**each, "values": tuple(each.get("values", ()))}) for each in _entries("lacks"))


def _entries(kind: str) -> list[dict[str, Any]]:
    text = files("pgproof.drift").joinpath("majors.toml").read_text("utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)[kind]
    return found


def sort_out(
    found: Iterable[Difference], older: Facts, newer: Facts
) -> tuple[tuple[Difference, ...], tuple[Made, ...]]:
    """What somebody has changed, and what the newer major makes by itself. Pure.

    `found` is what `compare(older, newer)` says. A value that only one of the majors knows is the major's where it
    is what everybody has who does not ask for more.
    """
    there = [each for each in known() if older.major < each.since <= newer.major]
    changed: list[Difference] = []
    made: list[Made] = []
    for each in found:
        facts = older if each.expected is None else newer
        if None in (each.expected, each.actual) and (by := _lone(each, there, facts)):
            made.append(Made(difference=each, makes=by))
            continue
        by_major = {word: by for word in each.values if (by := _value(each, word, there))}
        made += [
            Made(difference=replace(each, values={word: each.values[word]}), makes=by)
            for word, by in by_major.items()
        ]
        if not by_major:
            changed.append(each)
        elif rest := {word: both for word, both in each.values.items() if word not in by_major}:
            changed.append(replace(each, values=rest))
    return tuple(changed), tuple(made)


def between(wanted: Facts, there: Facts) -> tuple[tuple[Difference, ...], tuple[Made, ...]]:
    """What was changed, and what the newer major makes; `wanted`, of either of the majors, is expected. Pure."""
    if wanted.major <= there.major:
        return sort_out(compare(wanted, there), wanted, there)
    changed, made = sort_out(compare(there, wanted), there, wanted)
    return tuple(map(_turned, changed)), tuple(replace(m, difference=_turned(m.difference)) for m in made)


def _turned(each: Difference) -> Difference:
    values = {word: (other, one) for word, (one, other) in each.values.items()}
    return replace(each, expected=each.actual, actual=each.expected, values=values)


def _lone(each: Difference, there: Iterable[Makes], other: Facts) -> Makes | None:
    """What makes a fact that the `other` side lacks."""
    if each.along:
        return None
    says = dict(zip(each.words, each.fact.values, strict=True))
    if each.actual is None:
        there = [makes for makes in there if makes.how == _CALLED]
    fitting = (makes for makes in there if makes.catalog == each.fact.catalog and not makes.word)
    return next((makes for makes in fitting if _FACTS[makes.how](each, says, other)), None)


def _value(each: Difference, word: str, there: Iterable[Makes]) -> Makes | None:
    one, other = each.values[word]
    for makes in there:
        if (makes.catalog, makes.word) != (each.fact.catalog, word):
            continue
        if _VALUES[makes.how](each, word) if makes.how else (other == makes.new and one in makes.old):
            return makes
    return None


def _not_null(each: Difference, says: Mapping[str, Value], older: Facts) -> bool:
    """A valid NOT NULL of one column that may not hold NULL on the older server either."""
    columns = says["columns"]
    if says["contype"] != "n" or not says["validated"] or not isinstance(columns, tuple) or each.fact.of is None:
        return False
    column = older.facts.get(("pg_attribute", (*each.fact.of[1], str(columns[0]))))
    return column is not None and older.value(column, "not null") is True


def _domain_not_null(each: Difference, says: Mapping[str, Value], older: Facts) -> bool:
    domain = older.facts.get(each.fact.of) if each.fact.of else None
    if says["contype"] != "n" or domain is None or domain.catalog != "pg_type":
        return False
    return older.value(domain, "not null") is True


def _inherited_trigger(each: Difference, says: Mapping[str, Value], older: Facts) -> bool:
    """One that a table above has on the older server, whose partition it is there."""
    *table, name = each.fact.name
    return says["inherited"] is True and any(
        ("pg_trigger", (*above, name)) in older.facts for above in _ancestors(tuple(table), older)
    )


def _foreign_key(each: Difference, says: Mapping[str, Value], other: Facts) -> bool:
    """What a foreign key of the other side, to a partitioned table, has for one of its partitions."""
    if says["contype"] != "f" or not says["parent"]:
        return False
    alike = ("references", "columns")
    return any(
        fact.name[:-1] == each.fact.name[:-1]
        and other.value(fact, "parent")
        and all(other.value(fact, word) == says[word] for word in alike)
        for fact in other
        if fact.catalog == "pg_constraint"
    )


def _ancestors(table: Name, facts: Facts) -> Iterator[Name]:
    for fact in facts:
        if fact.catalog == "pg_inherits" and fact.name[: len(table)] == table:
            yield fact.name[len(table) :]
            yield from _ancestors(fact.name[len(table) :], facts)


def _locale(each: Difference, _word: str) -> bool:
    """What was in two columns is in one of its own."""
    collate, ctype, locale = (each.values.get(word, (None, None)) for word in ("collate", "ctype", "locale"))
    return (collate[0], ctype[0], locale[0]) == (locale[1], locale[1], None) and (collate[1], ctype[1]) == (
        None,
        None,
    )


def _public(each: Difference, word: str) -> bool:
    """What initdb gives (information_schema and pg_catalog aside, in src/bin/initdb/initdb.c)."""
    everybody = [("owner: CREATE, USAGE", f"public: {may}") for may in ("CREATE, USAGE", "USAGE")]
    return each.fact.name == ("public",) and list(each.values[word]) == everybody


def _maintain(each: Difference, word: str) -> bool:
    """MAINTAIN was given to nobody but to those who had all there was."""
    one, other = each.values[word]
    return isinstance(other, tuple) and tuple(without_maintain(str(each)) for each in other) == one


def without_maintain(line: str) -> str:
    """What a fact says of somebody's privileges, as before 17; MAINTAIN stays where it is not one of all.

    The owner has it, unless that is taken away: it may be with others, by default privileges. Pure.
    """
    whom, found, rest = line.rpartition(": ")
    names, by, grantor = rest.partition(" (by ")
    may = names.split(", ")
    if whom == "owner" or {each.rstrip("*") for each in may} >= _TABLE:
        may = [each for each in may if each.rstrip("*") != "MAINTAIN"]
    return f"{whom}{found}{', '.join(may)}{by}{grantor}"


def with_maintain(line: str) -> str:
    """The same as from 17 on: with MAINTAIN, if it has all that there was before. Pure."""
    whom, found, rest = line.rpartition(": ")
    names, by, grantor = rest.partition(" (by ")
    may = names.split(", ")
    if {each.rstrip("*") for each in may} == _TABLE:
        may = sorted([*may, "MAINTAIN*" if all(each.endswith("*") for each in may) else "MAINTAIN"])
    return f"{whom}{found}{', '.join(may)}{by}{grantor}"


def _fewer_qualifiers(each: Difference, word: str) -> bool:
    """The same SQL, but that some names of columns have no relation before them."""
    one, other = each.values[word]
    return isinstance(one, str) and isinstance(other, str) and _leads(_tokens(one), _tokens(other))


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _leads(old: Sequence[str], new: Sequence[str]) -> bool:
    """True if leaving out `name.` at some places makes one of the other."""
    here = there = 0
    while here < len(old):
        dots = [tokens[at : at + 1] == ["."] for tokens, at in ((old, here + 1), (new, there + 1))]
        if new[there : there + 1] == old[here : here + 1] and dots != [True, False]:
            here, there = here + 1, there + 1
        elif dots[0] and _NAME.match(old[here]):
            here += 2
        else:
            return False
    return there == len(new)


_FACTS: Mapping[str, Callable[[Difference, Mapping[str, Value], Facts], bool]] = {
    "a NOT NULL of a column": _not_null,
    "a NOT NULL of a domain": _domain_not_null,
    "a trigger of a partition": _inherited_trigger,
    _CALLED: _foreign_key,
}
_VALUES: Mapping[str, Callable[[Difference, str], bool]] = {
    "locale of ICU": _locale,
    "public": _public,
    "maintain": _maintain,
    "fewer qualifiers": _fewer_qualifiers,
}
