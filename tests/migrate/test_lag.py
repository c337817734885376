"""Batches that wait for a real streaming standby."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import psycopg
import pytest

from pgproof.database import keyrange
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import Binaries, ScratchOptions
from pgproof.database.scratch.account import server_account
from pgproof.database.scratch.datadir import SUPERUSER, copy_tree, fill
from pgproof.database.scratch.relocation import reachable
from pgproof.database.scratch.rundir import run_directory
from pgproof.errors import DatabaseError
from pgproof.flows.guarded import guarded
from pgproof.migrate import history
from pgproof.migrate.event import Noticed
from pgproof.migrate.execute import execute
from pgproof.migrate.plan import plan_downgrade, plan_upgrade
from pgproof.migrate.session import Session
from tests.conftest import MAJORS
from tests.faults.cluster import PORT, Cluster, until
from tests.migrate.running import ALONE, Files, up
from tests.run import PACE, terms

FILES = {
    "1-t.sql": "CREATE TABLE t (id int PRIMARY KEY, times int NOT NULL DEFAULT 0);\n"
    "INSERT INTO t SELECT generate_series(1, 100);\n",
    "2-b.sql": ALONE + "-- pgproof: batch 50 over t.id lag 300ms\n"
    "UPDATE t SET times = times + 1 WHERE id BETWEEN $1 AND $2;\n-- migrate:down\nSELECT 1;\n",
}
LOOKS = 3
"""How often the batches look at a replica that stands still before it goes on."""


@contextmanager
def streaming(binaries: Binaries, options: ScratchOptions) -> Iterator[tuple[Cluster, Cluster]]:
    """A primary and a standby of it: a copy of its files made before it was ever started needs no backup."""
    account = server_account(options.uid)
    with run_directory(options.run_dirs, account) as first, run_directory(options.run_dirs, account) as second:
        programs = reachable(binaries, account, options.shared_dirs)
        fill(first, programs, options.cache_dir or first.path.parent / "cache")
        copy_tree(first.data, second.data, account)
        with (second.data / "postgresql.auto.conf").open("a") as settings:
            settings.write(f"primary_conninfo = 'host={first.socket} port={PORT} user={SUPERUSER}'\n")
            settings.write("wal_receiver_status_interval = 1\n")  # whole seconds; the usual 10 only make it slower
        (second.data / "standby.signal").touch()
        account.own(second.data / "standby.signal")
        primary, standby = Cluster(first, programs), Cluster(second, programs)
        primary.start()
        standby.start()
        yield primary, standby


@pytest.mark.slow
@pytest.mark.parametrize("major", MAJORS)
def test_batches_wait_while_a_replica_stands_still(
    major_binaries: dict[int, Binaries], scratch_options: ScratchOptions, files: Files, major: int
) -> None:
    if major not in major_binaries:
        pytest.skip(f"PostgreSQL {major}: no binaries; set PGPROOF_PG_DIR")
    library = files(FILES)
    with (
        streaming(major_binaries[major], scratch_options) as (primary, standby),
        closing(primary.connect()) as conn,
        closing(primary.connect()) as witness,
        closing(standby.connect()) as replica,
    ):
        until(lambda: witness.execute("SELECT FROM pg_stat_replication").fetchone() is not None, "it streams")
        up(conn, library, "1")
        until(lambda: replica.execute("SELECT to_regclass('t')").fetchone() == ("t",), "it follows")
        replica.execute("SELECT pg_wal_replay_pause()")
        until(
            lambda: replica.execute("SELECT pg_get_wal_replay_pause_state()").fetchone() == ("paused",), "paused"
        )
        conn.execute("CREATE TABLE more ()")
        until(lambda: keyrange.replica_lag(witness) > 0.3, "the replica is behind")
        seen: list[list[tuple[int, int]]] = []

        def look(seconds: float) -> None:
            seen.append(touched(witness))
            if len(seen) == LOOKS:
                replica.execute("SELECT pg_wal_replay_resume()")
            time.sleep(seconds)

        address = Conninfo.of(host=primary.host, port=str(PORT), user=SUPERUSER, dbname="postgres")
        run = terms(pace=replace(PACE, sleep=look))
        events = list(execute(Session(conn, address, run), plan_upgrade(library, history.read(conn))))
        assert "waiting for a replica" in next(each.message for each in events if isinstance(each, Noticed))
        assert seen[:LOOKS] == [[(0, 100)]] * LOOKS
        assert touched(witness) == [(1, 100)]
        reading = Conninfo.of(host=standby.host, port=str(PORT), user=SUPERUSER, dbname="postgres")
        with pytest.raises(DatabaseError, match="this server is a standby, which only reads"):
            list(guarded(reading, replica, run, lambda _: plan_downgrade(library, history.read(conn), "1")))


def touched(conn: psycopg.Connection) -> list[tuple[int, int]]:
    return conn.execute("SELECT times, count(*) FROM t GROUP BY 1 ORDER BY 1").fetchall()
