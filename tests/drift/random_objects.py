"""What `random_schema` makes a schema of: for each kind, a function that reads slots and writes statements."""

from __future__ import annotations

from pgproof.sql.literal import literal
from tests.drift.random_schema import Bytes, Table, World, slots

_PLAIN = (
    "integer",
    "bigint",
    "text",
    "character varying(20)",
    "numeric(10,2)",
    "timestamp with time zone",
    "date",
)
_MORE = ("boolean", "jsonb", "integer[]", "int4range", "character varying(30)", "numeric(12,2)", "smallint")
_DEFAULTS = {
    "integer": ("1", "2", "(3 + 4)"),
    "bigint": ("1", "'-5'::integer"),
    "smallint": ("1",),
    "text": ("'x'", "'it''s \\ a \"b\"'", "CURRENT_USER"),
    "character varying(20)": ("'x'", "''"),
    "numeric(10,2)": ("0", "1.5"),
    "timestamp with time zone": ("now()", "'2020-01-01 00:00:00+00'"),
    "date": ("CURRENT_DATE",),
    "boolean": ("true", "false"),
    "jsonb": ("'{}'", """'{"a": [1]}'"""),
    "integer[]": ("'{}'", "ARRAY[1, 2]"),
    "int4range": ("'[1,3)'",),
}
_ACTIONS = ("NO ACTION", "CASCADE", "RESTRICT", "SET NULL", "SET DEFAULT")
_LATER = (" DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED")


def schemas(world: World) -> None:
    for slot in slots(("schema", 2)):
        if world.slot(slot):
            name = world.q(slot)
            world.schemas.append(name)
            world.say(f"CREATE SCHEMA {name}", f"SCHEMA {name}")
            world.granted.append((f"SCHEMA {name}", ("USAGE", "CREATE")))
    if world.slot("extension0"):
        world.say("CREATE SCHEMA of_extension")
        world.say("CREATE EXTENSION hstore SCHEMA of_extension", "EXTENSION hstore")


def types(world: World) -> None:
    for slot in slots(("enum", 2)):
        if bits := world.slot(slot):
            name = world.place(bits, slot)
            labels = bits.some(["low", "it's", "high 😀", "a\\b", "z"], 4)
            world.enums[name] = labels
            world.types.append(name)
            world.say(f"CREATE TYPE {name} AS ENUM ({', '.join(map(literal, labels))})", f"TYPE {name}")
            world.granted.append((f"TYPE {name}", ("USAGE",)))
    if bits := world.slot("collation0"):
        name = world.place(bits, "collation0")
        other = "provider = icu, locale = 'de-DE'" if world.has_icu else "provider = libc, locale = 'POSIX'"
        how = bits.pick("provider = libc, locale = 'C'", other)
        world.say(f"CREATE COLLATION {name} ({how})", f"COLLATION {name}")
        world.collations.append(name)
    if bits := world.slot("row0"):
        name = world.place(bits, "row0")
        fields = bits.some(["a integer", '"b c" text', "d numeric(4,1)", 'e text COLLATE "C"'], 4)
        world.types.append(name)
        world.say(f"CREATE TYPE {name} AS ({', '.join(fields)})", f"TYPE {name}")
    for slot in slots(("domain", 2)):
        if bits := world.slot(slot):
            name = world.place(bits, slot)
            base, default, check = bits.pick(
                ("integer", "7", "VALUE > 0"), ("text", "'d'", "VALUE <> ''"), ("integer", "8", "VALUE > 1")
            )
            default = bits.pick("", f" DEFAULT {default}")
            check = bits.pick("", f" CONSTRAINT {world.q(slot)} CHECK ({check})")
            world.say(
                f"CREATE DOMAIN {name} AS {base}{default}{bits.pick('', ' NOT NULL')}{check}", f"DOMAIN {name}"
            )
            world.types.append(name)
    if bits := world.slot("range0"):
        name = world.place(bits, "range0")
        how = bits.pick("SUBTYPE = float8", "SUBTYPE = integer", "SUBTYPE = float8, SUBTYPE_DIFF = float8mi")
        world.say(f"CREATE TYPE {name} AS RANGE ({how})", f"TYPE {name}")
        world.types.append(name)


