"""Owners, privileges, comments: what all kinds of objects have alike."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.drift.ddl.base_types import is_shell
from pgproof.drift.ddl.naming import clause, table_of
from pgproof.drift.unit import Unit, dotted
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
Granted = dict[tuple[str, str], bool]
"""Who may do what, and whether they may grant it."""


def common(old: Unit | None, new: Unit) -> Iterator[str]:
    """What brings owner, privileges and comment from `old` (None: a new object's) to those of `new`."""
    name = clause(new)
    owner = None if is_shell(new) else new.say("owner")
    if owner and name and new.kind != "extension" and (old is None or old.say("owner") != owner):
        yield f"ALTER {name} OWNER TO {quote(str(owner))}"
    before = granted(old) if old else usual(new)
    yield from _grants(new, before, granted(new))
    was, now = (_comment(old) if old else None), _comment(new)
    if was != now and name:
        yield f"COMMENT ON {name} IS {literal(now)}"


def _comment(unit: Unit) -> str | None:
    for fact in unit.of("pg_description"):
        if fact.of == unit.key:
            return str(unit.side.facts.value(fact, "comment"))
    return None


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
    found: Granted = {}
    assert isinstance(said, tuple)
    for line in said:
        whom, _, rest = str(line).partition(": ")
        for word in rest.partition(" (by ")[0].split(", "):
            found[whom, word.rstrip("*")] = word.endswith("*")
    return found


def _grants(unit: Unit, before: Granted, now: Granted) -> Iterator[str]:
    """Statements from one state to the other; owners keep what they have by owning."""
    on = _on(unit)
    for (whom, privilege), may_grant in before.items():
        if whom == "owner" or not on:
            continue
        if (whom, privilege) not in now:
            yield f"REVOKE {_privilege(unit, privilege)} ON {on} FROM {_role(whom)}"
        elif may_grant and not now[whom, privilege]:
            yield f"REVOKE GRANT OPTION FOR {_privilege(unit, privilege)} ON {on} FROM {_role(whom)}"
    for (whom, privilege), may_grant in now.items():
        if whom == "owner" or not on:
            continue
        if (whom, privilege) not in before or (may_grant and not before[whom, privilege]):
            option = " WITH GRANT OPTION" if may_grant else ""
            yield f"GRANT {_privilege(unit, privilege)} ON {on} TO {_role(whom)}{option}"
    owner_before = {privilege for whom, privilege in before if whom == "owner"}
    owner_now = {privilege for whom, privilege in now if whom == "owner"}
    owner = unit.say("owner")
    if on and owner and owner_now and owner_before and owner_now != owner_before:
        for privilege in sorted(owner_before - owner_now):
            yield f"REVOKE {_privilege(unit, privilege)} ON {on} FROM {quote(str(owner))}"
        for privilege in sorted(owner_now - owner_before):
            yield f"GRANT {_privilege(unit, privilege)} ON {on} TO {quote(str(owner))}"


def _on(unit: Unit) -> str:
    if unit.kind == "column":
        return f"TABLE {table_of(unit.name)}"
    if unit.kind in ("table", "view", "materialized view", "foreign table"):
        return f"TABLE {dotted(unit.name)}"
    name = clause(unit)
    first, _, rest = name.partition(" ")
    word = _GRANTED_AS.get(unit.kind)
    return f"{word} {rest}" if word and unit.kind in ("aggregate", "server") else name if first else ""


def _privilege(unit: Unit, privilege: str) -> str:
    return f"{privilege} ({quote(unit.name[-1])})" if unit.kind == "column" else privilege


def _role(whom: str) -> str:
    return "PUBLIC" if whom == "public" else quote(whom)
