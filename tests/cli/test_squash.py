"""`squash` as a person types it, and what databases in every state make of the baseline."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from pgproof.catalog.extract import extract
from pgproof.catalog.fact import Fact, Value
from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.drift.scope import without
from tests.cli.told import Pgproof
from tests.migrate.case import write

pytestmark = pytest.mark.usefixtures("same_server")

FILES = {
    "01-a.sql": "-- migrate:up\nCREATE TABLE a (b varchar(9) CHECK (b IN ('x', 'y')), c date DEFAULT now());\n"
    "INSERT INTO a (b) VALUES ('x');\n-- migrate:down\nDROP TABLE a;\n",
    "02-b.sql": "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON a (b);\n"
    "-- migrate:down\nDROP INDEX i;\n",
    "03-c.sql": "-- migrate:up\nCREATE SCHEMA c;\nCREATE VIEW c.v AS SELECT b FROM a WHERE b IN ('x', 'y');\n"
    "CREATE TABLE c.n (id int GENERATED ALWAYS AS IDENTITY, t text DEFAULT $$;\n--$$);\n"
    "INSERT INTO c.n (t) VALUES ('it''s \\ one'), ('two');\n-- migrate:down\nDROP SCHEMA c CASCADE;\n",
    "04-d.sql": "-- migrate:up\nALTER TABLE a ADD COLUMN d int;\n-- migrate:down\nALTER TABLE a DROP COLUMN d;\n",
}
Fresh = Callable[[], Conninfo]


@pytest.fixture
def fresh(server: ScratchServer) -> Iterator[Fresh]:
    """Makes further empty databases."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(server.database())


def content(conninfo: Conninfo) -> tuple[list[Fact], list[tuple[object, ...]]]:
    with closing(connect(conninfo)) as conn, read_only(conn):
        rows = conn.execute("SELECT id, t FROM c.n ORDER BY id").fetchall()
        facts = without(extract(conn, options=frozenset({"positions"})))
    return sorted((_without_casts(each) for each in facts), key=lambda each: each.key), rows


def _without_casts(fact: Fact) -> Fact:
    def bare(value: Value) -> Value:
        return re.sub(r"::character varying|::text(\[\])?|[()]", "", value) if isinstance(value, str) else value

    return replace(fact, values=tuple(bare(each) for each in fact.values))


def squashed(pgproof: Pgproof) -> None:
    told = pgproof("squash", "--to", "3")
    assert (told.code, told.err) == (0, "")
    assert re.fullmatch(
        r"migrations/baseline-03\.sql written: it builds what 01-a to 03-c build \(proved on PostgreSQL [\d.]+\)\n"
        r"when no database is below 03-c any more, the files up to it may be removed\n",
        told.out,
    )


def remove_old() -> None:
    for name in list(FILES)[:3]:
        Path("migrations", name).unlink()


def test_a_new_database_begins_with_it(pgproof: Pgproof, database: Conninfo, fresh: Fresh) -> None:
    write(Path("migrations"), FILES)
    one_by_one = fresh()
    assert pgproof("upgrade", "--database", one_by_one.secret).code == 0
    squashed(pgproof)
    assert pgproof("upgrade").out == (
        "DATABASE\n  baseline-03  applied in T\n  04-d         applied in T\n"
        "2 migrations applied in T; the database is at 04-d\n"
    )
    assert content(database) == content(one_by_one)
    for _ in range(2):  # with the old files, and without
        assert pgproof("upgrade").out == "DATABASE\nnothing to do: the database is at 04-d\n"
        told = pgproof("status")
        assert (told.code, "baseline-03  applied" in told.out, "01-a" in told.out) == (0, True, False)
        if Path("migrations/01-a.sql").exists():
            remove_old()
    assert pgproof("downgrade", "--steps", "1").code == 0
    refused = pgproof("downgrade", "--steps", "1")
    assert (refused.code, "baseline-03.sql is irreversible" in refused.err) == (2, True)


def test_one_that_has_applied_the_files_never_runs_it(pgproof: Pgproof) -> None:
    write(Path("migrations"), FILES)
    pgproof("upgrade", "--to", "3")
    squashed(pgproof)
    assert "01-a  applied" in pgproof("status").out
    remove_old()
    told = pgproof("status")
    assert (told.code, "01-a  applied" in told.out) == (1, True)
    assert pgproof("upgrade").out.endswith("1 migration applied in T; the database is at 04-d\n")
    assert pgproof("upgrade").out == "DATABASE\nnothing to do: the database is at 04-d\n"
    assert pgproof("status").code == 0
    assert pgproof("redo").code == 0
    assert pgproof("plan", "--scratch").code == 0


