"""`check` on the shipped schema: what 07-jobs.sql promises and does not keep, on every major, scratch and live."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg
import pytest

from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions, ScratchServer
from pgproof.finding import Verdict
from pgproof.flows.check import Request, check, exit_code
from pgproof.flows.upgrade import upgrade
from pgproof.report.model import Report
from tests.run import terms

ROOT = Path(__file__).parents[2]
MIGRATIONS, CHECKS = ROOT / "migrations", ROOT / "checks"
JOBS = MIGRATIONS / "07-jobs.sql"
# what is wrong in the text, and the words on the line that it must be reported at
BROKEN = {
    ("DOC102", "jobs.user_id"): "User and agent association with foreign key relationships",
    ("DOC101", "idx_jobs_agent_id"): "1. Get all jobs for an agent (uses idx_jobs_agent_id):",
    ("QRY102", "07-jobs#2"): "user_id = $1 AND status = 'running'",
    ("PLN102", "07-jobs#3"): "3. Get recent jobs for user (uses idx_jobs_user_status_created_at):",
    ("QRY103", "07-jobs#4.1"): "UPDATE jobs SET status = 'running'",
    ("CON206", "07-jobs#4.1"): "UPDATE jobs SET status = 'running', started_at = NOW()",
    ("CON206", "07-jobs#4.2"): "UPDATE jobs SET status = 'completed', completed_at = NOW()",
}


def request(server: ScratchServer, **changes: object) -> Request:
    plain = Request(
        migrations=MIGRATIONS,
        checks=CHECKS,
        today=date(2026, 1, 15),
        scratch=ScratchOptions(url=server.conninfo),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def assert_what_is_broken(report: Report) -> None:
    found = {(f.code, f.object): f for f in report.open}
    assert found.keys() == BROKEN.keys()
    for key, words in BROKEN.items():
        finding = found[key]
        assert words in finding.place.text
        assert finding.place.path == str(JOBS)
        assert JOBS.read_text(encoding="utf-8").split("\n")[finding.place.line - 1] == finding.place.text
        assert finding.verdict is Verdict.FAILS
        assert finding.hint


def test_the_repository_is_clean_and_says_what_it_accepts(major_server: ScratchServer) -> None:
    report = check(request(major_server))
    assert [f.message for f in report.open] == []
    assert report.summary.accepted == 7
    assert exit_code(report) == 0


def test_strict_shows_what_is_broken_and_nothing_else(major_server: ScratchServer) -> None:
    report = check(request(major_server, strict=True))
    assert_what_is_broken(report)
    assert exit_code(report) == 1


def test_at_production_size_the_sort_grows_and_the_index_of_08_does_not(major_server: ScratchServer) -> None:
    report = check(replace(request(major_server, strict=True), server=major_server))
    assert exit_code(report) == 1
    third = next(f for f in report.open if (f.code, f.object) == ("PLN102", "07-jobs#3"))
    assert "idx_jobs_user_status_created_at alone grows linearly, from" in third.detail
    assert "with idx_jobs_user_id_created_at it stays constant, from" in third.detail
    second = next(f for f in report.holds if (f.code, f.object) == ("PLN201", "jobs_of_user_by_status"))
    frequent = second.message.partition("instead of")[2].partition("for frequent values")[0]
    assert "at 1e8 rows" in frequent or "at 1e10 rows" in frequent, second.message
    assert "sizes 1e4, 1e6, 1e8, 1e10 rows" in report.about.said[0]


def test_without_checks_the_file_alone_tells(server: ScratchServer) -> None:
    report = check(request(server, checks=None))
    assert_what_is_broken(report)
    by_object = {(f.code, f.object): f for f in report.open}
    assert '"idx_jobs_agent_id_created_at"' in by_object["DOC101", "idx_jobs_agent_id"].detail
    assert "'pending', 'active', 'completed', 'failed', 'delayed', 'paused'" in (
        by_object["QRY102", "07-jobs#2"].detail
    )
    assert "23514 on jobs_status_chk" in by_object["QRY103", "07-jobs#4.1"].message
    assert "idx_jobs_user_id_created_at gives the order" in by_object["PLN102", "07-jobs#3"].detail
    assert "user_id only" in by_object["PLN102", "07-jobs#3"].message


def test_without_migration_08_an_index_is_proposed(server: ScratchServer, tmp_path: Path) -> None:
    for name in ("01-uuid.sql", "03-agents.sql", "07-jobs.sql"):
        (tmp_path / name).write_bytes((MIGRATIONS / name).read_bytes())
    report = check(request(server, migrations=tmp_path, checks=None))
    finding = next(f for f in report.open if f.code == "PLN102")
    assert "CREATE INDEX ON jobs (user_id, created_at DESC)" in finding.detail
    (tmp_path / "08-proposed.sql").write_text("CREATE INDEX ON jobs (user_id, created_at DESC);", encoding="utf-8")
    again = check(request(server, migrations=tmp_path, checks=None))
    assert (
        "jobs_user_id_created_at_idx gives the order" in next(f for f in again.open if f.code == "PLN102").detail
    )


def test_what_holds_is_said(server: ScratchServer) -> None:
    said = "\n".join(f.message for f in check(request(server)).holds)
    for words in (
        '07-jobs#1 "Get all jobs for an agent" is served by idx_jobs_agent_id_created_at: agent_id = $1 as',
        '07-jobs#2 "Get user\'s jobs by status" is served by idx_jobs_user_status_created_at: user_id = $1 and',
        "the query pattern above idx_jobs_agent_id_created_at is served by idx_jobs_agent_id_created_at",
        "the query pattern above idx_jobs_user_status_created_at is served by idx_jobs_user_status_created_at",
        "check constraint jobs_status_chk exists",
        "check constraint jobs_time_order_chk exists",
        "column jobs.status is character varying(50) NOT NULL DEFAULT 'pending'",
        "primary key jobs_pkey exists: PRIMARY KEY (id)",
        "unique constraint jobs_job_id_key exists: UNIQUE (job_id)",
        "FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE",
        "check constraint jobs_status_chk refuses status = ",
        "check constraint jobs_time_order_chk refuses started_at = ",
        "unique constraint jobs_job_id_key refuses a second row with the same job_id (23505)",
        "primary key jobs_pkey refuses a second row with the same id (23505)",
        "foreign key jobs_agent_id_fkey refuses agent_id = ",
        "which agents has not (23503)",
        "foreign key jobs_agent_id_fkey deletes 1 row of jobs when the row of agents is deleted",
        "start_job changes 1 row where it is run",
        "fail_job changes 1 row where it is run",
        "table jobs refuses NULL in id, job_id, agent_id, user_id, status, created_at and updated_at",
    ):
        assert words in said


@pytest.fixture
def live(server: ScratchServer, database: Conninfo) -> Conninfo:
    """A database that was upgraded, as in production."""
    for _ in upgrade(database, MIGRATIONS, variables={}, to=None, terms=terms()):
        pass
    return database


def catalog(database: Conninfo) -> list[tuple[object, ...]]:
    """Everything in pg_class and pg_index that a check could have changed."""
    with psycopg.connect(database.secret) as conn:
        return conn.execute(
            "SELECT c.relname, c.relpages, c.reltuples, i.indisvalid, c.xmin::text FROM pg_class AS c"
            " LEFT JOIN pg_index AS i ON i.indexrelid = c.oid ORDER BY c.oid"
        ).fetchall()


def test_a_live_database_is_read_and_only_read(server: ScratchServer, live: Conninfo) -> None:
    before = catalog(live)
    report = check(request(server, database=live, strict=True))
    assert_what_is_broken(report)
    assert catalog(live) == before
    chosen = next(f.message for f in report.holds if f.code == "QRY101" and f.object == "jobs_of_agent")
    assert "the planner now chooses" in chosen
    assert "idx_jobs_agent_id_created_at on jobs" in chosen


def test_with_a_few_rows_the_planner_chooses_otherwise_and_the_promise_holds(
    server: ScratchServer, live: Conninfo
) -> None:
    with psycopg.connect(live.secret, autocommit=True) as conn:
        conn.execute("INSERT INTO agents (name) VALUES ('a')")
        conn.execute(
            "INSERT INTO jobs (job_id, agent_id, user_id) SELECT n::text, a.id, a.id"
            " FROM agents AS a, generate_series(1, 20) AS n"
        )
        conn.execute("ANALYZE jobs")
    report = check(request(server, database=live))
    assert report.open == ()
    chosen = next(f.message for f in report.holds if f.code == "QRY101" and f.object == "jobs_of_agent")
    assert chosen.endswith("the planner now chooses Seq Scan on jobs")


def test_a_live_database_that_differs_is_told(server: ScratchServer, live: Conninfo) -> None:
    with psycopg.connect(live.secret, autocommit=True) as conn:
        conn.execute("DROP INDEX idx_jobs_agent_id_created_at")
        conn.execute("CREATE INDEX idx_jobs_agent_id_created_at ON jobs (agent_id, created_at)")
        conn.execute("ALTER TABLE jobs DROP CONSTRAINT jobs_time_order_chk")
        conn.execute("ALTER TABLE jobs DROP CONSTRAINT jobs_agent_id_fkey")
        conn.execute(
            "ALTER TABLE jobs ADD CONSTRAINT jobs_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents NOT VALID"
        )
        conn.execute("ALTER TABLE jobs ALTER COLUMN status SET DEFAULT 'active'")
    found = {(f.code, f.object) for f in check(request(server, database=live)).open}
    assert found == {
        ("CAT105", "idx_jobs_agent_id_created_at"),
        ("CON101", "jobs.jobs_time_order_chk"),
        ("CON102", "jobs.jobs_agent_id_fkey"),
        ("CON103", "jobs.jobs_agent_id_fkey"),
        ("CAT103", "jobs.status"),
    }


def test_constraints_of_a_live_database_are_read_and_never_broken(server: ScratchServer, live: Conninfo) -> None:
    with psycopg.connect(live.secret, autocommit=True) as conn:
        conn.execute("ALTER TABLE jobs DISABLE TRIGGER ALL")
    before = catalog(live)
    report = check(request(server, database=live))
    assert [(f.code, f.object) for f in report.open] == [("CON202", "jobs.jobs_agent_id_fkey")]
    assert catalog(live) == before
    tried = [f.message for f in report.holds if f.code == "CON201" and "jobs_status_chk" in f.message]
    assert [message.endswith("tried on a scratch database") for message in tried] == [True]


def test_without_a_scratch_server_constraints_are_not_tried(server: ScratchServer, live: Conninfo) -> None:
    nowhere = Conninfo.parse(live.secret + " port=1 connect_timeout=1")
    report = check(request(server, database=live, scratch=ScratchOptions(url=nowhere)))
    assert {f.verdict for f in report.open} == {Verdict.UNKNOWN}
    assert [f.object for f in report.open if f.code == "CON201"] == ["constraints"]
    assert exit_code(report) == 4


def test_a_role_without_rights_cannot_tell(server: ScratchServer, live: Conninfo) -> None:
    with psycopg.connect(live.secret, autocommit=True) as conn:
        conn.execute("DROP ROLE IF EXISTS pgproof_reader")
        conn.execute("CREATE ROLE pgproof_reader LOGIN")
    try:
        reader = Conninfo.parse(live.secret + " user=pgproof_reader")
        report = check(request(server, database=reader))
        undecided = [f for f in report.open if f.verdict is Verdict.UNKNOWN]
        assert {f.code for f in undecided} == {"QRY101"}
        assert all("permission denied" in f.message for f in undecided)
        assert exit_code(report) == (1 if len(undecided) < len(report.open) else 4)
    finally:
        with psycopg.connect(live.secret, autocommit=True) as conn:
            conn.execute("DROP OWNED BY pgproof_reader")
            conn.execute("DROP ROLE pgproof_reader")


def test_roles_of_the_cluster_are_lent_where_it_is_ours(scratch_options: ScratchOptions, tmp_path: Path) -> None:
    text = "CREATE TABLE t (id integer PRIMARY KEY); GRANT SELECT ON t TO reader; ALTER TABLE t OWNER TO app;"
    (tmp_path / "01-t.sql").write_text(text, encoding="utf-8")
    plain = Request(
        migrations=tmp_path, checks=None, today=date(2026, 1, 15), scratch=replace(scratch_options, url=None)
    )
    assert check(plain).open == ()
