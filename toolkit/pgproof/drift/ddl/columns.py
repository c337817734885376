"""Columns and what is set for them."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.fact import Key
from pgproof.drift.ddl.naming import table_of
from pgproof.drift.ddl.options import changed_foreign, changed_options, options
from pgproof.drift.ddl.stored import chosen_options, sequence_options
from pgproof.drift.ddl.widening import conversion, needs_using
from pgproof.drift.unit import Unit, dotted
from pgproof.sql.implicit_name import of_not_null, of_sequence
from pgproof.sql.literal import literal
from pgproof.sql.name import quote

CASCADES = ("TYPE ", "SET NOT NULL", "DROP NOT NULL", "DROP EXPRESSION", "SET EXPRESSION")
"""What a statement about a parent's column does to its children's."""
_EXPECTED = frozenset({"pg_class", "pg_attribute", "pg_namespace"})
_STORAGE = {"p": "PLAIN", "e": "EXTERNAL", "x": "EXTENDED", "m": "MAIN"}


_LONG = frozenset({"text", "character varying", "character", "jsonb", "json", "bytea", "xml", "tsvector"})
_COMPRESSION = {"": "DEFAULT", "p": "pglz", "l": "lz4"}


_IDENTITY = {"a": "ALWAYS", "d": "BY DEFAULT"}


def column_definition(unit: Unit, default: str = "", not_null: Unit | None = None) -> str:
    """A column as CREATE TABLE and ADD COLUMN have it; with what is said of its default, and its NOT NULL (18)."""
    parts = [quote(unit.name[-1]), str(unit.say("type"))]
    foreign = options(unit.say("foreign options"))
    if foreign:
        parts.append(f"OPTIONS ({', '.join(f'{quote(n)} {literal(v)}' for n, v in foreign.items())})")
    if (collation := unit.say("collation")) and collation != 'pg_catalog."default"':
        parts.append(f"COLLATE {collation}")
    if default:
        parts.append(default.strip())
    if generated := unit.say("generated"):
        expression = unit.say("default", "pg_attrdef")
        parts.append(f"GENERATED ALWAYS AS ({expression}) {'VIRTUAL' if generated == 'v' else 'STORED'}")
    if identity := _own_identity(unit):
        parts.append(f"GENERATED {_IDENTITY[identity]} AS IDENTITY{_identity_options(unit)}")
    if not_null:
        parts.append(_not_null(unit, not_null))
    elif unit.say("not null") and not _has_named_not_null(unit):
        parts.append("NOT NULL")
    return " ".join(parts)


def _not_null(unit: Unit, rule: Unit) -> str:
    """NOT NULL; with its name where that is not the one that the server gives."""
    name = rule.name[-1]
    is_usual = name == of_not_null(unit.name[1], unit.name[-1]) and rule.side.is_alone(rule.name)
    words = "NOT NULL NO INHERIT" if rule.say("no inherit") else "NOT NULL"
    return words if is_usual else f"CONSTRAINT {quote(name)} {words}"


def _has_named_not_null(unit: Unit) -> bool:
    """Since 18 a NOT NULL is a constraint with a name of its own."""
    return unit.side.facts.major >= 18 and not unit.say("identity")


def _own_identity(unit: Unit) -> str:
    """How it is an identity column; a partition's is so by its parent's, whose sequence it has (since 17)."""
    return str(unit.say("identity") or "") if unit.of("pg_sequence") else ""


def _identity_options(unit: Unit) -> str:
    sequence = next((fact for fact in unit.facts if fact.catalog == "pg_class" and fact.kind == "sequence"), None)
    usual = of_sequence(unit.name[1], unit.name[-1])
    is_usual = sequence and sequence.name == (unit.name[0], usual)
    parts = [f"SEQUENCE NAME {dotted(sequence.name)}"] if sequence and not is_usual else []
    words = " ".join(filter(None, [*parts, chosen_options(unit, of_type=False)]))
    return f" ({words})" if words else ""


def finish_column(old: Unit | None, new: Unit, *, is_converted: bool = False) -> Iterator[str]:
    """What ADD COLUMN, and ALTER COLUMN TYPE, do not say: storage, compression, statistics, options."""
    target = f"{_table(new, only=True)} ALTER COLUMN {quote(new.name[-1])}"
    is_another = old is not None and any(old.say(word) != new.say(word) for word in ("type", "collation"))
    is_retyped = is_another or is_converted
    usual = old.say("storage") if old and not is_retyped else _usual_storage(new)
    now = str(new.say("storage"))
    if usual != now and (usual or is_retyped or now in "em"):
        yield f"{target} SET STORAGE {_STORAGE[now]}"
    if (old.say("compression") if old and not is_retyped else "") != new.say("compression"):
        yield f"{target} SET COMPRESSION {_COMPRESSION[str(new.say('compression'))]}"
    if (old.say("statistics target") if old else None) != new.say("statistics target"):
        value = new.say("statistics target")
        yield f"{target} SET STATISTICS {-1 if value is None else value}"
    yield from changed_options(target, old.say("options") if old else None, new.say("options"))


def _usual_storage(unit: Unit) -> str:
    """The storage that a column of that type has, unless it is set (typstorage); empty if that is not known."""
    kind = str(unit.say("type"))
    name = kind.partition("(")[0].strip()
    if name.endswith(("[]", "range")) or name in _LONG:
        return "x"
    if name in ("numeric", "inet", "cidr"):
        return "m"
    is_plain = name in ("smallint", "integer", "bigint", "boolean", "date", "real", "double precision", "uuid")
    return "p" if is_plain or name.startswith("time") else unit.side.storages.get(kind, "")


def what(unit: Unit, sql: str) -> str:
    """What a statement does to its column: "SET NOT NULL"; empty if it is about something else."""
    before, found, words = sql.partition(f"{dotted(unit.name[:2])} ALTER COLUMN {quote(unit.name[-1])} ")
    return words if found and before.startswith("ALTER ") else ""


def of_it_only(unit: Unit, sql: str) -> str:
    """The same statement about its column, that does nothing to its children's."""
    before, table, words = sql.partition(f"{dotted(unit.name[:2])} ALTER COLUMN ")
    return f"{before.removesuffix('ONLY ')}ONLY {table}{words}"


