"""Connecting, failing to, and changing nothing."""

from __future__ import annotations

import socket
import traceback
from pathlib import Path

import psycopg
import pytest

from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.errors import DatabaseError

SECRET = "s3cr3t-w0rd"


def refusal(conninfo: Conninfo) -> str:
    with pytest.raises(DatabaseError) as failed:
        connect(conninfo)
    error = failed.value
    assert error.exit_code == 3
    assert error.__context__ is None
    assert SECRET not in "".join(traceback.format_exception(error))
    (problem,) = error.problems
    assert problem.place is None
    assert problem.message.startswith("cannot connect to ")
    assert problem.hint
    return str(error)


def test_a_database_that_does_not_exist(server: ScratchServer) -> None:
    text = refusal(server.conninfo.with_database("nöt there"))
    assert 'database "nöt there" does not exist' in text
    given = dict(server.conninfo.parameters)
    assert f"createdb -h {given['host']} " in text
    assert text.endswith(" 'nöt there'")


def test_no_database_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGSERVICE", "PGUSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PGPORT", "1")  # where no server is
    nobody = Conninfo.parse("")
    assert nobody.names_nothing
    assert "HINT: name a database: export DATABASE_URL=" in refusal(nobody)
    monkeypatch.setenv("PGHOST", str(tmp_path))
    assert not nobody.names_nothing
    assert "start the server" in refusal(nobody)


def test_a_role_that_does_not_exist(server: ScratchServer) -> None:
    if not server.is_own_cluster:
        pytest.skip("a server of the user's may ask for passwords")
    text = refusal(Conninfo.of(**{**dict(server.conninfo.parameters), "user": "nobody_here", "password": SECRET}))
    assert 'role "nobody_here" does not exist' in text


def test_no_server_on_a_port() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        text = refusal(Conninfo.parse(f"postgresql://ann:{SECRET}@127.0.0.1:{port}/app"))
    assert f'cannot connect to database "app" at 127.0.0.1:{port} as user ann' in text
    assert "refused" in text


def test_no_server_on_a_socket(tmp_path: Path) -> None:
    assert "start the server" in refusal(Conninfo.of(host=str(tmp_path), password=SECRET))


def test_an_unknown_host() -> None:
    assert "correct the host name" in refusal(Conninfo.parse(f"postgresql://ann:{SECRET}@host.invalid/app"))


def test_an_unknown_service() -> None:
    assert "pg_service.conf" in refusal(Conninfo.parse(f"service=nowhere password={SECRET}"))


def test_a_silent_host_and_the_users_own_timeout() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        host, port = silent.getsockname()
        text = refusal(Conninfo.of(host=host, port=str(port), connect_timeout="2", password=SECRET, dbname="app"))
    assert "timeout" in text


def test_a_wrong_password(server: ScratchServer) -> None:
    if not server.is_own_cluster or server.data_directory is None:
        pytest.skip("needs a server whose pg_hba.conf is ours")
    hba = server.data_directory / "pg_hba.conf"
    trusting = hba.read_text()
    with connect(server.conninfo) as conn:
        conn.execute("create role careful login password 'another'")
        try:
            hba.write_text("local all careful scram-sha-256\n" + trusting)
            conn.execute("select pg_reload_conf()")
            address = dict(server.conninfo.parameters) | {"user": "careful"}
            for _ in range(100):  # the server reloads in its own time
                try:
                    connect(Conninfo.of(**address)).close()
                except DatabaseError:
                    break
            assert "PGPASSWORD" in refusal(Conninfo.of(**address))
            assert "correct the password" in refusal(Conninfo.of(**address, password=SECRET))
            connect(Conninfo.of(**address, password="another")).close()
        finally:
            hba.write_text(trusting)
            conn.execute("select pg_reload_conf()")
            conn.execute("drop role careful")


def test_session(database: Conninfo) -> None:
    with connect(database) as conn:
        assert conn.autocommit
        assert conn.prepare_threshold is None
        assert conn.execute("show application_name").fetchone() == ("pgproof",)
        assert conn.execute("show client_encoding").fetchone() == ("UTF8",)
    named = Conninfo.of(**dict(database.parameters), application_name="mine")
    with connect(named, application_name="ours", autocommit=False) as conn:
        assert not conn.autocommit
        assert conn.execute("show application_name").fetchone() == ("mine",)


def test_read_only_changes_nothing_and_sees_one_snapshot(database: Conninfo) -> None:
    with connect(database) as conn, connect(database) as other:
        other.execute("create table t as select 1 as a")
        with read_only(conn, {"enable_seqscan": "off", "statement_timeout": "60s"}):
            assert conn.execute("show transaction_isolation").fetchone() == ("repeatable read",)
            assert conn.execute("show enable_seqscan").fetchone() == ("off",)
            other.execute("insert into t values (2)")
            assert conn.execute("select count(*) from t").fetchone() == (1,)
        assert conn.execute("show enable_seqscan").fetchone() == ("on",)
        assert conn.execute("show statement_timeout").fetchone() == ("0",)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), read_only(conn):
            conn.execute("insert into t values (3)")
        assert conn.execute("select count(*) from t").fetchone() == (2,)


def test_read_only_survives_a_lost_connection(database: Conninfo) -> None:
    conn = connect(database)
    with connect(database) as killer, pytest.raises(psycopg.OperationalError), read_only(conn):
        killer.execute("select pg_terminate_backend(%s)", (conn.info.backend_pid,))
        for _ in range(100):
            conn.execute("select 1")
