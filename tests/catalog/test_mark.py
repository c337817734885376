"""The mark of a database: it holds as long as nothing changes and no longer, on every major."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import psycopg
import pytest

from pgproof.catalog.mark import Mark, holds, mark, pulse
from pgproof.database.scratch import Binaries, ScratchOptions, ScratchServer
from tests.catalog.everything import built, roles_for
from tests.faults.cluster import Cluster, open_cluster, until

pytestmark = pytest.mark.slow
EVERY = 5
OPTIONS = frozenset({"roles", "positions"})
SOME = """CREATE TABLE t (id int PRIMARY KEY, name text, CHECK (id > 0));
CREATE INDEX ON t (name); CREATE VIEW v AS SELECT * FROM t; COMMENT ON TABLE t IS 'one';
CREATE ROLE %(role)s; GRANT SELECT ON t TO %(role)s"""
KEEP = """INSERT INTO t SELECT n, n FROM generate_series(1, 1000) AS n
DELETE FROM t
ANALYZE
VACUUM
VACUUM FREEZE
VACUUM FREEZE pg_class
BEGIN; ALTER TABLE t ADD other int; DROP VIEW v; ROLLBACK
DO $$BEGIN ALTER TABLE t ADD other int; RAISE 'no'; EXCEPTION WHEN OTHERS THEN NULL; END$$
CHECKPOINT"""
TEMPORARY = "CREATE TABLE pg_temp.x (); DROP TABLE pg_temp.x"
LOSE = """COMMENT ON TABLE t IS NULL
COMMENT ON TABLE t IS 'one'
DROP VIEW v
BEGIN; COMMENT ON TABLE t IS NULL; COMMENT ON COLUMN t.id IS 'one'; COMMIT
BEGIN; SAVEPOINT a; ALTER TABLE t ALTER name SET STATISTICS 7; RELEASE a; COMMIT
DO $$BEGIN ALTER TABLE t ALTER name SET STATISTICS 8; EXCEPTION WHEN OTHERS THEN NULL; END$$
UPDATE pg_class SET reloptions = '{fillfactor=50}' WHERE oid = 't'::regclass
CREATE INDEX CONCURRENTLY ON t (name)
ALTER INDEX t_name_idx RENAME TO other
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC
REVOKE SELECT ON t FROM %(role)s
DELETE FROM pg_catalog.pg_description WHERE objsubid = 1
ALTER DATABASE %(database)s SET work_mem = '1MB'
ALTER DATABASE %(database)s RESET work_mem"""


def marked(conn: psycopg.Connection, options: frozenset[str] = frozenset()) -> Mark:
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        found = mark(pulse(conn, options=options))
    assert found
    return found


def held(conn: psycopg.Connection, before: Mark, options: frozenset[str] = frozenset()) -> bool:
    with conn.transaction():
        return holds(before, pulse(conn, options=options))


def test_each_change_is_seen(major_server: ScratchServer, whole: bool) -> None:
    """Of the changes, others on each major: every so manieth."""
    every = 1 if whole else EVERY
    with roles_for(major_server.conninfo) as found, built(found, major_server) as conn:
        before = marked(conn, OPTIONS)
        assert held(conn, before, OPTIONS)
        unseen = []
        for change in found.changes(conn.info.dbname, every=every, turn=found.major):
            conn.execute("BEGIN")
            conn.execute(change.encode())
            unseen += [change] if held(conn, before, OPTIONS) else []
            conn.execute("ROLLBACK")
        assert unseen == []
        assert held(conn, before, OPTIONS)


def test_who_may_not_read_all_has_a_mark_too(major_server: ScratchServer) -> None:
    with roles_for(major_server.conninfo) as found, built(found, major_server) as conn:
        whole = marked(conn)
        conn.execute("SET ROLE pg_monitor")
        before = marked(conn)
        found_to_hold = [held(conn, before), held(conn, whole)]
        conn.execute("RESET ROLE; CREATE USER MAPPING FOR pg_monitor SERVER distant; SET ROLE pg_monitor")
        found_to_hold += [held(conn, before)]
        conn.execute("RESET ROLE")
        assert "pg_user_mapping" in whole.counts.keys() - before.counts.keys()
        assert found_to_hold == [True, False, False]


def test_the_names_of_others_belong_to_it(major_server: ScratchServer) -> None:
    """A role is no row of the database; who is called otherwise owns what it did."""
    with roles_for(major_server.conninfo) as found, built(found, major_server) as conn:
        before = marked(conn)
        conn.execute("BEGIN")
        conn.execute(f"ALTER ROLE {found.roles[0]} RENAME TO {found.roles[0]}_x".encode())
        assert not held(conn, before)
        conn.execute("ROLLBACK")
        assert held(conn, before)


@contextmanager
def clusters(major_binaries: dict[int, Binaries], options: ScratchOptions) -> Iterator[Iterator[Cluster]]:
    """Servers that may be crashed, of every major that is there, one after the other."""

    def each() -> Iterator[Cluster]:
        for binaries in major_binaries.values():
            with open_cluster(binaries, options) as cluster:
                yield cluster

    yield each()


def test_it_holds_for_one_life_and_against_whatever_writes_no_row(
    major_binaries: dict[int, Binaries], scratch_options: ScratchOptions
) -> None:
    with clusters(major_binaries, scratch_options) as found:
        for cluster in found:
            cluster.create("one")
            names = {"role": "reader", "database": "one"}
            with closing(cluster.connect("one")) as conn, closing(cluster.connect("one")) as other:
                conn.execute((SOME % names).encode())
                run(other, TEMPORARY)  # its first one makes a schema
                before = marked(conn)
                for text in (*KEEP.splitlines(), TEMPORARY):
                    run(other, text)
                    assert held(conn, before), f"{cluster.major}: {text}"
                for text in LOSE.splitlines():
                    before = marked(conn)
                    run(other, text % names)
                    assert not held(conn, before), f"{cluster.major}: {text}"
                commits_later(conn, other)
                ages(conn)
            crashes(cluster)
            is_made_again(cluster)


def run(conn: psycopg.Connection, text: str) -> None:
    for each in text.split("; ") if "$$" not in text else [text]:
        conn.execute("SET allow_system_table_mods = on")
        conn.execute(each.encode())


def commits_later(conn: psycopg.Connection, other: psycopg.Connection) -> None:
    """What was under way when the before was made is seen when it is there: by another session, or prepared."""
    for end in ("COMMIT", "PREPARE TRANSACTION 'p'"):
        run(other, "BEGIN; ALTER TABLE t ALTER name SET STATISTICS 9")
        if end != "COMMIT":
            other.execute(end.encode())
        conn.execute("CREATE TABLE meanwhile ()")
        conn.execute("DROP TABLE meanwhile")
        before = marked(conn)
        assert held(conn, before)
        other.execute("COMMIT" if end == "COMMIT" else "COMMIT PREPARED 'p'")
        assert not held(conn, before), end


def ages(conn: psycopg.Connection) -> None:
    """It is not believed for ever, and never of what is still to come."""
    before = marked(conn)
    assert held(conn, before)
    assert not held(conn, replace(before, oldest=before.oldest - 2**30))
    assert not held(conn, replace(before, oldest=before.oldest + 2**20))
    assert not held(conn, replace(before, oldest=before.oldest - 2**32))


def lives(conn: psycopg.Connection) -> str | None:
    with conn.transaction():
        return pulse(conn).life


def crashes(cluster: Cluster) -> None:
    """A server that has recovered, or was started again, may have lost transactions."""
    with closing(cluster.connect("one")) as conn, closing(cluster.connect("one")) as victim:
        before = marked(conn)
        assert held(conn, before)
        start = conn.execute("SELECT pg_postmaster_start_time()").fetchone()
        os.kill(victim.info.backend_pid, signal.SIGKILL)
        until(lambda: is_over(conn), "the server ends its sessions")
    until(cluster.answers, "the server recovers")
    with closing(cluster.connect("one")) as conn:
        assert conn.execute("SELECT pg_postmaster_start_time()").fetchone() == start
        assert not held(conn, before)
        before = marked(conn)
        assert held(conn, before)
    cluster.stop_immediately()
    cluster.start()
    with closing(cluster.connect("one")) as conn:
        assert not held(conn, before)


def is_over(conn: psycopg.Connection) -> bool:
    try:
        conn.execute("SELECT 1")
    except psycopg.OperationalError:
        return True
    return False


def is_made_again(cluster: Cluster) -> None:
    """A copy has the same rows; and so has a database that was made anew, even under the same number."""
    with closing(cluster.connect("one")) as conn:
        before = marked(conn)
        life = lives(conn)
    cluster.create("two", template="one")
    with closing(cluster.connect("two")) as conn:
        assert not held(conn, before)
    cluster.drop("one")
    if cluster.major < 15:
        return  # it cannot be told the number
    with closing(cluster.connect()) as conn:
        number = str(life).split()[0]
        conn.execute(f"CREATE DATABASE one TEMPLATE two OID {number} STRATEGY file_copy".encode())
    with closing(cluster.connect("one")) as conn:
        assert lives(conn) == life
        assert not held(conn, before)
