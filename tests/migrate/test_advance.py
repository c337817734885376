"""Statements that take their time: what is heard of them meanwhile, and how they are stopped meanwhile."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing, nullcontext
from itertools import islice
from pathlib import Path

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.errors import Interrupted
from pgproof.flows.upgrade import upgrade
from pgproof.migrate.event import Advanced, Ended, Event, Landed
from tests.database.bouncer import bouncer
from tests.faults.cluster import until
from tests.migrate.case import write
from tests.migrate.running import Files, up
from tests.run import terms

ALONE = "-- migrate:up transaction:false\n"
GATE = 700
ROWS = f"""
CREATE TABLE a (b int, c text) WITH (fillfactor = 10, autovacuum_enabled = false);
INSERT INTO a SELECT n, repeat('x', 700) FROM generate_series(1, 1500) AS n;
CREATE FUNCTION gate(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS
    $$ BEGIN IF $1 = {GATE} THEN PERFORM pg_advisory_xact_lock_shared($1); END IF; RETURN $1; END $$;
"""
"""A table of 1500 blocks, and a function that stops at one of its rows for as long as somebody keeps it shut."""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def migrate(database: Conninfo, files: dict[str, str]) -> Generator[Event, None, None]:
    write(Path("migrations"), files)
    events = upgrade(database, Path("migrations"), variables={}, to=None, terms=terms(lock_retries=0))
    assert isinstance(events, Generator)
    return events


def advanced(events: Iterator[Event], phase: str) -> Advanced:
    """The first news of a statement in that phase."""
    for event in events:
        if isinstance(event, Advanced) and event.look and event.look.advance and event.look.advance.phase == phase:
            return event
    raise AssertionError(f"never in phase {phase}")


@pytest.mark.ends
def test_an_index_says_whom_it_waits_for(major_database: Conninfo) -> None:
    file = ALONE + "CREATE TABLE b ();\nCREATE INDEX CONCURRENTLY i ON a (b);"
    with closing(connect(major_database)) as other:
        other.execute("CREATE TABLE a (b int)")
        other.execute("BEGIN; INSERT INTO a VALUES (1)")
        pid = other.info.backend_pid
        events = migrate(major_database, {"1-a.sql": file})
        found = advanced(events, "waiting for writers before build")
        other.execute("COMMIT")
        left = list(events)
    assert found.number == 2
    assert found.seconds > 0.4
    assert found.look is not None
    assert found.look.advance is not None
    told = found.look.advance
    assert (told.command, told.relation) == ("CREATE INDEX CONCURRENTLY", "a")
    assert (told.unit, told.done, told.total) == ("lockers", 0, 1)
    assert [each.pid for each in found.look.blockers] == [pid]
    assert [type(event) for event in left if not isinstance(event, Advanced)] == [Landed, Ended]


@pytest.mark.ends
@pytest.mark.parametrize(
    ("statement", "command", "phase"),
    [
        ("CREATE INDEX i ON a (gate(b))", "CREATE INDEX", "building index: scanning table"),
        (ALONE + "REINDEX INDEX made", "REINDEX", "building index: scanning table"),
        (ALONE + "VACUUM FULL a", "VACUUM FULL", "rebuilding index"),
    ],
    ids=["create", "reindex", "vacuum full"],
)
def test_a_command_says_how_far_it_is(major_database: Conninfo, statement: str, command: str, phase: str) -> None:
    with closing(connect(major_database)) as other:
        other.execute(ROWS)
        other.execute("CREATE INDEX made ON a (gate(b))")
        other.execute(f"SELECT pg_advisory_lock({GATE})")
        events = migrate(major_database, {"1-a.sql": f"{statement};"})
        found = advanced(events, phase)
        other.execute(f"SELECT pg_advisory_unlock({GATE})")
        assert isinstance(list(events)[-1], Ended)
    assert found.number == (None if command == "CREATE INDEX" else 1)
    assert found.look is not None
    told = found.look.advance
    assert told is not None
    assert (told.command, told.relation, told.partitions) == (command, "a", 0)
    if command == "VACUUM FULL":
        assert (told.unit, told.done, told.total) == ("indexes", 0, None)
    else:
        assert (told.unit, told.total) == ("blocks", 1500)
        assert GATE - 1 <= told.done <= GATE


@pytest.mark.ends
def test_an_index_says_at_which_partition_it_is(major_database: Conninfo) -> None:
    parts = "".join(f"CREATE TABLE p{n} PARTITION OF p FOR VALUES IN ({n});\n" for n in range(GATE - 1, GATE + 2))
    with closing(connect(major_database)) as other:
        other.execute(f"{ROWS} CREATE TABLE p (b int) PARTITION BY LIST (b); {parts}")
        other.execute(f"INSERT INTO p SELECT n FROM generate_series({GATE - 1}, {GATE + 1}) AS n")
        other.execute(f"SELECT pg_advisory_lock({GATE})")
        events = migrate(major_database, {"1-a.sql": "CREATE INDEX i ON p (gate(b));"})
        found = advanced(events, "building index: scanning table")
        other.execute(f"SELECT pg_advisory_unlock({GATE})")
        assert isinstance(list(events)[-1], Ended)
    assert found.look is not None
    assert found.look.advance is not None
    assert (found.look.advance.partitions_done, found.look.advance.partitions) == (1, 3)


@pytest.mark.ends
def test_a_vacuum_says_how_far_it_is(major_database: Conninfo) -> None:
    with closing(connect(major_database)) as conn:
        conn.execute(ROWS)
    slow = "SET vacuum_cost_delay = '20ms';\nSET vacuum_cost_limit = 20;\n"
    events = migrate(major_database, {"1-a.sql": f"{ALONE}{slow}VACUUM a;"})
    found = advanced(events, "scanning heap")
    events.close()
    assert found.look is not None
    assert found.look.advance is not None
    assert (found.look.advance.command, found.look.advance.total) == ("VACUUM", 1500)


@pytest.mark.parametrize("size", [5, 1])
def test_behind_a_pooler(database: Conninfo, size: int) -> None:
    """Where there is no session to spare, it is not known more than that the statement runs."""
    with closing(connect(database)) as other, bouncer(database, mode="transaction", size=size) as way:
        other.execute("CREATE TABLE a (b int)")
        other.execute("BEGIN; INSERT INTO a VALUES (1)")
        events = migrate(way, {"1-a.sql": f"{ALONE}CREATE INDEX CONCURRENTLY i ON a (b);"})
        if size > 1:
            advanced(events, "waiting for writers before build")
        else:
            seen = [event for event in islice(events, 6) if isinstance(event, Advanced)]
            assert [event.look for event in seen] == [None] * len(seen) != []
        other.execute("COMMIT")
        assert isinstance(list(events)[-1], Ended)


def test_a_statement_without_a_watchdog_says_that_it_runs(conn: psycopg.Connection, files: Files) -> None:
    events = up(conn, files({"1-a.sql": "SELECT pg_sleep(1.3);", "2-b.sql": "SELECT 1;"}))
    seen = [event for event in events if isinstance(event, Advanced)]
    assert [(event.number, event.look) for event in seen] == [(None, None)] * 2
    assert 0.5 <= seen[0].seconds < seen[1].seconds < 1.4


@pytest.mark.parametrize("head", ["", ALONE], ids=["transaction", "alone"])
@pytest.mark.parametrize("is_pooled", [False, True], ids=["direct", "pooled"])
def test_an_interruption_while_news_are_told(
    conn: psycopg.Connection, database: Conninfo, head: str, is_pooled: bool
) -> None:
    """It comes to whoever shows them, who hands it on."""
    conn.execute("CREATE TABLE a (b int)")
    pool = bouncer(database, mode="transaction") if is_pooled else nullcontext(database)
    with closing(connect(database)) as other, pool as way:
        other.execute("BEGIN; LOCK TABLE a")
        index = "CREATE INDEX CONCURRENTLY i ON a (b);" if head else "ALTER TABLE a ADD c int;"
        events = migrate(way, {"1-a.sql": f"{head}{index}"})
        found = next(event for event in events if isinstance(event, Advanced) and event.look)
        assert found.look is not None
        assert found.look.waited is not None
        with pytest.raises(Interrupted) as caught:
            events.throw(KeyboardInterrupt())
        assert "NEXT: run again: pgproof upgrade" in str(caught.value)
        assert left(conn) == []
        if head:
            outcomes = conn.execute("SELECT outcome FROM pgproof.journal").fetchall()
            assert outcomes == [("cancelled",)]


@pytest.mark.parametrize("head", ["", ALONE])
def test_whoever_hears_no_more_stops_the_statement(
    conn: psycopg.Connection, database: Conninfo, head: str
) -> None:
    conn.execute("CREATE TABLE a (b int)")
    files = {"1-a.sql": f"{head}CREATE INDEX {'CONCURRENTLY' if head else ''} i ON a (b);"}
    with closing(connect(database)) as other:
        other.execute("BEGIN; LOCK TABLE a")
        events = migrate(database, files)
        next(event for event in events if isinstance(event, Advanced))
        events.close()
        until(lambda: not left(conn), "the statement ends")
        assert isinstance(other.execute("COMMIT"), psycopg.Cursor)
    assert isinstance(list(migrate(database, files))[-1], Ended)
    assert conn.execute("SELECT indisvalid FROM pg_index WHERE indrelid = 'a'::regclass").fetchall() == [(True,)]


def left(conn: psycopg.Connection) -> list[tuple[str]]:
    """Statements of migrations that the server is at."""
    query = "SELECT query FROM pg_stat_activity WHERE starts_with(query, '/* pgproof:') AND state = 'active'"
    return conn.execute(query).fetchall()
