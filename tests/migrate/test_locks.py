"""Migrations that meet the locks of others: how long they wait, what they say, when they try again or give up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.errors import DatabaseError
from pgproof.flows.upgrade import upgrade
from pgproof.migrate.event import Ended, Event, Noticed, Planned, Retried, Warned
from pgproof.migrate.limits import Limits
from pgproof.migrate.terms import Preflight
from tests.database.bouncer import bouncer
from tests.faults.cluster import until
from tests.migrate.case import write
from tests.run import terms

ALONE = "-- migrate:up transaction:false\n"


def migrate(database: Conninfo, **changes: object) -> Iterator[Event]:
    return upgrade(database, Path("migrations"), variables={}, to=None, terms=terms(**changes))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "migrations"


@contextmanager
def locked(database: Conninfo, *statements: str) -> Iterator[psycopg.Connection]:
    """Somebody else's transaction, which has run these statements."""
    with closing(connect(database, application_name="reporting")) as conn:
        conn.execute("BEGIN")
        for statement in statements:
            conn.execute(statement)
        yield conn
        if not conn.closed:
            conn.execute("ROLLBACK")


def test_whoever_blocks_is_named(conn: psycopg.Connection, database: Conninfo, folder: Path) -> None:
    conn.execute("CREATE TABLE a ()")
    write(folder, {"1-b.sql": "CREATE TABLE b ();", "2-a.sql": "SELECT 1;\nALTER TABLE a ADD c int;"})
    with locked(database, "LOCK TABLE a"), pytest.raises(DatabaseError) as caught:
        list(migrate(database, limits=Limits(lock_timeout=2000), lock_retries=0))
    lines = str(caught.value).splitlines()
    assert lines[0] == "migrations/2-a.sql:2:1: canceling statement due to lock timeout"
    assert lines[3] == "SQLSTATE: 55P03"
    assert lines[4].startswith("LOCKS: waited ")
    assert "held by backend" in lines[5]
    assert '"reporting", idle in transaction' in lines[5]
    assert lines[5].endswith(": LOCK TABLE a")
    assert lines[6:] == ["COMMITTED: 1-b", "ROLLED BACK: 2-a, all of it", "NEXT: run again: pgproof upgrade"]


@pytest.mark.parametrize("text", ["ALTER TABLE a ADD c int;", ALONE + "ALTER TABLE a ADD c int;"])
def test_it_tries_again_when_nothing_was_done(
    conn: psycopg.Connection, database: Conninfo, folder: Path, text: str
) -> None:
    conn.execute("CREATE TABLE a ()")
    write(folder, {"1-a.sql": text})
    seen = []
    with locked(database, "LOCK TABLE a") as other:
        for event in migrate(database, limits=Limits(lock_timeout=50), lock_retries=3):
            seen.append(event)
            if isinstance(event, Retried):
                assert (event.problem.sqlstate, event.left) == ("55P03", 3)
                other.execute("ROLLBACK")
    assert isinstance(seen[-1], Ended)
    assert sum(isinstance(event, Retried) for event in seen) == 1
    assert conn.execute("SELECT state FROM pgproof.history").fetchall() == [("applied",)]


@pytest.mark.slow
def test_a_deadlock_is_tried_again(conn: psycopg.Connection, database: Conninfo, folder: Path) -> None:
    conn.execute("CREATE TABLE a (); CREATE TABLE b ()")
    write(
        folder, {"1-a.sql": "SET deadlock_timeout = '3s';\nLOCK TABLE a;\nLOCK TABLE b;\nALTER TABLE b ADD c int;"}
    )
    with locked(database, "SET deadlock_timeout = '30s'", "LOCK TABLE b") as other:  # so that ours is the victim

        def cross() -> None:
            waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'b'::regclass"
            until(lambda: conn.execute(waiting).fetchone() is not None, "it waits")
            other.execute("LOCK TABLE a")
            other.execute("ROLLBACK")

        thread = threading.Thread(target=cross)
        thread.start()
        seen = list(migrate(database))
        thread.join()
    assert [event.problem.sqlstate for event in seen if isinstance(event, Retried)] == ["40P01"]
    assert isinstance(seen[-1], Ended)


