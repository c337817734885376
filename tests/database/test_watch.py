"""Who waits for whom on a real server, and the watchdog that ends a wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from threading import current_thread

import psycopg
import pytest

from pgproof.database import watch, watchdog
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.database.watch import Limits, Reason, Session, blockers, orphans, tag
from pgproof.database.watchdog import Watch, Watchdog
from tests.database.bouncer import bouncer
from tests.database.conftest import Running, execute, waits
from tests.faults.cluster import until

Sessions = Callable[[], psycopg.Connection]


def test_blockers_and_victims(session: Sessions) -> None:
    side, reader, other, ours, victim, second = (session() for _ in range(6))
    side.execute("create table t (a int); create table u (a int)")
    reader.execute("begin; select * from t /* reads\n   and stays */")
    other.execute("begin; lock u in share mode")
    waiting = [Running(other, "lock t in access exclusive mode")]
    waits(side, 1)
    waiting.append(Running(ours, "alter table t add b int"))
    waits(side, 2)
    waiting += [Running(victim, "select * from t"), Running(second, "select count(*) from t")]
    waits(side, 4)
    time.sleep(0.05)
    found = blockers(side, ours.info.backend_pid)
    assert found is not None
    assert found.waited is not None
    assert 0.03 < found.waited <= found.running
    assert [(each.pid, each.depth, each.state) for each in found.blockers] == [
        *sorted([(reader.info.backend_pid, 1, "idle in transaction"), (other.info.backend_pid, 1, "active")])
    ]
    assert (found.victims, found.reason) == (2, None)
    assert 0 < found.longest_victim <= found.waited
    text = str(found)
    assert f"held by backend {reader.info.backend_pid} (role " in text
    assert (
        '"session 2", idle in transaction, transaction open for 0 s): begin; select * from t /* reads and' in text
    )
    assert text.endswith(f"2 waited behind it, the longest for {found.longest_victim:.1f} s")

    behind = blockers(side, victim.info.backend_pid)
    assert behind is not None
    depths = {each.pid: each.depth for each in behind.blockers}
    assert depths[ours.info.backend_pid] == 1
    assert depths[reader.info.backend_pid] == 2
    reader.execute("rollback")
    assert waiting[0].end() is None
    other.execute("rollback")
    assert [each.end() for each in waiting[1:]] == [None, None, None]


def test_a_session_that_neither_waits_nor_is_there(session: Sessions) -> None:
    side, idle = session(), session()
    found = blockers(side, idle.info.backend_pid)
    assert found is not None
    assert (found.waited, found.blockers, found.victims, str(found)) == (None, (), 0, "")
    assert blockers(side, 0) is None


def test_a_prepared_transaction_is_named(keeping_server: ScratchServer) -> None:
    with (
        keeping_server.database() as database,
        closing(connect(database)) as conn,
        closing(connect(database)) as side,
    ):
        execute(database, "create table t (a int)", "begin; lock t; prepare transaction 'forgotten'")
        waiting = Running(conn, "select * from t")
        waits(side, 1)
        found = blockers(side, conn.info.backend_pid)
        side.execute("rollback prepared 'forgotten'")
        assert waiting.end() is None
    assert found is not None
    (blocker,) = found.blockers
    assert (blocker.pid, blocker.application, blocker.state) == (0, "forgotten", "")
    assert str(blocker) == "a prepared transaction (forgotten): SELECT * FROM pg_prepared_xacts"


def test_what_a_role_may_not_see_is_left_out(server: ScratchServer, session: Sessions) -> None:
    side, reader, ours = session(), session(), session()
    side.execute("create table t (a int)")
    reader.execute("begin; select * from t")
    waiting = Running(ours, "drop table t")
    waits(side, 1)
    side.execute("create role outsider")
    try:
        side.execute("set role outsider")
        found = blockers(side, ours.info.backend_pid)
    finally:
        side.execute("reset role")
        side.execute("drop role outsider")
    reader.execute("rollback")
    assert waiting.end() is None
    assert found is not None
    (blocker,) = found.blockers
    assert blocker.pid == reader.info.backend_pid
    assert blocker.transaction_seconds is None
    assert "idle" not in str(blocker)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(lock_wait=0.4), Reason.LOCK_WAIT),
        (Limits(statement=0.4, lock_wait=60), Reason.STATEMENT_TIME),
        (Limits(victims=1, statement=60), Reason.VICTIMS),
    ],
)
def test_a_statement_that_cannot_be_in_a_transaction_is_cancelled(
    pooled: Conninfo, session: Sessions, limits: Limits, reason: Reason
) -> None:
    """Through transaction pooling: nobody knows the session, and SET is not to be had."""
    side, reader, late = session(), session(), session()
    side.execute("create table t (a int)")
    reader.execute("begin; lock t in row exclusive mode")
    heard: list[str] = []

    def hear(watch: Watch) -> None:
        heard.append(current_thread().name)

    mark = tag("run-1", "07:1")
    with closing(connect(pooled)) as conn, Watchdog(pooled, seen=hear) as dog, dog.watching(mark, limits) as seen:
        waiting = Running(conn, f"{mark}create index concurrently t_a on t (a)")
        waits(side, 1)
        victim = (
            Running(late, "lock t in share row exclusive mode nowait") if reason is not Reason.VICTIMS else None
        )
        if reason is Reason.VICTIMS:
            behind = Running(late, "alter table t add b int")
        error = waiting.end()
        assert isinstance(error, psycopg.errors.QueryCanceled)
        assert conn.execute("select 1").fetchone() == (1,)
    reader.execute("rollback")
    (behind if victim is None else victim).end()
    assert seen.reason is reason
    assert seen.blockage is not None
    assert [each.pid for each in seen.blockage.blockers] == [reader.info.backend_pid]
    assert seen.blockage.victims == (1 if reason is Reason.VICTIMS else 0)
    assert set(heard) == {"pgproof watchdog"}


def test_the_statement_after_is_not_harmed(database: Conninfo, session: Sessions) -> None:
    conn = session()
    with Watchdog(database) as dog:
        for number in range(3):
            mark = tag("run", f"1:{number}")
            with dog.watching(mark, Limits(statement=0.3)) as seen, pytest.raises(psycopg.errors.QueryCanceled):
                conn.execute(f"{mark}select pg_sleep(5)")
            assert seen.reason is Reason.STATEMENT_TIME
            with dog.watching(tag("run", "2"), Limits(statement=60)) as seen:
                conn.execute(f"{tag('run', '2')}select pg_sleep(0.15)")
            assert seen.reason is None


def test_quick_statements_cost_no_connection(database: Conninfo, session: Sessions) -> None:
    conn = session()
    looks = 0
    with Watchdog(database) as dog:
        spent = time.process_time()
        for number in range(1000):
            mark = tag("run", str(number))
            begin = time.monotonic()
            with dog.watching(mark, Limits(statement=1)) as seen:
                conn.execute(f"{mark}select 1")
            looks += seen.looks
            assert seen.looks == 0 or time.monotonic() - begin > watchdog._TICK  # on a busy machine
        assert time.process_time() - spent < 3
        query = "select count(*) from pg_stat_activity where application_name = 'pgproof watchdog'"
        assert conn.execute(query).fetchone() == (1 if looks else 0,)


def test_a_watchdog_without_a_session_is_blind_and_ends_all_the_same(database: Conninfo) -> None:
    with (
        bouncer(database, mode="transaction", size=1) as narrow,
        closing(connect(narrow)) as conn,
        closing(connect(database)) as other,
    ):
        other.execute("select pg_advisory_lock(1)")
        mark = tag("run", "1")
        with Watchdog(narrow) as dog, dog.watching(mark, Limits(statement=0.3)) as seen:
            running = Running(conn, f"{mark}select pg_advisory_lock_shared(1)")
            until(lambda: "not answered" in dog.blind, "it is blind")
            begin = time.monotonic()
        assert time.monotonic() - begin < 10
        assert running.thread.is_alive()
        other.execute("select pg_advisory_unlock(1)")
        assert running.end() is None
        assert seen.looks == 0


def test_a_watchdog_without_a_server_is_blind(tmp_path: object, session: Sessions) -> None:
    conn = session()
    mark = tag("run", "1")
    with Watchdog(Conninfo.of(host=str(tmp_path))) as dog, dog.watching(mark, Limits(statement=0.1)) as seen:
        conn.execute(f"{mark}select pg_sleep(0.5)")
        assert "cannot connect" in dog.blind
    assert seen.looks == 0


def test_orphans_are_found_and_ended(way: Conninfo, database: Conninfo) -> None:
    with (
        closing(connect(database)) as side,
        closing(connect(way)) as dead,
        closing(connect(way)) as own,
        closing(connect(database)) as other,
    ):
        other.execute("select pg_advisory_lock(1)")
        side.execute("SET standard_conforming_strings = off")  # a database may have it so
        assert orphans(side) == ()
        running = Running(dead, f"{tag('dead-run', '07-jobs:3')}select pg_sleep(60)")
        mine = Running(own, f"{tag('my-run', '08:1')}select pg_advisory_lock_shared(1)")
        until(lambda: len(orphans(side)) == 2, "both are at work")
        (orphan,) = orphans(side, "my-run")
        assert (orphan.run, orphan.step, orphan.state, orphan.is_waiting) == (
            "dead-run",
            "07-jobs:3",
            "active",
            False,
        )
        assert "pg_sleep(60)" in orphan.query
        assert watch.end(side, orphan)
        assert isinstance(running.end(), psycopg.errors.QueryCanceled)
        assert not watch.end(side, orphan)
        other.execute("select pg_advisory_unlock(1)")
        assert mine.end() is None
        assert orphans(side, "my-run") == ()


def test_a_transaction_that_stands_open_is_an_orphan(session: Sessions) -> None:
    side, dead = session(), session()
    dead.execute(f"{tag('dead', '07')}begin; create table t (a int)")
    (orphan,) = orphans(side)
    assert orphan.state == "idle in transaction"
    assert watch.end(side, orphan)
    with pytest.raises(psycopg.OperationalError):
        for _ in range(100):
            dead.execute("select 1")
    assert orphans(side) == ()


def test_a_long_query_is_shown_by_its_head() -> None:
    session = Session(
        pid=1,
        depth=1,
        user="",
        application="",
        state="active",
        transaction_seconds=None,
        query="select " + "x" * 99,
    )
    assert str(session) == f"backend 1 (active): select {'x' * 73}..."