def sequences(world: World) -> None:
    for slot in slots(("sequence", 2)):
        if bits := world.slot(slot):
            name = world.place(bits, slot)
            kind = bits.pick("", " AS integer", " AS smallint")
            more = bits.pick("", " INCREMENT 2", " INCREMENT -1", " START 5 CACHE 3", " MAXVALUE 99 CYCLE")
            world.say(f"CREATE SEQUENCE {name}{kind}{more}", f"SEQUENCE {name}")
            world.sequences.append(name)
            world.granted.append((f"SEQUENCE {name}", ("USAGE", "SELECT")))


def routines(world: World) -> None:
    if bits := world.slot("inc0"):
        world.inc = name = world.place(bits, "inc0")
        body = bits.pick("SELECT a + 1", "SELECT a + 2 /* $body$ */")
        more = bits.pick("", " STRICT", " COST 5", " PARALLEL SAFE", " LEAKPROOF")
        sql = f"CREATE FUNCTION {name}(a integer) RETURNS integer LANGUAGE sql IMMUTABLE{more} AS $x${body}$x$"
        world.say(sql, f"FUNCTION {name}(integer)")
        world.granted.append((f"FUNCTION {name}(integer)", ("EXECUTE",)))
    if bits := world.slot("touch0"):
        world.touch = name = world.place(bits, "touch0")
        body = bits.pick("BEGIN RETURN NEW; END", "BEGIN RETURN NULL; END")
        more = bits.pick("", " SECURITY DEFINER", " SET search_path = public, pg_temp", " SET work_mem = '4MB'")
        sql = f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql{more} AS {literal(body)}"
        world.say(sql, f"FUNCTION {name}()")
    for slot in slots(("routine", 3)):
        if bits := world.slot(slot):
            name = world.place(bits, slot)
            kind = bits.pick("integer", "text", *world.types)
            args = bits.pick("", f"a {kind}", f"a {kind}, b integer DEFAULT 3", f"a integer, VARIADIC c {kind}[]")
            args = args if bits.pick(True, True, False) else args.replace("a ", "z ", 1)
            returns = bits.pick("integer", "SETOF integer", "TABLE (x integer, y text)", "void")
            volatility = bits.pick("", " STABLE", " IMMUTABLE")
            sql = f"CREATE FUNCTION {name}({args}) RETURNS {returns} LANGUAGE plpgsql{volatility} AS 'BEGIN END'"
            world.say(sql, f"FUNCTION {name}")
    if bits := world.slot("procedure0"):
        name = world.place(bits, "procedure0")
        args = bits.pick("", "a integer", "INOUT a integer")
        world.say(f"CREATE PROCEDURE {name}({args}) LANGUAGE plpgsql AS 'BEGIN END'", f"PROCEDURE {name}")
    if bits := world.slot("total0"):
        name = world.place(bits, "total0")
        more = bits.pick("", ", INITCOND = '0'", ", COMBINEFUNC = int4pl", ", PARALLEL = SAFE")
        sql = f"CREATE AGGREGATE {name}(integer) (SFUNC = int4pl, STYPE = integer{more})"
        world.say(sql, f"AGGREGATE {name}(integer)")
    if bits := world.slot("operator0"):
        more = bits.pick("", ", COMMUTATOR = OPERATOR(public.===)", ", RESTRICT = eqsel", ", HASHES, MERGES")
        sql = f"CREATE OPERATOR public.=== (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq{more})"
        world.say(sql, "OPERATOR public.=== (integer, integer)")


