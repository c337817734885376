"""The lease on real servers: who has it, who loses it, and that it and the lock keep each other out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from threading import Thread

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.exclusion import Mutex, MutexLost
from pgproof.database.lease import LeaseAttempts
from pgproof.database.pace import Pace
from pgproof.database.watch import tag
from pgproof.errors import DatabaseError
from tests.database.bouncer import bouncer
from tests.database.conftest import Running, execute, waits
from tests.database.test_mutex import BUILD, DROP, HOLDER, KEY, Section, held_on, make_big, migrate

Sessions = Callable[[], psycopg.Connection]
EXPIRE = "update pgproof.lease set expires_at = clock_timestamp() - interval '1 s'"


def attempts(conn: psycopg.Connection, pace: Pace) -> LeaseAttempts:
    return LeaseAttempts(conn, key=KEY, holder=HOLDER, pace=pace)


def take(conn: psycopg.Connection, pace: Pace) -> Mutex | None:
    return attempts(conn, pace).once()


def taken(conn: psycopg.Connection, pace: Pace) -> Mutex:
    lease = take(conn, pace)
    assert lease is not None
    return lease


def test_one_has_it_until_it_is_released(session: Sessions, pace: Pace) -> None:
    first, second = session(), session()
    lease = taken(first, pace)
    lease.tell("07-jobs")
    lease.check()
    other = attempts(second, pace)
    assert other.once() is None
    holding = other.holding()
    assert holding is not None
    assert (holding.backend, holding.step) == (0, "07-jobs")
    assert "process 4711 on web-1 (role " in str(holding)
    lease.release()
    taken(second, pace).check()
    with pytest.raises(MutexLost, match="the migration lock is lost"):
        lease.check()


def test_the_lock_and_the_lease_keep_each_other_out(session: Sessions, database: Conninfo, pace: Pace) -> None:
    conn = session()
    with held_on(database, pace) as (mutex, _):
        mutex.tell("08")
        mutex.check()
        waiting = attempts(conn, pace)
        assert waiting.once() is None
        holding = waiting.holding()
        assert holding is not None
        assert holding.backend
        assert holding.step == "08"
    lease = taken(conn, pace)
    with pytest.raises(DatabaseError, match="another migrator"), held_on(database, pace, wait=0):
        pytest.fail("two at once")
    lease.check()
    execute(database, EXPIRE)
    with held_on(database, pace, wait=0), pytest.raises(MutexLost):
        lease.check()


def test_whoever_has_lost_it_commits_nothing_more(session: Sessions, database: Conninfo, pace: Pace) -> None:
    first, second = session(), session()
    first.execute("create table t (a int)")
    lease = taken(first, pace)
    first.execute(f"begin; {lease.fence}; insert into t values (1); commit")
    execute(database, EXPIRE)
    taken(second, pace)
    with pytest.raises(psycopg.Error, match="the migration lock is lost") as refused:
        first.execute(f"begin; {lease.fence}; insert into t values (2); commit")
    assert refused.value.sqlstate == "PP001"
    first.execute("rollback")
    assert first.execute("select * from t").fetchall() == [(1,)]


def test_the_fence_is_a_sign_of_life(session: Sessions, database: Conninfo, pace: Pace) -> None:
    first, second = session(), session()
    lease = taken(first, pace)
    execute(database, EXPIRE)
    first.execute(f"begin; {lease.fence}; commit")
    assert take(second, pace) is None


def test_an_expired_one_is_let_be_while_its_owner_is_at_work(
    session: Sessions, database: Conninfo, pace: Pace
) -> None:
    first, second, third = session(), session(), session()
    lease = taken(first, pace)
    first.execute(f"begin; {lease.fence}")
    execute_without_wait = f"set lock_timeout = '100ms'; {EXPIRE}"
    with pytest.raises(psycopg.errors.LockNotAvailable):
        execute(database, execute_without_wait)
    first.execute(
        f"update pgproof.lease set expires_at = clock_timestamp() - interval '1 s'; commit; begin; {lease.fence}"
    )
    assert take(second, pace) is None
    first.execute(f"rollback; {EXPIRE}")
    third.execute("select pg_advisory_lock(1)")
    running = Running(first, f"{tag('run', '07:1')}select pg_advisory_lock(1)")
    waits(second, 1)
    assert take(second, pace) is None
    third.execute("select pg_advisory_unlock(1)")
    assert running.end() is None
    assert take(second, pace) is not None


def test_a_lost_worker_is_replaced(session: Sessions, pace: Pace) -> None:
    first, second, third = session(), session(), session()
    lease = taken(first, pace)
    first.close()
    lease.release()  # raises nothing
    lease.follow(second)
    lease.check()
    assert take(third, pace) is None
    lease.release()
    assert take(third, pace) is not None


def test_locks_and_leases_at_once(database: Conninfo, pace: Pace) -> None:
    """Four migrators directly, four through a pool of one session, each with a concurrent index."""
    make_big(database)
    section = Section()

    def migrate_by_lease(narrow: Conninfo) -> None:
        try:
            with closing(connect(narrow)) as worker:
                for _ in range(3):
                    for delay in pace.delays(0.01, 0.1):
                        lease = take(worker, pace)
                        if lease is not None:
                            break
                        pace.sleep(delay)
                    section.enter()
                    worker.execute(BUILD)
                    lease.check()
                    worker.execute(f"begin; {lease.fence}; create table u (a int); drop table u; commit")
                    worker.execute(DROP)
                    section.leave()
                    lease.release()
        except (psycopg.Error, DatabaseError) as error:
            section.errors.append(str(error))

    with bouncer(database, mode="transaction", size=1) as narrow:
        threads = [Thread(target=migrate_by_lease, args=(narrow,), daemon=True) for _ in range(4)]
        threads += [Thread(target=migrate, args=(database, section, 3, pace), daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert section.errors == []
    assert (section.done, section.overlaps) == (24, 0)
