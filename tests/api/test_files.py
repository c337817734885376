"""Programs that write the files of a project, and compare them with what they stand for."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import pgproof
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions, ScratchServer
from pgproof.migrate.event import Ended, Event
from pgproof.report.described import schema
from tests.api.test_migrating import UP
from tests.migrate.case import write


@pytest.fixture
def scratch(server: ScratchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ScratchOptions:
    """A server that is there already; the current folder is one with migrations."""
    write(tmp_path / "migrations", UP)
    monkeypatch.chdir(tmp_path)
    return pgproof.scratch(url=server.conninfo.secret)


def test_a_project_is_begun(tmp_path: Path, scratch: ScratchOptions) -> None:
    made = {piece.path: piece.deed for piece in pgproof.init(tmp_path / "shop")}
    assert made["pgproof.toml"] == "written"
    assert pgproof.check(pgproof.project(tmp_path / "shop"), scratch=scratch).summary.open == 0
    assert {piece.deed for piece in pgproof.init(tmp_path / "shop")} == {"left"}


def test_files_are_numbered_and_summed(scratch: ScratchOptions) -> None:
    assert pgproof.write_sum().is_changed is True
    assert [path.name for path in pgproof.new("c")] == ["03-c.sql"]
    assert [len(path.name) for path in pgproof.new("d", numbering="timestamp")] == [len("20270131120000-d.sql")]
    assert pgproof.check_sum() == pgproof.write_sum().path == Path("migrations/pgproof.sum")
    write(Path("migrations"), {"01-a.sql": UP["01-a.sql"].replace("int", "text")})
    with pytest.raises(pgproof.InputError, match="01-a"):
        pgproof.check_sum()
    with pytest.raises(pgproof.InputError, match="no letter or digit"):
        pgproof.new("!")


def test_a_snapshot_is_kept(scratch: ScratchOptions, tmp_path: Path) -> None:
    with pytest.raises(pgproof.InputError, match=r"there is no migrations/schema\.json"):
        pgproof.check_snapshot(scratch=scratch)
    written = pgproof.write_snapshot(full=True, scratch=scratch)
    assert written == pgproof.Written(path=Path("migrations/schema.json"), is_changed=True)
    assert pgproof.write_snapshot(scratch=scratch).is_changed is False
    assert written.path.read_text() == pgproof.snapshot(full=True, scratch=scratch)
    found = pgproof.check_snapshot(scratch=scratch)
    assert (found.differences, found.reasons) == ((), ())
    write(Path("migrations"), {"01-a.sql": UP["01-a.sql"].replace("b int", "b int, c int")})
    assert len(pgproof.check_snapshot(scratch=scratch).differences) == 1
    other = pgproof.write_snapshot("migrations", tmp_path / "other.json", scratch=scratch)
    assert pgproof.check_snapshot("migrations", other.path, scratch=scratch).reasons == ()
    made = pgproof.snapshot_sql(scratch=scratch)
    assert "CREATE TABLE public.a (" in made.text
    assert made.left_out == ()


def test_one_file_for_all(scratch: ScratchOptions, database: Conninfo) -> None:
    done = pgproof.squash("02", scratch=scratch)
    assert (done.path.name, [each.name for each in done.replaced]) == ("baseline-02.sql", ["01-a.sql", "02-b.sql"])
    assert pgproof.upgrade(database).migrations == ("baseline-02.sql",)


def test_what_is_to_be_applied_is_tried(scratch: ScratchOptions, database: Conninfo) -> None:
    tried = pgproof.rehearse(database, scratch=scratch)
    assert [each.step.migration.name for each in tried.steps] == ["01-a.sql", "02-b.sql"]
    assert tried.server.startswith("PostgreSQL ")
    assert "CREATE INDEX CONCURRENTLY i" in pgproof.plan_script(after="1")
    assert "CREATE TABLE a" not in pgproof.plan_script(after="1")
    pgproof.upgrade(database)
    nothing = pgproof.rehearse(database, scratch=scratch)
    assert (nothing.steps, nothing.server) == ((), "")


def test_what_is_still_written_is_done_again(scratch: ScratchOptions, database: Conninfo) -> None:
    pgproof.upgrade(database)
    write(Path("migrations"), {"01-a.sql": UP["01-a.sql"].replace("b int", "b bigint")})
    heard: list[Event] = []
    done = pgproof.redo(database, steps=2, on_event=heard.append)
    assert done.migrations == ("01-a.sql", "02-b.sql")
    assert [each.step.migration.name for each in heard if isinstance(each, Ended)] == [
        "02-b.sql",
        "01-a.sql",
        "01-a.sql",
        "02-b.sql",
    ]
    with closing(connect(database)) as conn:
        assert conn.execute("SELECT atttypid::regtype::text FROM pg_attribute WHERE attrelid = 'a'::regclass "
                            "AND attname = 'b'").fetchone() == ("bigint",)  # fmt: skip


def test_an_edit_that_changes_nothing_is_accepted(scratch: ScratchOptions, database: Conninfo) -> None:
    pgproof.upgrade(database)
    assert pgproof.accept_edit(database, "01", scratch=scratch) is None
    write(Path("migrations"), {"01-a.sql": UP["01-a.sql"].replace("(b int)", "(b integer)")})
    accepted = pgproof.accept_edit(database, "01", scratch=scratch)
    assert accepted is not None
    assert accepted.proved_on.startswith("PostgreSQL ")
    write(Path("migrations"), {"01-a.sql": UP["01-a.sql"].replace("(b int)", "(b text)")})
    with pytest.raises(pgproof.InputError, match="does not do any more what it did"):
        pgproof.accept_edit(database, "01", scratch=scratch)


def test_what_works_here_and_what_is_found_as_a_page(scratch: ScratchOptions, database: Conninfo) -> None:
    pgproof.upgrade(database)
    sections = pgproof.doctor(database=database, scratch=scratch)
    assert {each.state for section in sections for each in section.checks if each.is_needed} == {"ok"}
    page = pgproof.report_page(database=database, scratch=scratch)
    assert page.drift is not None
    assert (page.drift.verdict, page.refusal, page.report.command) == ("same", "", "check")
    assert "02-b.sql" in page.html


def test_what_is_found_is_told_as_the_commands_tell_it(scratch: ScratchOptions, database: Conninfo) -> None:
    pgproof.upgrade(database)
    found: dict[str, Any] = {
        "check": pgproof.check(scratch=scratch),
        "drift": pgproof.find_drift(database, scratch=scratch),
        "status": pgproof.status(database),
        "verify": pgproof.verify(rows=0, scratch=scratch),
    }
    for command, each in found.items():
        Draft202012Validator(schema(command)).validate(json.loads(pgproof.render(each, "json")))
        assert json.loads(pgproof.render(each, "sarif"))["version"] == "2.1.0"
        assert pgproof.render(each, "html").startswith("<!DOCTYPE html>")
    for command in ("drift", "status", "verify"):
        report = pgproof.findings(found[command])
        assert (report.command, report.summary.open) == (command, 0)
        assert pgproof.render(report, "junit") == pgproof.render(found[command], "junit")
        with pytest.raises(pgproof.InputError, match="alone are not what it says in JSON"):
            pgproof.render(report, "json")
    typed = [sys.executable, "-m", "pgproof", "status", "--database", database.secret, "--format"]
    for form in ("json", "text"):
        told = subprocess.run([*typed, form], capture_output=True, text=True, check=False).stdout
        assert pgproof.render(found["status"], form) == told  # type: ignore[arg-type]
