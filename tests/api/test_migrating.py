"""Programs that migrate their own database."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

import pgproof
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.errors import DatabaseError, InputError, Interrupted, PgproofError
from pgproof.migrate.event import Advanced, Event, Planned
from tests.conftest import OPTIONS
from tests.faults.cluster import until
from tests.migrate.case import write

UP = {
    "01-a.sql": "-- migrate:up\nCREATE TABLE a (b int);\n-- migrate:down\nDROP TABLE a;\n",
    "02-b.sql": "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON a (b);\n"
    "-- migrate:down\nDROP INDEX i;\n",
}


def test_up_status_and_back(database: Conninfo, tmp_path: Path) -> None:
    folder = write(tmp_path / "m", UP)
    heard: list[Event] = []
    done = pgproof.upgrade(database.secret, folder, to="1", on_event=heard.append)
    assert (done.migrations, done.database) == (("01-a.sql",), database.description)
    assert isinstance(heard[0], Planned)
    with closing(connect(database)) as conn:
        conn.execute("SET search_path = nowhere")
        assert pgproof.upgrade(conn, folder).migrations == ("02-b.sql",)
        assert conn.execute("SHOW search_path").fetchone() == ("nowhere",)
        assert [each.condition for each in pgproof.status(conn, str(folder)).standings] == ["applied", "applied"]
    assert pgproof.upgrade(database, folder).migrations == ()
    assert pgproof.downgrade(database, folder, steps=1).migrations == ("02-b.sql",)
    assert pgproof.downgrade(database, folder, to="0").migrations == ("01-a.sql",)


def test_what_the_command_line_can(database: Conninfo, tmp_path: Path) -> None:
    """A named layout, a plan, a schema, late migrations proved on a scratch server."""
    goose = {"1_a.sql": "-- +goose Up\nCREATE TABLE a ();\n-- +goose Down\nDROP TABLE a;\n"}
    folder = write(tmp_path / "m", {**goose, "3_c.sql": goose["1_a.sql"].replace("TABLE a", "TABLE c")})
    with closing(connect(database)) as conn:
        conn.execute("CREATE SCHEMA one")
    with pytest.raises(InputError, match="unknown layout"):
        pgproof.upgrade(database, folder, layout="gose")
    planned = pgproof.plan(database, folder, layout="goose", steps=1, schema="one")
    assert [each.migration.name for each in planned.plan.steps] == ["1_a.sql"]
    assert pgproof.upgrade(database, folder, layout="goose", terms=pgproof.terms(schema="one")).migrations
    assert not pgproof.plan(database, folder, layout="goose", schema="one").plan.steps
    assert len(pgproof.plan(database, folder, layout="goose").plan.steps) == 2
    write(folder, {"2_b.sql": goose["1_a.sql"].replace("TABLE a", "TABLE b")})
    with pytest.raises(InputError, match="2_b"):
        pgproof.upgrade(database, folder, layout="goose", terms=pgproof.terms(schema="one"))
    late = pgproof.upgrade(
        database,
        folder,
        layout="goose",
        allow_late=True,
        scratch=replace(OPTIONS, postgres=None),
        terms=pgproof.terms(schema="one"),
    )
    assert late.migrations == ("2_b.sql",)
    found = pgproof.status(database, folder, layout="goose", schema="one")
    assert {each.condition for each in found.standings} == {"applied"}
    back = pgproof.downgrade(database, folder, layout="goose", to="0", terms=pgproof.terms(schema="one"))
    assert back.migrations == ("3_c.sql", "2_b.sql", "1_a.sql")


def test_threads_take_turns(database: Conninfo, tmp_path: Path) -> None:
    folder = write(tmp_path / "m", UP)
    done: list[str] = []
    threads = [Thread(target=lambda: done.extend(pgproof.upgrade(database, folder).migrations)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["01-a.sql", "02-b.sql"]


@pytest.mark.parametrize(("raised", "told"), [(ValueError, ValueError), (KeyboardInterrupt, Interrupted)])
def test_whoever_listens_can_stop_a_statement(
    database: Conninfo, tmp_path: Path, raised: type[BaseException], told: type[BaseException]
) -> None:
    folder = write(tmp_path / "m", UP)
    pgproof.upgrade(database, folder, to="1")

    def hear(event: Event) -> None:
        if isinstance(event, Advanced):
            raise raised

    with closing(connect(database)) as other, closing(connect(database)) as observer:
        other.execute("BEGIN; LOCK TABLE a")
        with pytest.raises(told):
            pgproof.upgrade(database, folder, on_event=hear)
        # in a transaction, pg_stat_activity is as it was at the first look
        query = "SELECT FROM pg_stat_activity WHERE starts_with(query, '/* pgproof:') AND state = 'active'"
        until(lambda: not observer.execute(query).fetchall(), "the statement ends")
        other.execute("ROLLBACK")
    assert pgproof.upgrade(database, folder).migrations == ("02-b.sql",)


def test_what_goes_wrong_is_an_exception(database: Conninfo, tmp_path: Path) -> None:
    folder = write(tmp_path / "m", {"1-a.sql": "SELECT 1/0;"})
    with pytest.raises(DatabaseError, match=r"1-a\.sql:1:1: division by zero") as caught:
        pgproof.upgrade(database, folder)
    assert isinstance(caught.value, PgproofError)
    with pytest.raises(InputError, match="either a version or a number of steps"):
        pgproof.downgrade(database, folder)
    with pytest.raises(InputError, match='"soon" is not a time'):
        pgproof.terms(lock_timeout="soon")
    with pytest.raises(AttributeError):
        pgproof.nothing  # noqa: B018
