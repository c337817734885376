"""How statements name an object: `TABLE public.t`, `FUNCTION public.f(integer)`, `COLUMN public.t.c`."""

from __future__ import annotations

from collections.abc import Sequence

from pgproof.catalog.fact import Name, Value
from pgproof.drift.unit import Side, Unit, dotted, named
from pgproof.sql.name import quote

_CLAUSES = {
    "table": "TABLE",
    "view": "VIEW",
    "materialized view": "MATERIALIZED VIEW",
    "sequence": "SEQUENCE",
    "index": "INDEX",
    "foreign table": "FOREIGN TABLE",
    "schema": "SCHEMA",
    "type": "TYPE",
    "domain": "DOMAIN",
    "collation": "COLLATION",
    "conversion": "CONVERSION",
    "statistics": "STATISTICS",
    "text search configuration": "TEXT SEARCH CONFIGURATION",
    "text search dictionary": "TEXT SEARCH DICTIONARY",
    "text search parser": "TEXT SEARCH PARSER",
    "text search template": "TEXT SEARCH TEMPLATE",
    "extension": "EXTENSION",
    "event trigger": "EVENT TRIGGER",
    "foreign-data wrapper": "FOREIGN DATA WRAPPER",
    "server": "SERVER",
    "publication": "PUBLICATION",
    "subscription": "SUBSCRIPTION",
    "language": "LANGUAGE",
    "access method": "ACCESS METHOD",
}
_ROUTINES = {"function": "FUNCTION", "procedure": "PROCEDURE", "aggregate": "AGGREGATE"}
_OF_TABLES = {"trigger": "TRIGGER", "policy": "POLICY", "rule": "RULE"}


def table_of(name: Name) -> str:
    """The relation that a column, constraint, trigger, policy or rule belongs to."""
    return dotted(name[:2])


def clause(unit: Unit, called: str = "") -> str:
    """What COMMENT ON, ALTER, DROP and their like call the object; one of a schema may be `called` otherwise."""
    name, kind = (*unit.name[:-1], called) if called else unit.name, unit.kind
    if kind in _CLAUSES:
        return f"{_CLAUSES[kind]} {dotted(name)}"
    if kind in _ROUTINES:
        return f"{_ROUTINES[kind]} {dotted(name[:2])}({name[2]})"
    if kind in _OF_TABLES:
        return f"{_OF_TABLES[kind]} {quote(name[2])} ON {table_of(name)}"
    if kind == "column":
        return f"COLUMN {dotted(name)}"
    if kind == "constraint":
        on = "" if is_of_relation(unit) else "DOMAIN "
        return f"CONSTRAINT {quote(name[2])} ON {on}{table_of(name)}"
    if kind == "role":
        return f"ROLE {named(name[0])}"
    if kind == "operator":
        found = types_in(unit.side, name[2:])
        left = "NONE" if unit.say("oprkind") == "l" else found[0]
        return f"OPERATOR {quote(name[0])}.{name[1]} ({left}, {found[-1]})"
    if kind in ("operator class", "operator family"):
        return f"{kind.upper()} {dotted(name[:2])} USING {quote(name[2])}"
    if kind == "cast":
        return f"CAST ({' AS '.join(types_in(unit.side, name))})"
    if kind == "transform":
        *of, language = name
        return f"TRANSFORM FOR {types_in(unit.side, of)[0]} LANGUAGE {quote(language)}"
    if kind == "user mapping":
        user, server = (name[0], name[1]) if len(name) > 1 else ("public", name[0])
        return f"USER MAPPING FOR {user if user == 'public' else named(user)} SERVER {quote(server)}"
    return ""


def is_of_relation(unit: Unit) -> bool:
    """True of a constraint of a table. A domain that an extension has made is one part of the name of its own."""
    return unit.main.of[0] == "pg_class" if unit.main.of else len(unit.name) == 3


def without_method(name: Value) -> str:
    """`s.c` of what others call an operator class or family: `s.c USING btree`, or `s.c.btree` of a user's own."""
    text, using, _ = str(name).partition(" USING ")
    return text if using else text.rpartition(".")[0]


def types_in(side: Side, parts: Sequence[str]) -> list[str]:
    """The types that the parts of a name are of: the user's own have two, others one, as the server writes it."""
    found, rest = [], list(parts)
    while rest:
        own = tuple(rest[:2])
        number = 2 if ("pg_type", own) in side.facts.facts else 1
        found.append(dotted(own) if number == 2 else rest[0])
        del rest[:number]
    return found
