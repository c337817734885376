"""Privileges, owners and comments of objects that are not the user's own: initdb's, and those of extensions.

They are named as pg_identify_object() has them (9.27 of PostgreSQL's manual). What they had at first is the fact's
definition, or what initdb and the extension give.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgproof.catalog.fact import Key, Value
from pgproof.drift.ddl.privileges import grants, parsed, to_first
from pgproof.drift.unit import Side, Unit, named
from pgproof.sql.literal import literal

_GRANTED_ON = {
    "table": "TABLE",
    "view": "TABLE",
    "materialized view": "TABLE",
    "foreign table": "TABLE",
    "sequence": "SEQUENCE",
    "function": "ROUTINE",
    "procedure": "ROUTINE",
    "aggregate": "ROUTINE",
    "schema": "SCHEMA",
    "type": "TYPE",
    "language": "LANGUAGE",
    "foreign-data wrapper": "FOREIGN DATA WRAPPER",
    "server": "FOREIGN SERVER",
}
_WRITTEN_BY_INITDB = frozenset(
    {
        "access method",
        "aggregate",
        "collation",
        "conversion",
        "extension",
        "function",
        "language",
        "operator",
        "procedure",
        "schema",
        "text search configuration",
        "text search dictionary",
        "text search parser",
        "text search template",
        "type",
    }
)
"""What initdb gives comments to."""
_COLUMN = re.compile(r'(?P<table>.*)\.(?P<column>"(?:[^"]|"")+"|[^".]+)\Z', re.DOTALL)


def privileges(old: Unit | None, new: Unit | None) -> list[str]:
    """GRANT and REVOKE from some privileges to others; None stands for those at first."""
    unit = new or old
    assert unit is not None
    kind, identity = unit.name
    column, on = "", f"{_GRANTED_ON.get(kind)} {identity}"
    if kind.endswith(" column") and (match := _COLUMN.match(identity)):
        column, on = match["column"], f"TABLE {match['table']}"
    first = parsed(tuple((unit.main.definition or "").splitlines()))
    before, now = (parsed(each.say("privileges")) if each else first for each in (old, new))
    return list(grants(on, before, now, column))


def why_not_granted(unit: Unit) -> str:
    """Why no statement of ours says its privileges."""
    kind, identity = unit.name
    if not (kind in _GRANTED_ON or kind.endswith(" column")):
        return "pgproof does not know how such an object is called by GRANT"
    if kind == "type" and "." not in identity:
        return "GRANT does not know the type by this name"
    if unit.main.definition is None:
        return "what its privileges were at first was not read"
    theirs = {privilege for whom, privilege in parsed(unit.say("privileges")) if whom == "owner"}
    return "" if theirs == {"ALL"} or kind.endswith(" column") else "its owner has not all that an owner has"


def owner(unit: Unit) -> Iterator[str]:
    """ALTER ... OWNER TO whom the fact names."""
    yield f"ALTER {_called(unit)} OWNER TO {named(unit.say('owner'))}"


def former_owner(unit: Unit) -> Iterator[str]:
    """ALTER ... OWNER TO whose it was at first: the extension's owner, or whoever ran initdb."""
    first = unit.main.definition
    if first:
        yield f"ALTER {_called(unit)} OWNER TO {first}"
        return
    yield to_first(f"ALTER {_called(unit)} OWNER TO ")


def moved_along(old: Side, new: Side) -> Iterator[tuple[Key, Key]]:
    """What is said of members of extensions under one name, and the same of them in another schema."""
    homes = [
        (f"{there.say('schema')}.", f"{unit.say('schema')}.")
        for key, unit in new.units.items()
        if key[0] == "pg_extension" and (there := old.units.get(key)) and there.say("schema") != unit.say("schema")
    ]
    for key, unit in old.units.items() if homes else ():
        if key in new.units or unit.main.of is not None or len(key[1]) != 2:
            continue
        for was, now in homes:
            other = key[0], (key[1][0], key[1][1].replace(was, now))
            found = new.units.get(other)
            if found and found.main.values == unit.main.values:
                yield key, other


def comment(unit: Unit) -> Iterator[str]:
    """COMMENT ON."""
    yield _comment(unit, unit.say("comment"))


def without_comment(unit: Unit) -> Iterator[str]:
    """What takes away a comment that an extension has not given; what initdb had written is not known."""
    if unit.main.definition is None or unit.name[0] not in _WRITTEN_BY_INITDB:
        yield _comment(unit, None)


def _comment(unit: Unit, said: Value) -> str:
    return f"COMMENT ON {_called(unit)} IS {'NULL' if said is None else literal(str(said))}"


def _called(unit: Unit) -> str:
    kind, identity = unit.name
    if kind.endswith(" column"):
        return f"COLUMN {identity}"
    word = kind.replace("-", " ").upper()
    return f"{word} {identity.replace('()', '(*)') if kind == 'aggregate' else identity}"
