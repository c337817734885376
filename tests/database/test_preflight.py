"""What is wrong on a server is seen on a server where it is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace

import psycopg
import pytest

from pgproof.database import preflight
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.preflight import Hazard, Kind
from pgproof.database.scratch import ScratchOptions, ScratchServer, cluster, find_binaries, open_cluster
from tests.database.conftest import Running, execute, waits

BURN = "do $$ begin for i in 1..100100 loop perform txid_current(); commit; end loop; end $$"


@pytest.fixture
def kept(keeping_server: ScratchServer) -> Iterator[Conninfo]:
    with keeping_server.database() as database:
        yield database


def look(conninfo: Conninfo, *tables: str, older_than: float = 0.0) -> tuple[Hazard, ...]:
    with closing(connect(conninfo)) as conn:
        return preflight.look(conn, lambda: tables, older_than=older_than)


def test_a_sound_server(major_database: Conninfo) -> None:
    execute(major_database, "create table t (a int primary key)")
    assert look(major_database, "t", "not.there") == ()


def test_an_old_transaction(database: Conninfo) -> None:
    with closing(connect(database, application_name="reports")) as conn:
        pid = conn.info.backend_pid
        conn.execute("begin; select\n  count(*) from pg_class")
        (hazard,) = look(database)
        assert look(database, older_than=60) == ()
    assert (hazard.kind, hazard.object) == (Kind.OLD_TRANSACTION, f"backend {pid}")
    text = str(hazard.problem)
    assert text.startswith("a transaction has been open for 0 s\n")
    assert '"reports", idle in transaction) keeps its locks' in text
    assert "It said last: begin; select count(*) from pg_class\n" in text
    assert text.endswith(f"SELECT pg_terminate_backend({pid})")


def test_a_prepared_transaction(kept: Conninfo) -> None:
    execute(kept, "create table t (a int)", "begin; lock t; prepare transaction 'it''s left'")
    try:
        (hazard,) = look(kept)
        assert look(kept, older_than=60) == ()
    finally:
        execute(kept, "rollback prepared 'it''s left'")
    assert (hazard.kind, hazard.object) == (Kind.PREPARED_TRANSACTION, "it's left")
    assert hazard.problem.hint == "COMMIT PREPARED 'it''s left', or ROLLBACK PREPARED 'it''s left'"
    assert look(kept) == ()


def test_a_replication_slot_that_nobody_reads(kept: Conninfo) -> None:
    execute(kept, "select pg_create_physical_replication_slot('standby', true)")
    execute(kept, "create table t as select repeat('x', 1000) as a from generate_series(1, 3000)")
    try:
        (hazard,) = look(kept)
    finally:
        execute(kept, "select pg_drop_replication_slot('standby')")
    assert (hazard.kind, hazard.object) == (Kind.REPLICATION_SLOT, "standby")
    assert " MB of WAL on the disk" in hazard.problem.detail


def test_an_invalid_index_unless_it_is_being_built(database: Conninfo) -> None:
    execute(database, "create table t (a int)", "insert into t values (1), (1)")
    with suppress(psycopg.errors.UniqueViolation):
        execute(database, 'create unique index concurrently "t A" on t (a)')
    (hazard,) = look(database)
    assert (hazard.kind, hazard.object) == (Kind.INVALID_INDEX, '"t A"')
    assert hazard.problem.message == 'index "t A" on t is invalid'
    execute(database, 'drop index concurrently "t A"')
    with closing(connect(database)) as blocker, closing(connect(database)) as builder:
        blocker.execute("begin; lock t in row exclusive mode")
        building = Running(builder, "create index concurrently t_a on t (a)")
        with closing(connect(database)) as side:
            waits(side, 1)
        assert [each.kind for each in look(database, older_than=60)] == []
        blocker.execute("rollback")
        assert building.end() is None


def test_what_a_reindex_has_left_goes_by_the_command_that_is_named(major_database: Conninfo) -> None:
    execute(major_database, 'create table t (a int, words text); create index "t A" on t (a)')
    with closing(connect(major_database)) as blocker, closing(connect(major_database)) as builder:
        blocker.execute("begin; lock t in row exclusive mode")
        builder.execute("set lock_timeout = '50ms'")
        with suppress(psycopg.errors.LockNotAvailable):
            builder.execute("reindex table concurrently t")
    own, toast = look(major_database)
    assert own.problem.message == 'index "t A_ccnew" on t is left over from a REINDEX CONCURRENTLY'
    assert toast.object.startswith("pg_toast.pg_toast_")
    assert "_ccnew on the TOAST table of t is left over" in toast.problem.message
    for each in (own, toast):
        assert each.kind is Kind.INVALID_INDEX
        execute(major_database, each.problem.hint)
    assert look(major_database) == ()


def test_a_vacuum_to_prevent_wraparound_that_is_due(database: Conninfo) -> None:
    execute(database, "create table t (a int) with (autovacuum_freeze_max_age = 100000)")
    execute(database, BURN)
    (hazard,) = look(database, "t", "pg_class", "public.t")
    assert (hazard.kind, hazard.object) == (Kind.WRAPAROUND_VACUUM, "t")
    assert hazard.problem.message == "autovacuum to prevent wraparound is due on t"
    assert look(database, "pg_class") == ()
    execute(database, "vacuum (freeze) t")
    assert look(database, "t") == ()


@pytest.mark.slow
def test_a_vacuum_to_prevent_wraparound_that_is_running(scratch_options: ScratchOptions) -> None:
    binaries, _ = find_binaries(replace(scratch_options, url=None))
    if not binaries:
        pytest.skip("no PostgreSQL binaries on this machine")
    settings = {"autovacuum": "on", "autovacuum_naptime": "1s", "autovacuum_freeze_max_age": "100000"}
    slowly = "autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setitem(cluster._SETTINGS, name, value)
        with open_cluster(binaries[0], replace(scratch_options, url=None)) as server:
            rows = "select i, repeat('x', 500) as x from generate_series(1, 20000) as i"
            execute(server.conninfo, f"create table t with ({slowly}) as {rows}")
            execute(server.conninfo, BURN)
            end = time.monotonic() + 60
            while (
                not (found := look(server.conninfo, "t", older_than=60))
                or "running" not in found[0].problem.message
            ):
                assert time.monotonic() < end, found
                time.sleep(0.1)
            (hazard,) = found
    assert hazard.kind is Kind.WRAPAROUND_VACUUM
    assert hazard.problem.hint == "let it end first"


def test_amounts_in_words() -> None:
    assert [preflight._time(each) for each in (59.6, 130, 8000)] == ["60 s", "2 min", "2 h"]
    assert [preflight._size(each) for each in (0, 2048, 3 * 1024**3, 5000 * 1024**4)] == [
        "0 bytes",
        "2 kB",
        "3 GB",
        "5000 TB",
    ]
