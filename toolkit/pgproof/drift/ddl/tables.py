"""Tables: what they inherit from, how they are partitioned and stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pgproof.catalog.fact import Value
from pgproof.drift.ddl.columns import is_inherited
from pgproof.drift.ddl.naming import clause
from pgproof.drift.ddl.options import PERSISTENCE, changed_foreign, changed_options, options, written
from pgproof.drift.ddl.whole import inside
from pgproof.drift.unit import Unit, dotted, named
from pgproof.sql.literal import literal
from pgproof.sql.name import quote

_REPLICA = {"d": "DEFAULT", "f": "FULL", "n": "NOTHING"}


def create_table(unit: Unit, parts: Sequence[Unit] = ()) -> Iterator[str]:
    """A table with its `parts`, and what cannot be added later: its parents, how it is partitioned and stored."""
    name = dotted(unit.name)
    persistence = PERSISTENCE.get(str(unit.say("persistence")), "")
    parents = inherited(unit)
    of_type = unit.say("type")
    body = f" OF {of_type}" if of_type else f" {inside(parts)}"
    if parents:
        body += f" INHERITS ({', '.join(parents)})"
    if unit.kind == "foreign table":
        server = unit.say("server", "pg_foreign_table")
        yield f"CREATE FOREIGN TABLE {name}{body} SERVER {named(server)}{_foreign_options(unit)}"
        return
    if by := next((fact.definition for fact in unit.of("pg_partitioned_table")), None):
        body += f" PARTITION BY {by}"
    method = unit.say("access method")
    using = f" USING {named(method)}" if method and method != "heap" else ""
    stored = options(unit.say("options"))
    place = unit.say("tablespace")
    yield (
        f"CREATE {persistence}TABLE {name}{body}{using}"
        + (f" WITH ({written(stored)})" if stored else "")
        + (f" TABLESPACE {named(place)}" if place else "")
    )
    yield from _security(None, unit)


def inherited(unit: Unit) -> list[str]:
    """The parents of a table that is no partition, in order."""
    facts = unit.side.facts
    if unit.say("partition bound") is not None:
        return []
    found = [
        fact for fact in facts if fact.catalog == "pg_inherits" and fact.of == unit.key and len(fact.name) == 4
    ]
    found.sort(key=lambda fact: str(facts.value(fact, "place among the parents")).zfill(5))
    return [dotted(fact.name[2:]) for fact in found]


def is_made_with_its_table(unit: Unit) -> bool:
    """True for a column that CREATE TABLE has made: of a typed or partitioned table, or one that is inherited."""
    table = unit.side.units.get(("pg_class", unit.name[:2]))
    if table is None:
        return False
    if table.say("type") or table.of("pg_partitioned_table"):
        return True
    return is_inherited(unit)


def _security(old: Unit | None, new: Unit) -> Iterator[str]:
    name = dotted(new.name)
    if bool(old and old.say("row security")) != bool(new.say("row security")):
        yield f"ALTER TABLE {name} {'ENABLE' if new.say('row security') else 'DISABLE'} ROW LEVEL SECURITY"
    if bool(old and old.say("forced row security")) != bool(new.say("forced row security")):
        yield f"ALTER TABLE {name} {'' if new.say('forced row security') else 'NO '}FORCE ROW LEVEL SECURITY"
    was, now = str(old.say("replica identity") if old else "d"), str(new.say("replica identity"))
    if was != now and now in _REPLICA:
        yield f"ALTER TABLE {name} REPLICA IDENTITY {_REPLICA[now]}"


def alter_table(old: Unit, new: Unit) -> list[str] | None:
    """Statements, or None if the table has to be made anew."""
    if old.kind != new.kind or (old.say("relkind"), _partitioned(old)) != (new.say("relkind"), _partitioned(new)):
        return None
    name = dotted(new.name)
    word = clause(new)
    found: list[str] = []
    if old.say("type") != new.say("type"):
        kind = new.say("type")
        found.append(f"ALTER TABLE {name} {f'OF {kind}' if kind else 'NOT OF'}")
    if old.say("persistence") != new.say("persistence"):
        found.append(f"ALTER TABLE {name} SET {'LOGGED' if new.say('persistence') == 'p' else 'UNLOGGED'}")
    if old.say("access method") != new.say("access method"):
        if new.side.facts.major < 15:
            return None
        found.append(f"ALTER TABLE {name} SET ACCESS METHOD {named(new.say('access method'))}")
    if old.say("tablespace") != new.say("tablespace"):
        found.append(f"ALTER {word} SET TABLESPACE {named(new.say('tablespace') or 'pg_default')}")
    found += changed_options(f"ALTER {word}", old.say("options"), new.say("options"))
    if new.kind == "foreign table":
        found += changed_foreign(f"ALTER FOREIGN TABLE {name}", old, new, "foreign options", "pg_foreign_table")
        if old.say("server", "pg_foreign_table") != new.say("server", "pg_foreign_table"):
            return None
    found += _security(old, new)
    return found


def _partitioned(unit: Unit) -> list[str | None]:
    return [fact.definition for fact in unit.of("pg_partitioned_table")]


def _foreign_options(unit: Unit) -> str:
    found = options(unit.say("foreign options", "pg_foreign_table"))
    return (
        f" OPTIONS ({', '.join(f'{quote(name)} {literal(value)}' for name, value in found.items())})"
        if found
        else ""
    )


def attach(child: Sequence[str], parent: Sequence[str], bound: Value) -> str:
    """A table becomes a partition."""
    return f"ALTER TABLE {dotted(parent)} ATTACH PARTITION {dotted(child)} {bound}"


def create_toast(unit: Unit) -> Iterator[str]:
    """ALTER TABLE ... SET (toast.*)."""
    found = {f"toast.{name}": value for name, value in options(unit.say("options")).items()}
    yield f"ALTER TABLE {unit.name[1]} SET ({written(found)})"


def drop_toast(unit: Unit) -> Iterator[str]:
    """ALTER TABLE ... RESET (toast.*)."""
    names = ", ".join(f"toast.{name}" for name in options(unit.say("options")))
    yield f"ALTER TABLE {unit.name[1]} RESET ({names})"


def alter_toast(old: Unit, new: Unit) -> list[str] | None:
    """Both."""
    return [*drop_toast(old), *create_toast(new)]
