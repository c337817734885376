"""pytest checks/ migrations/: each promise, constraint and migration is an item."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgproof.database.scratch import ScratchServer
from pgproof.errors import InputError
from pgproof.finding import Finding, Verdict
from pgproof.place import Place
from pgproof.pytest_plugin.found import Untold, _once
from pgproof.report.model import About, Report
from tests.pytest_plugin.project import Project, Run

AGENTS = """-- The jobs of one agent in the order in which they began.
-- name: jobs_of_agent_by_start :many
-- uses: idx_jobs_agent_id_created_at
-- order: index
SELECT id, started_at FROM jobs WHERE agent_id = @agent_id ORDER BY started_at DESC;
"""
STORY = {
    "10-here.sql": "-- migrate:up\nCREATE TABLE here (a int CHECK (a > 0));\n-- migrate:down\nDROP TABLE here;\n",
    "11-left.sql": "-- migrate:up\nCREATE INDEX here_a ON here (a);\n-- migrate:down\n"
    "DROP INDEX here_a; COMMENT ON TABLE here IS 'left';\n",
    "12-away.sql": "-- migrate:up\nCREATE INDEX here_b ON here (a);\n",
    "R-view.sql": "CREATE OR REPLACE VIEW seen AS SELECT a FROM here;\n",
}


def outcomes(done: Run) -> dict[str, str]:
    """What `-rA` says of each item."""
    lines = [line.split(" ", 1) for line in done.output.splitlines()]
    words = ("PASSED", "FAILED", "SKIPPED", "XFAIL", "ERROR")
    return {
        rest.partition(" - ")[0]: word for word, rest in (line for line in lines if len(line) > 1) if word in words
    }


def test_the_shipped_files_hold(project: Project) -> None:
    done = project.pytest("checks", "migrations", "-rA")
    assert done.outcomes() == "35 passed, 5 xfailed", done.output
    found = outcomes(done)
    assert found["checks/jobs.sql::query jobs_of_agent"] == "PASSED"
    assert found["migrations/07-jobs.sql::constraint jobs.jobs_status_chk"] == "PASSED"
    assert found["migrations/07-jobs.sql::index idx_jobs_agent_id_created_at"] == "PASSED"
    assert found["migrations/07-jobs.sql::up, down, up"] == "PASSED"
    assert found["migrations/07-jobs.sql::query 07-jobs#2"] == "XFAIL"
    assert "check constraint jobs_status_chk exists: CHECK" in done.output
    assert "refuses status = " in done.output


@pytest.mark.slow
def test_two_workers_have_databases_and_find_out_once(project: Project, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    project.copy("with_psycopg")
    done = project.pytest("-n", "2", "-o", "pgproof=true", TMPDIR=str(tmp_path / "tmp"))
    assert done.outcomes() == "40 passed, 5 xfailed", done.output
    assert not list((tmp_path / "tmp").glob("pgproof-pytest-*"))


def test_what_has_to_be_found_out_is_so_once(tmp_path: Path) -> None:
    tried: list[str] = []

    def work() -> Report:
        tried.append("check")
        return Report(command="check", about=About(server="PostgreSQL", mode="scratch"), findings=(finding(),))

    def failing() -> Report:
        tried.append("verify")
        raise InputError("no")

    shared = str(tmp_path / "shared")
    assert _once(shared, "check", work) == _once(shared, "check", work) == work()
    assert _once(shared, "verify", failing) == _once(shared, "verify", failing) == Untold("no")
    assert tried == ["check", "check", "verify"]
    assert Path(shared).stat().st_mode & 0o777 == 0o700


def finding() -> Finding:
    place = Place(path="a.sql", line=1)
    return Finding(code="CAT101", name="n", verdict=Verdict.HOLDS, object="o", message="m", place=place)


def test_what_does_not_hold_fails_and_is_told_as_by_check(project: Project, server: ScratchServer) -> None:
    project.write("checks/agents.sql", AGENTS)
    for name, text in STORY.items():
        project.write(f"migrations/{name}", text)
    url = server.conninfo.secret_url()
    done = project.pytest("--pgproof-server", url, "-rA", "checks/agents.sql", "migrations")
    found = outcomes(done)
    assert found["checks/agents.sql::query jobs_of_agent_by_start"] == "FAILED"
    shown = done.output.partition("query jobs_of_agent_by_start ___")[2]
    assert "checks/agents.sql:3:10  PLN102 order-not-served\n" in shown
    assert "\n  │ -- uses: idx_jobs_agent_id_created_at\n  │          ^^^^" in shown
    assert "hint: CREATE INDEX CONCURRENTLY ON jobs (agent_id, started_at DESC)" in shown
    assert found["migrations/10-here.sql::constraint here.here_a_check"] == "PASSED"
    assert found["migrations/10-here.sql::up, down, up"] == "PASSED"
    assert found["migrations/11-left.sql::up, down, up"] == "FAILED"
    assert "behind the downgrade of 11-left not all is as before" in done.output
    assert "12-away has no downgrade" in done.output
    assert "migrations/12-away.sql::up, down, up" not in found, "it is skipped, by its line"
    assert "R-view.sql::" not in done.output, "nothing is judged of a repeatable file"


def test_a_migration_that_is_refused_is_told_once(project: Project, server: ScratchServer) -> None:
    project.write("migrations/10-bad.sql", "-- migrate:up\nSELECT 1/0;\n-- migrate:down\n")
    project.write("migrations/11-next.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n")
    names = [f"migrations/{each}.sql" for each in ("03-agents", "10-bad", "11-next")]
    done = project.pytest("--pgproof-server", server.conninfo.secret_url(), "-rA", *names)
    found = outcomes(done)
    assert done.output.count("\n  SELECT 1/0;\n  ^") == 1
    assert found["migrations/03-agents.sql::table agents"] == "FAILED"
    assert "nothing could be found out: migrations/10-bad.sql:2:1: division by zero" in done.output
    assert found["migrations/03-agents.sql::up, down, up"] == "PASSED"
    assert found["migrations/10-bad.sql::up, down, up"] == "FAILED"
    assert "cannot tell: it was not come to, since a migration before it is refused" in done.output


def test_mistakes_of_files_are_told_at_their_places(project: Project) -> None:
    project.write("checks/agents.sql", AGENTS.replace("-- order: index", "-- order: indx"))
    project.write("migrations/10-bad.sql", "-- migrate:up\nSELEC 1;\n")
    done = project.pytest("checks", "migrations")
    assert done.outcomes().endswith("error" if done.output.count("ERROR collecting") == 1 else "errors")
    assert "migrations/10-bad.sql:2:1: syntax error" in done.output
    assert "Traceback" not in done.output
    project.write("pyproject.toml", '[tool.pgproof]\nmigration = "m"\n')
    done = project.pytest("migrations")
    assert 'unknown setting "migration"' in done.output
    assert done.code == 2


def test_files_of_others_are_let_be(project: Project) -> None:
    project.write("tests/data/a.sql", "no SQL at all")
    project.write("tests/data/01-b.py", "raise SystemExit")
    project.write("tests/test_it.py", "def test_it(): pass\n")
    project.write("pyproject.toml", '[tool.pgproof]\nmigration = "m"\n')
    assert project.pytest().outcomes() == "1 passed"


def test_from_another_folder_and_with_expected_failures(project: Project, server: ScratchServer) -> None:
    url = server.conninfo.secret_url()
    done = project.pytest("--pgproof-server", url, "--runxfail", "07-jobs.sql", "-k", "query", folder="migrations")
    assert "error  07-jobs.sql:75:55  QRY102" in done.output, done.output
    assert "accepted: the comment of an applied migration cannot change" in done.output
    assert done.outcomes() == "4 failed, 3 passed, 10 deselected"
