"""What programs do about drift: see it, lead back, make it official, live with it, see who made it."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

import pgproof
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions, ScratchServer
from tests.migrate.case import write

UP = {"01-a.sql": "-- migrate:up\nCREATE TABLE a (b int);\n-- migrate:down\nDROP TABLE a;\n"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Conninfo) -> Path:
    """A folder with migrations that are applied."""
    write(tmp_path / "migrations", UP)
    monkeypatch.chdir(tmp_path)
    pgproof.upgrade(database)
    return tmp_path


@pytest.fixture
def scratch(server: ScratchServer) -> ScratchOptions:
    """A server that is there already."""
    return pgproof.scratch(url=server.conninfo.secret)


def run(database: Conninfo, statement: str) -> None:
    """By hand."""
    with closing(connect(database)) as conn:
        conn.execute(statement.encode())


def test_led_back(here: Path, database: Conninfo, scratch: ScratchOptions) -> None:
    run(database, "ALTER TABLE a ADD COLUMN c int")
    found = pgproof.plan_repair(database, data_loss=True, scratch=scratch)
    assert (found.drift.verdict, found.written) == ("differs", ())
    assert found.diff is not None
    assert "\nALTER TABLE public.a" not in pgproof.script(found.diff)
    run(database, pgproof.script(found.diff, data_loss=True))
    assert pgproof.find_drift(database, scratch=scratch).verdict == "same"


def test_made_official(here: Path, database: Conninfo, scratch: ScratchOptions) -> None:
    assert pgproof.adopt_drift(database, "nothing", scratch=scratch).diff is None
    run(database, "ALTER TABLE a ADD COLUMN c int")
    found = pgproof.adopt_drift(database, "more of a", prove=True, scratch=scratch)
    assert [path.as_posix() for path in found.written] == ["migrations/02-more-of-a.sql"]
    assert found.diff is not None
    assert found.diff.proof is not None
    assert (found.diff.proof.holds, found.losses) == (True, ("column public.a.c",))
    assert pgproof.adopt(database, to=found.version, dry_run=True, scratch=scratch).written is False
    assert pgproof.adopt(database, to=found.version, scratch=scratch).written is True
    assert pgproof.find_drift(database, scratch=scratch).verdict == "same"
    assert {each.condition for each in pgproof.status(database).standings} == {"applied"}


def test_lived_with(here: Path, database: Conninfo, scratch: ScratchOptions) -> None:
    run(database, "CREATE INDEX by_b ON a (b)")
    found = pgproof.find_drift(database, scratch=scratch)
    (item,) = found.items
    named = f"{item.code}:{item.object}"
    with pytest.raises(pgproof.InputError, match=r"no difference is DRF102:index public\.no"):
        pgproof.accept_drift(found, [named, "DRF102:index public.no"], "on trial")
    assert not (here / "checks").exists()
    days = {"until": date(2030, 1, 31), "today": date(2030, 1, 1)}
    (accepted,) = pgproof.accept_drift(found, [named], "on trial", **days)
    assert (accepted.item, accepted.path.parent) == (item, Path("checks"))
    again = pgproof.find_drift(database, scratch=scratch)
    assert (again.verdict, [each.because for each in again.accepted.values()]) == ("same", ["on trial"])


def test_seen_who_made_it(here: Path, database: Conninfo, scratch: ScratchOptions) -> None:
    assert pgproof.watch_drift(database).was_there is False
    run(database, "CREATE INDEX by_b ON a (b)")
    found = pgproof.find_drift(database, scratch=scratch, witness=True)
    assert ([deed.tag for deed in found.deeds.values()], found.witness) == (["CREATE INDEX"], True)
    assert pgproof.unwatch_drift(database).was_there is True
    run(database, pgproof.watch_script())
    run(database, pgproof.watch_script(remove=True))
    assert pgproof.unwatch_drift(database).was_there is False


def test_a_plan_written_as_a_migration(here: Path, scratch: ScratchOptions) -> None:
    write(here, {"want.sql": "CREATE TABLE a (b int, c text);"})
    found = pgproof.diff("migrations", "want.sql", write="c of a", scratch=scratch)
    assert [path.name for path in found.written] == ["02-c-of-a.sql"]
    write(here, {"want.sql": "CREATE TABLE a (b int);"})
    with pytest.raises(pgproof.InputError, match="would lose data"):
        pgproof.diff("migrations", "want.sql", write="no c", scratch=scratch)
    done = pgproof.diff("migrations", "want.sql", write="no c", data_loss=True, scratch=scratch)
    assert [path.name for path in done.written] == ["03-no-c.sql"]
