"""Promises that are judged at production size, on a server of our own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pgproof.database.scratch import ScratchOptions
from pgproof.flows.check import Request, check
from tests.rules.judging import TODAY, open_ones, written

CASE = """
CREATE TABLE guests (id integer PRIMARY KEY, name text);
CREATE TABLE visits (
    id integer PRIMARY KEY,
    guest_id integer NOT NULL REFERENCES guests,
    room text,
    seen_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX visits_guest_seen ON visits (guest_id, seen_at);
-- file: checks/visits.sql
-- name: latest
-- uses: visits_guest_seen
-- serves: filter, order
-- no: seq scan, sort
-- rows: <= 10
-- cost: grows <= constant
-- params: hot, rare
SELECT * FROM visits WHERE guest_id = @guest ORDER BY seen_at DESC LIMIT 10;

-- name: all_of_guest
-- rows: <= 1000
-- cost: grows <= constant
-- no: sort
SELECT * FROM visits WHERE guest_id = @guest;

-- name: all_of_hot_guest
-- rows: <= 1000
-- cost: grows <= log
-- params: hot
SELECT * FROM visits WHERE guest_id = @guest;

-- name: all_of_room
-- no: seq scan
-- cost: grows <= linear
SELECT * FROM visits WHERE room = @room;

-- name: by_guest
-- no: hash join
-- at: visits=1e4
SELECT name, room FROM visits JOIN guests ON guests.id = visits.guest_id;

-- name: at_another_size
-- rows: <= 5e6
-- at: visits=1e7
SELECT room FROM visits;

-- name: for_rare_values
-- custom
-- params: rare
-- rows: <= 1000
SELECT * FROM visits WHERE guest_id = @guest;
"""


def test_rows_cost_and_nodes_are_judged_at_every_size(scratch_options: ScratchOptions, tmp_path: Path) -> None:
    folder = written(tmp_path, CASE)
    (folder / "checks" / "profile.toml").write_text(
        'sizes = [1e4, 1e6, 1e8]\n[rows]\nguests = [1e2, 1e4, 1e6]\n[hot]\n"visits.guest_id" = 0.01\n'
    )
    report = check(
        Request(
            migrations=folder / "migrations",
            checks=folder / "checks",
            today=TODAY,
            scratch=replace(scratch_options, url=None),
        )
    )
    assert [line for line in open_ones(report) if line.startswith("PLN1")] == [
        "PLN105 all_of_room",
        "PLN105 by_guest",
        "PLN107 all_of_hot_guest",
        "PLN107 at_another_size",
        "PLN108 all_of_hot_guest",
    ]
