"""Schemas, extensions, text search, and all that is rare."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgproof.drift.ddl.naming import clause
from pgproof.drift.ddl.options import options
from pgproof.drift.ddl.types import fact_value
from pgproof.drift.unit import Unit, dotted, grantee, named
from pgproof.sql.literal import literal
from pgproof.sql.name import quote


def create_schema(unit: Unit) -> Iterator[str]:
    """A schema."""
    yield f"CREATE SCHEMA {dotted(unit.name)}"


def create_extension(unit: Unit) -> Iterator[str]:
    """An extension in its schema and version."""
    version = literal(str(unit.say("version")))
    yield f"CREATE EXTENSION {dotted(unit.name)} SCHEMA {unit.say('schema')} VERSION {version}"


def alter_extension(old: Unit, new: Unit) -> list[str] | None:
    """Statements."""
    found = []
    if old.say("schema") != new.say("schema"):
        found.append(f"ALTER EXTENSION {dotted(new.name)} SET SCHEMA {new.say('schema')}")
    if old.say("version") != new.say("version"):
        found.append(f"ALTER EXTENSION {dotted(new.name)} UPDATE TO {literal(str(new.say('version')))}")
    return found


def create_statistics(unit: Unit) -> Iterator[str]:
    """Extended statistics as the server writes them."""
    yield str(unit.main.definition)
    if (target := unit.say("statistics target")) is not None:
        yield f"ALTER STATISTICS {dotted(unit.name)} SET STATISTICS {target}"


def alter_statistics(old: Unit, new: Unit) -> list[str] | None:
    """Statements, or None if they have to be made anew."""
    if old.main.definition != new.main.definition:
        return None
    if old.say("statistics target") == new.say("statistics target"):
        return []
    target = new.say("statistics target")
    return [f"ALTER STATISTICS {dotted(new.name)} SET STATISTICS {-1 if target is None else target}"]


def create_collation(unit: Unit) -> Iterator[str]:
    """A collation."""
    provider = {"i": "icu", "c": "libc", "b": "builtin", "d": "default"}[str(unit.say("provider"))]
    parts = [f"provider = {provider}"]
    if locale := unit.say("locale"):
        parts.append(f"locale = {literal(str(locale))}")
    elif provider == "icu":  # before 15 an ICU locale lies in collcollate
        parts.append(f"locale = {literal(str(unit.say('collate')))}")
    else:
        parts += [
            f"lc_collate = {literal(str(unit.say('collate')))}",
            f"lc_ctype = {literal(str(unit.say('ctype')))}",
        ]
    if not unit.say("deterministic"):
        parts.append("deterministic = false")
    if rules := unit.say("ICU rules"):
        parts.append(f"rules = {literal(str(rules))}")
    yield f"CREATE COLLATION {dotted(unit.name)} ({', '.join(parts)})"


def create_cast(unit: Unit) -> Iterator[str]:
    """A cast."""
    function = unit.say("function")
    by = (
        f"WITH FUNCTION {function}"
        if function
        else "WITH INOUT"
        if unit.say("method") == "i"
        else "WITHOUT FUNCTION"
    )
    when = {"a": " AS ASSIGNMENT", "i": " AS IMPLICIT"}.get(str(unit.say("context")), "")
    yield f"CREATE {clause(unit)} {by}{when}"


def create_event_trigger(unit: Unit) -> Iterator[str]:
    """An event trigger and when it fires."""
    tags = unit.say("tags")
    when = (
        f" WHEN TAG IN ({', '.join(literal(str(each)) for each in tags)})"
        if isinstance(tags, tuple) and tags
        else ""
    )
    head = f"CREATE EVENT TRIGGER {dotted(unit.name)} ON {unit.say('event')}{when}"
    yield f"{head} EXECUTE FUNCTION {unit.say('function')}"
    yield from event_trigger_state(None, unit)


def event_trigger_state(old: Unit | None, new: Unit) -> Iterator[str]:
    """When it fires."""
    states = {"O": "ENABLE", "D": "DISABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}
    was, now = str(old.say("enabled") if old else "O"), str(new.say("enabled"))
    if was != now:
        yield f"ALTER EVENT TRIGGER {dotted(new.name)} {states[now]}"


def alter_event_trigger(old: Unit, new: Unit) -> list[str] | None:
    """Statements, or None if it has to be made anew."""
    if any(old.say(word) != new.say(word) for word in ("event", "function", "tags")):
        return None
    return list(event_trigger_state(old, new))


def create_dictionary(unit: Unit) -> Iterator[str]:
    """A text search dictionary."""
    more = f", {unit.say('options')}" if unit.say("options") else ""
    yield f"CREATE TEXT SEARCH DICTIONARY {dotted(unit.name)} (TEMPLATE = {unit.say('template')}{more})"


def alter_dictionary(old: Unit, new: Unit) -> list[str] | None:
    """Statements, or None if it has to be made anew."""
    if old.say("template") != new.say("template"):
        return None
    before, now = (_dictionary_options(unit) for unit in (old, new))
    gone = [name for name in before if name not in now]
    said = [*gone, *(f"{name} = {value}" for name, value in now.items() if before.get(name) != value)]
    return [f"ALTER TEXT SEARCH DICTIONARY {dotted(new.name)} ({', '.join(said)})"] if said else []


def _dictionary_options(unit: Unit) -> dict[str, str]:
    """The options of a dictionary by name, as the server writes them (serialize_deflist in tsearchcmds.c)."""
    return dict(_OPTION.findall(str(unit.say("options") or "")))


_OPTION = re.compile(r"""("(?:[^"]|"")+"|[\w$]+) = (E?'(?:[^']|'')*'|[^,]+)""")


