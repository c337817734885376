"""Databases that come and go, and what kind of server they live on."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions, ScratchServer, find_binaries, open_cluster, open_scratch
from pgproof.errors import DatabaseError
from tests.conftest import OPTIONS
from tests.database.scratch.conftest import left_in, postmaster_in


def databases(server: ScratchServer) -> set[str]:
    with connect(server.conninfo) as conn:
        return {name for (name,) in conn.execute("select datname from pg_database")}


def test_a_database_is_fresh_and_goes(server: ScratchServer) -> None:
    with server.database() as fresh:
        assert fresh.database in databases(server)
        with connect(fresh) as conn:
            assert conn.execute("show server_encoding").fetchone() == ("UTF8",)
            assert conn.execute(
                "select count(*) from pg_class where relnamespace = 'public'::regnamespace"
            ).fetchone() == (0,)
            conn.execute("create table t ()")
    assert fresh.database not in databases(server)


def test_a_database_goes_with_whoever_is_connected(server: ScratchServer) -> None:
    with server.database() as fresh:
        lingering = connect(fresh)
    with pytest.raises(psycopg.OperationalError):
        lingering.execute("select 1")
    lingering.close()
    assert fresh.database not in databases(server)


def test_a_database_goes_when_its_block_fails(server: ScratchServer) -> None:
    with pytest.raises(ZeroDivisionError), server.database() as fresh:
        raise ZeroDivisionError
    assert fresh.database not in databases(server)


@pytest.mark.parametrize("is_ours", [True, False], ids=["own cluster", "server of the user's"])
def test_a_database_goes_with_its_subscriptions(major_server: ScratchServer, is_ours: bool) -> None:
    """Those that would speak to a publisher, too, whose slots are left alone."""
    theirs = replace(OPTIONS, url=major_server.conninfo)
    with nullcontext(major_server) if is_ours else open_scratch(theirs) as server:
        assert server.is_own_cluster is is_ours
        with server.database() as fresh, connect(fresh) as conn:
            for name in ("one", 'the "other"'):
                words = "CREATE SUBSCRIPTION {} CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false)"
                conn.execute(sql.SQL(words).format(sql.Identifier(name)))
            conn.execute("ALTER SUBSCRIPTION one ENABLE")
        assert fresh.database not in databases(server)
        with connect(server.conninfo) as conn:
            assert conn.execute("SELECT count(*) FROM pg_subscription").fetchone() == (0,)


def test_a_copy_of_a_template(server: ScratchServer) -> None:
    with server.database() as template:
        with connect(template) as conn:
            conn.execute("create table t as select 42 as a")
        with server.database(template.database) as copy, connect(copy) as conn:
            assert conn.execute("select a from t").fetchone() == (42,)


def test_a_template_that_is_not_there_is_told(server: ScratchServer) -> None:
    with pytest.raises(DatabaseError) as failed, server.database("nowhere"):
        pass
    assert "cannot create a scratch database" in str(failed.value)
    assert 'template database "nowhere" does not exist' in str(failed.value)


def test_on_every_major(major_server: ScratchServer, major_database: Conninfo) -> None:
    assert major_server.is_own_cluster
    with connect(major_database) as conn:
        assert conn.info.server_version == major_server.version.number
        assert conn.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (0,)
        settings = dict(
            conn.execute(
                "select name, setting from pg_settings where name in "
                "('fsync', 'autovacuum', 'jit', 'listen_addresses', 'data_checksums', 'TimeZone')"
            ).fetchall()
        )
        assert settings == {
            "fsync": "off",
            "autovacuum": "off",
            "jit": "off",
            "listen_addresses": "",
            "data_checksums": "off",
            "TimeZone": "UTC",
        }
        conn.execute("create table t (a int)")
        conn.execute("create index concurrently on t (a)")


def test_no_tcp_port(options: ScratchOptions, place: Path) -> None:
    if not Path("/proc/net/tcp").exists():
        pytest.skip("this system does not show the sockets of a process in /proc")
    with open_scratch(options):
        pid = postmaster_in(place)
        opened = {fd.readlink().name for fd in Path(f"/proc/{pid}/fd").iterdir()}
        listening = {
            f"socket:[{line.split()[9]}]"
            for table in ("tcp", "tcp6")
            for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
            if line.split()[3] == "0A"
        }
        assert any(name.startswith("socket:") for name in opened)
        assert not opened & listening


def test_our_own_cluster_can_be_written_to(options: ScratchOptions, place: Path) -> None:
    with open_scratch(options) as server:
        assert server.is_own_cluster
        assert server.data_directory is not None
        assert (server.data_directory / "PG_VERSION").read_text().strip() == str(server.version.major)
        with connect(server.conninfo) as conn:
            assert conn.execute("select rolsuper from pg_roles where rolname = current_user").fetchone() == (True,)
            assert conn.execute("show data_directory").fetchone() == (str(server.data_directory),)
        assert left_in(place)
    assert not left_in(place)


def test_a_large_schema_finds_room_for_its_locks(scratch_options: ScratchOptions) -> None:
    binaries, _ = find_binaries(scratch_options)
    if not binaries:
        pytest.skip("no PostgreSQL binaries on this machine")
    with open_cluster(binaries[0], scratch_options) as server, connect(server.conninfo) as conn:
        locks = "select count(pg_advisory_xact_lock(n)) from generate_series(1, 15000) as n"
        assert conn.execute(locks).fetchone() == (15000,)
