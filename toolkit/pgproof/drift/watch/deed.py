"""What the recorder knows of a difference: the command that probably made it, and whose that was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pgproof.catalog.fact import ALTERED, GIVEN, MISSING, OWNED, Fact, Key, Name
from pgproof.database import failure
from pgproof.database.connection import Connection
from pgproof.drift.compare import Difference
from pgproof.drift.unit import dotted
from pgproof.drift.watch.recorder import sql

_GRANTS = frozenset({"GRANT", "REVOKE"})
_DEFAULT_PRIVILEGES = "ALTER DEFAULT PRIVILEGES"
_IDENTIFIER = re.compile(r'"((?:[^"]|"")+)"|[^\W\d][\w$]*')
_IN_SCHEMA = re.compile(r"\bIN\s+SCHEMA\b", re.IGNORECASE)
_IN_SCHEMAS = frozenset({"pg_proc", "pg_attribute", "pg_class", "pg_type"})
_TAG = re.compile(r"\s*/\* pgproof:[^:*]*:[^*]* \*/")
_GRANTED = re.compile(r"\b(?:GRANT|REVOKE)\b.*?\bON\b(?P<on>.*?)\b(?:TO|FROM)\b", re.IGNORECASE | re.DOTALL)
_DEFAULTS = {"r": "TABLES", "S": "SEQUENCES", "f": "FUNCTIONS", "T": "TYPES", "n": "SCHEMAS", "L": "LARGE OBJECTS"}
_TYPES = frozenset({"pg_type", "pg_range", "pg_enum"})
_LONGEST, _QUALIFIED = 200, 2
_GONE = r"\bDROP\b|\bRENAME\b|\bSET\s+SCHEMA\b|\bDETACH\b|\bRESET\s*\(|\bNULL\b|\bCREATE OR REPLACE\b"
_RENAMES = re.compile(r"\bRENAME\b", re.IGNORECASE)
_MADE = r"\bCREATE\b|\bADD\b|\bRENAME\b|\bINTO\b|\bSET\b|\bATTACH\b|\bCOMMENT\b|\bSECURITY\s+LABEL\b|\bIMPORT\b"
_WRITTEN = {
    "owner": r"\bOWNER\b",
    "options": r"\b(?:SET|RESET|WITH|OPTIONS)\b",
    "default": r"\bDEFAULT\b",
    "not null": r"\bNULL\b|\bPRIMARY\b",
    "type": r"\bTYPE\b",
    "statistics target": r"\bSTATISTICS\b",
    "storage": r"\bSTORAGE\b",
    "compression": r"\bCOMPRESSION\b",
    "persistence": r"LOGGED\b",
    "replica identity": r"\bREPLICA\b",
    "row security": r"\bSECURITY\b",
    "forced row security": r"\bFORCE\b",
    "identity": r"\bIDENTITY\b|\bGENERATED\b",
    "definition": r"\bVIEW\b|\bRULE\b|\bADD\b|\bCREATE\b",
    "enabled": r"\b(?:ENABLE|DISABLE)\b",
    "clustered": r"\bCLUSTER\b",
    "tablespace": r"\bTABLESPACE\b",
    "access method": r"\bMETHOD\b",
    "validated": r"\bVALIDATE\b",
}
"""What a command has in it that changes a value of that word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """An object of a command, as pg_identify_object_as_address() names it. Of GRANT only the `type` is known."""

    type: str
    names: Name
    arguments: Name

    @property
    def name(self) -> Name:
        """The name as facts have it: of a function, with its arguments."""
        if self.type in ("function", "procedure", "aggregate"):
            return (*self.names, ", ".join(self.arguments))
        return self.names


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """A command that was recorded, at a time (UTC).

    `session_role` is who logged in, `role` who that was then. `client` is empty over a unix socket. `statement` is
    what the client sent, maybe more than that one command and maybe cut off.
    """

    session_role: str
    role: str
    application: str
    client: str
    tag: str
    statement: str
    at: str
    touched: tuple[Touched, ...]

    @property
    def is_migration(self) -> bool:
        """True if pgproof sent it for a migration: what that makes, the files say, too."""
        return _TAG.match(self.statement) is not None

    def says(self, name: str) -> bool:
        """True if the statement has that name in it, as a word."""
        return name in _words(self.statement)

    @property
    def line(self) -> str:
        """The statement in one line, not too long."""
        text = " ".join(self.statement.split())
        return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def read(conn: Connection) -> tuple[Deed, ...]:
    """All that is recorded, the newest first. One round trip. Raises DatabaseError."""
    with failure.told():
        rows = conn.execute(sql("read")).fetchall()
    return tuple(_deed(*row) for row in rows)


def _deed(*values: Any) -> Deed:
    session_role, role, application, client, tag, statement, at, objects = values
    return Deed(
        session_role=session_role,
        role=role,
        application=application,
        client=client,
        tag=tag,
        statement=statement,
        at=at,
        touched=tuple(
            Touched(type=each["type"], names=tuple(each["names"] or ()), arguments=tuple(each["args"] or ()))
            for each in objects
        ),
    )


