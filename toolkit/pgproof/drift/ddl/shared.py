"""What is shared with other servers: publications, subscriptions, foreign data."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.fact import Value
from pgproof.drift.ddl.naming import clause
from pgproof.drift.ddl.options import options
from pgproof.drift.unit import Unit, dotted, named
from pgproof.sql.literal import literal
from pgproof.sql.name import quote


def create_publication(unit: Unit) -> Iterator[str]:
    """A publication; its tables and schemas are added by statements of their own."""
    every = " FOR ALL TABLES" if unit.say("all tables") else ""
    yield f"CREATE PUBLICATION {dotted(unit.name)}{every} WITH ({_publishes(unit)})"


def _publishes(unit: Unit) -> str:
    kinds = [each for each in ("insert", "update", "delete", "truncate") if unit.say(each)]
    parts = [f"publish = {literal(', '.join(kinds))}"]
    parts.append(f"publish_via_partition_root = {'true' if unit.say('via partition root') else 'false'}")
    if (generated := unit.say("generated columns")) is not None:
        parts.append(f"publish_generated_columns = {'stored' if generated == 's' else 'none'}")
    return ", ".join(parts)


def alter_publication(old: Unit, new: Unit) -> list[str] | None:
    """Statements, or None if it has to be made anew."""
    if old.say("all tables") != new.say("all tables"):
        return None
    return (
        []
        if _publishes(old) == _publishes(new)
        else [f"ALTER PUBLICATION {dotted(new.name)} SET ({_publishes(new)})"]
    )


def create_published(unit: Unit) -> Iterator[str]:
    """A table or a schema of a publication."""
    publication, *name = unit.name
    if unit.catalog == "pg_publication_namespace":
        yield f"ALTER PUBLICATION {quote(publication)} ADD TABLES IN SCHEMA {dotted(name)}"
        return
    columns, where = unit.say("columns"), unit.say("row filter")
    listed = f" ({', '.join(quote(str(each)) for each in columns)})" if isinstance(columns, tuple) else ""
    condition = f" WHERE {_bracketed(where)}" if where else ""
    yield f"ALTER PUBLICATION {quote(publication)} ADD TABLE ONLY {dotted(name)}{listed}{condition}"


def _bracketed(expression: Value) -> str:
    text = str(expression)
    return text if text.startswith("(") else f"({text})"


def drop_published(unit: Unit) -> Iterator[str]:
    """It is published no more."""
    publication, *name = unit.name
    what = "TABLES IN SCHEMA" if unit.catalog == "pg_publication_namespace" else "TABLE ONLY"
    yield f"ALTER PUBLICATION {quote(publication)} DROP {what} {dotted(name)}"


def create_server(unit: Unit) -> Iterator[str]:
    """A foreign server; values that are secrets cannot be told."""
    kind = f" TYPE {literal(str(unit.say('type')))}" if unit.say("type") else ""
    version = f" VERSION {literal(str(unit.say('version')))}" if unit.say("version") else ""
    wrapper = named(unit.say("foreign-data wrapper"))
    yield f"CREATE SERVER {dotted(unit.name)}{kind}{version} FOREIGN DATA WRAPPER {wrapper}{_options(unit)}"


def create_wrapper(unit: Unit) -> Iterator[str]:
    """A foreign-data wrapper."""
    handler, validator = unit.say("handler"), unit.say("validator")
    parts = f" HANDLER {str(handler).partition('(')[0]}" if handler else ""
    parts += f" VALIDATOR {str(validator).partition('(')[0]}" if validator else ""
    yield f"CREATE FOREIGN DATA WRAPPER {dotted(unit.name)}{parts}{_options(unit)}"


def _options(unit: Unit) -> str:
    found = options(unit.say("options"))
    return f" OPTIONS ({', '.join(f'{quote(n)} {literal(v)}' for n, v in found.items())})" if found else ""


def alter_with_options(old: Unit, new: Unit) -> list[str] | None:
    """For servers and wrappers: the version and the options, or None if it has to be made anew."""
    ignored = {"owner", "privileges", "options", "version"}
    if any(old.say(word) != new.say(word) for word in new.side.facts.words[new.catalog] if word not in ignored):
        return None
    before, now = options(old.say("options")), options(new.say("options"))
    parts = [f"DROP {quote(n)}" for n in before if n not in now]
    parts += [f"SET {quote(n)} {literal(v)}" for n, v in now.items() if n in before and before[n] != v]
    parts += [f"ADD {quote(n)} {literal(v)}" for n, v in now.items() if n not in before]
    found = []
    if old.say("version") != new.say("version"):
        version = new.say("version")
        found.append(f"ALTER {clause(new)} VERSION {'NULL' if version is None else literal(str(version))}")
    if parts:
        found.append(f"ALTER {clause(new)} OPTIONS ({', '.join(parts)})")
    return found


def alter_wrapper(old: Unit, new: Unit) -> list[str] | None:
    """Handler, validator and options of a foreign-data wrapper."""
    parts = []
    for word in ("handler", "validator"):
        if old.say(word) != new.say(word):
            now = new.say(word)
            parts.append(f"{word.upper()} {str(now).partition('(')[0]}" if now else f"NO {word.upper()}")
    more = changed_foreign_options(old, new)
    return [f"ALTER {clause(new)} {' '.join([*parts, *more])}"] if parts or more else []


def changed_foreign_options(old: Unit, new: Unit) -> list[str]:
    """The OPTIONS clause from some options to others, if they differ."""
    before, now = options(old.say("options")), options(new.say("options"))
    parts = [f"DROP {quote(n)}" for n in before if n not in now]
    parts += [f"SET {quote(n)} {literal(v)}" for n, v in now.items() if n in before and before[n] != v]
    parts += [f"ADD {quote(n)} {literal(v)}" for n, v in now.items() if n not in before]
    return [f"OPTIONS ({', '.join(parts)})"] if parts else []


def create_mapping(unit: Unit) -> Iterator[str]:
    """A user mapping."""
    yield f"CREATE {clause(unit)}{_options(unit)}"


def alter_mapping(old: Unit, new: Unit) -> list[str] | None:
    """Its options."""
    return [f"ALTER {clause(new)} {each}" for each in changed_foreign_options(old, new)]


_HIDDEN = "..."


def has_secrets(unit: Unit) -> bool:
    """True for what has options whose values were not read: nothing can make it as it is."""
    return (
        unit.kind in ("server", "user mapping", "foreign-data wrapper")
        and _HIDDEN in options(unit.say("options")).values()
    )


def alter_subscription(old: Unit, new: Unit) -> list[str] | None:
    """What can be set; where the publisher is, is a secret."""
    name = dotted(new.name)
    settings = {
        "binary": "binary",
        "streaming": "streaming",
        "slot name": "slot_name",
        "synchronous commit": "synchronous_commit",
        "disable on error": "disable_on_error",
        "password required": "password_required",
        "run as owner": "run_as_owner",
        "origin": "origin",
    }
    found = []
    if old.say("enabled") and not new.say("enabled"):
        found.append(f"ALTER SUBSCRIPTION {name} DISABLE")
    parts = [
        f"{key} = {_setting(key, new.say(word))}"
        for word, key in settings.items()
        if old.say(word) != new.say(word)
    ]
    if parts:
        found.append(f"ALTER SUBSCRIPTION {name} SET ({', '.join(parts)})")
    if old.say("publications") != new.say("publications"):
        publications = new.say("publications")
        assert isinstance(publications, tuple)
        names = ", ".join(quote(str(each)) for each in publications)
        found.append(f"ALTER SUBSCRIPTION {name} SET PUBLICATION {names} WITH (refresh = false)")
    if new.say("enabled") and not old.say("enabled"):
        found.append(f"ALTER SUBSCRIPTION {name} ENABLE")
    return found


def _setting(key: str, value: Value) -> str:
    if value is None:
        return "NONE"
    if isinstance(value, bool):
        return "true" if value else "false"
    if key == "streaming":
        return {"t": "on", "f": "off", "true": "on", "false": "off", "p": "parallel"}.get(str(value), "off")
    return literal(str(value))