@pytest.mark.slow
def test_it_gives_up_for_those_who_wait_behind_it(
    conn: psycopg.Connection, database: Conninfo, folder: Path
) -> None:
    conn.execute("CREATE TABLE a ()")
    write(folder, {"1-a.sql": "ALTER TABLE a ADD c int;"})
    with locked(database, "SELECT * FROM a"), closing(connect(database)) as reader:

        def read() -> None:
            waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'a'::regclass"
            until(lambda: conn.execute(waiting).fetchone() is not None, "it waits")
            reader.execute("SELECT * FROM a")

        thread = threading.Thread(target=read)
        thread.start()
        with pytest.raises(DatabaseError) as caught:
            list(migrate(database, victims=1, lock_retries=0))
        thread.join()
    said = str(caught.value)
    assert "1-a.sql:1:1: given up, because 1 or more sessions waited behind it" in said
    assert "1 waited behind it, the longest for" in said
    assert "ROLLED BACK: 1-a, all of it\nNEXT: run again: pgproof upgrade" in said


@pytest.mark.slow
@pytest.mark.parametrize("pooled", [False, True])
def test_a_build_that_waits_too_long_is_cleared_away_and_tried_again(
    conn: psycopg.Connection, database: Conninfo, folder: Path, pooled: bool
) -> None:
    """Behind a pooler there is no setting for it: the watchdog cancels."""
    conn.execute("CREATE TABLE a (b int)")
    write(folder, {"1-a.sql": ALONE + "-- pgproof: lock_timeout 600ms\nCREATE INDEX CONCURRENTLY i ON a (b);"})
    snapshot = ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SELECT 1")
    seen = []
    with locked(database, *snapshot) as other, _way(database, pooled) as way:
        for event in migrate(way):
            seen.append(event)
            if isinstance(event, Retried):
                other.execute("ROLLBACK")
    assert [event.problem.sqlstate for event in seen if isinstance(event, Retried)] == [
        "57014" if pooled else "55P03"
    ]
    assert [event.message for event in seen if isinstance(event, Noticed)] == [
        "dropped the index public.i, which an earlier attempt had left invalid"
    ]
    assert isinstance(seen[-1], Ended)
    assert conn.execute("SELECT indisvalid FROM pg_index WHERE indrelid = 'a'::regclass").fetchall() == [(True,)]
    assert conn.execute("SELECT outcome FROM pgproof.journal ORDER BY id").fetchall() == [
        ("cancelled" if pooled else "failed",),
        ("landed",),
    ]


@contextmanager
def _way(database: Conninfo, pooled: bool) -> Iterator[Conninfo]:
    if not pooled:
        yield database
        return
    with bouncer(database, mode="transaction") as address:
        yield address


def test_a_file_and_a_statement_say_their_own_limits(
    conn: psycopg.Connection, database: Conninfo, folder: Path
) -> None:
    conn.execute("CREATE TABLE log (n int, locks text, time text)")
    ask = "INSERT INTO log VALUES ({}, current_setting('lock_timeout'), current_setting('statement_timeout'));\n"
    one = "-- pgproof: Lock_Timeout 3s\n-- pgproof: statement_timeout 0\n"
    head = "-- pgproof: lock_timeout 2 s\n"
    write(
        folder,
        {
            "1-plain.sql": ask.format(1),
            "2-file.sql": head + ask.format(2) + one + ask.format(3) + ask.format(4),
            "3-one.sql": "SELECT 1;\n" + one + ask.format(5) + ask.format(6),
            "4-alone.sql": head + ALONE + ask.format(7) + one + ask.format(8) + ask.format(9),
        },
    )
    list(migrate(database, limits=Limits(statement_timeout=60000)))
    assert conn.execute("SELECT n, locks, time FROM log ORDER BY n").fetchall() == [
        (1, "0", "1min"),
        (2, "2s", "1min"),
        (3, "3s", "0"),
        (4, "2s", "1min"),
        (5, "3s", "0"),
        (6, "0", "1min"),
        (7, "2s", "1min"),
        (8, "3s", "0"),
        (9, "2s", "1min"),
    ]


