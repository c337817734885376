"""The migration lock on real servers, directly and through PgBouncer."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from threading import Event, Lock, Thread

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.holder import Holder, held
from pgproof.database.mutex import Mutex, MutexBusy, MutexLost, Waiting, hold, key_of, seek
from pgproof.database.pace import Pace
from pgproof.database.scratch import ScratchServer
from pgproof.errors import DatabaseError
from tests.database.bouncer import bouncer

KEY = key_of()
HOLDER = Holder(host="web-1", pid=4711)
BUILD = "create index concurrently big_i on big (i)"
DROP = "drop index concurrently big_i"


@contextmanager
def held_on(
    conninfo: Conninfo, pace: Pace, wait: float | None = None
) -> Iterator[tuple[Mutex, psycopg.Connection]]:
    with (
        closing(connect(conninfo)) as worker,
        hold(conninfo, worker, key=KEY, holder=HOLDER, wait=wait, pace=pace) as mutex,
    ):
        yield mutex, worker


def holder_of(conninfo: Conninfo) -> str:
    with closing(connect(conninfo)) as conn:
        return str(held(conn, KEY))


def make_big(conninfo: Conninfo) -> None:
    with closing(connect(conninfo)) as conn:
        conn.execute("create table big as select i from generate_series(1, 200) as i")


def backends(conninfo: Conninfo, where: str) -> list[int]:
    with closing(connect(conninfo)) as conn:
        query = (
            "select pid from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database() and "
        )
        return [row[0] for row in conn.execute(query + where)]


class Section:
    """The critical section: who is in it, and how often two were."""

    def __init__(self) -> None:
        self.inside = self.overlaps = self.done = 0
        self.errors: list[str] = []
        self._turn = Lock()

    def enter(self) -> None:
        with self._turn:
            self.overlaps += self.inside
            self.inside += 1

    def leave(self) -> None:
        with self._turn:
            self.inside -= 1
            self.done += 1


def migrate(conninfo: Conninfo, section: Section, times: int, pace: Pace) -> None:
    try:
        for _ in range(times):
            with held_on(conninfo, pace) as (mutex, worker):
                section.enter()
                worker.execute(BUILD)
                mutex.check()
                worker.execute(DROP)
                section.leave()
    except (psycopg.Error, DatabaseError) as error:
        section.errors.append(str(error))


def test_eight_migrators_that_build_an_index_concurrently(way: Conninfo, pace: Pace) -> None:
    make_big(way)
    section = Section()
    threads = [Thread(target=migrate, args=(way, section, 3, pace), daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert section.errors == []
    assert (section.done, section.overlaps, [thread for thread in threads if thread.is_alive()]) == (24, 0, [])


def test_signs_of_life_never_hold_an_index_up(database: Conninfo, pace: Pace) -> None:
    """A query on the lock's connection has a snapshot for a moment; an index that sees it waits for ever."""
    make_big(database)
    enough = Event()
    with held_on(database, pace) as (mutex, worker):
        worker.execute("set statement_timeout = '10s'")

        def pulse() -> None:
            while not enough.is_set():
                mutex.check()

        thread = Thread(target=pulse)
        thread.start()
        try:
            for _ in range(1000):  # with SELECT 1 as the sign of life, about one in 300 waits for ever
                worker.execute(BUILD)
                worker.execute(DROP)
        finally:
            enough.set()
            thread.join()


def test_waiters_know_who_holds_it_since_when_at_which_step(way: Conninfo, pace: Pace) -> None:
    with held_on(way, pace) as (mutex, _):
        mutex.tell("07-größe 2/5")
        mutex.check()
        assert "07-gr??e 2/5" in holder_of(way)
        news: list[Waiting] = []
        with (
            closing(connect(way)) as worker,
            pytest.raises(MutexBusy) as refused,
            hold(way, worker, key=KEY, holder=HOLDER, wait=1.7, pace=pace, waiting=news.append),
        ):
            pytest.fail("two at once")
    text = str(refused.value)
    assert refused.value.exit_code == 3
    assert text.startswith("another migrator is at work on this database\nDETAIL: Process 4711 on web-1 (role ")
    assert "at 07-gr??e 2/5 holds" in text
    assert "--lock-wait SECONDS" in text
    assert len(news) == 2
    assert 0 <= news[0].waited < 1 <= news[1].waited
    assert news[0].held is not None
    assert news[0].held.step == "07-gr??e 2/5"
    assert news[0].held.seconds is not None


def test_trying_once_does_not_wait(database: Conninfo, pace: Pace) -> None:
    def sleep(_: float) -> None:
        pytest.fail("it waits")

    with held_on(database, pace), closing(connect(database)) as worker, pytest.raises(MutexBusy):
        next(seek(database, worker, key=KEY, holder=HOLDER, wait=0, pace=replace(pace, sleep=sleep)))
    with held_on(database, pace, wait=0) as (mutex, _):
        mutex.check()
    assert holder_of(database) == "None"


def test_the_step_is_told_without_being_asked(database: Conninfo, pace: Pace) -> None:
    with held_on(database, pace) as (mutex, _):
        assert "at begins" in holder_of(database)
        mutex.tell("12-b 1/1")
        end = time.monotonic() + 60
        while "at 12-b 1/1" not in holder_of(database):
            assert time.monotonic() < end
            time.sleep(0.05)


