"""Constraints, triggers, rules and policies."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.drift.ddl.naming import is_of_relation, table_of
from pgproof.drift.ddl.options import changed_options
from pgproof.drift.ddl.stored import IN_DEFINITION
from pgproof.drift.unit import Unit, dotted, named
from pgproof.sql.literal import literal
from pgproof.sql.name import quote

_FIRES = {"O": "ENABLE", "D": "DISABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}


def _on(unit: Unit) -> str:
    if is_of_relation(unit):
        table = unit.side.facts.facts.get(unit.main.of) if unit.main.of else None
        return f"ALTER {'FOREIGN ' if table and table.kind == 'foreign table' else ''}TABLE {table_of(unit.name)}"
    return f"ALTER DOMAIN {table_of(unit.name)}"


def is_inherited(unit: Unit) -> bool:
    """True for a CHECK or NOT NULL that a table has from what it inherits from; a partition has its own."""
    if unit.say("local") is not False or unit.say("contype") not in ("c", "n"):
        return False
    table = unit.side.units.get(("pg_class", unit.name[:2]))
    return table is None or table.say("partition bound") is None


def create_constraint(unit: Unit) -> Iterator[str]:
    """A constraint as the server writes it."""
    on = _on(unit)
    if unit.of("pg_index") and unit.side.has_children(unit.name[:2]):
        on = on.replace("ALTER TABLE ", "ALTER TABLE ONLY ", 1)  # those of partitions are made, and attached
    yield f"{on} ADD CONSTRAINT {quote(unit.name[-1])} {unit.main.definition}"
    if unit.of("pg_index"):
        yield from constraint_index(None, unit)


def constraint_index(old: Unit | None, new: Unit) -> Iterator[str]:
    """What is set for the index of a constraint."""
    index = next((fact for fact in new.of("pg_class")), None)
    if index is None:
        return
    facts = new.side.facts
    before = next((fact for fact in old.of("pg_class")), None) if old else None
    name = dotted(index.name)
    was_place = old.side.facts.value(before, "tablespace") if old and before else None
    if was_place != (place := facts.value(index, "tablespace")):
        yield f"ALTER INDEX {name} SET TABLESPACE {named(place or 'pg_default')}"
    if old and before:
        yield from changed_options(
            f"ALTER INDEX {name}", old.side.facts.value(before, "options"), facts.value(index, "options")
        )
    table, short = new.say("table", "pg_index"), quote(index.name[-1])
    if (old.say("clustered", "pg_index") if old else False) != new.say("clustered", "pg_index"):
        marked = new.say("clustered", "pg_index")
        yield f"ALTER TABLE {table} {f'CLUSTER ON {short}' if marked else 'SET WITHOUT CLUSTER'}"
    if new.say("replica identity", "pg_index") and not (old and old.say("replica identity", "pg_index")):
        yield f"ALTER TABLE {table} REPLICA IDENTITY USING INDEX {short}"


_MAY_CHANGE = {"validated", "deferrable", "initially deferred"}


def alter_constraint(old: Unit, new: Unit) -> list[str] | None:
    """Statements, or None if the constraint has to be made anew."""
    facts = new.side.facts
    words = facts.words["pg_constraint"]
    unlike = {word for word in words if old.say(word) != new.say(word)} - {"local", "inherited from", "parent"}
    if not unlike <= _MAY_CHANGE or (unlike & {"deferrable", "initially deferred"} and new.say("contype") != "f"):
        return None
    if "validated" in unlike and (not new.say("validated") or is_validated_at_once(new)):
        return None
    found = []
    name = quote(new.name[-1])
    if unlike & {"deferrable", "initially deferred"}:
        how = "DEFERRABLE" if new.say("deferrable") else "NOT DEFERRABLE"
        when = " INITIALLY DEFERRED" if new.say("initially deferred") else ""
        found.append(f"{_on(new)} ALTER CONSTRAINT {name} {how}{when}")
    if "validated" in unlike and not is_for_partition(new):
        found.append(validate(new))
    if new.of("pg_index"):
        indexes = [
            {word: unit.say(word, "pg_index") for word in IN_DEFINITION if word != "immediate"}
            for unit in (old, new)
        ]
        if indexes[0] != indexes[1]:
            return None
        found += constraint_index(old, new)
    return found


def is_validated_at_once(unit: Unit) -> bool:
    """True for a foreign key to a partitioned table before 18, which can only be valid from the beginning.

    VALIDATE CONSTRAINT leaves what it has for each partition as it was (ATExecValidateConstraint, tablecmds.c).
    """
    if unit.say("contype") != "f" or unit.side.facts.major >= 18:
        return False
    names = {key[1][:2] for key in unit.side.needs.get(unit.key, ())}
    tables = (unit.side.units.get(("pg_class", name)) for name in names if dotted(name) == unit.say("references"))
    return any(table is not None and table.of("pg_partitioned_table") for table in tables)


def is_for_partition(unit: Unit) -> bool:
    """True for what a foreign key has for each partition of the table that it references."""
    return unit.say("contype") == "f" and str(unit.say("parent") or "").startswith(f"{dotted(unit.name[:2])}.")


def validate(unit: Unit) -> str:
    """What reads the rows that were there before the constraint."""
    return f"{_on(unit)} VALIDATE CONSTRAINT {quote(unit.name[-1])}"


def key_by_index(unit: Unit, index: str) -> str:
    """A primary key or UNIQUE by an index that is there; it gets the name of the constraint."""
    kind = "PRIMARY KEY" if unit.say("contype") == "p" else "UNIQUE"
    when = " DEFERRABLE" if unit.say("deferrable") else ""
    when += " INITIALLY DEFERRED" if unit.say("initially deferred") else ""
    return f"{_on(unit)} ADD CONSTRAINT {quote(unit.name[-1])} {kind} USING INDEX {quote(index)}{when}"


def rename(old: Unit, new: Unit) -> str:
    """The statement that gives a constraint another name."""
    return f"{_on(new)} RENAME CONSTRAINT {quote(old.name[-1])} TO {quote(new.name[-1])}"


def drop_constraint(unit: Unit) -> Iterator[str]:
    """Its drop."""
    yield f"{_on(unit)} DROP CONSTRAINT {quote(unit.name[-1])}"


def create_trigger(unit: Unit) -> Iterator[str]:
    """A trigger as the server writes it, and when it fires; one that carries out a constraint comes with that."""
    if not unit.say("internal"):
        yield str(unit.main.definition)
    yield from trigger_state(None, unit)


def trigger_state(old: Unit | None, new: Unit) -> Iterator[str]:
    """When it fires."""
    was, now = str(old.say("enabled") if old else "O"), str(new.say("enabled"))
    if was != now and new.say("internal"):
        yield fires_internally(new, now)
    elif was != now:
        yield f"ALTER TABLE {table_of(new.name)} {_FIRES[now]} TRIGGER {quote(new.name[-1])}"


def fires_internally(unit: Unit, state: str = "O") -> str:
    """When a trigger fires that carries out a constraint: only a superuser may say so. Its name ends in an OID."""
    constraint, _, function = unit.name[-1].removeprefix("of constraint ").rpartition(", by ")
    table = table_of(unit.name)
    found = (
        "SELECT pg_catalog.quote_ident(t.tgname) FROM pg_catalog.pg_trigger AS t"
        " JOIN pg_catalog.pg_constraint AS c"
        f" ON c.oid = t.tgconstraint WHERE t.tgrelid = {literal(table)}::pg_catalog.regclass"
        f" AND c.conname = {literal(constraint)} AND t.tgfoid = {literal(function)}::pg_catalog.regproc"
    )
    do = f"EXECUTE {literal(f'ALTER TABLE ONLY {table} {_FIRES[state]} TRIGGER ')} || ({found});"
    return f"DO $pgproof$ BEGIN {do} END $pgproof$"


def create_rule(unit: Unit) -> Iterator[str]:
    """A rule as the server writes it, and when it applies."""
    yield str(unit.say("definition")).removesuffix(";")
    yield from rule_state(None, unit)


def rule_state(old: Unit | None, new: Unit) -> Iterator[str]:
    """When it applies."""
    was, now = str(old.say("enabled") if old else "O"), str(new.say("enabled"))
    if was != now:
        yield f"ALTER TABLE {table_of(new.name)} {_FIRES[now]} RULE {quote(new.name[-1])}"


_COMMANDS = {"*": "ALL", "r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE"}


def create_policy(unit: Unit) -> Iterator[str]:
    """A policy."""
    kind = "PERMISSIVE" if unit.say("permissive") else "RESTRICTIVE"
    yield (
        f"CREATE POLICY {quote(unit.name[-1])} ON {table_of(unit.name)} AS {kind} FOR "
        f"{_COMMANDS[str(unit.say('command'))]} TO {_roles(unit)}{_conditions(unit)}"
    )


def _roles(unit: Unit) -> str:
    names = unit.say("roles")
    assert isinstance(names, tuple)
    return ", ".join("PUBLIC" if name == "public" else named(name) for name in names)


def _conditions(unit: Unit) -> str:
    using, check = unit.say("using"), unit.say("with check")
    return (f" USING ({using})" if using else "") + (f" WITH CHECK ({check})" if check else "")


def alter_policy(old: Unit, new: Unit) -> list[str] | None:
    """Statements, or None if the policy has to be made anew."""
    if any(old.say(word) != new.say(word) for word in ("command", "permissive")):
        return None
    if any(old.say(word) and not new.say(word) for word in ("using", "with check")):
        return None
    return [f"ALTER POLICY {quote(new.name[-1])} ON {table_of(new.name)} TO {_roles(new)}{_conditions(new)}"]
