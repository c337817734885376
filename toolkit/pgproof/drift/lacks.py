"""What a database holds that an older major cannot have: found among its facts, and left out, with the reason.

Where a whole column or catalog of `pg_catalog` is missing there, that is known without a list; what else there is,
`majors.toml` lists. What the list does not have, the older server itself refuses (`flows/across.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pgproof.catalog.fact import Fact, Facts, Key, Value
from pgproof.drift.majors import Lacks, known, lacks, with_maintain, without_maintain
from pgproof.drift.unit import Side
from pgproof.drift.words import label

_NOT_NULLS = {"pg_class": 18, "pg_type": 17}
"""Since when NOT NULL is kept as a constraint, of columns and of domains (appendix E of the manual)."""
_MAINTAIN = 17
_NOTHING = (None, False, "", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Spared:
    """Facts without what an older major cannot have; `impossible` is what that is, and why.

    Whole objects among it, `units`, are as they are in the other database, if they are there, or are left out.
    """

    facts: Facts
    impossible: Mapping[Key, str]
    units: frozenset[Key]


def spared(wanted: Facts, there: Facts) -> Spared:
    """What of `wanted` a server of the major of `there` can have, or has besides if it is the newer one. Pure."""
    if wanted.major <= there.major:
        facts = {**wanted.facts, **dict(_with_maintain(wanted, there))}
        return Spared(facts=replace(wanted, facts=facts), impossible={}, units=frozenset())
    side = Side(wanted)
    reasons = dict(_beyond(wanted, there))
    rules = {fact.key for fact in wanted if is_rule_of_not_null(wanted, fact) and not _keeps(there.major, fact)}
    changed = dict(_without_maintain(wanted, there))
    units = {side.unit_of(wanted.facts[key]): why for key, why in reasons.items() if key not in {*changed, *rules}}
    notes = {key: fact.of for key, fact in wanted.facts.items() if fact.of in rules}
    commented = dict.fromkeys(notes, f"of a NOT NULL: new in 18, and this is PostgreSQL {there.major}")
    facts = {**wanted.facts, **changed, **dict(_may_be_null(wanted, there, rules & reasons.keys()))}
    left = {key: fact for key, fact in facts.items() if key not in {*rules, *notes}}
    kept = without_units(_in_words_of(there, replace(wanted, facts=left)), there, units)
    parts = {key: why for key, why in reasons.items() if key in {*changed, *rules}}
    return replace(kept, impossible={**parts, **commented, **kept.impossible})


def without_units(facts: Facts, there: Facts, units: Mapping[Key, str]) -> Spared:
    """The facts without these objects, and what needs them; with those of `there` where it has them. Pure."""
    side, other = Side(facts), Side(there)
    gone = {key: why for key, why in units.items() if key not in other.units}
    queue = [*gone]
    for key in queue:
        for unit in _dependents(side, key):
            if unit not in gone and unit not in units and unit not in other.units:
                gone[unit] = f"it needs {label(side.units[key].main)}"
                queue.append(unit)
    away = {*gone, *units}
    left = {key: fact for key, fact in facts.facts.items() if side.unit_of(fact) not in away}
    needs = {key: found for key, found in facts.needs.items() if key in left}
    for key in away & other.units.keys():
        for fact in other.units[key].facts:
            left[fact.key] = recoded(there, fact, facts.words[fact.catalog])
            needs[fact.key] = there.needs.get(fact.key, frozenset())
    found = replace(facts, facts=left, needs=needs)
    return Spared(facts=found, impossible={**units, **gone}, units=frozenset(away))


def _in_words_of(there: Facts, wanted: Facts) -> Facts:
    """The facts without what only their major has a word for; the locale of a collation lies elsewhere there."""
    said = {(each.catalog, each.word) for each in known() if each.how}
    words = {
        catalog: tuple(word for word in words if word in there.words[catalog] or (catalog, word) in said)
        for catalog, words in wanted.words.items()
        if catalog in there.words
    }
    facts = {fact.key: recoded(wanted, fact, words[fact.catalog]) for fact in wanted if fact.catalog in words}
    return replace(wanted, words=words, facts=facts)


def _dependents(side: Side, key: Key) -> Iterator[Key]:
    yield from (unit for unit, needed in side.needs.items() if key in needed and unit in side.units)


def recoded(facts: Facts, fact: Fact, words: Iterable[str]) -> Fact:
    """A fact with its values under other words; None where it has none of that word. Pure."""
    return replace(fact, values=tuple(facts.value(fact, word) for word in words))


def is_rule_of_not_null(facts: Facts, fact: Fact) -> bool:
    """True for a NOT NULL that is kept as a constraint."""
    return fact.catalog == "pg_constraint" and facts.value(fact, "contype") == "n"


def _keeps(major: int, fact: Fact) -> bool:
    return fact.of is None or major >= _NOT_NULLS.get(fact.of[0], 0)


def _beyond(wanted: Facts, there: Facts) -> Iterator[tuple[Key, str]]:
    """The facts that say something that the other major cannot, and why it cannot."""
    beyond = [each for each in lacks() if there.major < each.since <= wanted.major]
    for fact in wanted:
        if why := next(_reasons(beyond, wanted, there, fact), None):
            yield fact.key, why


def _reasons(beyond: Iterable[Lacks], wanted: Facts, there: Facts, fact: Fact) -> Iterator[str]:
    words = wanted.words[fact.catalog]
    for each in beyond:
        if each.catalog == fact.catalog and _shows(each, wanted, fact):
            yield f"{each.called}: new in {each.since}, and this is PostgreSQL {there.major}"
    if fact.catalog not in there.words:
        yield f"PostgreSQL {there.major} has no {fact.catalog}"
        return
    usual = {(each.catalog, each.word): each for each in known()}
    for word, value in zip(words, fact.values, strict=True):
        makes = usual.get((fact.catalog, word))
        if word in there.words[fact.catalog] or value in _NOTHING or (makes and (makes.how or value == makes.new)):
            continue
        yield f'PostgreSQL {there.major} has no "{word}" there'


def _shows(each: Lacks, facts: Facts, fact: Fact) -> bool:
    if not each.word:
        return True
    value = facts.value(fact, each.word)
    if each.how:
        return _HOW[each.how](facts, fact, value)
    return value in each.values if each.values else value not in _NOTHING


def _is_maintain(_facts: Facts, _fact: Fact, value: Value) -> bool:
    lines = value if isinstance(value, tuple) else ()
    return any("MAINTAIN" in without_maintain(str(line)) for line in lines)


def _is_unlogged(_facts: Facts, fact: Fact, value: Value) -> bool:
    return fact.kind == "sequence" and value == "u"


def _is_invoker(_facts: Facts, _fact: Fact, value: Value) -> bool:
    return isinstance(value, tuple) and any(str(each).startswith("security_invoker=") for each in value)


def _is_not_valid(facts: Facts, fact: Fact, value: Value) -> bool:
    return is_rule_of_not_null(facts, fact) and value is False


def _is_partitioned(facts: Facts, fact: Fact, value: Value) -> bool:
    table = facts.facts.get(fact.of) if fact.of and value not in _NOTHING else None
    return table is not None and (
        facts.value(table, "relkind") == "p" or facts.value(table, "partition bound") is not None
    )


_HOW: Mapping[str, Callable[[Facts, Fact, Value], bool]] = {
    "MAINTAIN": _is_maintain,
    "NOT NULL that is not valid": _is_not_valid,
    "identity of a partitioned table": _is_partitioned,
    "security_invoker": _is_invoker,
    "unlogged sequence": _is_unlogged,
}


def _without_maintain(wanted: Facts, there: Facts) -> Iterator[tuple[Key, Fact]]:
    """What has MAINTAIN in its privileges, without it: the other ones can be had."""
    for fact in wanted if there.major < _MAINTAIN else ():
        value = wanted.value(fact, "privileges")
        if isinstance(value, tuple) and any("MAINTAIN" in str(line) for line in value):
            lines = tuple(filter(None, (_but_maintain(without_maintain(str(line))) for line in value)))
            yield fact.key, _with(wanted, fact, "privileges", lines)


def _with(facts: Facts, fact: Fact, word: str, value: Value) -> Fact:
    place = facts.words[fact.catalog].index(word)
    return replace(fact, values=(*fact.values[:place], value, *fact.values[place + 1 :]))


def _with_maintain(wanted: Facts, there: Facts) -> Iterator[tuple[Key, Fact]]:
    """Whoever has all privileges on a table has MAINTAIN too, from 17 on."""
    for fact in wanted if wanted.major < _MAINTAIN <= there.major else ():
        value = wanted.value(fact, "privileges") if fact.catalog in ("pg_class", "pg_default_acl") else None
        if isinstance(value, tuple) and (lines := tuple(with_maintain(str(line)) for line in value)) != value:
            yield fact.key, _with(wanted, fact, "privileges", lines)


def _but_maintain(line: str) -> str:
    whom, found, rest = line.rpartition(": ")
    names, by, grantor = rest.partition(" (by ")
    may = [each for each in names.split(", ") if each.rstrip("*") != "MAINTAIN"]
    return f"{whom}{found}{', '.join(may)}{by}{grantor}" if may else ""


def _may_be_null(wanted: Facts, there: Facts, rules: Iterable[Key]) -> Iterator[tuple[Key, Fact]]:
    """Columns whose NOT NULL is not valid: on an older server they are as they are there, or may be null."""
    for key in rules:
        names = wanted.value(wanted.facts[key], "columns")
        column = "pg_attribute", (*key[1][:-1], str(names[0] if isinstance(names, tuple) else ""))
        if fact := wanted.facts.get(column):
            twin = there.facts.get(column)
            is_set = there.value(twin, "not null") if twin else False
            yield column, _with(wanted, fact, "not null", is_set)