def is_of_it_only(unit: Unit, sql: str) -> bool:
    """True for such a statement."""
    return sql.partition(f"{dotted(unit.name[:2])} ALTER COLUMN ")[0].endswith(" ONLY ")


def is_foreign(unit: Unit) -> bool:
    """True for a column of a foreign table."""
    table = unit.side.facts.facts.get(("pg_class", unit.name[:2]))
    return table is not None and table.kind == "foreign table"


def _table(unit: Unit, *, only: bool = False) -> str:
    """ALTER TABLE; what is for this table `only` is told so, if it has children."""
    word = "ONLY " if only and unit.side.has_children(unit.name[:2]) else ""
    return f"ALTER {'FOREIGN ' if is_foreign(unit) else ''}TABLE {word}{table_of(unit.name)}"


def alter_column(old: Unit, new: Unit, *, is_converted: bool = False) -> list[str] | None:
    """Statements, or None if the column has to be made anew.

    One that `is_converted` gets another type of the same name; its default is out of the way.
    """
    if is_typed(old) and is_typed(new):
        return list(finish_column(old, new))
    expressions = [unit.say("default", "pg_attrdef") for unit in (old, new)]
    is_recomputed = bool(new.say("generated")) and expressions[0] != expressions[1]
    is_new = new.say("generated") and old.say("generated") != new.say("generated")
    if is_new or (is_recomputed and new.side.facts.major < 17):
        return None
    if old.say("generated") == "v" and not new.say("generated"):
        return None  # it has no values that could be kept
    is_retyped = is_converted or any(old.say(word) != new.say(word) for word in ("type", "collation"))
    if is_retyped and new.say("generated") and generated_by(old):
        return None
    target = f"{_table(new)} ALTER COLUMN {quote(new.name[-1])}"
    found: list[str] = []
    if old.say("generated") and not new.say("generated"):
        found.append(f"{target} DROP EXPRESSION")
    elif is_recomputed:
        found.append(f"{target} SET EXPRESSION AS ({expressions[1]})")
    if _own_identity(old) and not _own_identity(new):
        found.append(f"{target} DROP IDENTITY")
    if is_retyped:
        found += _retyped(target, old, new, is_converted=is_converted)
    found += _alter_identity(target, old, new)
    found += finish_column(old, new, is_converted=is_converted)
    found += changed_foreign(target, old, new, "foreign options")
    return found


