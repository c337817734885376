"""Plans carried out on a real server: what lands, what does not, and what is said of it."""

from __future__ import annotations

from contextlib import closing
from threading import Barrier, Thread

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.errors import DatabaseError
from pgproof.migrate import history
from pgproof.migrate.event import Ended, Noticed
from pgproof.migrate.execute import build
from pgproof.migrate.plan import plan_upgrade
from tests.migrate.running import ALONE, OURS, Files, down, refused, rows, second, tables, up


def test_up_down_and_up_again_leave_a_history(conn: psycopg.Connection, files: Files) -> None:
    library = files(
        {
            "01-a.sql": "-- migrate:up\nCREATE TABLE a (b int);\n-- migrate:down\nDROP TABLE a;\n",
            "02-b.sql": ALONE + "CREATE INDEX CONCURRENTLY i ON a (b);\nVACUUM a;\n"
            "-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY i;\n",
        }
    )
    events = up(conn, library)
    assert [type(event).__name__ for event in events] == "Began Ended Began Landed Landed Ended".split()
    assert all(event.seconds > 0 for event in events if isinstance(event, Ended))
    down(conn, library, "0")
    assert tables(conn) == OURS
    up(conn, library)
    assert rows(conn) == [
        (1, "reverted", 1, 1, ""),
        (2, "reverted", 1, 1, ""),
        (1, "applied", 1, 1, ""),
        (2, "applied", 2, 2, ""),
    ]
    text, applied_by, tool = conn.execute(
        "SELECT text, applied_by, tool FROM pgproof.history WHERE id = 3"
    ).fetchone() or ("", "", "")
    assert (text, applied_by, tool) == ("CREATE TABLE a (b int);\n", conn.info.user, "test")


def test_a_failure_leaves_nothing_of_its_file(conn: psycopg.Connection, files: Files) -> None:
    library = files(
        {"1-a.sql": "CREATE TABLE a (b text);\nINSERT INTO a VALUES ('é'), (nope);\n", "2-b.sql": "SELECT 1;"}
    )
    assert refused(conn, library).splitlines() == [
        'migrations/1-a.sql:2:30: column "nope" does not exist',
        "  INSERT INTO a VALUES ('é'), (nope);",
        "                               ^^^^",
        "SQLSTATE: 42703",
        "COMMITTED: nothing",
        "ROLLED BACK: 1-a, all of it",
        "NOT RUN: 2-b",
        "NEXT: mend migrations/1-a.sql and run: pgproof upgrade",
    ]
    assert tables(conn) == OURS
    assert rows(conn) == []


def test_what_is_committed_before_a_failure_stays(conn: psycopg.Connection, files: Files) -> None:
    library = files(
        {
            "1-a.sql": "CREATE TABLE a ();\nCOMMENT ON TABLE a IS '100 %s %';",
            "2-b.sql": "CREATE TABLE b ();\nCREATE TABLE a ();\n",
            "3-c.sql": "SELECT 1;",
        }
    )
    said = refused(conn, library)
    assert said.startswith('migrations/2-b.sql:2:1: relation "a" already exists\n')
    assert "COMMITTED: 1-a\nROLLED BACK: 2-b, all of it\nNOT RUN: 3-c\n" in said
    assert tables(conn) == [*OURS, "public.a"]
    assert rows(conn) == [(1, "applied", 2, 2, "")]


def test_a_template_that_fails_on_the_server_is_shown_as_written(conn: psycopg.Connection, files: Files) -> None:
    create = "-- pgproof: template\nCREATE TABLE {{ table }} ();\n"
    library = files({"1-a.sql": create + "SELECT 'é' FROM {{ table }} AS é, nowhere;\n"})
    assert refused(conn, library).splitlines()[:3] == [
        'migrations/1-a.sql:3:35: relation "nowhere" does not exist',
        "  SELECT 'é' FROM {{ table }} AS é, nowhere;",
        "                                    ^^^^^^^",
    ]


def test_a_deferred_constraint_speaks_at_commit(conn: psycopg.Connection, files: Files) -> None:
    library = files(
        {
            "1-a.sql": "CREATE TABLE a (b int PRIMARY KEY, c int REFERENCES a DEFERRABLE INITIALLY DEFERRED);\n"
            "INSERT INTO a VALUES (1, 2);\n"
        }
    )
    said = refused(conn, library)
    assert said.startswith("migrations/1-a.sql:1:1: at COMMIT: insert or update on table")
    assert "ROLLED BACK: 1-a" in said
    assert tables(conn) == OURS


@pytest.mark.slow
def test_no_file_harms_the_next(major_database: Conninfo, files: Files) -> None:
    with closing(connect(major_database)) as conn:
        _leave_the_session_in_disorder(conn, files)


def _leave_the_session_in_disorder(conn: psycopg.Connection, files: Files) -> None:
    conn.execute("CREATE ROLE pgproof_test_guest")
    try:
        library = files(
            {
                "1-a.sql": "CREATE TABLE a ();\nSELECT pg_catalog.set_config('search_path', '', false);\n"
                "SET ROLE pgproof_test_guest;\nSET statement_timeout = '1h';\nCREATE TEMP TABLE t ();\n"
                "SELECT pg_catalog.pg_advisory_lock(1);",
                "2-b.sql": ALONE + "SET search_path = '';\nSET ROLE pgproof_test_guest;\nVACUUM;\n",
                "3-c.sql": "CREATE TABLE b ();\nCREATE TEMP TABLE t ();\n",
            }
        )
        up(conn, library)
        assert tables(conn) == [*OURS, "public.a", "public.b"]
        assert [row[1] for row in rows(conn)] == ["applied"] * 3
        state = conn.execute(
            "SELECT current_user, current_setting('search_path'), current_setting('statement_timeout'),"
            " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')"
        ).fetchone()
        assert state == (conn.info.user, '"$user", public', "0", 0)
    finally:
        conn.execute("DROP ROLE pgproof_test_guest")


