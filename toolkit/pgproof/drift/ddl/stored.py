"""Sequences, indexes and views."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgproof.catalog.fact import Value
from pgproof.drift.ddl.naming import clause
from pgproof.drift.ddl.options import PERSISTENCE, changed_options, options, written
from pgproof.drift.unit import Unit, dotted, named
from pgproof.sql.name import quote


def sequence_options(unit: Unit, *, of_type: bool = True) -> str:
    """The options of a sequence, two blanks between them."""

    def say(word: str) -> Value:
        return unit.say(word, "pg_sequence")

    parts = [f"AS {say('type')}"] if of_type else []
    parts += [
        f"START WITH {say('start')}",
        f"INCREMENT BY {say('increment')}",
        f"MINVALUE {say('minimum')}",
        f"MAXVALUE {say('maximum')}",
        f"CACHE {say('cache')}",
        "CYCLE" if say("cycle") else "NO CYCLE",
    ]
    return "  ".join(parts)


_GREATEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}


def chosen_options(unit: Unit, *, of_type: bool = True) -> str:
    """Those options of a sequence that a new one of its type does not have anyway."""
    kind = str(unit.say("type", "pg_sequence"))
    least, greatest = 1, _GREATEST[kind]
    if int(str(unit.say("increment", "pg_sequence"))) < 0:
        least, greatest = -greatest - 1, -1
    usual = {
        "AS bigint",
        f"START WITH {unit.say('minimum' if least > 0 else 'maximum', 'pg_sequence')}",
        "INCREMENT BY 1",
        f"MINVALUE {least}",
        f"MAXVALUE {greatest}",
        "CACHE 1",
        "NO CYCLE",
    }
    said = sequence_options(unit, of_type=of_type).split("  ")
    return " ".join(each for each in said if each not in usual)


def create_sequence(unit: Unit) -> Iterator[str]:
    """A sequence; whose column it is comes later (`sequence_owner`)."""
    persistence = PERSISTENCE.get(str(unit.say("persistence")), "")
    yield f"CREATE {persistence}SEQUENCE {dotted(unit.name)} {chosen_options(unit)}".rstrip()


def sequence_owner(unit: Unit) -> str | None:
    """The statement that makes it a column's."""
    column = unit.say("goes with", "pg_depend")
    words = str(column).removeprefix("table column ") if column else "NONE"
    return f"ALTER SEQUENCE {dotted(unit.name)} OWNED BY {words}"


def _restart(old: Unit, new: Unit) -> str:
    """Where no value that the sequence may have is one that it may have then, it begins anew."""
    low, high = (int(str(new.say(word, "pg_sequence"))) for word in ("minimum", "maximum"))
    was_low, was_high = (int(str(old.say(word, "pg_sequence"))) for word in ("minimum", "maximum"))
    return "  RESTART" if was_low > high or was_high < low else ""


def alter_sequence(old: Unit, new: Unit) -> list[str] | None:
    """Statements."""
    found = []
    if sequence_options(old) != sequence_options(new):
        found.append(f"ALTER SEQUENCE {dotted(new.name)} {sequence_options(new)}{_restart(old, new)}")
    if old.say("persistence") != new.say("persistence"):
        found.append(
            f"ALTER SEQUENCE {dotted(new.name)} SET {'LOGGED' if new.say('persistence') == 'p' else 'UNLOGGED'}"
        )
    if (old.say("goes with", "pg_depend"), old.say("how it goes", "pg_depend")) != (
        new.say("goes with", "pg_depend"),
        new.say("how it goes", "pg_depend"),
    ):
        found.append(str(sequence_owner(new)))
    return found


def create_index(unit: Unit) -> Iterator[str]:
    """An index as the server writes it."""
    yield definition(unit) or ""
    name = dotted(unit.name)
    if place := unit.say("tablespace"):
        yield f"ALTER INDEX {name} SET TABLESPACE {named(place)}"
    yield from _index_statistics(None, unit)
    yield from index_marks(None, unit)


def definition(unit: Unit) -> str | None:
    """What the server writes for an index, or for that of a constraint."""
    return next((fact.definition for fact in unit.of("pg_index")), None)


def built_concurrently(sql: str) -> str:
    """CREATE INDEX, beside those who write."""
    return sql.replace("INDEX ", "INDEX CONCURRENTLY ", 1)


def renamed(sql: str, name: str) -> str:
    """CREATE INDEX of a definition, for an index of that name."""
    return _NAMED.sub(lambda found: found[1] + quote(name), sql, count=1)


_NAMED = re.compile(r'(CREATE (?:UNIQUE )?INDEX )("(?:[^"]|"")*"|[^ ]+)(?= ON )')