def column(world: World, table: Table, slot: str) -> str | None:
    """A column as CREATE TABLE has it; what is set for it later is put aside."""
    if not (bits := world.slot(slot)):
        return None
    name, kind = world.q(slot), bits.pick(*_PLAIN, *_MORE, *world.types)
    number = next(iter(table.of("integer")), "")
    how = bits.pick("", "", "default", "default", "identity", "generated")
    default = bits.pick(*_DEFAULTS.get(kind, ("NULL",)))
    said = ""
    if how == "default":
        if kind == "integer" and world.sequences and bits.pick(False, True):
            default = f"nextval({literal(bits.pick(*world.sequences))}::regclass)"
        elif kind in world.enums:
            default = literal(bits.pick(*world.enums[kind]))
        said = f" DEFAULT {default}"
    elif how == "identity" and kind in ("integer", "bigint", "smallint") and table.word != "FOREIGN TABLE":
        options = bits.pick("", " (INCREMENT 3)", " (START 10 CACHE 2)")
        said = f" GENERATED {bits.pick('ALWAYS', 'BY DEFAULT')} AS IDENTITY{options}"
    elif how == "generated" and number and table.word != "FOREIGN TABLE":
        stored = bits.pick("STORED", world.since(18, "VIRTUAL") or "STORED")
        expression = f"{number} {bits.pick('*', '+')} {bits.pick(2, 3)}"
        table.generated.append(name)
        return f"{name} integer GENERATED ALWAYS AS ({expression}) {stored}"
    if kind in ("text", "character varying(20)") and how != "identity":
        collation = bits.pick("", ' COLLATE "C"', *(f" COLLATE {each}" for each in world.collations))
        table.collated += [name] if collation else []
        said = collation + said
    if bits.pick(False, False, True):
        said += " NOT NULL"
    if kind in ("text", "jsonb", "integer[]") and table.word == "TABLE":
        target = f"ALTER TABLE {table.name} ALTER COLUMN {name}"
        table.later += bits.pick((), (f"{target} SET STORAGE EXTERNAL",), (f"{target} SET COMPRESSION pglz",))
        table.later += bits.pick((), (f"{target} SET STATISTICS 50",), (f"{target} SET (n_distinct = 5)",))
    table.columns[name] = kind
    return f"{name} {kind}{said}"


def tables(world: World) -> None:
    for number, slot in enumerate(slots(("t", 3))):
        if not (bits := world.slot(slot)):
            continue
        table = Table(world.place(bits, slot), "TABLE")
        columns = [column(world, table, f"c{5 * number + place}") for place in range(5)]
        unlogged = bits.pick("", "", " UNLOGGED")
        table.is_logged = not unlogged
        parents = [each for each in world.tables if number == 2 and bits.pick(False, True)]
        stored = bits.pick("", " WITH (fillfactor = 70)", " WITH (autovacuum_enabled = off, fillfactor = 80)")
        inherits = f" INHERITS ({', '.join(each.name for each in parents)})" if parents else ""
        body = ", ".join(each for each in columns if each)
        world.say(f"CREATE{unlogged} TABLE {table.name} ({body}){inherits}{stored}", f"TABLE {table.name}")
        world.script += table.later
        if bits.pick(False, False, True):
            world.say(f"ALTER TABLE {table.name} {bits.pick('ENABLE', 'FORCE')} ROW LEVEL SECURITY")
        if bits.pick(False, False, True):
            world.say(f"ALTER TABLE {table.name} REPLICA IDENTITY {bits.pick('FULL', 'NOTHING')}")
        if bits.pick(False, False, False, True):
            world.say(f"ALTER TABLE {table.name} OWNER TO pg_monitor")
        for parent in parents:
            parent.has_children = True
        noted(world, table)


def noted(world: World, table: Table) -> None:
    world.tables.append(table)
    world.granted.append((table.name, ("SELECT", "INSERT, UPDATE", "ALL")))
    for name in (*table.columns, *table.generated):
        world.objects.append(f"COLUMN {table.name}.{name}")
        world.granted.append((table.name, (f"SELECT ({name})", f"UPDATE ({name}), REFERENCES ({name})")))