def test_a_role_of_the_connection_is_kept(database: Conninfo, conn: psycopg.Connection, files: Files) -> None:
    conn.execute("CREATE ROLE pgproof_test_owner")
    conn.execute(f"GRANT CREATE ON DATABASE {conn.info.dbname} TO pgproof_test_owner")
    conn.execute("GRANT CREATE ON SCHEMA public TO pgproof_test_owner")
    as_owner = Conninfo.of(**{**dict(database.parameters), "options": "-c role=pgproof_test_owner"})
    try:
        with closing(connect(as_owner)) as owner:
            up(owner, files({"1-a.sql": "CREATE TABLE a ();", "2-b.sql": ALONE + "CREATE TABLE b ();"}))
        owners = conn.execute(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname IN ('public', 'pgproof')"
        )
        assert owners.fetchall() == [("pgproof_test_owner",)]
    finally:
        conn.execute("DROP OWNED BY pgproof_test_owner CASCADE")
        conn.execute("DROP ROLE pgproof_test_owner")


def test_a_user_who_may_not_create_a_schema_is_told_what_to_do(
    database: Conninfo, conn: psycopg.Connection, files: Files
) -> None:
    conn.execute("CREATE ROLE pgproof_test_guest")
    as_guest = Conninfo.of(**{**dict(database.parameters), "options": "-c role=pgproof_test_guest"})
    try:
        with closing(connect(as_guest)) as guest:
            said = refused(guest, files({"1-a.sql": "SELECT 1;"}))
        assert said.startswith("permission denied for database")
        assert (
            "HINT: let an owner of the database run: CREATE SCHEMA pgproof AUTHORIZATION pgproof_test_guest"
            in said
        )
    finally:
        conn.execute("DROP ROLE pgproof_test_guest")


def test_notices_are_told(conn: psycopg.Connection, files: Files) -> None:
    events = up(conn, files({"1-a.sql": "DO $$ BEGIN RAISE WARNING 'careful'; END $$;\nDROP TABLE IF EXISTS a;"}))
    assert [(event.severity, event.message) for event in events if isinstance(event, Noticed)] == [
        ("WARNING", "careful"),
        ("NOTICE", 'table "a" does not exist, skipping'),
    ]


def test_what_only_the_server_knows_to_need_no_transaction(conn: psycopg.Connection, files: Files) -> None:
    library = files(
        {
            "1-a.sql": "CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN COMMIT; END';",
            "2-b.sql": "CALL p();",
        }
    )
    said = refused(conn, library)
    assert "SQLSTATE: 2D000" in said
    assert "HINT: move it to a file that says `-- migrate:up transaction:false`" in said
    up(conn, files({"2-b.sql": ALONE + "CALL p();"}))


def test_a_lost_connection_rolls_a_transaction_back(
    conn: psycopg.Connection, database: Conninfo, files: Files
) -> None:
    library = files({"1-a.sql": "CREATE TABLE a ();\nSELECT pg_terminate_backend(pg_backend_pid());\n"})
    said = refused(conn, library)
    assert said.startswith("migrations/1-a.sql:2:1: terminating connection due to administrator command\n")
    assert "ROLLED BACK: 1-a, all of it\nNEXT: run again: pgproof upgrade" in said
    with closing(connect(database)) as other:
        assert tables(other) == OURS
        assert rows(other) == []


def test_of_two_at_once_the_second_changes_nothing(
    conn: psycopg.Connection, database: Conninfo, files: Files
) -> None:
    """Without the lock, as when its connection was lost: the history's own key guards a transaction."""
    library = files({"1-a.sql": "CREATE TABLE IF NOT EXISTS a (b int);\nINSERT INTO a VALUES (1);"})
    plan = plan_upgrade(library, history.read(conn))
    up(conn, library)
    assert second(database, plan).startswith("somebody else runs 1-a.sql at the same time, or has just run it")
    assert [row[:2] for row in rows(conn)] == [(1, "applied")]
    assert conn.execute("SELECT count(*) FROM a").fetchone() == (1,)


def test_many_create_the_history_at_once(database: Conninfo) -> None:
    barrier = Barrier(8)
    failures: list[BaseException] = []

    def create() -> None:
        with closing(connect(database)) as conn:
            barrier.wait()
            try:
                with conn.transaction():
                    history.create(conn)
            except psycopg.Error as error:
                failures.append(error)

    threads = [Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_reading_a_history_that_is_not_there_creates_none(conn: psycopg.Connection) -> None:
    found = history.read(conn)
    assert (found.exists, found.entries, found.current) == (False, (), 0)
    assert conn.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'pgproof'").fetchone() == (0,)


def test_a_scratch_database_is_built_without_a_history(conn: psycopg.Connection, files: Files) -> None:
    library = files(
        {"1-a.sql": "CREATE TABLE a (b int);", "2-b.sql": ALONE + "CREATE INDEX CONCURRENTLY ON a (b);"}
    )
    list(build(conn, library))
    assert tables(conn) == ["public.a"]
    with pytest.raises(DatabaseError, match=r'migrations/1-a\.sql:1:1: relation "a" already exists'):
        list(build(conn, library))
