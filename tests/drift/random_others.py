"""What is put on tables and views, and what stands beside them: the rest of what a random schema is made of."""

from __future__ import annotations

from pgproof.sql.literal import literal
from tests.drift.random_objects import (
    condition,
    foreign_keys,
    indexes,
    keys,
    partitions,
    routines,
    schemas,
    sequences,
    tables,
    types,
    views,
)
from tests.drift.random_schema import Bytes, Table, World, slots

_ROLES = ("pg_monitor", "pg_signal_backend", "PUBLIC")
SLOTS = slots(
    ("schema", 2), ("enum", 2), ("row", 1), ("domain", 2), ("range", 1), ("collation", 1), ("sequence", 2),
    ("inc", 1), ("touch", 1), ("routine", 3), ("procedure", 1), ("total", 1), ("extension", 1), ("operator", 1),
    ("t", 3), ("c", 15), ("parted", 1), ("pc", 3), ("part", 4), ("inner", 4), ("key", 8),
    ("index", 7), ("fk", 3), ("view", 4),
    ("held", 2), ("trigger", 4), ("policy", 2), ("rule", 2), ("stat", 2), ("atomic", 1), ("pub", 2), ("fdw", 1),
    ("dict", 1), ("cast", 1), ("given", 2), ("watch", 1), ("conv", 1), ("said", 8), ("grant", 8),
)  # fmt: skip


