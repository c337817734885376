"""Old code on the new schema, and new code on the old one, between a revision of git and the files."""

from __future__ import annotations

import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg import Error

from pgproof.database.connection import connect
from pgproof.database.scratch import ScratchOptions, ScratchServer
from pgproof.errors import InputError
from pgproof.flows.against import revision
from pgproof.flows.check import Request, check
from pgproof.flows.revision import names_at
from tests.rules.judging import TODAY, open_ones, written

BEFORE = """
CREATE TABLE guests (id integer PRIMARY KEY, name text, born date, room smallint, note text);
CREATE INDEX guests_name ON guests (name);
-- file: checks/guests.sql
-- name: by_name
-- uses: guests_name
SELECT id, born FROM guests WHERE name = @name;

-- name: all_of_them
SELECT * FROM guests;

-- name: rooms
SELECT room FROM guests;

-- name: notes
SELECT id FROM guests WHERE note = $1;

-- name: never_worked
SELECT nothing FROM guests;

-- name: untouched
SELECT id FROM guests WHERE id = $1;

-- name: makes_one
-- succeeds
INSERT INTO guests (id, note) VALUES (1, 'x');
"""
AFTER = """
-- file: migrations/02-change.sql
DROP INDEX guests_name;
ALTER TABLE guests ADD COLUMN mail text;
ALTER TABLE guests ALTER COLUMN room TYPE integer;
ALTER TABLE guests DROP COLUMN note;
-- file: checks/guests.sql
-- name: untouched
SELECT id FROM guests WHERE id = $1;

-- name: mails
SELECT mail FROM guests WHERE id = $1;

-- name: births
SELECT born FROM guests WHERE id = $1;
"""


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A working tree in which the files of the last commit have been changed."""
    written(tmp_path, BEFORE)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "before")
    return written(tmp_path, AFTER)


def request(folder: Path, server: ScratchServer) -> Request:
    return Request(
        migrations=folder / "migrations",
        checks=folder / "checks",
        today=TODAY,
        scratch=replace(ScratchOptions(), url=server.conninfo),
    )


def test_what_breaks_between_two_revisions_is_found(changed: Path, server: ScratchServer) -> None:
    asked = request(changed, server)
    with revision("git:main", asked.migrations, asked.checks) as base:
        report = check(replace(asked, against=base))
    assert open_ones(report) == [
        "QRY107 all_of_them",
        "QRY107 by_name",
        "QRY107 makes_one",
        "QRY107 notes",
        "QRY107 rooms",
        "QRY108 mails",
    ]
    said = {finding.object: finding.message for finding in report.open}
    assert said["by_name"] == "by_name is not served by guests_name on the new schema: it is not there"
    assert said["notes"] == 'notes no longer prepares on the new schema: column "note" does not exist'
    assert said["makes_one"].startswith("makes_one is refused on the new schema when it is run: 42703")
    assert said["rooms"] == "rooms returns other columns on the new schema: room is integer, not smallint"
    assert said["all_of_them"].endswith("room is integer, not smallint")
    assert 'column "mail" does not exist' in said["mails"]
    place = next(f.place for f in report.open if f.object == "notes")
    assert place.path == f"git:main:{changed / 'checks'}/guests.sql"
    works = {finding.object for finding in report.holds if finding.code in ("QRY107", "QRY108")}
    assert works == {"untouched", "births"}


def test_a_revision_that_is_not_there_is_told(changed: Path, server: ScratchServer) -> None:
    asked = request(changed, server)
    gone = revision("git:gone", asked.migrations, asked.checks)
    with pytest.raises(InputError, match=r'cannot read the revision "gone"[^H]*HINT: name a branch'), gone:
        pass


def test_a_folder_outside_of_any_repository_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not a git repository[^H]*HINT: a revision is one of the repository"):
        names_at("git:main", tmp_path)


def test_mistakes_in_the_revision_are_told_with_its_name(tmp_path: Path, server: ScratchServer) -> None:
    written(tmp_path, "CREATE TABLE a (id integer);\n-- file: checks/a.sql\n-- name: q\nSELEC 1;\n")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "before")
    (tmp_path / "checks" / "a.sql").write_text("-- name: q\nSELECT 1;\n")
    asked = request(tmp_path, server)
    with revision("main", asked.migrations, asked.checks) as base, pytest.raises(InputError) as caught:
        check(replace(asked, against=base))
    assert [str(p.place) for p in caught.value.problems] == [f"main:{tmp_path / 'checks'}/a.sql:2:1"]


def test_a_session_that_has_prepared_a_query_is_told_when_its_columns_change(server: ScratchServer) -> None:
    """What the finding about other columns says in its detail, also of a modifier alone."""
    with server.database() as fresh, closing(connect(fresh)) as old, closing(connect(fresh)) as new:
        new.execute("CREATE TABLE guests (price numeric(10, 2))")
        old.execute("PREPARE prices AS SELECT price FROM guests")
        old.execute("EXECUTE prices")
        new.execute("ALTER TABLE guests ALTER COLUMN price TYPE numeric(12, 2)")
        with pytest.raises(Error, match="cached plan must not change result type") as caught:
            old.execute("EXECUTE prices")
        assert caught.value.sqlstate == "0A000"


def test_the_two_texts_of_an_edited_query_are_told_apart(tmp_path: Path, server: ScratchServer) -> None:
    """Each is run for what it is: the old one is refused on the new schema, the new one on neither."""
    query = "-- file: checks/a.sql\n-- name: marked\nUPDATE guests SET state = concat({}) WHERE id = $1;\n"
    table = "CREATE TABLE guests (id integer PRIMARY KEY, state text NOT NULL);\n"
    written(tmp_path, table + query.format("'lo', 'st'"))
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "before")
    check_of_state = "ALTER TABLE guests ADD CONSTRAINT known CHECK (state IN ('free', 'full'));\n"
    written(tmp_path, f"-- file: migrations/02-check.sql\n{check_of_state}" + query.format("'fr', 'ee'"))
    asked = request(tmp_path, server)
    with revision("git:main", asked.migrations, asked.checks) as base:
        report = check(replace(asked, against=base))
    assert open_ones(report) == ["QRY107 marked"]
    (finding,) = report.open
    assert finding.message.startswith("marked is refused on the new schema when it is run: 23514")