def test_old_transactions_are_told_before(conn: psycopg.Connection, database: Conninfo, folder: Path) -> None:
    conn.execute("CREATE TABLE a (b int); INSERT INTO a VALUES (1), (1)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        conn.execute("CREATE UNIQUE INDEX CONCURRENTLY i ON a (b)")
    write(folder, {"1-a.sql": "ALTER TABLE a ADD c int;"})
    with pytest.raises(DatabaseError, match="index i on a is invalid"):
        list(migrate(database, preflight=Preflight.STRICT))
    assert conn.execute("SELECT to_regclass('pgproof.history')").fetchone() == (None,)
    events = list(migrate(database))
    assert [type(event) for event in events[:2]] == [Planned, Warned]
    assert isinstance(events[-1], Ended)


@pytest.mark.parametrize(
    "text",
    [
        "CREATE UNIQUE INDEX CONCURRENTLY i ON a (b);",
        "REINDEX INDEX CONCURRENTLY i;",
        "DROP INDEX CONCURRENTLY public.i;",
    ],
)
def test_an_invalid_index_that_the_plan_mends_is_in_nobodys_way(
    conn: psycopg.Connection, database: Conninfo, folder: Path, text: str
) -> None:
    conn.execute("CREATE TABLE a (b int); INSERT INTO a VALUES (1), (1)")
    with suppress(psycopg.errors.UniqueViolation):
        conn.execute("CREATE UNIQUE INDEX CONCURRENTLY i ON a (b)")
    write(folder, {"1-a.sql": f"{ALONE}DELETE FROM a;\n{text}"})
    assert isinstance(list(migrate(database, preflight=Preflight.STRICT))[-1], Ended)
    assert conn.execute("SELECT FROM pg_index WHERE NOT indisvalid").fetchone() is None


def test_what_a_reindex_of_an_earlier_run_has_left_is_dropped(
    conn: psycopg.Connection, database: Conninfo, folder: Path
) -> None:
    """Of the TOAST table, too."""
    conn.execute("CREATE TABLE a (b int PRIMARY KEY, words text)")
    write(folder, {"1-a.sql": f"{ALONE}REINDEX TABLE CONCURRENTLY a;"})
    with closing(connect(database)) as other:
        other.execute("BEGIN; LOCK TABLE a IN ROW EXCLUSIVE MODE")
        with pytest.raises(DatabaseError, match="lock timeout"):
            list(migrate(database, limits=Limits(lock_timeout=50), lock_retries=0))
    left = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
    assert conn.execute(left).fetchone() == (2,)
    assert isinstance(list(migrate(database, preflight=Preflight.STRICT))[-1], Ended)
    assert conn.execute(left).fetchone() == (0,)


@pytest.mark.parametrize("head", ["", ALONE])
def test_a_lease_that_is_lost_stops_the_next_transaction(
    conn: psycopg.Connection, database: Conninfo, folder: Path, head: str
) -> None:
    """Where a pool has one session, a lease guards; somebody else has taken it meanwhile."""
    write(folder, {"1-a.sql": head + "CREATE TABLE a ();", "2-b.sql": head + "CREATE TABLE b ();"})
    with bouncer(database, mode="transaction", size=1) as way:
        events = migrate(way)
        while not isinstance(next(events), Ended):
            pass
        conn.execute("UPDATE pgproof.lease SET token = token + 1")
        with pytest.raises(DatabaseError, match="the migration lock is lost") as caught:
            list(events)
    assert "NEXT: run again: pgproof upgrade" in str(caught.value)
    assert conn.execute("SELECT to_regclass('a') IS NULL, to_regclass('b') IS NULL").fetchone() == (False, True)


def test_a_pool_of_one_session_is_told_what_that_means(
    conn: psycopg.Connection, database: Conninfo, folder: Path
) -> None:
    """A lease is held instead of a lock, and no session is left to look after the statement that runs."""
    write(folder, {"1-a.sql": "CREATE TABLE a ();", "2-b.sql": "SELECT pg_sleep(4);"})
    with bouncer(database, mode="transaction", size=1) as way:
        events = list(migrate(way))
    remarks = [event.problem.message for event in events if isinstance(event, Warned)]
    assert remarks == ["the pool has one session for us: a lease is held instead of a lock"]
    blind = [event.message for event in events if isinstance(event, Noticed)]
    assert [each.partition(": ")[0] for each in blind] == [
        "nobody can see what this statement waits for, or cancel it"
    ]
    assert conn.execute("SELECT count(*) FROM pgproof.history").fetchone() == (2,)
