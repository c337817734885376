"""Owners, privileges, comments: what all kinds of objects have alike."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.fact import Fact, Key, Value
from pgproof.drift.ddl.base_types import is_shell
from pgproof.drift.ddl.naming import clause, table_of
from pgproof.drift.unit import Side, Unit, dotted, grantee, named
from pgproof.sql.literal import literal
from pgproof.sql.name import quote

_GRANTED_AS = {
    "view": "TABLE",
    "materialized view": "TABLE",
    "foreign table": "TABLE",
    "aggregate": "FUNCTION",
    "server": "FOREIGN SERVER",
    "domain": "DOMAIN",
}
_USUAL = {
    "function": "EXECUTE",
    "procedure": "EXECUTE",
    "aggregate": "EXECUTE",
    "type": "USAGE",
    "domain": "USAGE",
}
"""What everybody may do with a new object (5.8 of PostgreSQL's manual, default access privileges)."""
_GIVEN_FOR = {
    "table": "r",
    "view": "r",
    "materialized view": "r",
    "foreign table": "r",
    "sequence": "S",
    "function": "f",
    "procedure": "f",
    "aggregate": "f",
    "type": "T",
    "domain": "T",
    "schema": "n",
}
"""For which objects default privileges are (src/include/catalog/pg_default_acl.h)."""
_ALL = {
    "r": frozenset({"DELETE", "INSERT", "MAINTAIN", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE"}),
    "S": frozenset({"SELECT", "UPDATE", "USAGE"}),
    "f": frozenset({"EXECUTE"}),
    "T": frozenset({"USAGE"}),
    "n": frozenset({"CREATE", "USAGE"}),
}
"""All privileges on an object, by the letters of default privileges."""
_PUBLIC = ("pg_namespace", ("public",))
Granted = dict[tuple[str, str], bool]
"""Who may do what, and whether they may grant it."""


def common(old: Unit | None, new: Unit, before: Side | None = None) -> Iterator[str]:
    """What brings owner, privileges and comments from `old` (None: a new object's) to those of `new`.

    `before` is what was there before: its default privileges are in force when the object is made.
    """
    name = clause(new)
    owner = None if is_shell(new) else new.say("owner")
    on = _on(new)
    there = _there(old, new) if old else usual(new)
    if owner and name and new.kind != "extension" and (old is None or old.say("owner") != owner):
        theirs = {each: may for each, may in there.items() if each[0] == owner}
        if old and on:  # else they would be taken from what an owner has
            yield from grants(on, theirs, {})
        there = {each: may for each, may in there.items() if each not in theirs}
        yield f"ALTER {name} OWNER TO {named(owner)}"
    elif old and old.say("owner") and not owner and name and not _is_by_initdb(new):
        yield f"ALTER {name} OWNER TO CURRENT_USER"  # as files that name nobody have it
    elif old and old.say("owner") and not owner and new.key == _PUBLIC:
        yield to_initdb(f"ALTER {name} OWNER TO ", new.side.facts.major)
    if on:
        column = new.name[-1] if new.kind == "column" else ""
        if old is None and before and new.kind in _GIVEN_FOR:
            given = _given(before, new.kind, new.name[0], str(owner))
            yield from (f"REVOKE ALL ON {on} FROM {_role(whom)}" for whom in sorted(given))
            there = {(whom, privilege): may for (whom, privilege), may in there.items() if whom not in given}
        yield from grants(on, there, granted(new), column)
        yield from (owners := list(_owners(on, old, new)))
        if old and new.kind in ("table", "foreign table"):
            yield from _again(old, new, are_owners_taken=bool(owners))
    was, now = (_comment(old) if old else None), _comment(new)
    if was != now and name:
        yield f"COMMENT ON {name} IS {literal(now)}"
    yield from _of_parts(old, new, before)


def gets_privileges_of_owner(old: Unit, new: Unit) -> bool:
    """True for a column with privileges whose table gets another owner: the old one's become the new one's."""
    return new.kind == "column" and granted(old) != _there(old, new)


def _there(old: Unit, new: Unit) -> Granted:
    """The privileges of what was there; of a column, when its table has its new owner (aclnewowner, acl.c)."""
    found = granted(old)
    if new.kind != "column" or not found:
        return found
    table = "pg_class", new.name[:2]
    was, now = (unit.side.units[table].say("owner") if table in unit.side.units else None for unit in (old, new))
    if was == now:
        return found
    merged: Granted = {}
    for (whom, privilege), may in found.items():
        key = (str(now) if whom == was else whom), privilege
        merged[key] = may or merged.get(key, False)
    return merged


def _is_by_initdb(unit: Unit) -> bool:
    """True for what may be initdb's, and then has no owner that is told; and for what nobody gives away."""
    return unit.kind == "extension" or unit.key == _PUBLIC or is_shell(unit)


def to_initdb(alter: str, major: int) -> str:
    """A statement that gives the schema public to whom initdb does: from 15 on a role, before whoever ran it."""
    if major >= 15:
        return f"{alter}pg_database_owner"
    return to_first(alter)


def to_first(alter: str) -> str:
    """A statement that gives something to whoever ran initdb, by whatever name."""
    name = "pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(10))"
    return f"DO $pgproof$ BEGIN EXECUTE {literal(alter)} || {name}; END $pgproof$"


def _again(old: Unit, new: Unit, *, are_owners_taken: bool) -> Iterator[str]:
    """What is granted for columns: REVOKE for a table takes that, too (REVOKE, in PostgreSQL's manual)."""
    taken = granted(old).keys() - granted(new).keys()
    taken |= {(str(new.say("owner")), each) for each in _ALL["r"]} if are_owners_taken else set()
    for key, column in sorted(new.side.units.items()):
        if taken and key[0] == "pg_attribute" and key[1][:2] == new.name and key in old.side.units:
            there = _there(old.side.units[key], column)
            both = {each: may for each, may in granted(column).items() if each in there}
            lost = {each: may for each, may in both.items() if each in taken}
            yield from grants(_on(column), {}, lost, key[1][-1])


def _of_parts(old: Unit | None, new: Unit, before: Side | None) -> Iterator[str]:
    """Privileges and comments of what is made with an object: columns of views, the index of a constraint."""
    for fact in new.facts:
        if fact.key == new.key or fact.catalog not in ("pg_attribute", "pg_class", "pg_proc", "pg_type"):
            continue
        was = old.side.facts.facts.get(fact.key) if old else None
        said = [_said(new, fact), _said(old, was) if old and was else {}]
        if fact.catalog == "pg_attribute" and new.kind in ("view", "materialized view"):
            yield from grants(f"TABLE {table_of(fact.name)}", said[1], said[0], fact.name[-1])
        elif on := _on_part(new, fact):
            usually = {("public", _USUAL[fact.kind]): False} if fact.kind in _USUAL else {}
            there, now = (each or usually for each in reversed(said))
            if was is None and before:
                given = _given(before, fact.kind, fact.name[0], str(new.side.facts.value(fact, "owner")))
                yield from (f"REVOKE ALL ON {on} FROM {_role(whom)}" for whom in sorted(given))
                there = {each: may for each, may in there.items() if each[0] not in given}
            yield from grants(on, there, now)
    comments = [_comments(unit) if unit else {} for unit in (old, new)]
    for key in sorted(comments[0].keys() | comments[1].keys()):
        is_there = key in new.side.facts.facts and key != new.key
        if is_there and comments[0].get(key) != comments[1].get(key) and (name := _part(new, key)):
            yield f"COMMENT ON {name} IS {literal(comments[1].get(key))}"


def _on_part(unit: Unit, fact: Fact) -> str:
    """What GRANT calls the sequence of an identity column, or the functions and the multirange of a range."""
    name = dotted(fact.name[:2])
    if fact.kind == "function":
        return f"FUNCTION {name}({fact.name[2]})"
    if fact.catalog == "pg_type":  # as of 17 a multirange has the privileges of its range
        return f"TYPE {name}" if unit.side.facts.major < 17 else ""
    return f"SEQUENCE {name}" if fact.kind == "sequence" else ""


def _said(unit: Unit, fact: Fact) -> Granted:
    said = unit.side.facts.value(fact, "privileges")
    return parsed(said) if isinstance(said, tuple) else {}


def _comments(unit: Unit) -> dict[Key, str]:
    """The comments on an object and what is made with it."""
    return {fact.of: str(unit.side.facts.value(fact, "comment")) for fact in _notes(unit) if fact.of}


def _notes(unit: Unit) -> list[Fact]:
    return [*unit.of("pg_description"), *unit.of("pg_shdescription")]


def _part(unit: Unit, key: Key) -> str:
    """What COMMENT ON calls a part of an object."""
    fact = unit.side.facts.facts[key]
    words = {"column": "COLUMN", "index": "INDEX", "sequence": "SEQUENCE", "type": "TYPE"}
    return f"{words[fact.kind]} {dotted(fact.name)}" if fact.kind in words else ""


def _given(side: Side, kind: str, schema: str, owner: str) -> set[str]:
    """Who may have other privileges on a new object than is usual, because of default privileges."""
    found: set[str] = set()
    for fact in side.facts:
        if fact.catalog != "pg_default_acl":
            continue
        role, *where, letter = fact.name
        if letter == _GIVEN_FOR[kind] and where in ([], [schema]):
            found |= {whom for whom, _ in parsed(side.facts.value(fact, "privileges"))} - {role}
            found |= {"public"} if not where and kind in _USUAL else set()
    return found - {"owner", owner}


def _comment(unit: Unit) -> str | None:
    return _comments(unit).get(unit.key)


def usual(unit: Unit) -> Granted:
    """The privileges of a new object, but for its owner's."""
    privilege = _USUAL.get(unit.kind)
    if unit.kind == "language" and unit.say("trusted"):
        privilege = "USAGE"
    return {("public", privilege): False} if privilege else {}


def granted(unit: Unit) -> Granted:
    """The privileges of an object. The owner's are there only if they are not all that an owner has."""
    said = unit.say("privileges")
    if said is None:
        return usual(unit)
    return parsed(said)


def parsed(said: Value) -> Granted:
    """Who may do what, of what a fact says."""
    found: Granted = {}
    assert isinstance(said, tuple)
    for line in said:
        whom, rest = grantee(str(line))
        for word in rest.partition(" (by ")[0].split(", "):
            found[whom, word.rstrip("*")] = word.endswith("*")
    return found


def grants(on: str, before: Granted, now: Granted, column: str = "") -> Iterator[str]:
    """Statements from one state to the other; owners keep what they have by owning."""

    def called(privilege: str) -> str:
        return f"{privilege} ({quote(column)})" if column else privilege

    for (whom, privilege), may_grant in before.items():
        if whom == "owner":
            continue
        if (whom, privilege) not in now:
            yield f"REVOKE {called(privilege)} ON {on} FROM {_role(whom)}"
        elif may_grant and not now[whom, privilege]:
            yield f"REVOKE GRANT OPTION FOR {called(privilege)} ON {on} FROM {_role(whom)}"
    for (whom, privilege), may_grant in now.items():
        if whom == "owner":
            continue
        if (whom, privilege) not in before or (may_grant and not before[whom, privilege]):
            option = " WITH GRANT OPTION" if may_grant else ""
            yield f"GRANT {called(privilege)} ON {on} TO {_role(whom)}{option}"


def parameter(old: Unit | None, new: Unit | None) -> list[str]:
    """GRANT and REVOKE of privileges on a setting of the server, from some to others."""
    unit = new or old
    assert unit is not None
    before, now = (granted(each) if each else {} for each in (old, new))
    return list(grants(f"PARAMETER {dotted(unit.name[0].split('.'))}", before, now))


def _owners(on: str, old: Unit | None, new: Unit) -> Iterator[str]:
    """What owners may do, where that is not all."""
    everything = _ALL.get(_GIVEN_FOR.get(new.kind, ""))
    if not everything or not new.say("owner"):
        return
    whole = dict.fromkeys(everything - ({"MAINTAIN"} if new.side.facts.major < 17 else set()), False)
    one, other = (
        {privilege: may for (whom, privilege), may in granted(each).items() if whom == "owner"}
        if each is not None and each.say("privileges") is not None
        else whole
        for each in (new, old)
    )
    if one != other:
        owner = named(new.say("owner"))
        yield f"REVOKE ALL ON {on} FROM {owner}"
        plain = sorted(each for each, may in one.items() if not may)
        if plain:
            yield f"GRANT {', '.join(plain)} ON {on} TO {owner}"
        if more := sorted(each for each, may in one.items() if may):
            yield f"GRANT {', '.join(more)} ON {on} TO {owner} WITH GRANT OPTION"


def _on(unit: Unit) -> str:
    if unit.kind == "column":
        return f"TABLE {table_of(unit.name)}"
    if unit.kind in ("table", "view", "materialized view", "foreign table"):
        return f"TABLE {dotted(unit.name)}"
    name = clause(unit)
    first, _, rest = name.partition(" ")
    word = _GRANTED_AS.get(unit.kind)
    return f"{word} {rest}" if word and unit.kind in ("aggregate", "server") else name if first else ""


def _role(whom: str) -> str:
    return "PUBLIC" if whom == "public" else named(whom)