def test_other_keys_and_other_databases_are_free(server: ScratchServer, database: Conninfo, pace: Pace) -> None:
    with held_on(database, pace), server.database() as other:
        with held_on(other, pace, wait=0):
            pass
        with (
            closing(connect(database)) as worker,
            hold(database, worker, key=key_of("audit"), holder=HOLDER, wait=0, pace=pace) as mutex,
        ):
            mutex.check()


def test_a_waiter_that_leaves_leaves_nothing(way: Conninfo, pace: Pace) -> None:
    with held_on(way, pace), closing(connect(way)) as worker:
        search = seek(way, worker, key=KEY, holder=HOLDER, wait=None, pace=pace)
        assert next(search).held
        search.close()
        assert len(backends(way, "state like 'idle in transaction%'")) == 1
    assert holder_of(way) == "None"


CHILD = """
import random, sys, time
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.holder import Holder
from pgproof.database.mutex import hold, key_of
from pgproof.database.pace import Pace
address = Conninfo.parse(sys.argv[1])
worker = connect(address)
pace = Pace(monotonic=time.monotonic, sleep=time.sleep, jitter=random.random)
with hold(address, worker, key=key_of(), holder=Holder(host="pod", pid=1), wait=0, pace=pace):
    print("holds", flush=True)
    worker.execute("select pg_sleep(60)")
"""


def test_a_killed_holder_frees_the_lock_at_once(way: Conninfo, pace: Pace) -> None:
    with subprocess.Popen([sys.executable, "-c", CHILD, way.secret], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "holds\n"
        assert "process 1 on pod" in holder_of(way)
        child.send_signal(signal.SIGKILL)
        child.wait()
        begin = time.monotonic()
        with held_on(way, pace, wait=10):
            seconds = time.monotonic() - begin
    for pid in backends(way, "query like '%pg_sleep(60)%'"):  # its statement goes on until the server notices
        with closing(connect(way)) as conn:
            conn.execute("select pg_terminate_backend(%s)", [pid])
    assert seconds < 2  # 0.02 to 0.1 on an idle machine


@pytest.mark.parametrize("how", ["ended", "asked"])
def test_a_lost_lock_is_noticed(database: Conninfo, pace: Pace, how: str) -> None:
    with held_on(database, pace) as (mutex, _):
        mutex.check(not_older_than=60)
        (pid,) = backends(database, "state like 'idle in transaction%'")
        with closing(connect(database)) as conn:
            conn.execute("select pg_terminate_backend(%s)", [pid])
        if how == "asked":
            with pytest.raises(MutexLost, match="the migration lock is lost"):
                for _ in range(100):
                    mutex.check()
        else:
            time.sleep(1.3)  # a sign of life fails meanwhile
        with pytest.raises(MutexLost, match="run again"):
            mutex.check(not_older_than=60)


def test_limits_of_the_role_do_not_end_it(major_server: ScratchServer, pace: Pace) -> None:
    role = "impatient"
    with closing(connect(major_server.conninfo)) as admin:
        admin.execute(f"create role {role} login")
        limits = ["idle_in_transaction_session_timeout", "statement_timeout", "lock_timeout"]
        limits += ["transaction_timeout"] if major_server.version.major >= 17 else []
        for limit in limits:
            admin.execute(f"alter role {role} set {limit} = '300ms'")
        admin.execute(f"alter role {role} set default_transaction_isolation = 'serializable'")
        try:
            with major_server.database() as database:
                theirs = Conninfo.of(**{**dict(database.parameters), "user": role})
                with held_on(theirs, pace) as (mutex, _):
                    time.sleep(0.6)
                    mutex.check()
                    query = "select count(*) from pg_stat_activity where backend_xmin is not null and usename = %s"
                    assert admin.execute(query, [role]).fetchone() == (0,)
        finally:
            admin.execute(f"drop role {role}")


@pytest.mark.parametrize("mode", ["transaction", "session"])
def test_a_pool_of_one_session_gives_a_lease_within_seconds(database: Conninfo, pace: Pace, mode: str) -> None:
    make_big(database)
    with bouncer(database, mode=mode, size=1) as narrow:
        begin = time.monotonic()
        with held_on(narrow, pace) as (mutex, worker):
            assert time.monotonic() - begin < 8
            assert mutex.fence
            worker.execute(BUILD)
            mutex.tell("07")
            mutex.check()
            with (
                pytest.raises(MutexBusy, match="Process 4711 on web-1"),
                held_on(database, pace, wait=0),
            ):
                pytest.fail("two at once")
        with held_on(database, pace, wait=0) as (mutex, _):
            assert not mutex.fence


def test_words_fit_into_application_name() -> None:
    long = Holder(host="payments-migrate-job-7f6d9c5b4-x2x7z.prod internal", pid=4194304)
    words = long.words("20260731120000-add-a-very-long-name 12/345")
    assert words == "pgproof f6d9c5b4-x2x7z.prod_internal#4194304 20260731120000-add"
    assert len(words) == 63
    assert HOLDER.words("07-größe") == "pgproof web-1#4711 07-gr??e"
