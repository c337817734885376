"""`pgproof drift`: the database is what the files say, or what it is not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from pgproof.database import dump
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.drift.compare import compare
from pgproof.flows import comparison
from tests.cli.told import Pgproof
from tests.migrate.case import write

FILES = {
    "1-a.sql": "-- migrate:up\nCREATE TABLE a (b int PRIMARY KEY, c text DEFAULT 'x', d int);\n",
    "2-i.sql": "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON a (c);\n",
    "R-v.sql": "CREATE OR REPLACE VIEW v AS SELECT b, c FROM a;\n",
}
CHANGES = {
    "ALTER TABLE a ALTER c DROP DEFAULT": "- column public.a.c: default 'x'::text is missing",
    "ALTER TABLE a ALTER c SET DEFAULT 'y'": "~ column public.a.c: default is 'y'::text, the files say 'x'::text",
    "ALTER TABLE a ALTER c SET NOT NULL": "~ column public.a.c: not null is yes, the files say no",
    "ALTER TABLE a DROP COLUMN d": "- column public.a.d is missing",
    "ALTER TABLE a ADD COLUMN e int DEFAULT 3": "+ column public.a.e is there, and no file makes it",
    "ALTER TABLE a SET UNLOGGED": "~ table public.a: persistence is u, the files say p",
    "ALTER TABLE a SET (fillfactor = 70)": "~ table public.a: options is fillfactor=70, the files say none",
    "COMMENT ON COLUMN a.b IS 'key'": "+ column public.a.b: comment key is there, and no file makes it",
    "DROP VIEW v": "- view public.v is missing (with 2 more)",
    "CREATE OR REPLACE VIEW v AS SELECT b, 'x'::text AS c FROM a": (
        "~ view public.v: definition is SELECT b, 'x'::text AS c FROM public.a;, "
        "the files say SELECT b, c FROM public.a;"
    ),
    "DROP INDEX i": "- index public.i is missing",
    "CREATE SCHEMA s CREATE TABLE t (u int)": "+ schema s is there, and no file makes it (with 2 more)",
}

pytestmark = pytest.mark.usefixtures("same_server")


@pytest.fixture
def conn(pgproof: Pgproof, database: Conninfo) -> Iterator[psycopg.Connection]:
    """The database, as the files build it."""
    write(Path("migrations"), FILES)
    assert pgproof("upgrade").code == 0
    with closing(connect(database)) as opened:
        yield opened


def test_no_drift(pgproof: Pgproof, conn: psycopg.Connection) -> None:
    told = pgproof("drift")
    assert (told.code, told.err) == (0, "")
    first, second, last = told.out.splitlines()
    assert first == "DATABASE"
    assert second.startswith("at R-v, compared with what the files build on PostgreSQL ")
    assert last == "no drift: the database is what the files say"


def test_each_difference_is_told(pgproof: Pgproof, conn: psycopg.Connection) -> None:
    """One change at a time, on the same database: what is not taken back would be told beside the next one."""
    for change, line in CHANGES.items():
        conn.execute(change.encode())
        told = pgproof("drift")
        assert (told.code, told.err) == (1, ""), change
        text = re.sub(r"\b(public\.)?a\.(?=[bc]\b)(?!.* is )|(?<=SELECT )a\.|(?<=, )a\.", "", told.found)
        code = {"-": "DRF101", "+": "DRF102", "~": "DRF103"}[line[0]]
        assert text.splitlines()[2:] == [f"{line} [{code}]", "1 difference"], change
        conn.execute(pgproof("drift", "--repair", "--allow", "data-loss").out.encode())
    assert pgproof("drift", "--repair").err == "no difference\n"


def test_what_initdb_made_is_told_if_it_is_not_as_it_was(pgproof: Pgproof, conn: psycopg.Connection) -> None:
    """Again and again, by whichever way: nothing of it is known as what the files build."""
    assert pgproof("drift").code == 0
    conn.execute("DROP VIEW information_schema.sequences")
    conn.execute("ALTER TEXT SEARCH DICTIONARY pg_catalog.german_stem (StopWords = english)")
    is_as_made = ", the files say as initdb made it [DRF103]"
    for _ in range(2):
        told = pgproof("drift")
        assert told.code == 1
        view, dictionary, last = told.found.splitlines()[2:]
        assert dictionary.startswith("~ text search dictionary pg_catalog.german_stem: state is template: ")
        assert "stopwords = 'english'" in dictionary and dictionary.endswith(is_as_made)
        assert view == "- view information_schema.sequences is missing [DRF101]"
        assert last == "2 differences"
    back = pgproof("drift", "--repair")
    assert back.out.count("pgproof does not write statements that change what initdb has made") == 1
    conn.execute("ALTER TEXT SEARCH DICTIONARY pg_catalog.german_stem (StopWords = german)")
    assert pgproof("drift").found.splitlines()[2:] == [view, "1 difference"]


def test_what_is_pending_is_no_drift(pgproof: Pgproof, conn: psycopg.Connection) -> None:
    write(Path("migrations"), {"3-t.sql": "CREATE TABLE t ();\n"})
    told = pgproof("drift")
    assert told.code == 0
    assert told.out.endswith("no drift: the database is what the files say; 1 pending\n")


def test_the_history_drifts_too(pgproof: Pgproof, conn: psycopg.Connection) -> None:
    write(Path("migrations"), {"1-a.sql": FILES["1-a.sql"].replace("d int", "d bigint")})
    told = pgproof("drift")
    assert told.code == 1
    assert "~ column public.a.d: type is integer, the files say bigint [DRF103]\n" in told.out
    edited = "The file is not what was applied; `pgproof upgrade` says what changed. [DRF201]\n"
    assert f"  1-a.sql edited: {edited}" in told.out
    assert told.found.endswith("2 differences\n")


@pytest.mark.usefixtures("own_server")
def test_what_somebody_else_ran_is_somebody_elses(
    pgproof: Pgproof, database: Conninfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who ran a migration owns what it made; on scratch, the same role runs it."""
    write(Path("migrations"), FILES)
    name = f"maker_{database.database[-8:]}"
    with closing(connect(database)) as conn:
        conn.execute(f"CREATE ROLE {name} LOGIN; GRANT CREATE ON SCHEMA public TO {name}".encode())
        conn.execute(f"GRANT CREATE ON DATABASE {conn.info.dbname} TO {name}".encode())
        try:
            monkeypatch.setenv("DATABASE_URL", Conninfo.of(**{**dict(database.parameters), "user": name}).secret)
            assert pgproof("upgrade").code == 0
            told = pgproof("drift")
            conn.execute("ALTER TABLE a OWNER TO CURRENT_USER")
            other = pgproof("drift")
        finally:
            conn.execute(f"DROP OWNED BY {name}; DROP ROLE {name}".encode())
    assert f"public: privileges is {name}: CREATE; owner: CREATE, USAGE" in told.out
    assert told.found.endswith("1 difference\n")
    assert re.search(
        rf"^~ table public.a: owner is \w+, the files say {name} \[DRF103\]$", other.out, re.MULTILINE
    )


