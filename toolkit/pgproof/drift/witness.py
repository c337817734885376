"""What pg_dump says of two databases, compared: a witness that knows nothing of our facts.

pg_dump writes an entry for each object, under a header with its name, kind, schema and owner (`_printTocEntry` in
src/bin/pg_dump/pg_backup_archiver.c). Entries that are the same to the letter are the same; of the others just so
much is put aside as says nothing of the schema:

- where an entry stands: names and dependencies order them, and OIDs where those do not;
- what is before the first header, and the random words of "restrict": versions, and settings of the script;
- SET default_tablespace and default_table_access_method stand where they change: they go to what they are for;
- in which order an entry has its statements: grants are written in the order in which they were given, options of
  columns in the order of the columns;
- in which order an event trigger has its tags;
- the order of columns, unless it is asked for;
- passwords, and the address of a publisher: they are compared nowhere, and shown to nobody;
- the event triggers that pgproof installs itself (its schema is not dumped).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pgproof.catalog.fact import ALTERED, GIVEN, MISSING, OWNED, Fact
from pgproof.drift.compare import Difference
from pgproof.sql.name import quote
from pgproof.sql.source import Source
from pgproof.sql.statement import split

_HEADER = re.compile(
    r"^--\n-- Name: (?P<name>.*); Type: (?P<kind>.*); Schema: (?P<schema>.*); Owner: .*\n--\n", re.MULTILINE
)
_SETS = "SET default_"
_SETTINGS = re.compile(r"(?:^SET default_(?:tablespace|table_access_method) = .*;\n+)+\Z", re.MULTILINE)
_SETTING = re.compile(r"SET (?P<name>default_\w+) = .*(?=;)")
_MADE_UNDER = {
    "default_tablespace": frozenset({"TABLE", "MATERIALIZED VIEW", "INDEX", "CONSTRAINT"}),
    "default_table_access_method": frozenset({"TABLE", "MATERIALIZED VIEW"}),
}
_QUERIES = re.compile(r"CREATE (?:OR REPLACE )?(?:(?:MATERIALIZED|RECURSIVE) )?(?:VIEW|FUNCTION|PROCEDURE)\b")
_USUAL = frozenset({"SET default_tablespace = ''", "SET default_table_access_method = heap"})
_PARTITIONED = re.compile(r"^PARTITION BY ", re.MULTILINE)
_RESTRICT = re.compile(r"^\\(?:un)?restrict .*\n", re.MULTILINE)
_WITH_SECRETS = frozenset({"SUBSCRIPTION", "USER MAPPING", "SERVER", "FOREIGN DATA WRAPPER", "FOREIGN TABLE"})
_SECRET = re.compile(
    r"(?P<word>\bCONNECTION|\"?\w*(?:password|passfile|secret|token|key)\w*\"?) E?'(?:[^']|'')*'", re.IGNORECASE
)
_TAGS = re.compile(r"(?<=WHEN TAG IN \()[^)]*")
_OURS = re.compile(r"\bEXECUTE FUNCTION pgproof\.")
_AS = re.compile(r"SET SESSION AUTHORIZATION (?!DEFAULT\b)")
_COLUMNS = re.compile(
    r"(?P<head>CREATE (?:\w+ )*TABLE (?:[^\"\n]|\"[^\"]*\")*\(\n)(?P<columns>.*?)(?P<tail>\n\).*)\Z", re.DOTALL
)
_PUBLISHED = re.compile(
    r"(?P<head>ALTER PUBLICATION .* ADD TABLE (?:ONLY )?(?:\"[^\"]*\"|[^\" ])+ \()"
    r"(?P<columns>(?:\"[^\"]*\"|[^\")])+)(?P<tail>\).*)\Z",
    re.DOTALL,
)
_SIMPLE = r'(?:"(?:[^"]|"")*"|[\w$]+)(?![\w$"(])'
_COUNTED = re.compile(
    rf"(?P<head>CREATE STATISTICS .*? ON )(?P<columns>{_SIMPLE}(?:, {_SIMPLE})*)(?P<tail>(?:, .*)? FROM .*)\Z",
    re.DOTALL,
)
"""Statistics of columns, which the server writes in the order that these have in the table, and of expressions."""
_NAME = re.compile(r"(?:\"[^\"]*\"|[^\", ])+")
_KINDS = {
    "pg_default_acl": "DEFAULT ACL",
    "pg_cast": "CAST",
    "pg_transform": "TRANSFORM",
    "pg_user_mapping": "USER MAPPING",
    "pg_publication_rel": "PUBLICATION TABLE",
    "pg_publication_namespace": "PUBLICATION TABLES IN SCHEMA",
}
"""Entries whose names are put together in a way of their own."""
_LONGEST = 200


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """What an entry is about, in pg_dump's words: "public", "TABLE", "jobs"; a schema "-" is none."""

    schema: str
    kind: str
    name: str

    def __str__(self) -> str:
        where = "" if self.schema in ("-", "") else f"{self.schema}."
        return f"{self.kind} {where}{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlike:
    """An entry that two dumps do not have alike, and the statements that are in one of them alone."""

    entry: Entry
    one: tuple[str, ...]
    other: tuple[str, ...]


