"""The same promises on several majors: one report, and what is right on both is explained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import Binaries, ScratchOptions
from pgproof.errors import InputError
from pgproof.finding import Verdict
from pgproof.flows import majors
from pgproof.flows.check import Request
from tests.rules.judging import TODAY, open_ones, written

CASE = """
CREATE TABLE guests (id integer PRIMARY KEY, name text NOT NULL, nick text);
CREATE INDEX guests_name ON guests (name) WHERE name IS NOT NULL;
CREATE INDEX guests_nick ON guests (nick);
CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer NOT NULL, room integer);
CREATE INDEX visits_guest_room ON visits (guest_id, room);
-- file: checks/guests.sql
-- name: by_name
-- uses: guests_name
SELECT * FROM guests WHERE name IS NOT NULL ORDER BY name;

-- name: of_name
-- uses: guests_name
SELECT * FROM guests WHERE name IS NOT NULL AND name = @name;

-- name: by_nicks
-- uses: guests_nick
SELECT * FROM guests WHERE nick = 'a' OR nick = 'b' OR nick = @nick;

-- name: joined_to_itself
-- no: sort
SELECT a.name FROM guests AS a JOIN guests AS b ON b.id = a.id WHERE b.nick = @nick;

-- name: of_room
-- uses: visits_guest_room
SELECT * FROM visits WHERE room = @room;
"""


def asked(options: ScratchOptions, folder: Path) -> Request:
    return Request(
        migrations=folder / "migrations", checks=folder / "checks", today=TODAY, scratch=replace(options, url=None)
    )


@pytest.mark.slow
def test_what_holds_on_some_majors_says_on_which(
    scratch_options: ScratchOptions, major_binaries: dict[int, Binaries], tmp_path: Path
) -> None:
    if not {14, 17, 18} <= major_binaries.keys():
        pytest.skip("PostgreSQL 14, 17 and 18: no binaries; set PGPROOF_PG_DIR")
    report = majors.check(asked(scratch_options, written(tmp_path, CASE)), (18, 14, 17))
    found = ["PLN101 by_name", "PLN101 of_room", "PLN101 of_room", "PLN111 by_name", "PLN201 by_name"]
    assert open_ones(report) == found
    by_name = next(f for f in report.open if (f.code, f.object) == ("PLN101", "by_name"))
    assert by_name.message.startswith("on PostgreSQL 17 and 18: guests_name cannot serve by_name")
    held = [f.message for f in report.findings if f.verdict is Verdict.HOLDS]
    assert any(m.startswith("on PostgreSQL 14: by_name is served by guests_name") for m in held)
    explained = sorted(f.message for f in report.holds if f.code == "PLN111")
    assert [message.partition(" is planned in another way: ")[0] for message in explained] == [
        "as of PostgreSQL 18, by_nicks",
        "as of PostgreSQL 18, joined_to_itself",
    ]
    assert report.about.server.count(".") == 3
    skipped = next(f for f in report.open if f.object == "of_room" and f.message.startswith("on PostgreSQL 18"))
    assert "PostgreSQL 18 can skip over guest_id" in skipped.detail


def test_one_server_has_one_major(scratch_options: ScratchOptions, tmp_path: Path) -> None:
    named = replace(scratch_options, url=Conninfo.parse("dbname=somewhere"))
    request = replace(asked(scratch_options, written(tmp_path, CASE)), scratch=named)
    with pytest.raises(InputError, match="the server of --scratch-url has one major"):
        majors.check(request, (14, 18))