def partitions(world: World) -> None:
    if not (bits := world.slot("parted0")):
        return
    table = Table(world.place(bits, "parted0"), "TABLE", {"k": "integer"}, is_partitioned=True)
    strategy = bits.pick("RANGE", "RANGE", "LIST")
    columns = [column(world, table, slot) for slot in slots(("pc", 3))]
    body = ", ".join(["k integer", *(each for each in columns if each and "IDENTITY" not in each)])
    table.columns = {name: kind for name, kind in table.columns.items() if f"{name} {kind}" in body}
    world.say(f"CREATE TABLE {table.name} ({body}) PARTITION BY {strategy} (k)", f"TABLE {table.name}")
    world.script += [each for each in table.later if any(f" COLUMN {name} " in each for name in table.columns)]
    noted(world, table)
    for number, slot in enumerate(slots(("part", 4))):
        if part := world.slot(slot):
            name = world.place(part, slot)
            low, high = 10 * number, 10 * number + part.pick(10, 5)
            bound = f"FROM ({low}) TO ({high})" if strategy == "RANGE" else f"IN ({low}, {high - 1})"
            bound = "DEFAULT" if number == 3 else f"FOR VALUES {bound}"
            deeper = part.pick("", "", " PARTITION BY HASH (k)")
            world.say(f"CREATE TABLE {name} PARTITION OF {table.name} {bound}{deeper}", f"TABLE {name}")
            if deeper:
                inner = world.place(part, f"inner{number}")
                world.say(f"CREATE TABLE {inner} PARTITION OF {name} FOR VALUES WITH (MODULUS 2, REMAINDER 0)")
            child = Table(name, "TABLE", dict(table.columns), is_partitioned=bool(deeper))
            world.parts.append(child)


def keys(world: World) -> None:
    for slot in slots(("key", 8)):
        if (bits := world.slot(slot)) and (table := bits.pick(*world.tables, None)) and table.columns:
            name = world.q(slot)
            columns = bits.some(table.of(), 2)
            columns = list(dict.fromkeys([*(["k"] if table.is_partitioned else []), *columns]))
            kind = bits.pick("CHECK", "UNIQUE", "PRIMARY KEY", "EXCLUDE")
            on = f"ALTER TABLE {table.name} ADD CONSTRAINT {name}"
            later = bits.pick("", *_LATER)
            said = f"CONSTRAINT {name} ON {table.name}"
            if kind == "UNIQUE" or (kind == "PRIMARY KEY" and not table.has_key):
                nulls = bits.pick("", world.since(15, " NULLS NOT DISTINCT")) if kind == "UNIQUE" else ""
                table.has_key |= kind == "PRIMARY KEY"
                world.say(f"{on} {kind}{nulls} ({', '.join(columns)}){later}", said)
                if not later:
                    table.keys.append(tuple(columns))
            elif kind == "EXCLUDE" and not table.is_partitioned:
                where = bits.pick("", f" WHERE ({columns[0]} IS NOT NULL)")
                world.say(f"{on} EXCLUDE ({columns[0]} WITH =){where}{later}", said)
            else:
                test = bits.pick(f"{columns[0]} IS NOT NULL", condition(table), f"{condition(table)} OR 1 > 2")
                only = "" if table.is_partitioned else bits.pick("", "", " NO INHERIT")
                valid = bits.pick("", "", " NOT VALID", world.since(18, " NOT ENFORCED"))
                world.say(f"{on} CHECK ({test}){only}{valid}", said)


def condition(table: Table) -> str:
    """Something that is true of some rows."""
    for name, kind in table.columns.items():
        if kind in ("integer", "bigint", "smallint", "numeric(10,2)"):
            return f"{name} > 3"
        if kind in ("text", "character varying(20)"):
            return f"{name} <> 'a''b'"
    return "true"


def foreign_keys(world: World) -> None:
    for slot in slots(("fk", 3)):
        choices = [
            (table, other, key, tuple(found))
            for table in world.tables
            for other in world.tables
            for key in other.keys
            if table.is_logged == other.is_logged
            and not (table is other and table.is_partitioned)
            and (found := [next(iter(table.of(other.columns[each])), "") for each in key])
            and all(found)
            and len(set(found)) == len(found)
        ]
        if (bits := world.slot(slot)) and (choice := bits.pick(*choices, None)):
            table, other, key, columns = choice
            name = world.q(slot)
            more = f" ON DELETE {bits.pick(*_ACTIONS)} ON UPDATE {bits.pick(*_ACTIONS)}{bits.pick('', *_LATER)}"
            valid = (
                "" if table.is_partitioned else bits.pick("", "", " NOT VALID", world.since(18, " NOT ENFORCED"))
            )
            match = bits.pick("", " MATCH FULL")
            world.say(
                f"ALTER TABLE {table.name} ADD CONSTRAINT {name} FOREIGN KEY ({', '.join(columns)}) "
                f"REFERENCES {other.name} ({', '.join(key)}){match}{more}{valid}",
                f"CONSTRAINT {name} ON {table.name}",
            )