def generated_by(unit: Unit) -> list[Key]:
    """What keeps a generated column from another type before 15: the functions and types that it is computed by.

    It depends on them itself, also when it is not generated any more, and ALTER COLUMN TYPE does not expect that
    (ATExecAlterColumnType and ATExecDropExpression, tablecmds.c, in 14).
    """
    if not unit.say("generated") or unit.side.facts.major >= 15:
        return []
    own = {str(unit.say("type")), str(unit.say("collation"))}
    needs = sorted(unit.side.needs.get(unit.key, ()))
    return [key for key in needs if key[0] not in _EXPECTED and dotted(key[1]) not in own]


def _retyped(target: str, old: Unit, new: Unit, *, is_converted: bool) -> Iterator[str]:
    """ALTER COLUMN TYPE, with USING where the server needs it; a foreign table has no values to convert."""
    collation = f" COLLATE {new.say('collation')}" if new.say("collation") else ""
    name, kind, was = quote(new.name[-1]), str(new.say("type")), str(old.say("type"))
    sql = f"{target} TYPE {kind}{collation}"
    if is_converted or not needs_using(was, kind):
        yield f"{sql} USING {name}::text::{kind}" if is_converted and not is_foreign(new) else sql
        return
    defaults = [unit.side.units.get(("pg_attrdef", unit.name)) for unit in (old, new)]
    if defaults[0]:
        yield f"{target} DROP DEFAULT"
    yield sql if is_foreign(new) else f"{sql} USING {conversion(name, was, kind)}"
    if defaults[0] and defaults[1] and defaults[0].contents() == defaults[1].contents():
        yield f"{target} SET DEFAULT {defaults[1].say('default')}"


def _alter_identity(target: str, old: Unit, new: Unit) -> Iterator[str]:
    """IDENTITY that comes or changes, and NOT NULL, which has to be there first."""
    was, now = _own_identity(old), _own_identity(new)
    if old.say("not null") != new.say("not null") and new.side.facts.major < 18:
        yield f"{target} {'SET' if new.say('not null') else 'DROP'} NOT NULL"
    if now and not was:
        if ("pg_attrdef", old.name) in old.side.units:
            yield f"{target} DROP DEFAULT"
        yield f"{target} ADD GENERATED {_IDENTITY[now]} AS IDENTITY{_identity_options(new)}"
    elif now:
        if was != now:
            yield f"{target} SET GENERATED {_IDENTITY[now]}"
        if sequence_options(old, of_type=False) != (words := sequence_options(new, of_type=False)):
            yield f"{target} {_set_each(words)}"


def _set_each(words: str) -> str:
    return " ".join(f"SET {each}" for each in words.split("  "))


def is_inherited(unit: Unit) -> bool:
    """True for a column that its table has from another one alone; a partition is made with its own."""
    table = unit.side.units.get(("pg_class", unit.name[:2]))
    return table is not None and unit.say("local") is False and table.say("partition bound") is None


def is_typed(unit: Unit) -> bool:
    """True for a column of a table that is of a type: it follows the type."""
    table = unit.side.units.get(("pg_class", unit.name[:2]))
    return table is not None and bool(table.say("type"))