def triggers(world: World) -> None:
    for slot in slots(("trigger", 4)):
        bits = world.slot(slot)
        table = bits.pick(*world.tables, *world.views, None) if bits else None
        if not bits or not table or not world.touch or table.word == "MATERIALIZED VIEW":
            continue
        name, column = world.q(slot), next(iter(table.of()), "")
        event = bits.pick("INSERT", "DELETE", "UPDATE", f"UPDATE OF {column}" if column else "UPDATE")
        end = f"EXECUTE FUNCTION {world.touch}({bits.pick('', literal('it is'), literal('a, b'))})"
        if table.word == "VIEW":
            event = event.partition(" OF")[0]
            world.say(f"CREATE TRIGGER {name} INSTEAD OF {event} ON {table.name} FOR EACH ROW {end}")
            continue
        kind = bits.pick("BEFORE", "AFTER", "constraint", "statement")
        when = (
            f" WHEN (NEW.{column} IS NOT NULL)"
            if column and "DELETE" not in event and bits.pick(False, True)
            else ""
        )
        if kind == "constraint":
            later = bits.pick("", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED")
            sql = f"CREATE CONSTRAINT TRIGGER {name} AFTER {event} ON {table.name}{later} FOR EACH ROW{when} {end}"
        elif kind == "statement":
            sql = f"CREATE TRIGGER {name} AFTER {event} ON {table.name} FOR EACH STATEMENT {end}"
        else:
            sql = f"CREATE TRIGGER {name} {kind} {event} ON {table.name} FOR EACH ROW{when} {end}"
        world.say(sql, f"TRIGGER {name} ON {table.name}")
        if not table.is_partitioned and (state := bits.pick("", "", "DISABLE", "ENABLE ALWAYS", "ENABLE REPLICA")):
            world.say(f"ALTER TABLE {table.name} {state} TRIGGER {name}")


def policies(world: World) -> None:
    for slot in slots(("policy", 2)):
        if (bits := world.slot(slot)) and (table := bits.pick(*world.tables, None)):
            command, kind = bits.pick("ALL", "SELECT", "INSERT", "UPDATE"), bits.pick("PERMISSIVE", "RESTRICTIVE")
            using = f" USING ({condition(table)})" if command != "INSERT" and bits.pick(True, False) else ""
            check = " WITH CHECK (1 > 2)" if command != "SELECT" and bits.pick(False, True) else ""
            name, roles = world.q(slot), ", ".join(bits.some(_ROLES, 2))
            world.say(
                f"CREATE POLICY {name} ON {table.name} AS {kind} FOR {command} TO {roles}{using}{check}",
                f"POLICY {name} ON {table.name}",
            )


def rules(world: World) -> None:
    for slot in slots(("rule", 2)):
        if (bits := world.slot(slot)) and (table := bits.pick(*world.tables, None)):
            name, other = world.q(slot), bits.pick(*world.tables)
            event = bits.pick("DELETE", "UPDATE", "INSERT")
            action = bits.pick("INSTEAD NOTHING", "ALSO NOTIFY heard", f"ALSO DELETE FROM {other.name}")
            where = f" WHERE {condition(other)}" if "FROM" in action else ""
            world.say(
                f"CREATE RULE {name} AS ON {event} TO {table.name} DO {action}{where}",
                f"RULE {name} ON {table.name}",
            )


def statistics(world: World) -> None:
    for slot in slots(("stat", 2)):
        if (bits := world.slot(slot)) and (table := bits.pick(*world.tables, None)):
            columns = bits.some([name for name, kind in table.columns.items() if kind != "jsonb"], 3)
            if len(columns) > 1:
                name, kinds = world.place(bits, slot), bits.pick("", "(ndistinct)", "(dependencies, mcv)")
                world.say(f"CREATE STATISTICS {name} {kinds} ON {', '.join(columns)} FROM {table.name}")
                world.objects.append(f"STATISTICS {name}")
                if bits.pick(False, False, True):
                    world.say(f"ALTER STATISTICS {name} SET STATISTICS 40")


def atomic(world: World) -> None:
    """A function whose body the server knows, and with it what the body reads."""
    if (
        (bits := world.slot("atomic0"))
        and (table := bits.pick(*world.tables, *world.views, None))
        and table.columns
    ):
        name, column = world.place(bits, "atomic0"), table.of()[0]
        returns = bits.pick("bigint", f"SETOF {table.name}")
        query = f"SELECT count({column})" if returns == "bigint" else "SELECT *"
        sql = f"CREATE FUNCTION {name}() RETURNS {returns} BEGIN ATOMIC {query} FROM {table.name}; END"
        world.say(sql, f"FUNCTION {name}()")


def publications(world: World) -> None:
    for slot in slots(("pub", 2)):
        if bits := world.slot(slot):
            shared = [each for each in world.tables if each.is_logged]
            name = world.q(slot)
            publish = bits.pick("", " WITH (publish = 'insert, delete')", " WITH (publish_via_partition_root)")
            if not shared or bits.pick(False, False, True):
                world.say(f"CREATE PUBLICATION {name} FOR ALL TABLES{publish}", f"PUBLICATION {name}")
                continue
            told = ", ".join(published(world, bits, each) for each in bits.some(shared, 2))
            world.say(f"CREATE PUBLICATION {name} FOR TABLE {told}{publish}", f"PUBLICATION {name}")


def published(world: World, bits: Bytes, table: Table) -> str:
    if table.is_partitioned or world.major < 15:
        return f"ONLY {table.name}" if not table.is_partitioned else table.name
    columns = bits.some(table.of(), 3)
    only = f" ({', '.join(columns)})" if columns and bits.pick(False, False, True) else ""
    where = bits.pick("", f" WHERE ({condition(table)})")
    if any(f"({name} " in where for name in table.collated):
        where = ""  # the server takes no collation of a user's own
    return f"ONLY {table.name}{only}{where}"


def foreign(world: World) -> None:
    if bits := world.slot("fdw0"):
        name, server = world.q("fdw0"), world.q("fdw0")
        world.say(f"CREATE FOREIGN DATA WRAPPER {name}" + bits.pick("", " OPTIONS (a 'b')"))
        version = bits.pick("", " VERSION '2'")
        world.say(f"CREATE SERVER {server}{version} FOREIGN DATA WRAPPER {name}")
        if bits.pick(False, True):
            world.say(
                f"CREATE USER MAPPING FOR PUBLIC SERVER {server} OPTIONS (who {literal(bits.pick('x', 'y z'))})"
            )
        if bits.pick(False, True):
            table = Table(f"public.{world.q('fdw0')}", "FOREIGN TABLE")
            kind = bits.pick("integer", "text", "bigint")
            more = bits.pick("", " NOT NULL", " DEFAULT NULL")
            world.say(f"CREATE FOREIGN TABLE {table.name} (a {kind}{more}) SERVER {server}")
            world.objects.append(f"FOREIGN TABLE {table.name}")
            world.granted.append((table.name, ("SELECT",)))


def search(world: World) -> None:
    if bits := world.slot("dict0"):
        name = world.place(bits, "dict0")
        world.say(
            f"CREATE TEXT SEARCH DICTIONARY {name} (TEMPLATE = simple{bits.pick('', ', STOPWORDS = english')})"
        )
        world.say(f"CREATE TEXT SEARCH CONFIGURATION {name} (PARSER = 'default')")
        kinds = ", ".join(bits.some(("asciiword", "word", "email"), 3))
        by = bits.pick(name, f"{name}, simple")
        world.say(f"ALTER TEXT SEARCH CONFIGURATION {name} ADD MAPPING FOR {kinds} WITH {by}")
        world.objects += [f"TEXT SEARCH DICTIONARY {name}", f"TEXT SEARCH CONFIGURATION {name}"]


def beside(world: World) -> None:
    if (bits := world.slot("cast0")) and world.enums:
        name = bits.pick(*world.enums)
        world.say(
            f"CREATE CAST ({name} AS integer) WITH INOUT{bits.pick('', ' AS ASSIGNMENT')}",
            f"CAST ({name} AS integer)",
        )
    if bits := world.slot("conv0"):
        name = world.place(bits, "conv0")
        world.say(f"CREATE CONVERSION {name} FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8", f"CONVERSION {name}")
    if bits := world.slot("watch0"):
        name, called = world.place(bits, "watch0"), world.q("watch0")
        world.say(f"CREATE FUNCTION {name}() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'")
        tags = bits.pick("", " WHEN TAG IN ('CREATE TABLE')", " WHEN TAG IN ('DROP TABLE', 'ALTER TABLE')")
        event = bits.pick("ddl_command_end", "sql_drop")
        world.say(
            f"CREATE EVENT TRIGGER {called} ON {event}{tags} EXECUTE FUNCTION {name}()", f"EVENT TRIGGER {called}"
        )
        if state := bits.pick("", "DISABLE", "ENABLE ALWAYS"):
            world.say(f"ALTER EVENT TRIGGER {called} {state}")
    for slot in slots(("given", 2)):
        if bits := world.slot(slot):
            where = bits.pick("", f" IN SCHEMA {bits.pick(*world.schemas)}")
            kinds = ("SELECT ON TABLES", "USAGE ON SEQUENCES", "EXECUTE ON FUNCTIONS", "USAGE ON TYPES")
            what = bits.pick(*(kinds if where else kinds[:2]))  # what extensions make would get the others
            world.say(
                f"ALTER DEFAULT PRIVILEGES{where} GRANT {what} TO {bits.pick('pg_monitor', 'pg_signal_backend')}"
            )


def notes(world: World) -> None:
    for slot in slots(("said", 8)):
        if (bits := world.slot(slot)) and world.objects:
            # as many objects as one byte can tell apart, wherever they are
            what = world.objects[(bits.pick(*range(256)) * 256 + bits.pick(*range(256))) % len(world.objects)]
            text = bits.pick("why", "it is \\ so", "a; b\n--", "😀")
            world.script.append(f"COMMENT ON {what} IS {literal(text)}")
    for slot in slots(("grant", 8)):
        if (bits := world.slot(slot)) and world.granted:
            what, ways = bits.pick(*world.granted)
            more = bits.pick("", "", " WITH GRANT OPTION")
            role = bits.pick(*(_ROLES[:2] if more else _ROLES))
            verb = bits.pick("GRANT {} ON {} TO {}{}", "GRANT {} ON {} TO {}{}", "REVOKE {} ON {} FROM {}")
            world.script.append(verb.format(bits.pick(*ways), what, role, more))


MAKERS = (
    schemas, types, sequences, routines, tables, partitions, keys, foreign_keys, indexes, foreign, views, triggers,
    policies, rules, statistics, atomic, publications, search, beside, notes,
)  # fmt: skip