def create_conversion(unit: Unit) -> Iterator[str]:
    """A conversion."""
    default = "DEFAULT " if unit.say("default") else ""
    function = str(unit.say("function")).partition("(")[0]
    encodings = f"FOR {literal(str(unit.say('from')))} TO {literal(str(unit.say('to')))}"
    yield f"CREATE {default}CONVERSION {dotted(unit.name)} {encodings} FROM {function}"


def create_language(unit: Unit) -> Iterator[str]:
    """A language."""
    parts = [f"CREATE {'TRUSTED ' if unit.say('trusted') else ''}LANGUAGE {dotted(unit.name)}"]
    for word, name in (("HANDLER", "handler"), ("INLINE", "inline handler"), ("VALIDATOR", "validator")):
        if unit.say(name):
            parts.append(f"{word} {str(unit.say(name)).partition('(')[0]}")
    yield " ".join(parts)


def create_access_method(unit: Unit) -> Iterator[str]:
    """An access method."""
    kind = "INDEX" if unit.say("amtype") == "i" else "TABLE"
    handler = str(unit.say("handler")).partition("(")[0]
    yield f"CREATE ACCESS METHOD {dotted(unit.name)} TYPE {kind} HANDLER {handler}"


def create_transform(unit: Unit) -> Iterator[str]:
    """A transform."""
    parts = [
        f"{word} SQL WITH FUNCTION {unit.say(f'{word.lower()} SQL')}"
        for word in ("FROM", "TO")
        if unit.say(f"{word.lower()} SQL")
    ]
    yield f"CREATE {clause(unit)} ({', '.join(parts)})"


def create_parser(unit: Unit) -> Iterator[str]:
    """A text search parser."""
    words = {"START": "start", "GETTOKEN": "token", "END": "end", "LEXTYPES": "token type", "HEADLINE": "headline"}
    parts = [
        f"{key} = {str(unit.say(f'{word} function')).partition('(')[0]}"
        for key, word in words.items()
        if unit.say(f"{word} function")
    ]
    yield f"CREATE TEXT SEARCH PARSER {dotted(unit.name)} ({', '.join(parts)})"


def create_template(unit: Unit) -> Iterator[str]:
    """A text search template."""
    words = {"INIT": "init function", "LEXIZE": "lexize function"}
    parts = [f"{key} = {str(unit.say(word)).partition('(')[0]}" for key, word in words.items() if unit.say(word)]
    yield f"CREATE TEXT SEARCH TEMPLATE {dotted(unit.name)} ({', '.join(parts)})"


def create_configuration(unit: Unit) -> Iterator[str]:
    """A text search configuration with its mappings."""
    name = dotted(unit.name)
    yield f"CREATE TEXT SEARCH CONFIGURATION {name} (PARSER = {unit.say('parser')})"
    for token, dictionaries in _mappings(unit).items():
        yield f"ALTER TEXT SEARCH CONFIGURATION {name} ADD MAPPING FOR {token} WITH {', '.join(dictionaries)}"


def _mappings(unit: Unit) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for fact in sorted(unit.of("pg_ts_config_map"), key=lambda fact: (fact.name[2], int(fact.name[3]))):
        found.setdefault(fact.name[2], []).append(str(fact_value(unit, fact, "dictionary")))
    return found


