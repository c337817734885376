"""A server that may be stopped in the middle of everything and started again.

Unlike a scratch server's, its commits survive (of its own death, not of the machine's: fsync is off), and it has
room for many clients.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from pgproof.database.scratch import Binaries, ScratchOptions
from pgproof.database.scratch.account import server_account
from pgproof.database.scratch.datadir import SUPERUSER, fill
from pgproof.database.scratch.relocation import reachable
from pgproof.database.scratch.rundir import RunDirectory, run_directory
from tests.faults.process import Run

PORT = 5432
_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "260",
    "shared_buffers": "64MB",
    "huge_pages": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "timezone": "UTC",
    "log_min_messages": "fatal",
    "max_prepared_transactions": "4",
    "track_activity_query_size": "16kB",
}
_PATIENCE = 60.0


def until(condition: object, what: str, patience: float = _PATIENCE) -> object:
    """Ask again and again until the answer is true, and give it; fails after `patience` seconds."""
    assert callable(condition)
    end = time.monotonic() + patience
    while not (answer := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {patience:.0f} s: {what}")
        time.sleep(0.002)
    return answer


@dataclass(slots=True)
class Cluster:
    """A running server; `host` is the folder of its socket."""

    run: RunDirectory
    programs: Binaries

    @property
    def host(self) -> str:
        return str(self.run.socket)

    @property
    def major(self) -> int:
        return self.programs.version.major

    def conninfo(self, database: str, host: str | None = None, port: int = PORT) -> str:
        return f"host={host or self.host} port={port} user={SUPERUSER} dbname={database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """The test's own connection, in autocommit."""
        return psycopg.connect(self.conninfo(database), autocommit=True, application_name="witness")

    def start(self) -> None:
        """Start it and wait until it answers."""
        words = ["-D", str(self.run.data), "-c", f"unix_socket_directories={self.run.socket}"]
        for name, value in _SETTINGS.items():
            words += ["-c", f"{name}={value}"]
        with self.run.log.open("ab") as log:
            self.run.process = self.run.account.spawn(self.programs.postgres, words, log)
        until(self.answers, f"the server starts: {self.run.last_words()}")

    def stop_immediately(self) -> None:
        """As a power cut: no checkpoint, no farewell."""
        process = self.run.process
        assert process is not None
        os.kill(process.pid, signal.SIGQUIT)
        process.wait(_PATIENCE)

    def recover(self) -> None:
        """Start it again if a test has left it stopped."""
        if self.run.process is None or self.run.process.poll() is not None:
            self.start()

    def create(self, database: str, template: str = "template0", tablespace: str = "pg_default") -> None:
        strategy = sql.SQL("STRATEGY file_copy" if self.major >= 15 else "")
        words = sql.SQL("CREATE DATABASE {} TEMPLATE {} TABLESPACE {} {}")
        names = [sql.Identifier(each) for each in (database, template, tablespace)]
        with self.connect() as conn:
            conn.execute(words.format(*names, strategy))

    def drop(self, database: str) -> None:
        with self.connect() as conn:
            conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def answers(self) -> bool:
        """Whether it lets us in."""
        assert self.run.process is not None
        assert self.run.process.poll() is None, self.run.last_words()
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def open_cluster(binaries: Binaries, options: ScratchOptions) -> Iterator[Cluster]:
    """A fresh cluster, gone afterwards."""
    account = server_account(options.uid)
    with run_directory(options.run_dirs, account) as run:
        programs = reachable(binaries, account, options.shared_dirs)
        fill(run, programs, options.cache_dir or run.path.parent / "cache")
        cluster = Cluster(run, programs)
        cluster.start()
        yield cluster


class Gate:
    """A table that nobody else can touch until the gate is opened: whoever comes by halts there.

    It keeps the lock and looks who waits on two connections: a transaction that has just looked has a snapshot,
    for which CREATE INDEX CONCURRENTLY would wait.
    """

    def __init__(self, cluster: Cluster, database: str, table: str) -> None:
        self._table = table
        self._keeper = cluster.connect(database)
        self._watcher = cluster.connect(database)
        lock = sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(*table.split(".")))
        self._keeper.execute("BEGIN")
        self._keeper.execute(lock)

    def arrived(self, run: Run | None = None) -> int:
        """Wait until somebody halts (`run`, which must not have ended before); gives the pid of its backend."""
        query = "SELECT pid FROM pg_locks WHERE relation = %s::regclass AND NOT granted"

        def waiting() -> object:
            found = self._watcher.execute(query, [self._table]).fetchone()
            assert found or run is None or not run.ended.is_set(), f"ended before {self._table}: {run}"
            return found

        found = until(waiting, f"somebody is at {self._table}")
        assert isinstance(found, tuple)
        return int(found[0])

    def open(self) -> None:
        """Let all pass, now and later."""
        self._keeper.close()
        self._watcher.close()

    def __enter__(self) -> Gate:
        return self

    def __exit__(self, *_: object) -> None:
        self.open()
