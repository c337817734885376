"""Roles and memberships. Passwords are not read: who makes a role anew has to set one."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.fact import UNSAID, Value
from pgproof.drift.unit import Unit, named
from pgproof.sql.literal import literal

_FLAGS = {
    "superuser": "SUPERUSER",
    "inherit": "INHERIT",
    "create role": "CREATEROLE",
    "create database": "CREATEDB",
    "login": "LOGIN",
    "replication": "REPLICATION",
    "bypass row security": "BYPASSRLS",
}
_OPTIONS = ("admin", "inherit", "set")
_USUAL = {"admin option": False, "inherit option": True, "set option": True}
"""What a membership has if nobody asks for more (GRANT, in PostgreSQL's manual; INHERIT follows the member)."""


def create_role(unit: Unit) -> Iterator[str]:
    """A role, with all that it may be."""
    yield " ".join([f"CREATE ROLE {named(unit.name[0])}", *(_said(word, unit.say(word)) for word in _words(unit))])


def alter_role(old: Unit, new: Unit) -> list[str]:
    """What of a role is another, where both sides say it."""
    parts = [
        _said(word, new.say(word))
        for word in _words(new)
        if old.say(word) != new.say(word) and UNSAID not in (old.say(word), new.say(word))
    ]
    return [f"ALTER ROLE {named(new.name[0])} {' '.join(parts)}"] if parts else []


def _words(unit: Unit) -> list[str]:
    return [*_FLAGS, "connection limit", *(["valid until"] if unit.say("valid until") else [])]


def _said(word: str, value: Value) -> str:
    if word in _FLAGS:
        return _FLAGS[word] if value else f"NO{_FLAGS[word]}"
    return f"{word.upper()} {value if isinstance(value, int) else literal(str(value))}"


def comment_on_role(unit: Unit) -> Iterator[str]:
    """A comment alone, on a role that files do not make."""
    yield f"COMMENT ON ROLE {named(unit.name[-1])} IS {literal(str(unit.say('comment')))}"


def uncomment_role(unit: Unit) -> Iterator[str]:
    """It goes."""
    yield f"COMMENT ON ROLE {named(unit.name[-1])} IS NULL"


def grant_role(unit: Unit) -> Iterator[str]:
    """A membership."""
    options = {word: unit.say(word) for word in _USUAL if unit.say(word) is not None}
    said = [
        f"{word.removesuffix(' option').upper()} {'TRUE' if value else 'FALSE'}"
        for word, value in options.items()
        if unit.side.facts.major >= 16
    ]
    if not said and unit.say("admin option"):
        said = ["ADMIN OPTION"]
    yield f"GRANT {_between(unit, 'TO')}{f' WITH {chr(44).join(said)}' if said else ''}{_grantor(unit)}"


def alter_membership(old: Unit, new: Unit) -> list[str]:
    """Its options: what it does not say stays as it is."""
    if new.side.facts.major < 16 and old.say("admin option") and not new.say("admin option"):
        return [f"REVOKE ADMIN OPTION FOR {_between(new, 'FROM')}"]
    return list(grant_role(new))


def revoke_role(unit: Unit) -> Iterator[str]:
    """A membership goes."""
    yield f"REVOKE {_between(unit, 'FROM')}{_grantor(unit)}"


def _between(unit: Unit, word: str) -> str:
    return f"{named(unit.name[0])} {word} {named(unit.name[1])}"


def _grantor(unit: Unit) -> str:
    return f" GRANTED BY {named(unit.name[2])}" if unit.name[2:] else ""