def unlike(one: str, other: str, *, positions: bool = False) -> tuple[Unlike, ...]:
    """In what two dumps of schemas differ, by the same pg_dump of servers of one major. Pure.

    With `positions`, the order of columns counts.
    """
    first, second = _entries(one), _entries(other)
    found = []
    for entry in sorted(first.keys() | second.keys()):
        texts = first.get(entry, []), second.get(entry, [])
        if sorted(texts[0]) != sorted(texts[1]):
            before, after = (Counter(_statements(each, positions=positions)) for each in texts)
            if before != after:
                lone = sorted((before - after).elements()), sorted((after - before).elements())
                found.append(Unlike(entry=entry, one=tuple(lone[0]), other=tuple(lone[1])))
    return tuple(found)


def lines(each: Unlike, one: str, other: str) -> Iterator[str]:
    """For a person, a line for each statement, with what the sides are called: "in the database"."""
    for side, statements in ((one, each.one), (other, each.other)):
        for statement in statements:
            text = " ".join(statement.split())
            yield f"{each.entry}: only {side}: {text if len(text) <= _LONGEST else text[:_LONGEST] + '...'}"


def unexplained(found: Iterable[Unlike], differences: Iterable[Difference]) -> tuple[Unlike, ...]:
    """Of what two dumps do not have alike, what is about no object that differences are about. Pure.

    A table stands for all that is on it: who drops a column drops its default, its indexes, its privileges.
    """
    facts = [fact for each in differences for fact in (each.fact, *each.along)]
    catalogs = {catalog for fact in facts for catalog in (fact.catalog, fact.of[0] if fact.of else "")}
    kinds = tuple(_KINDS[catalog] for catalog in catalogs if catalog in _KINDS)
    names = {name for fact in facts for name in _objects(fact)}
    return tuple(
        each
        for each in found
        if not (each.entry.kind in kinds or (each.entry.kind == "COMMENT" and each.entry.name.startswith(kinds)))
        and not any(_is_about(each, schema, name) for schema, name in names)
    )


def _objects(fact: Fact) -> Iterator[tuple[str, str]]:
    """The schema ("-" for none) and the name of what a fact is about, and of what that is of."""
    if fact.catalog in (GIVEN, OWNED, MISSING, ALTERED) or (fact.catalog == "pg_description" and fact.of is None):
        place, _, last = fact.name[1].partition("(")[0].rpartition(".")
        yield place.split(".")[0].strip('"') or "-", last.strip('"')
        return
    about = [fact.of[1]] if fact.of else []
    about.append(fact.name[1:] if fact.catalog in ("pg_description", "pg_seclabel", "pg_depend") else fact.name)
    for name in filter(None, about):
        if name[0] == "pg_toast":  # its name is its table's
            schema, _, table = name[1].rpartition(".")
            yield schema.strip('"'), table.strip('"')
        else:
            yield (name[0], name[1]) if len(name) > 1 else ("-", name[0])