@pytest.mark.usefixtures("own_server")
@pytest.mark.parametrize("large", [50_000, 0], ids=["one session", "two sessions"])
def test_what_was_compared_is_known_again(
    pgproof: Pgproof, conn: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    monkeypatch.setattr("pgproof.flows.drift.LARGE", large)

    def how(*words: str) -> str:
        told = pgproof("drift", *words)
        assert told.code == 0
        return told.out.splitlines()[1].partition(" with what the files ")[0]

    assert how() == "at R-v, compared"
    assert how() == "at R-v, unchanged since it was compared"
    conn.execute("ALTER TABLE a ALTER c DROP DEFAULT")
    differs = pgproof("drift")
    assert differs.code == 1
    assert ", compared, where its catalog has newer rows, with what the files built" in differs.out
    conn.execute("CREATE DOMAIN d AS text")
    differs = pgproof("drift")
    assert differs.code == 1
    assert ", compared, by digests of its parts, with what the files built" in differs.out
    conn.execute("DROP DOMAIN d; ALTER TABLE a ALTER c SET DEFAULT 'x'")
    assert how() == "at R-v, compared, where its catalog has newer rows,"
    assert how() == "at R-v, unchanged since it was compared"
    assert how("--full") == "at R-v, compared"
    conn.execute("CREATE DOMAIN d AS text; DROP DOMAIN d; CREATE SCHEMA s; DROP SCHEMA s")
    assert how() == "at R-v, unchanged since it was compared"
    conn.execute("ALTER TABLE a ALTER c SET DEFAULT 'y'; ALTER TABLE a ALTER c SET DEFAULT 'x'")
    assert how() == "at R-v, compared, by a digest of all of it,"
    assert how() == "at R-v, unchanged since it was compared"
    assert how("--full") == "at R-v, compared"
    conn.execute("ALTER TABLE a ADD e int; ALTER TABLE a DROP e")
    found = json.loads(pgproof("drift", "--format", "json").out)
    assert (found["verdict"], found["origin"], found["unchanged"], found["by_digest"]) == (
        "same",
        "remembered",
        False,
        True,
    )


def test_for_programs(pgproof: Pgproof, conn: psycopg.Connection) -> None:
    conn.execute("ALTER TABLE a ALTER c SET NOT NULL")
    told = pgproof("drift", "--format", "json")
    found = json.loads(told.out)
    assert (told.code, found["schema"], found["verdict"]) == (1, "pgproof.drift/1", "differs")
    (difference,) = found["differences"]
    assert difference["values"] == {"not null": {"expected": False, "actual": True}}
    assert (difference["kind"], difference["name"], difference["state"]) == (
        "column",
        ["public", "a", "c"],
        "changed",
    )


def test_a_database_without_a_history(pgproof: Pgproof) -> None:
    write(Path("migrations"), FILES)
    told = pgproof("drift")
    assert told.code == 2
    assert "has no history of pgproof\n" in told.err
    assert told.err.endswith("HINT: if it has had some: pgproof adopt; else: pgproof upgrade\n")
    assert pgproof("drift", "--watch").err == told.err


def test_files_that_cannot_be_built(pgproof: Pgproof, conn: psycopg.Connection) -> None:
    conn.execute("CREATE TABLE before ()")
    write(Path("migrations"), {"3-b.sql": "ALTER TABLE before ADD a int;\n"})
    assert pgproof("upgrade").code == 0
    told = pgproof("drift")
    assert told.code == 4
    assert (
        '3-b.sql:1:1: error: cannot build what the files say on an empty database: relation "before" ' in told.err
    )


def test_an_invalid_index_is_told(pgproof: Pgproof, conn: psycopg.Connection) -> None:
    conn.execute("INSERT INTO a VALUES (1, 'x'), (2, 'x')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        conn.execute("CREATE UNIQUE INDEX CONCURRENTLY u ON a (c)")
    told = pgproof("drift")
    assert told.code == 1
    assert "+ index public.u is there, and no file makes it [DRF102]\n" in told.out
    assert "note: index public.u is invalid: no query uses it, every write pays for it\n" in told.out


def test_the_way_back(pgproof: Pgproof, conn: psycopg.Connection) -> None:
    conn.execute(
        "ALTER TABLE a ALTER c SET NOT NULL; ALTER TABLE a DROP COLUMN d; CREATE TABLE more (); DROP VIEW v;"
        "ALTER TABLE a OWNER TO CURRENT_USER"
    )
    told = pgproof("drift", "--repair", "--prove")
    assert told.code == 1
    first, second, _, last = told.err.splitlines()
    assert first == "4 differences; 5 statements; 1 of them loses data and stands in a comment: --allow data-loss"
    assert second.startswith("proved on a clone, PostgreSQL ")
    assert last == "next: read it, run it with psql, and see: pgproof drift"
    assert "\n-- DROP TABLE public.more;  -- data loss; blocks reads and writes of public.more\n" in told.out
    conn.execute(pgproof("drift", "--repair", "--allow", "data-loss").out.encode())
    assert pgproof("drift").code == 0
    assert pgproof("drift", "--repair").err == "no difference\n"

    conn.execute("ALTER TABLE a RENAME d TO e")
    assert "\n-- only another name? --rename public.a.e=d\n" in pgproof("drift", "--repair").out
    told = pgproof("drift", "--repair", "--rename", "a.e=d", "--format", "json")
    document = json.loads(told.out)
    assert (told.code, document["verdict"], document["plan"]["to"]) == (1, "differs", "what the files say")
    (renaming,) = document["plan"]["statements"]
    assert (renaming["sql"], renaming["hazards"]) == ("ALTER TABLE public.a RENAME COLUMN e TO d", [])
    assert {"relation": "public.a", "mode": "AccessExclusiveLock", "blocks": "reads and writes"} in renaming[
        "locks"
    ]
    conn.execute(renaming["sql"].encode())
    write(Path("migrations"), {"1-a.sql": FILES["1-a.sql"].replace("d int", "d bigint")})
    told = pgproof("drift", "--repair", "--offline")
    assert "ALTER COLUMN d TYPE bigint;  -- blocks reads and writes of public.a while it rewrites" in told.out
    assert "  1-a.sql edited: The file is not what was applied" in told.err
    for words in (["--prove"], ["--allow", "data-loss"], ["--rename", "a.b=c"], ["--offline"]):
        told = pgproof("drift", *words)
        assert (told.code, "go with --repair or --adopt NAME" in told.err) == (2, True)


def test_who_made_a_difference_is_told(
    pgproof: Pgproof, conn: psycopg.Connection, database: Conninfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From --watch to --unwatch; the migrations are nobody's doing, and neither is the recorder a difference."""
    assert (
        pgproof("drift", "--watch").out == "DATABASE: who changes what is recorded from now on, in pgproof.ddl\n"
    )
    assert pgproof("drift", "--watch").out == "DATABASE: who changes what is recorded already, in pgproof.ddl\n"
    write(Path("migrations"), {"3-t.sql": "CREATE TABLE t (x int);\n"})
    assert pgproof("upgrade").code == 0
    assert pgproof("drift").code == 0
    assert pgproof("drift", "--full").code == 0
    name = f"ann_{database.database[-8:]}"
    conn.execute(f"CREATE ROLE {name}; GRANT {name} TO CURRENT_USER; ALTER TABLE t OWNER TO {name}".encode())
    try:
        conn.execute(f"SET application_name = 'psql'; SET ROLE {name}".encode())
        conn.execute("ALTER TABLE t\n  ADD y int")
        conn.execute("RESET ROLE; ALTER TABLE a DROP COLUMN d")
        told, document = pgproof("drift"), json.loads(pgproof("drift", "--format", "json").out)
        reader = Conninfo.of(**{**dict(database.parameters), "options": f"-c role={name}"})
        conn.execute(f"GRANT USAGE ON SCHEMA pgproof TO {name}".encode())
        conn.execute(f"GRANT SELECT ON pgproof.history, pgproof.repeatable TO {name}".encode())
        monkeypatch.setenv("DATABASE_URL", reader.secret)
        unread = pgproof("drift")
        refused = pgproof("drift", "--unwatch")
        monkeypatch.setenv("DATABASE_URL", database.secret)
    finally:
        conn.execute(f"RESET ROLE; DROP OWNED BY {name}; DROP ROLE {name}".encode())
    user, when = re.escape(conn.info.user), r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
    signed = [
        rf"- column public\.a\.d is missing \[.*]\n    by {user}, {when}, with psql: RESET ROLE; .* DROP COLUMN d",
        rf"\+ column public\.t\.y .*\n    by {user} as {name}, {when}, with psql: ALTER TABLE t ADD y int",
        rf"~ table public\.t: owner is .*\n    by {user}, {when}, with pgproof: CREATE ROLE {name}; GRANT .*",
    ]
    for each in signed:
        assert re.search(f"^{each}$", told.out, re.MULTILINE), told.out
    by = {each["label"]: each["by"] for each in document["differences"]}["column public.t.y"]
    assert (by["session_role"], by["role"], by["tag"]) == (conn.info.user, name, "ALTER TABLE")
    assert (by["statement"], by["application"], by["client"]) == ("ALTER TABLE t\n  ADD y int", "psql", "")
    assert (
        f"note: who made the differences is recorded: GRANT SELECT ON TABLE pgproof.ddl TO {name}\n" in unread.out
    )
    assert refused.code == 3
    assert "HINT: let a superuser run what this writes: pgproof drift --unwatch --sql\n" in refused.err
    conn.execute("CREATE TABLE t ()")
    conn.execute("ALTER EVENT TRIGGER pgproof_watch DISABLE")
    assert "the event triggers are missing or disabled: pgproof drift --watch\n" in pgproof("drift").out
    conn.execute(pgproof("drift", "--unwatch", "--sql").out.encode())
    assert pgproof("drift", "--unwatch").out == "DATABASE: who changes what was not recorded\n"
    conn.execute(pgproof("drift", "--watch", "--sql").out.encode())
    assert pgproof("drift", "--unwatch").out.endswith("is recorded no more, and what was recorded is gone\n")
    assert pgproof("drift").out.count("    by ") == 0
    assert pgproof("drift", "--sql").code == 2


def test_pg_dump_as_a_witness(
    pgproof: Pgproof, conn: psycopg.Connection, database: Conninfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It agrees; where it sees more than we do, here because we are made blind, that is a defect of ours."""
    told = pgproof("drift", "--witness", "pg_dump")
    if "no pg_dump for PostgreSQL" in told.out:
        pytest.skip(told.out)
    assert (told.code, told.out.splitlines()[2]) == (0, "note: pg_dump sees no difference either")
    name = f"ann_{database.database[-8:]}"
    conn.execute("ALTER TABLE a DROP COLUMN d; DROP VIEW v; CREATE SCHEMA s CREATE TABLE t (u int PRIMARY KEY)")
    conn.execute(f"CREATE ROLE {name}; GRANT SELECT ON a TO {name}; COMMENT ON SCHEMA public IS NULL".encode())
    try:
        told = pgproof("drift", "--witness", "pg_dump", "--format", "json")
        assert (told.code, json.loads(told.out)["witness"], json.loads(told.out)["reasons"]) == (1, True, [])
        monkeypatch.setattr(
            comparison, "compare", lambda *sides: [each for each in compare(*sides) if each.fact.name[0] != "s"]
        )
        told = pgproof("drift", "--witness", "pg_dump")
        missed = "cannot tell: pg_dump sees a difference that pgproof does not see, please report it: "
        assert told.code == 1
        assert f"{missed}SCHEMA s: only in the database: CREATE SCHEMA s\n" in told.out
        assert f"{missed}TABLE s.t: only in the database: CREATE TABLE s.t ( u integer NOT NULL )\n" in told.out
        assert "please report it: TABLE public.a" not in told.out
        monkeypatch.setattr(comparison, "compare", lambda *_: ())
        told = pgproof("drift", "--witness", "pg_dump")
        assert told.code == 4
        assert f"{missed}COMMENT SCHEMA public: only in the database: COMMENT ON SCHEMA public IS ''\n" in told.out
        assert told.out.endswith("no difference was found, but not all could be seen\n")
        conn.execute(f"GRANT USAGE ON SCHEMA pgproof TO {name}".encode())
        conn.execute(f"GRANT SELECT ON pgproof.history, pgproof.repeatable TO {name}".encode())
        reader = Conninfo.of(**{**dict(database.parameters), "options": f"-c role={name}"})
        monkeypatch.setenv("DATABASE_URL", reader.secret)
        told = pgproof("drift", "--witness", "pg_dump")
    finally:
        conn.execute(f"DROP OWNED BY {name}; DROP ROLE {name}".encode())
    assert told.code == 4
    assert re.search("cannot tell: pg_dump could not be asked: .* permission denied for (schema|table)", told.out)
    monkeypatch.setattr(dump, "find_binaries", lambda _: ([], []))
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("DATABASE_URL", database.secret)
    told = pgproof("drift", "--witness", "pg_dump")
    assert (told.code, "pg_dump could not be asked: no pg_dump for PostgreSQL" in told.out) == (4, True)


def test_only_some_schemas(pgproof: Pgproof, conn: psycopg.Connection) -> None:
    """What is elsewhere is counted, and remembered as no more than that."""
    conn.execute(b"CREATE SCHEMA s CREATE TABLE t (u int); CREATE SCHEMA empty")
    for schemas, differences, elsewhere in ((["public"], 0, 2), (["s"], 1, 1), (["public", "empty"], 1, 1)):
        words = [word for each in schemas for word in ("--schema", each)]
        told = pgproof("drift", *words)
        assert told.code == (1 if differences else 0), schemas
        said = "1 difference" if elsewhere == 1 else f"{elsewhere} differences"
        assert f"note: only {', '.join(schemas)}; {said} elsewhere\n" in told.out
    found = json.loads(pgproof("drift", "--schema", "public", "--format", "json").out)
    assert (found["verdict"], found["schemas"], found["outside"]) == ("same", ["public"], 2)
    assert pgproof("drift").found.endswith("2 differences\n")
    conn.execute(b"DROP SCHEMA s CASCADE; DROP SCHEMA empty")
    assert pgproof("drift").code == 0
    unknown = pgproof("drift", "--schema", "pubic")
    assert (unknown.code, 'there is no schema "pubic"' in unknown.err) == (2, True)
    assert "note: only public; 0 differences elsewhere\n" in pgproof("drift", "--schema", "public").out
    assert pgproof("drift", "--schema", "public", "--repair").code == 2