def alter_configuration(old: Unit, new: Unit) -> list[str] | None:
    """Statements, or None if it has to be made anew."""
    if old.say("parser") != new.say("parser"):
        return None
    before, now, name = _mappings(old), _mappings(new), dotted(new.name)
    found = [
        f"ALTER TEXT SEARCH CONFIGURATION {name} DROP MAPPING FOR {token}" for token in before if token not in now
    ]
    for token, dictionaries in now.items():
        if before.get(token) != dictionaries:
            verb = "ALTER" if token in before else "ADD"
            found.append(
                f"ALTER TEXT SEARCH CONFIGURATION {name} {verb} MAPPING FOR {token} WITH {', '.join(dictionaries)}"
            )
    return found


_OBJECTS = {"r": "TABLES", "S": "SEQUENCES", "f": "FUNCTIONS", "T": "TYPES", "n": "SCHEMAS", "L": "LARGE OBJECTS"}


EVERYWHERE = "all databases"
"""The last part of the name of settings that a role has in all databases of the cluster."""
_LISTS = frozenset(
    {
        "local_preload_libraries",
        "search_path",
        "session_preload_libraries",
        "shared_preload_libraries",
        "temp_tablespaces",
        "unix_socket_directories",
    }
)
"""Settings whose value is a list of names (GUC_LIST_QUOTE in src/backend/utils/misc/guc_tables.c)."""
_NAME = re.compile(r'"((?:[^"]|"")*)"|([^\s,"]+)')
_EVERYBODY = {"f": "EXECUTE", "T": "USAGE"}


def default_privileges(old: Unit | None, new: Unit | None) -> list[str]:
    """ALTER DEFAULT PRIVILEGES from some to others; None is what there is without any."""
    unit = new or old
    assert unit is not None
    role, *schema, kind = unit.name
    head = f"ALTER DEFAULT PRIVILEGES FOR ROLE {named(role)}" + (
        f" IN SCHEMA {quote(schema[0])}" if schema else ""
    )
    before, now = (_granted(each, role, bool(schema), kind) for each in (old, new))
    found = [
        f"{head} REVOKE {privilege} ON {_OBJECTS[kind]} FROM {_whom(whom)}"
        for whom, privilege in before
        if (whom, privilege) not in now
    ]
    for (whom, privilege), option in now.items():
        if before.get((whom, privilege)) != option:
            more = " WITH GRANT OPTION" if option else ""
            found.append(f"{head} GRANT {privilege} ON {_OBJECTS[kind]} TO {_whom(whom)}{more}")
    return found


def _granted(unit: Unit | None, role: str, in_schema: bool, kind: str) -> dict[tuple[str, str], bool]:
    if unit is None:
        return {("public", _EVERYBODY[kind]): False} if kind in _EVERYBODY and not in_schema else {}
    said = unit.say("privileges")
    found = {}
    for line in said if isinstance(said, tuple) else ():
        whom, rest = grantee(str(line))
        for word in rest.partition(" (by ")[0].split(", "):
            if whom != role:
                found[whom, word.rstrip("*")] = word.endswith("*")
    return found


def _whom(name: str) -> str:
    return "PUBLIC" if name == "public" else named(name)


def settings(old: Unit | None, new: Unit | None) -> list[str]:
    """ALTER DATABASE, or ALTER ROLE ... IN DATABASE, from some settings to others: of the database it runs in.

    Or ALTER ROLE, for all databases.
    """
    unit = new or old
    assert unit is not None
    before, now = (options(each.say("settings")) if each else {} for each in (old, new))
    found = [f"RESET {name}" for name in before if name not in now]
    found += [f"SET {name} = {_value(name, value)}" for name, value in now.items() if before.get(name) != value]
    if unit.name[1:] == (EVERYWHERE,):
        return [f"ALTER ROLE {named(unit.name[0])} {each}" for each in found]
    target = f"ROLE {named(unit.name[0])} IN DATABASE %I" if unit.name else "DATABASE %I"
    begin = f"pg_catalog.format({literal(f'ALTER {target} ')}, pg_catalog.current_database())"
    return [f"DO $pgproof$ BEGIN EXECUTE {begin} || {literal(each)}; END $pgproof$" for each in found]


def _value(name: str, value: str) -> str:
    """A value behind SET; of a list each name is one."""
    if name not in _LISTS:
        return literal(value)
    return ", ".join(literal(one.replace('""', '"') or other) for one, other in _NAME.findall(value)) or "''"