class _Record:
    """The commands, the newest first, by what they have touched, and by the names that some of them say."""

    def __init__(self, deeds: Sequence[Deed]) -> None:
        self.deeds = deeds
        self.touching: dict[Name, list[int]] = {}
        self.renaming: dict[str, list[int]] = {}
        self.granting: dict[str, list[int]] = {}
        self.granting_all: dict[str, list[int]] = {}
        """By the name of a schema."""
        self.defaults = [number for number, deed in enumerate(deeds) if deed.tag == _DEFAULT_PRIVILEGES]
        for number, deed in enumerate(deeds):
            for each in deed.touched:
                self.touching.setdefault(each.name, []).append(number)
            if _RENAMES.search(deed.statement):
                _note(self.renaming, _words(deed.statement), number)
            if deed.tag in _GRANTS:
                for on in (match["on"] for match in _GRANTED.finditer(deed.statement)):
                    _note(self.granting_all if _IN_SCHEMA.search(on) else self.granting, _words(on), number)

    def touched(self, names: Iterable[Name]) -> set[int]:
        """Those that have touched one of these."""
        return {number for each in names for number in self.touching.get(each, ())}


def _note(index: dict[str, list[int]], words: Iterable[str], number: int) -> None:
    for word in words:
        index.setdefault(word, []).append(number)


def done(found: Sequence[Difference], deeds: Sequence[Deed]) -> Mapping[Key, Deed]:
    """Of each difference, by its key, the last command that can have made it, if one is known. Pure.

    `deeds` are the newest first. A command can have made it if it has touched the object, or what that is of and
    says its name, and if it says what one says to make, to drop or to change such a thing. Where none does, it is
    the newest that has touched it (but nothing is gone because of a command that drops and renames nothing).
    Migrations of pgproof's have made none: they are on both sides.
    """
    record = _Record([deed for deed in deeds if not deed.is_migration])
    chosen = ((each.key, next(iter(_suspects(each, record)), None)) for each in found)
    return {key: record.deeds[number] for key, number in chosen if number is not None}


def _suspects(difference: Difference, record: _Record) -> Iterator[int]:
    """Who may have done it, the likeliest first."""
    fact = difference.fact
    if fact.catalog == "pg_default_acl":
        yield from (number for number in record.defaults if _gives_by_default(record.deeds[number], fact))
        return
    if fact.catalog in (GIVEN, OWNED):
        _, *rest = fact.name[1].partition("(")[0].split(".")
        yield from record.granting.get((rest or [fact.name[1]])[0].strip('"'), ())
        return
    if fact.catalog == ALTERED:
        name = fact.name[1].partition("(")[0].rpartition(".")[2].strip('"')
        yield from (number for number, deed in enumerate(record.deeds) if deed.says(name))
        return
    if set(difference.values) == {"privileges"}:
        name = fact.name[1] if fact.catalog in _IN_SCHEMAS else fact.name[-1]
        yield from sorted({*record.granting.get(name, ()), *record.granting_all.get(fact.name[0], ())})
        return
    own, above = _names(fact)
    touched, around = record.touched(own), sorted(record.touched(above))
    saying = {number for number in around if record.deeds[number].says(own[0][-1])}
    near, likely = sorted(touched | saying), _likely(difference)
    yield from (number for number in near if likely.search(record.deeds[number].statement))
    if difference.actual is None:
        yield from record.renaming.get(own[0][-1], ())
    yield from (number for number in around if likely.search(record.deeds[number].statement))
    if difference.actual is not None:
        yield from near or around


def _likely(difference: Difference) -> re.Pattern[str]:
    """What a command has in it that makes, drops or changes such a thing."""
    if difference.actual is None:
        words = _GONE
    elif difference.expected is None:
        words = _MADE
    else:
        words = "|".join(_WRITTEN[word] for word in difference.values if word in _WRITTEN) or "(?!)"
    return re.compile(words, re.IGNORECASE)


def _names(fact: Fact) -> tuple[list[Name], list[Name]]:
    """What the server may call it where a command touches it, and what it is of."""
    name, catalog = fact.name, fact.catalog
    if catalog in ("pg_description", "pg_seclabel", "pg_depend"):
        name, catalog = name[1:], fact.of[0] if fact.of else ""
    elif catalog == MISSING:
        name = tuple(name[1].partition("(")[0].split("."))
    own, above = [name], [fact.of[1]] if fact.of and fact.of[0] != "pg_namespace" else []
    if catalog == "pg_proc":
        own = [name]
    elif catalog == "pg_rewrite":
        own = [name[:2], name] if name[-1] == "_RETURN" else [name]
    elif catalog in _TYPES:
        own = [name, (dotted(name[:2]),)]
    elif len(name) > _QUALIFIED:
        above.append(name[:2])
    return own, [*above, *((dotted(each),) for each in above)]


def _gives_by_default(deed: Deed, fact: Fact) -> bool:
    _, *schema, kind = fact.name
    types = {each.type for each in deed.touched}
    return _DEFAULTS.get(kind) in types and all(deed.says(name) for name in schema)


@lru_cache(maxsize=16384)
def _words(text: str) -> frozenset[str]:
    """The names that may stand in a statement, as the server has them (4.1.1 of PostgreSQL's manual)."""
    found = _IDENTIFIER.finditer(text)
    return frozenset(each[1].replace('""', '"') if each[1] else each[0].lower() for each in found)