def test_one_in_the_middle_goes_on_with_the_files(pgproof: Pgproof, fresh: Fresh) -> None:
    write(Path("migrations"), FILES)
    middle = fresh().secret
    for address in (middle, ""):
        pgproof("upgrade", "--to", "1", *(["--database", address] if address else []))
    squashed(pgproof)
    assert pgproof("upgrade").out.startswith(
        "DATABASE\n  02-b  applied in T  (without a transaction)\n  03-c  applied"
    )
    remove_old()
    refused = pgproof("upgrade", "--database", middle)
    assert (refused.code, refused.out) == (2, "")
    assert "error: the database is in the middle of what baseline-03.sql stands for\n" in refused.err
    assert "not version 2" in refused.err
    assert pgproof("status", "--database", middle).code == 2


def test_a_version_below_it_is_reached_by_the_files(pgproof: Pgproof) -> None:
    write(Path("migrations"), FILES)
    squashed(pgproof)
    assert pgproof("upgrade", "--to", "2").out.endswith("2 migrations applied in T; the database is at 02-b\n")


def test_squashed_again(pgproof: Pgproof, database: Conninfo, fresh: Fresh) -> None:
    write(Path("migrations"), FILES)
    squashed(pgproof)
    remove_old()
    first = fresh()
    pgproof("upgrade", "--database", first.secret)
    assert "it builds what baseline-03 to 04-d build" in pgproof("squash", "--to", "04").out
    assert pgproof("upgrade").out.endswith("1 migration applied in T; the database is at baseline-04\n")
    assert content(database) == content(first)
    for name in ("04-d.sql", "baseline-03.sql"):
        Path("migrations", name).unlink()
    assert pgproof("status", "--database", first.secret).code == 0


def test_the_sum_follows(pgproof: Pgproof) -> None:
    write(Path("migrations"), FILES)
    pgproof("sum")
    squashed(pgproof)
    assert pgproof("sum", "--check").code == 0
    assert "\nbaseline-03.sql sha256:" in Path("migrations/pgproof.sum").read_text()


def test_promises_in_comments_are_counted(pgproof: Pgproof) -> None:
    index = "-- Query pattern: WHERE b = ?\nCREATE INDEX i ON a (b);\n"
    write(Path("migrations"), {"01-a.sql": "CREATE TABLE a (b int);\n", "02-b.sql": index})
    assert (
        "\n1 documented query in comments of these files: move them to checks/"
        in pgproof("squash", "--to", "2").out
    )


def test_what_cannot_be_squashed(pgproof: Pgproof) -> None:
    write(Path("migrations"), FILES)
    assert "error: one file cannot be squashed\n" in pgproof("squash", "--to", "1").err
    assert pgproof("squash").code == 2
    squashed(pgproof)
    assert "error: migrations/baseline-03.sql is there already\n" in pgproof("squash", "--to", "3").err
    assert 'no migration of version "9"' in pgproof("squash", "--to", "9").err


def test_a_baseline_is_checked_like_the_files(pgproof: Pgproof) -> None:
    write(Path("migrations"), FILES)
    before = pgproof("check").out.splitlines()[1:]
    squashed(pgproof)
    assert pgproof("check").out.splitlines()[1:] == before
    remove_old()
    assert pgproof("check").code == 0


def test_owners_and_privileges_are_kept(pgproof: Pgproof) -> None:
    """The owners that files name; what belongs to whoever runs them is left to whoever runs the baseline."""
    names = (
        "ALTER TABLE a OWNER TO pg_monitor;\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n"
        "GRANT SELECT ON a TO pg_read_all_stats;\nALTER FUNCTION f() OWNER TO pg_monitor;\n"
    )
    write(Path("migrations"), {**FILES, "03-c.sql": FILES["03-c.sql"].replace("-- migrate:down", names)})
    squashed(pgproof)
    text = Path("migrations/baseline-03.sql").read_text()
    assert re.findall(r"^ALTER (\S+) \S+ OWNER TO (\S+);$", text, re.MULTILINE) == [
        ("FUNCTION", "pg_monitor"),
        ("TABLE", "pg_monitor"),
    ]


def test_what_no_dump_has_is_named(pgproof: Pgproof) -> None:
    setting = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 99', current_database()); END $$;\n"
    write(Path("migrations"), {**FILES, "02-b.sql": setting})
    told = pgproof("squash", "--to", "3")
    assert told.code == 2
    assert told.err.startswith("pgproof: error: the files cannot be squashed: a dump of what they build")
    assert "\n  - setting of the database: settings work_mem=99 is made only by the files\n" in told.err
    assert not Path("migrations/baseline-03.sql").exists()
