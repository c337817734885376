"""How an object is made, changed and dropped: for each kind the statements, or why there are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pgproof.catalog.fact import ALTERED, GIVEN, MISSING, OWNED
from pgproof.drift.ddl import (
    columns,
    guards,
    operators,
    others,
    privileges,
    roles,
    routines,
    shared,
    stored,
    strangers,
    tables,
    types,
)
from pgproof.drift.ddl.base_types import is_base
from pgproof.drift.ddl.naming import clause
from pgproof.drift.unit import Unit, dotted

Create = Callable[[Unit], Iterator[str]]
Alter = Callable[[Unit, Unit], "list[str] | None"]


def _anew(_old: Unit, _new: Unit) -> list[str] | None:
    return None


def _class(old: Unit, new: Unit) -> list[str] | None:
    return [] if only_common(old, new) and _members(old) == _members(new) else None


def _members(unit: Unit) -> set[object]:
    return {(fact.key, fact.values) for fact in (*unit.of("pg_amop"), *unit.of("pg_amproc"))}


def _nothing(_unit: Unit) -> Iterator[str]:
    yield from ()


MAKERS: Mapping[str, tuple[Create, Alter]] = {
    "schema": (others.create_schema, lambda _old, _new: []),
    "extension": (others.create_extension, others.alter_extension),
    "table": (tables.create_table, tables.alter_table),
    "foreign table": (tables.create_table, tables.alter_table),
    "view": (stored.create_view, stored.alter_view),
    "materialized view": (stored.create_view, stored.alter_view),
    "sequence": (stored.create_sequence, stored.alter_sequence),
    "index": (stored.create_index, stored.alter_index),
    "constraint": (guards.create_constraint, guards.alter_constraint),
    "trigger": (guards.create_trigger, lambda old, new: _by_definition(old, new, guards.trigger_state)),
    "rule": (guards.create_rule, lambda old, new: _by_definition(old, new, guards.rule_state)),
    "policy": (guards.create_policy, guards.alter_policy),
    "type": (types.create_type, types.alter_type),
    "domain": (types.create_type, types.alter_type),
    "function": (routines.create_routine, routines.alter_routine),
    "procedure": (routines.create_routine, routines.alter_routine),
    "aggregate": (routines.create_routine, routines.alter_routine),
    "statistics": (others.create_statistics, others.alter_statistics),
    "collation": (others.create_collation, _anew),
    "cast": (others.create_cast, _anew),
    "event trigger": (others.create_event_trigger, others.alter_event_trigger),
    "publication": (shared.create_publication, shared.alter_publication),
    "published table": (shared.create_published, _anew),
    "published schema": (shared.create_published, _anew),
    "text search dictionary": (others.create_dictionary, others.alter_dictionary),
    "server": (shared.create_server, shared.alter_with_options),
    "foreign-data wrapper": (shared.create_wrapper, shared.alter_wrapper),
    "user mapping": (shared.create_mapping, shared.alter_mapping),
    "subscription": (_nothing, shared.alter_subscription),
    "toast table": (tables.create_toast, tables.alter_toast),
    "text search configuration": (others.create_configuration, others.alter_configuration),
    "text search parser": (others.create_parser, _anew),
    "text search template": (others.create_template, _anew),
    "conversion": (others.create_conversion, _anew),
    "language": (others.create_language, _anew),
    "access method": (others.create_access_method, _anew),
    "transform": (others.create_transform, _anew),
    "operator": (operators.create_operator, operators.alter_operator),
    "operator family": (operators.create_family, lambda _old, _new: []),
    "operator class": (operators.create_class, _class),
    "operator of a family": (operators.create_member, _anew),
    "function of a family": (operators.create_member, _anew),
    "default privileges": (
        lambda unit: iter(others.default_privileges(None, unit)),
        lambda old, new: others.default_privileges(old, new),
    ),
    "role": (roles.create_role, roles.alter_role),
    "membership": (roles.grant_role, roles.alter_membership),
    "parameter": (lambda unit: iter(privileges.parameter(None, unit)), privileges.parameter),
    GIVEN: (lambda unit: iter(strangers.privileges(None, unit)), strangers.privileges),
    OWNED: (strangers.owner, lambda _old, new: list(strangers.owner(new))),
    "pg_description": (strangers.comment, lambda _old, new: list(strangers.comment(new))),
    "pg_shdescription": (roles.comment_on_role, lambda _old, new: list(roles.comment_on_role(new))),
    "setting": (lambda unit: iter(others.settings(None, unit)), lambda old, new: others.settings(old, new)),
}
_WHY_AS_IT_IS = "pgproof does not write statements that change what initdb has made"
_OF_OTHERS = frozenset({"pg_attribute", "pg_attrdef", "pg_inherits"})


def maker(unit: Unit) -> tuple[Create, Alter] | None:
    """What makes such an object, and changes it; None if nothing of ours does."""
    return MAKERS.get(unit.kind or unit.catalog)


def _by_definition(old: Unit, new: Unit, state: Callable[[Unit, Unit], Iterator[str]]) -> list[str] | None:
    words = [word for word in new.side.facts.words[new.catalog] if word != "enabled"]
    return None if any(old.say(word) != new.say(word) for word in words) else list(state(old, new))


def goes_by_itself(unit: Unit) -> bool:
    """True for what comes and goes with something else: of a partition's or a child's parent, of a constraint."""
    if unit.kind == "trigger":
        return bool(unit.say("inherited")) and not unit.say("internal")
    if unit.kind == "constraint":
        return guards.is_for_partition(unit) or guards.is_inherited(unit)
    if unit.catalog in ("pg_amop", "pg_amproc"):  # of a family of an extension's, and it needs nothing of others
        is_outside = unit.main.of is None and not unit.name[0].startswith("pg_catalog.")
        return is_outside and not unit.side.needs.get(unit.key)
    return unit.catalog == "pg_inherits"


def why_not_anew(unit: Unit) -> str:
    """Why no statement of ours can make the object; empty if one can."""
    if unit.catalog in _OF_OTHERS or goes_by_itself(unit):
        return ""
    if unit.catalog == ALTERED:
        return _WHY_AS_IT_IS
    if unit.catalog == MISSING:
        return "pgproof drops nothing that initdb has made"
    if maker(unit) is None:
        return f"pgproof cannot make {_article(unit.kind or unit.catalog)} yet"
    if unit.catalog == GIVEN and (why := strangers.why_not_granted(unit)):
        return why
    if unit.kind == "subscription":
        return "where the publisher is is a secret"
    return "its secrets are not read" if shared.has_secrets(unit) else ""


def why_not_dropped(unit: Unit) -> str:
    """Why no statement of ours drops the object."""
    if unit.catalog == GIVEN:
        return strangers.why_not_granted(unit)
    if unit.catalog == ALTERED:
        return _WHY_AS_IT_IS
    if unit.catalog == MISSING:
        return "initdb makes it, by a script that lies in the server's folder of shared files"
    if unit.catalog == "pg_description":
        return "what initdb had written there is in neither of the two"
    if unit.kind == "role":
        return "other databases of the cluster may need it; where none does: DROP OWNED BY, DROP ROLE"
    return "pgproof does not drop such an object yet"


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def only_common(old: Unit, new: Unit) -> bool:
    """True if they differ in nothing but owner and privileges."""
    words = [word for word in new.side.facts.words[new.catalog] if word not in ("owner", "privileges")]
    return all(old.say(word) == new.say(word) for word in words)


def column_default(unit: Unit) -> Iterator[str]:
    """ALTER ... SET DEFAULT."""
    table = unit.side.facts.facts.get(("pg_class", unit.name[:2]))
    word = {"foreign table": "FOREIGN TABLE", "view": "VIEW"}.get(table.kind if table else "", "TABLE")
    column = f"ALTER {word} {_only(unit)}{dotted(unit.name[:2])} ALTER COLUMN {dotted(unit.name[2:])}"
    yield f"{column} SET DEFAULT {unit.say('default')}"


def _only(unit: Unit) -> str:
    return "ONLY " if unit.side.has_children(unit.name[:2]) else ""


def depends(old: Unit | None, new: Unit) -> Iterator[str]:
    """What goes with an extension."""
    if new.kind == "sequence":
        return
    before = _extensions(old) if old else set()
    now = _extensions(new)
    name = clause(new)
    yield from (f"ALTER {name} NO DEPENDS ON EXTENSION {each}" for each in sorted(before - now))
    yield from (f"ALTER {name} DEPENDS ON EXTENSION {each}" for each in sorted(now - before))


def _extensions(unit: Unit) -> set[str]:
    said = {str(unit.side.facts.value(fact, "goes with")) for fact in unit.of("pg_depend")}
    return {each.removeprefix("extension ") for each in said if each.startswith("extension ")}


def drop(unit: Unit, *, is_left: bool = False) -> Iterator[str]:
    """What drops the object; nothing, if it goes with another one (unless it `is_left` by that) or cannot be."""
    name = dotted(unit.name[:2])
    if unit.catalog == "pg_attribute":
        if not columns.is_typed(unit):
            word = "FOREIGN TABLE" if columns.is_foreign(unit) else "TABLE"
            yield f"ALTER {word} {name} DROP COLUMN {dotted(unit.name[2:])}"
    elif unit.catalog == "pg_attrdef":
        yield f"ALTER TABLE {_only(unit)}{name} ALTER COLUMN {dotted(unit.name[2:])} DROP DEFAULT"
    elif unit.catalog == "pg_inherits":
        table = unit.side.units.get(("pg_class", unit.name[:2]))
        if table and table.say("partition bound"):
            yield f"ALTER TABLE {dotted(unit.name[2:])} DETACH PARTITION {name}"
        elif table and table.kind in ("table", "foreign table"):
            yield f"ALTER TABLE {name} NO INHERIT {dotted(unit.name[2:])}"
    elif unit.kind == "trigger" and unit.say("internal"):
        yield guards.fires_internally(unit)
    elif goes_by_itself(unit) and not is_left:
        return
    elif dropped := DROPS.get(unit.kind or unit.catalog):
        yield from dropped(unit)
    elif called := clause(unit):
        yield f"DROP {called}{' CASCADE' if is_base(unit) else ''}"


DROPS: Mapping[str, Create] = {
    "toast table": tables.drop_toast,
    "default privileges": lambda unit: iter(others.default_privileges(unit, None)),
    "setting": lambda unit: iter(others.settings(unit, None)),
    "role": _nothing,
    GIVEN: lambda unit: iter(() if strangers.why_not_granted(unit) else strangers.privileges(unit, None)),
    OWNED: strangers.former_owner,
    MISSING: _nothing,
    "pg_description": strangers.without_comment,
    "membership": roles.revoke_role,
    "pg_shdescription": roles.uncomment_role,
    "parameter": lambda unit: iter(privileges.parameter(unit, None)),
    "subscription": lambda unit: iter(() if unit.say("slot name") else (f"DROP {clause(unit)}",)),
    "constraint": guards.drop_constraint,
    "operator of a family": operators.drop_member,
    "function of a family": operators.drop_member,
    "published table": shared.drop_published,
    "published schema": shared.drop_published,
}
