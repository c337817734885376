"""Objects and differences in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pgproof.catalog.fact import ALTERED, GIVEN, MISSING, OWNED, Fact, Value
from pgproof.drift.compare import ORDER, Difference
from pgproof.sql.name import quote

_LONGEST = 200
_SAID = frozenset({"pg_default_acl", "pg_db_role_setting"})
"""Of these the values are told also where one side has none."""
_QUERY = "_RETURN"
"""The rule that is the query of a view (41.2 of PostgreSQL's manual)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Who speaks of the two sides: of what one lacks, of what it has too much, and what it should be.

    Without an `actual`, one side is right, and `expected` stands before what it says: "is 1, the files say 2".
    With one, each stands behind what its side says: "is 2 as applied, 1 now".
    """

    missing: str
    excess: str
    expected: str
    actual: str = ""


FILES = Voice(missing="is missing", excess="is there, and no file makes it", expected="the files say")
"""A database is compared with files."""


def label(fact: Fact) -> str:
    """An object for a person: "column public.jobs.id"; of a row that says more of one, that one."""
    if fact.catalog == "pg_rewrite" and fact.name[-1] == _QUERY:
        return f"view {_dotted(fact.name[:-1])}"
    if fact.catalog in _OF_ROLES:
        return _of_role(fact)
    if fact.kind:
        return f"{fact.kind} {_written(fact.catalog, fact.name)}"
    if fact.catalog in (GIVEN, OWNED, MISSING, ALTERED) or (fact.catalog == "pg_description" and fact.of is None):
        return " ".join(fact.name)
    catalog = fact.of[0] if fact.of else ""
    if fact.catalog in ("pg_description", "pg_seclabel", "pg_depend"):
        kind, *path = fact.name
        return f"{'column' if catalog == 'pg_attribute' else kind} {_written(catalog, path)}"
    return f"{_PARTS.get(fact.catalog, fact.catalog)} {_written(catalog, fact.name)}"


def _of_role(fact: Fact) -> str:
    """What a role has, or all have; names of roles are quoted already where they must be."""
    match fact.catalog, fact.name:
        case "pg_default_acl", (role, *schema, kind):
            where = f" in schema {quote(schema[0])}" if schema else ""
            return f"{fact.kind} of {role} for {_GRANTED.get(kind, kind)}{where}"
        case "pg_user_mapping", (*role, server):
            return f"{fact.kind} of {role[0] if role else 'public'} for server {quote(server)}"
        case "pg_auth_members", (role, member, *grantor):
            by = f", granted by {grantor[0]}" if grantor else ""
            return f"{fact.kind} of {member} in {role}{by}"
        case "pg_authid" | "pg_shdescription" | "pg_shseclabel", (*_, role):
            return f"role {role}"
        case "pg_db_role_setting", (role, _):
            return f"{fact.kind} of role {role}"
        case _, role:
            return f"{fact.kind} of {f'role {role[0]} in the database' if role else 'the database'}"


_OF_ROLES = frozenset(
    {
        "pg_auth_members",
        "pg_authid",
        "pg_db_role_setting",
        "pg_default_acl",
        "pg_shdescription",
        "pg_shseclabel",
        "pg_user_mapping",
    }
)
_GRANTED = {"r": "tables", "S": "sequences", "f": "functions", "T": "types", "n": "schemas", "L": "large objects"}
"""Of which kind objects are (src/include/catalog/pg_default_acl.h)."""
_PARTS = {
    "pg_attrdef": "column",
    "pg_partitioned_table": "table",
    "pg_index": "index",
    "pg_sequence": "sequence",
    "pg_range": "type",
    "pg_aggregate": "aggregate",
    "pg_foreign_table": "foreign table",
}


def _written(catalog: str, path: Sequence[str]) -> str:
    """The name of an object of that catalog, with its arguments, if it is a function."""
    if catalog == "pg_proc" and len(path) == _SCHEMA_NAME_ARGUMENTS:
        return f"{_dotted(path[:2])}({path[2]})"
    return _dotted(path)


_SCHEMA_NAME_ARGUMENTS = 3


def _dotted(path: Sequence[str]) -> str:
    return ".".join(quote(part) for part in path)


def lines(each: Difference, voice: Voice = FILES) -> Iterator[str]:
    """A difference for a person, a line for each value that is not the same."""
    what = label(each.fact)
    others = {label(fact) for fact in each.along} - {what}
    along = f" (with {len(others)} more)" if others else ""
    is_object = aspects(each) == (_WHOLE,)
    if is_object and each.actual is None:
        yield f"- {what} {voice.missing}{along}"
    elif is_object and each.expected is None:
        yield f"+ {what} {voice.excess}{along}"
    elif each.expected is None or each.actual is None:
        sign, side = ("-", voice.missing) if each.actual is None else ("+", voice.excess)
        for word, value in zip(each.words, each.fact.values, strict=True):
            yield f"{sign} {what}: {word} {_said(word, value)} {side}"
    else:
        for word, (expected, actual) in each.values.items():
            one, other = _said(word, expected), _said(word, actual)
            if voice.actual:
                yield f"~ {what}: {word} is {one} {voice.expected}, {other} {voice.actual}"
            else:
                yield f"~ {what}: {word} is {other}, {voice.expected} {one}"
        if not each.values:
            one, other = each.expected.kind, each.actual.kind
            is_now = f"{one} {voice.expected}, {other} {voice.actual}" if voice.actual else ""
            yield f"~ {what}: kind is {is_now or f'{other}, {voice.expected} {one}'}"


_WHOLE = ""


def aspects(each: Difference) -> tuple[str, ...]:
    """The words that `lines` tells of, one a line; "" stands for an object as a whole. Pure."""
    if each.expected and each.actual:
        return tuple(each.values) or ("kind",)
    is_object = bool(each.fact.kind) and each.fact.catalog not in _SAID
    return (_WHOLE,) if is_object or not each.words else each.words


def _said(word: str, value: Value) -> str:
    if word == "privileges" and value is None:
        return "the usual"
    if word == ORDER and isinstance(value, tuple):
        return ", ".join(map(str, value))
    return _shown(value)


def _shown(value: Value) -> str:
    if value is None or value == "":
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "; ".join(_shown(each) for each in value) or "none"
    line = " ".join(str(value).split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "..."