def _index_statistics(old: Unit | None, new: Unit) -> Iterator[str]:
    before = (
        {fact.name[-1]: old.side.facts.value(fact, "statistics target") for fact in old.of("pg_attribute")}
        if old
        else {}
    )
    now = {fact.name[-1]: new.side.facts.value(fact, "statistics target") for fact in new.of("pg_attribute")}
    for column in dict.fromkeys([*before, *now]):
        if before.get(column) != now.get(column):
            value = now.get(column)
            yield (
                f"ALTER INDEX {dotted(new.name)} ALTER COLUMN {_number(new, old, column)}"
                f" SET STATISTICS {-1 if value is None else value}"
            )


def _number(new: Unit, old: Unit | None, column: str) -> int:
    for unit in (new, old):
        for fact in unit.of("pg_attribute") if unit else []:
            if fact.name[-1] == column and (place := unit.side.facts.value(fact, "position")):  # type: ignore[union-attr]
                return int(str(place))
    return 1


def index_marks(old: Unit | None, new: Unit) -> Iterator[str]:
    """CLUSTER ON and the replica identity, which are told to the table."""
    table = new.say("table", "pg_index")
    index = quote(new.name[-1])
    if (old.say("clustered", "pg_index") if old else False) != new.say("clustered", "pg_index"):
        marked = new.say("clustered", "pg_index")
        yield f"ALTER TABLE {table} {f'CLUSTER ON {index}' if marked else 'SET WITHOUT CLUSTER'}"
    if new.say("replica identity", "pg_index") and not (old and old.say("replica identity", "pg_index")):
        yield f"ALTER TABLE {table} REPLICA IDENTITY USING INDEX {index}"


IN_DEFINITION = (
    "unique|nulls not distinct|exclusion|immediate|valid|ready|live|columns|collations|operator classes|"
    "order of columns|expressions|predicate|number of columns|number of keys|primary key"
).split("|")


def alter_index(old: Unit, new: Unit) -> list[str] | None:
    """Statements, or None if the index has to be built anew."""
    if old.kind != new.kind or old.say("access method") != new.say("access method"):
        return None
    if any(old.say(word, "pg_index") != new.say(word, "pg_index") for word in (*IN_DEFINITION, "table")):
        return None
    if [options(old.side.facts.value(f, "options")) for f in old.of("pg_attribute")] != [
        options(new.side.facts.value(f, "options")) for f in new.of("pg_attribute")
    ]:
        return None
    if new.say("relkind") == "I" and options(old.say("options")) != options(new.say("options")):
        return None
    name = dotted(new.name)
    found = list(changed_options(f"ALTER INDEX {name}", old.say("options"), new.say("options")))
    if old.say("tablespace") != new.say("tablespace"):
        found.append(f"ALTER INDEX {name} SET TABLESPACE {named(new.say('tablespace') or 'pg_default')}")
    found += _index_statistics(old, new)
    found += index_marks(old, new)
    return found


def create_view(unit: Unit, *, replaces: bool = False) -> Iterator[str]:
    """A view or a materialized view, with its options."""
    definition = str(unit.say("definition", "pg_rewrite")).strip().removesuffix(";")
    stored = options(unit.say("options"))
    check = stored.pop("check_option", None)
    name = dotted(unit.name)
    given = f" WITH ({written(stored)})" if stored else ""
    if unit.kind == "materialized view":
        place = unit.say("tablespace")
        where = f" TABLESPACE {named(place)}" if place else ""
        method = unit.say("access method")
        using = f" USING {named(method)}" if method and method != "heap" else ""
        yield f"CREATE MATERIALIZED VIEW {name}{using}{given}{where} AS {definition}"
    else:
        verb = "CREATE OR REPLACE VIEW" if replaces else "CREATE VIEW"
        end = f" WITH {check.upper()} CHECK OPTION" if check else ""
        yield f"{verb} {name}{given} AS {definition}{end}"
    target = f"ALTER {clause(unit)}"
    for fact in unit.of("pg_attrdef"):
        yield f"{target} ALTER COLUMN {quote(fact.name[-1])} SET DEFAULT {unit.side.facts.value(fact, 'default')}"


def alter_view(old: Unit, new: Unit) -> list[str] | None:
    """Statements, or None if the view has to be made anew."""
    if old.kind != new.kind:
        return None
    shape = [[(f.name, f.values) for f in unit.of("pg_attribute")] for unit in (old, new)]
    is_same = old.say("definition", "pg_rewrite") == new.say("definition", "pg_rewrite")
    if shape[0] != shape[1] or (not is_same and new.kind == "materialized view"):
        return None
    found = [] if is_same else list(create_view(new, replaces=True))
    if is_same:
        found += changed_options(f"ALTER {clause(new)}", old.say("options"), new.say("options"))
    if old.say("tablespace") != new.say("tablespace"):
        found.append(f"ALTER {clause(new)} SET TABLESPACE {named(new.say('tablespace') or 'pg_default')}")
    return found