def indexes(world: World) -> None:
    held = [each for each in world.views if each.word == "MATERIALIZED VIEW"]
    for slot in slots(("index", 7)):
        if (bits := world.slot(slot)) and (table := bits.pick(*world.tables, *held, None)) and table.columns:
            index(world, bits, table, slot)


def index(world: World, bits: Bytes, table: Table, slot: str) -> None:
    name, columns = world.q(slot), bits.some(table.of(), 3)
    method = bits.pick("btree", "btree", "hash", "brin")
    parts = [each + bits.pick("", " DESC", " NULLS FIRST", " DESC NULLS LAST") for each in columns]
    if method == "hash" or (method == "brin" and table.columns[columns[0]] in _PLAIN[:2]):
        parts = columns[:1]
    else:
        method = "btree"
    if bits.pick(False, False, True) and (text := table.of("text")):
        parts = [*parts[:1], f"lower({text[0]})", f"({text[0]} || 'a') text_pattern_ops"]
        method = "btree"
    elif world.inc and bits.pick(False, True) and (number := table.of("integer")):
        parts, method = [f"{world.inc}({number[0]})"], "btree"
    is_unique = method == "btree" and not table.is_partitioned and bits.pick(False, False, True)
    include = f" INCLUDE ({columns[-1]})" if method == "btree" and bits.pick(False, False, True) else ""
    nulls = world.since(15, bits.pick("", " NULLS NOT DISTINCT")) if is_unique else ""
    stored = bits.pick("", " WITH (fillfactor = 60)") if method in ("btree", "hash") else ""
    where = bits.pick("", "", f" WHERE {condition(table)}")
    if table.is_partitioned and table.indexed:
        return  # which index of a partition goes with which of several would follow from the order
    table.indexed = True
    what = f"{'UNIQUE ' if is_unique else ''}INDEX {name} ON {table.name} USING {method} ({', '.join(parts)})"
    world.say(f"CREATE {what}{include}{nulls}{stored}{where}")


def views(world: World) -> None:
    for slot in slots(("view", 4)):
        if bits := world.slot(slot):
            view(world, bits, slot, "VIEW")
    for slot in slots(("held", 2)):
        if bits := world.slot(slot):
            view(world, bits, slot, "MATERIALIZED VIEW")


def view(world: World, bits: Bytes, slot: str, word: str) -> None:
    made = Table(world.place(bits, slot), word)
    sources = bits.some([each for each in (*world.tables, *world.views) if each.columns], 2)
    plain = bits.pick("1 AS one", "1 AS one, 'x'::text AS two", "now() AS at")
    if not sources:
        made.columns = {"one": "integer"} if "one" in plain else {}
        query = f"SELECT {plain}"
    else:
        said: list[str] = []
        for alias, source in zip("ab", sources, strict=False):
            for name in bits.some(source.of(), 3):
                called = bits.pick(name, f'"{alias} {len(said)}"')
                if called not in made.columns:
                    made.columns[called] = source.columns[name]
                    said.append(f"{alias}.{name} AS {called}")
        joined = " CROSS JOIN ".join(f"{each.name} AS {alias}" for alias, each in zip("ab", sources, strict=False))
        query = f"SELECT {', '.join(said)} FROM {joined}"
        first = sources[0].of()[0]
        query += bits.pick("", f" WHERE a.{first} IS NOT NULL", f" ORDER BY a.{first}")
        query += bits.pick("", "", " LIMIT 5", " OFFSET 2")
    options = bits.pick("", "", " WITH (security_barrier)", world.since(15, " WITH (security_invoker)"))
    world.say(f"CREATE {word} {made.name}{options if word == 'VIEW' else ''} AS {query}", f"{word} {made.name}")
    if word == "MATERIALIZED VIEW" and bits.pick(False, True):
        world.say(f"ALTER MATERIALIZED VIEW {made.name} SET (fillfactor = 50)")
    world.views.append(made)
    world.granted.append((made.name, ("SELECT", "ALL")))
    world.objects += [f"COLUMN {made.name}.{name}" for name in made.columns]