def _is_about(each: Unlike, schema: str, name: str) -> bool:
    """True if an entry is of that object, or on it. In the headers, pg_dump quotes names only in some."""
    words = "|".join(sorted({re.escape(name), re.escape(quote(name))}))
    if each.entry.schema == schema and re.search(rf"(?<![\w$])(?:{words})(?![\w$])", each.entry.name):
        return True
    on = re.compile(
        rf"(?:TABLE|ON|FAMILY)(?: ONLY)? {re.escape(quote(schema))}\.{re.escape(quote(name))}(?![\w$])"
    )
    statements = (text for text in (*each.one, *each.other) if not _QUERIES.match(text))
    return any(on.search(text) for text in statements)


def _entries(text: str) -> dict[Entry, list[str]]:
    """The texts under each header; of functions of an operator's name, there may be several."""
    text = _RESTRICT.sub("", text)
    headers = list(_HEADER.finditer(text))
    ends = [*(each.start() for each in headers), len(text)]
    settings = _set(text[: ends[0]])
    found: dict[Entry, list[str]] = {}
    for header, end in zip(headers, ends[1:], strict=True):
        entry = Entry(header["schema"], header["kind"], header["name"])
        body = text[header.end() : end]
        after = _set(body) if _SETS in body else {}
        if after:
            body = _SETTINGS.sub("", body)
        if not (entry.kind == "EVENT TRIGGER" and _OURS.search(body)):
            found.setdefault(entry, []).append(_whole(entry, body, settings))
        settings |= after
    return found


def _set(body: str) -> dict[str, str]:
    """The settings that are changed at the end of an entry, for those behind it."""
    changes = _SETTINGS.search(body)
    return {each["name"]: each[0] for each in _SETTING.finditer(changes[0])} if changes else {}


def _whole(entry: Entry, body: str, settings: dict[str, str]) -> str:
    """The text of an entry, with the settings that it is made under and without secrets."""
    if entry.kind in _WITH_SECRETS:
        body = _SECRET.sub(r"\g<word> '...'", body)
    if entry.kind == "EVENT TRIGGER":
        body = _TAGS.sub(lambda tags: ", ".join(sorted(tags[0].split(", "))), body)
    made_under = [
        setting
        for name, setting in sorted(settings.items())
        if setting not in _USUAL
        and entry.kind in _MADE_UNDER.get(name, ())
        and not (name == "default_table_access_method" and _PARTITIONED.search(body))
    ]
    return "".join(f"{each};\n" for each in made_under) + body


def _statements(texts: Sequence[str], *, positions: bool) -> Iterator[str]:
    """The statements of an entry's texts; grants in another role's name are one with the change of role."""
    for text in texts:
        script = split(Source("pg_dump", text))
        if script.problems:
            yield text.strip()
            continue
        by: list[str] = []
        for statement in script.statements:
            if by or _AS.match(statement.text):
                by.append(statement.text)
                if statement.text != "RESET SESSION AUTHORIZATION":
                    continue
            yield "; ".join(by) if by else _orderless(statement.text, positions=positions)
            by = []
        yield from by


def _orderless(statement: str, *, positions: bool) -> str:
    """CREATE TABLE, and what is published or counted of a table, with columns by name; others as they are.

    With `positions`, what is counted alone: that of the others is the table's order.
    """
    if match := _COUNTED.match(statement) or (None if positions else _PUBLISHED.match(statement)):
        columns = sorted(_NAME.findall(match["columns"]))
        return match["head"] + ", ".join(columns) + match["tail"]
    match = None if positions else _COLUMNS.match(statement)
    if match is None:
        return statement
    columns = sorted(line.removesuffix(",") for line in match["columns"].split("\n"))
    return match["head"] + ",\n".join(columns) + match["tail"]
