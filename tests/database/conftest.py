"""The ways to a database, directly or through a pooler; sessions that get in each other's way."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from threading import Thread

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.pace import Pace
from pgproof.database.scratch import ScratchOptions, ScratchServer, cluster, find_binaries, open_cluster
from tests.database.bouncer import bouncer

PACE = Pace(monotonic=time.monotonic, sleep=time.sleep, jitter=random.random)


@pytest.fixture
def pace() -> Pace:
    """Real time."""
    return PACE


@pytest.fixture(params=["direct", "session", "transaction"])
def way(request: pytest.FixtureRequest, database: Conninfo) -> Iterator[Conninfo]:
    """A fresh database: reached directly, through session pooling, through transaction pooling."""
    if request.param == "direct":
        yield database
        return
    # session pooling lends a server session for as long as a client stays: two for each of eight migrators
    with bouncer(database, mode=request.param, size=20 if request.param == "session" else 5) as pooled:
        yield pooled


@pytest.fixture
def pooled(database: Conninfo) -> Iterator[Conninfo]:
    """A fresh database through transaction pooling."""
    with bouncer(database, mode="transaction") as address:
        yield address


@pytest.fixture(scope="package")
def keeping_server(scratch_options: ScratchOptions) -> Iterator[ScratchServer]:
    """A server that has prepared transactions and replication slots."""
    binaries, _ = find_binaries(replace(scratch_options, url=None))
    if not binaries:
        pytest.skip("no PostgreSQL binaries on this machine")
    with pytest.MonkeyPatch.context() as patch:
        settings = {"max_prepared_transactions": "5", "wal_level": "logical", "max_replication_slots": "5"}
        for name, value in settings.items():
            patch.setitem(cluster._SETTINGS, name, value)
        with open_cluster(binaries[0], replace(scratch_options, url=None)) as opened:
            yield opened


Run = Callable[[psycopg.Connection, str], "Running"]


class Running:
    """A statement that is on its way in a thread."""

    def __init__(self, conn: psycopg.Connection, statement: str) -> None:
        self.error: psycopg.Error | None = None
        self._conn = conn
        self._statement = statement
        self.thread = Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self._conn.execute(self._statement)
        except psycopg.Error as error:
            self.error = error

    def end(self, seconds: float = 60) -> psycopg.Error | None:
        """Wait for its end; the error that it met."""
        self.thread.join(seconds)
        assert not self.thread.is_alive(), self._statement
        return self.error


@pytest.fixture
def session(database: Conninfo) -> Iterator[Callable[[], psycopg.Connection]]:
    """Makes sessions of the same database, in autocommit."""
    opened: list[psycopg.Connection] = []

    def make() -> psycopg.Connection:
        opened.append(connect(database, application_name=f"session {len(opened) + 1}"))
        return opened[-1]

    yield make
    for conn in opened:
        conn.close()


def waits(conn: psycopg.Connection, number: int) -> None:
    """Return when so many sessions of the database wait for a lock."""
    query = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    end = time.monotonic() + 60
    while (found := conn.execute(query).fetchone()) != (number,):
        assert time.monotonic() < end, found
        time.sleep(0.01)


def execute(conninfo: Conninfo, *statements: str) -> None:
    """Run statements on a connection of their own."""
    with closing(connect(conninfo)) as conn:
        for statement in statements:
            conn.execute(statement)
