"""Which facts of a database count when it is compared: those of one schema, none of other tools."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from pgproof.catalog.fact import Fact, Facts, Key, Name
from pgproof.sql.name import quote

_OURS = "pgproof"
_PARTS = re.compile(r'([^".]+)|"((?:[^"]|"")*)"')
"""Of a qualified name, each quoted where it must be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The schema, and the relation (its name in parts), that a fact belongs to; empty for none."""

    schema: str
    relation: Name = ()


def counts(facts: Facts, fact: Fact, foreign: Collection[str] = ()) -> bool:
    """False for what is pgproof's own, or in these relations (qualified, quoted where they must be) and schemas.

    A sequence that a column of such a relation owns goes with it. Pure.
    """
    home = _home(facts, fact)
    if home.schema == _OURS:
        return False
    return not (foreign and (home.schema in foreign or _is_in(facts, home.relation, foreign)))


def schema_of(facts: Facts, fact: Fact) -> str:
    """The schema that a fact belongs to; empty for what belongs to none (extensions, publications). Pure."""
    return _home(facts, fact).schema


def without(facts: Facts, foreign: Collection[str] = ()) -> Facts:
    """The facts that count. Pure."""
    return replace(facts, facts={key: fact for key, fact in facts.facts.items() if counts(facts, fact, foreign)})


def _is_in(facts: Facts, relation: Name, relations: Collection[str]) -> bool:
    return ".".join(map(quote, relation)) in relations or _owner(facts, relation) in relations


def within(schema: str, bare: Facts, built: Facts, there: Facts) -> tuple[Facts, Facts]:
    """Of what files have built for a schema and of what a database has, what is to be compared. Pure.

    That is what is in the schema, and what the files have made elsewhere: `bare` is what was there before them.
    """
    made = {
        key: fact
        for key, fact in built.facts.items()
        if _home(built, fact).schema == schema or bare.facts.get(key) != fact
    }
    found = {key: fact for key, fact in there.facts.items() if key in made or _home(there, fact).schema == schema}
    return replace(built, facts=made), replace(there, facts=found)


def _home(facts: Facts, fact: Fact) -> Home:
    """Where a fact is at home: what it goes with, and what that goes with, up to the schema."""
    if fact.catalog == "pg_default_acl":
        _, *schema, _ = fact.name
        return Home(schema="".join(schema))
    if fact.catalog == "pg_event_trigger" and str(facts.value(fact, "function")).startswith(f"{_OURS}."):
        return Home(schema=_OURS)
    key: Key | None = fact.key
    relation: Name = ()
    while key:
        catalog, name = key
        if catalog == "pg_namespace":
            return Home(schema=name[0], relation=relation)
        above = facts.facts.get(key)
        if catalog == "pg_class":
            relation = name  # of an index, the table comes later
        elif catalog == "pg_statistic_ext" and above and (table := _table(facts, above)):
            key = table
            continue
        key = above.of if above else None
    return Home(schema="", relation=relation)


def _table(facts: Facts, statistics: Fact) -> Key | None:
    """The table that extended statistics are of, with which they go."""
    name = _PARTS.findall(str(facts.value(statistics, "table")))
    key: Key = "pg_class", tuple(one or other.replace('""', '"') for one, other in name)
    return key if key in facts.facts else None


def _owner(facts: Facts, relation: Name) -> str:
    """The table that a sequence is a column's of, qualified; empty for none."""
    owned = facts.facts.get(("pg_depend", ("sequence", *relation)))
    column = str(facts.value(owned, "goes with")).removeprefix("table column ") if owned else ""
    return column.rpartition(".")[0]


def left_out(facts: Facts, foreign: Collection[str]) -> list[Name]:
    """The relations and schemas that count as nothing: those of pgproof, and the `foreign` ones. Pure."""
    return [
        fact.name
        for fact in facts
        if (fact.catalog == "pg_class" and fact.kind != "index" and not counts(facts, fact, foreign))
        or (fact.catalog == "pg_namespace" and fact.name[0] in foreign)
    ]
