"""This repository's own schema: verbatim, and the same after going up, all the way down and up again."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import Binaries
from pgproof.drift.reversal import Outcome
from pgproof.flows.downgrade import downgrade
from pgproof.flows.upgrade import upgrade
from pgproof.flows.verify import Request, verify
from pgproof.migrate.library import load
from tests.conftest import OPTIONS
from tests.run import terms

TOP = Path(__file__).parent.parent.parent
MIGRATIONS = TOP / "migrations"
SEED = TOP / "tests" / "cases" / "seed" / "07-jobs.sql"
INVENTORY = (Path(__file__).parent / "inventory.sql").read_bytes()


@pytest.fixture
def conn(database: Conninfo) -> Iterator[psycopg.Connection]:
    list(upgrade(database, MIGRATIONS, variables={}, to=None, terms=terms()))
    with closing(connect(database)) as opened:
        yield opened


def test_jobs_is_the_seed_word_for_word() -> None:
    library = load(MIGRATIONS)
    migration = library.get(7)
    assert migration is not None
    assert migration.name == "07-jobs.sql"
    seed = [line.strip() for line in SEED.read_text(encoding="utf-8").splitlines()]
    assert [line.strip() for line in migration.text.splitlines()] == seed


def test_every_migration_can_be_reverted() -> None:
    assert [each.name for each in load(MIGRATIONS).migrations if each.down is None] == []


@pytest.mark.slow
def test_up_down_and_up_again_leave_the_same_catalog(major_database: Conninfo) -> None:
    with closing(connect(major_database)) as conn:
        empty = inventory(conn)
        list(upgrade(major_database, MIGRATIONS, variables={}, to=None, terms=terms()))
        full = inventory(conn)
        list(downgrade(major_database, MIGRATIONS, variables={}, to="0", terms=terms()))
        assert inventory(conn) == empty
        list(upgrade(major_database, MIGRATIONS, variables={}, to=None, terms=terms()))
        assert inventory(conn) == full
    assert len(full) > len(empty) + 30


@pytest.mark.slow
def test_each_migration_comes_back(major_binaries: dict[int, Binaries]) -> None:
    request = Request(folder=MIGRATIONS, scratch=OPTIONS, majors=sorted(major_binaries))
    on = [found for _, found in verify(request)]
    assert len(on) == len(major_binaries)
    for found in on:
        assert [each.migration.version for each in found] == [1, 3, 7, 8, 9]
        assert {each.outcome for each in found} == {Outcome.BACK}
        assert {each.migration.version: [fact.name for fact in each.lost] for each in found if each.lost} == {
            3: [("public", "agents")],
            7: [("public", "jobs")],
        }
        assert [(each.losses, each.refused, each.unfilled) for each in found] == [((), None, ())] * 5


def inventory(conn: psycopg.Connection) -> list[tuple[str, ...]]:
    return conn.execute(INVENTORY).fetchall()


def test_pg_dump_sees_no_difference_either(database: Conninfo) -> None:
    pg_dump = shutil.which("pg_dump")
    if pg_dump is None:
        pytest.skip("no pg_dump on the PATH")
    list(upgrade(database, MIGRATIONS, variables={}, to=None, terms=terms()))
    first = dump(pg_dump, database)
    list(downgrade(database, MIGRATIONS, variables={}, to="0", terms=terms()))
    assert "jobs" not in dump(pg_dump, database)
    list(upgrade(database, MIGRATIONS, variables={}, to=None, terms=terms()))
    assert dump(pg_dump, database) == first
    assert "CREATE INDEX idx_jobs_user_id_created_at" in first


def dump(pg_dump: str, database: Conninfo) -> str:
    words = [pg_dump, "--schema-only", "--exclude-schema=pgproof", f"--dbname={database.secret}"]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    if "server version mismatch" in ran.stderr:
        pytest.skip(f"pg_dump: {ran.stderr.strip()}")
    assert ran.returncode == 0, ran.stderr
    restricted = ("\\restrict", "\\unrestrict")  # a random word in each dump since 17.6
    return "\n".join(line for line in ran.stdout.splitlines() if not line.startswith(restricted))


def test_a_function_of_somebody_else_is_used_and_left_alone(database: Conninfo) -> None:
    with closing(connect(database)) as conn:
        conn.execute(
            "CREATE FUNCTION uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT pg_catalog.gen_random_uuid()'"
        )
        made = conn.execute("SELECT 'uuid_generate_v4()'::regprocedure::oid").fetchone()
        list(upgrade(database, MIGRATIONS, variables={}, to=None, terms=terms()))
        list(downgrade(database, MIGRATIONS, variables={}, to="0", terms=terms()))
        assert conn.execute("SELECT to_regprocedure('uuid_generate_v4()')::oid").fetchone() == made


def test_the_function_of_the_extension_is_used_and_left_alone(database: Conninfo) -> None:
    with closing(connect(database)) as conn:
        has = conn.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'uuid-ossp'").fetchone()
        if not has:
            pytest.skip("this server has no extension uuid-ossp")
        conn.execute('CREATE EXTENSION "uuid-ossp"')
        list(upgrade(database, MIGRATIONS, variables={}, to=None, terms=terms()))
        list(downgrade(database, MIGRATIONS, variables={}, to="0", terms=terms()))
        assert conn.execute("SELECT uuid_generate_v4() IS NOT NULL").fetchone() == (True,)


def test_updated_at_is_kept_by_the_trigger(conn: psycopg.Connection) -> None:
    agent = conn.execute("INSERT INTO agents (name) VALUES ('a') RETURNING id").fetchone()
    assert agent
    conn.execute(
        "INSERT INTO jobs (job_id, agent_id, user_id, updated_at)"
        " VALUES ('j', %s, uuid_generate_v4(), '2000-01-01')",
        agent,
    )
    conn.execute("UPDATE jobs SET status = status")
    assert conn.execute("SELECT updated_at = '2000-01-01' FROM jobs").fetchone() == (True,)
    conn.execute("UPDATE jobs SET status = 'active', started_at = created_at")
    assert conn.execute("SELECT updated_at >= created_at FROM jobs").fetchone() == (True,)
    conn.execute("DELETE FROM agents")
    assert conn.execute("SELECT count(*) FROM jobs").fetchone() == (0,)


def test_the_recent_jobs_of_a_user_need_no_sort(conn: psycopg.Connection) -> None:
    conn.execute("SET enable_seqscan = off")
    lines = conn.execute(
        "EXPLAIN SELECT * FROM jobs WHERE user_id = '00000000-0000-4000-8000-000000000000'"
        " ORDER BY created_at DESC LIMIT 10"
    ).fetchall()
    assert not any("Sort" in line for (line,) in lines)
