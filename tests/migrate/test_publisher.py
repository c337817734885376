"""What is run on scratch leaves the publisher of a subscription alone: a real one, whose slots are counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.errors import DatabaseError
from pgproof.flows.verify import Request, verify
from pgproof.migrate.execute import rehearse
from pgproof.migrate.library import load
from pgproof.migrate.plan import Direction, Step
from tests.conftest import OPTIONS, majors
from tests.faults.cluster import Cluster, open_cluster
from tests.migrate.case import write

pytestmark = pytest.mark.slow
ALONE = "connect = false, slot_name = 'ours'"
SLOT = "SELECT pg_create_logical_replication_slot('ours', 'pgoutput')"
SLOTS = "SELECT slot_name FROM pg_replication_slots"


@pytest.fixture(scope="module")
def publisher(server: ScratchServer) -> Iterator[Cluster]:
    if not server.is_own_cluster:
        pytest.skip("its settings are somebody else's")
    binaries = majors()[server.version.major]
    with open_cluster(binaries, OPTIONS) as cluster:
        with cluster.connect() as conn:
            conn.execute("ALTER SYSTEM SET wal_level = logical")
            conn.execute("CREATE PUBLICATION p FOR ALL TABLES")
        cluster.stop_immediately()
        cluster.start()
        yield cluster


@pytest.fixture
def slots(publisher: Cluster) -> Iterator[psycopg.Connection]:
    """Those of the publisher, on a connection to it: one, called ours."""
    with publisher.connect() as conn:
        conn.execute(SLOT)
        yield conn
        conn.execute(b"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")


def step(folder: Path, sql: str, direction: Direction = Direction.UP, down: str = "SELECT 1;") -> Step:
    text = f"-- migrate:up transaction:false\n{sql}\n-- migrate:down transaction:false\n{down}\n"
    (migration,) = load(write(folder / "m", {"1-s.sql": text})).migrations
    return Step(migration=migration, direction=direction)


def run(conn: psycopg.Connection, what: Step) -> None:
    for _ in rehearse(conn, [what]):
        pass


def subscription(publisher: Cluster, words: str) -> str:
    with_ = f" WITH ({words})" if words else ""
    return f"CREATE SUBSCRIPTION ours CONNECTION '{publisher.conninfo('postgres')}' PUBLICATION p{with_};"


@pytest.mark.parametrize(
    ("words", "then", "refused"),
    [
        ("", "", "CREATE SUBSCRIPTION"),
        ("create_slot = false, slot_name = 'ours'", "", "CREATE SUBSCRIPTION"),
        (ALONE, "DROP SUBSCRIPTION ours;", "DROP SUBSCRIPTION"),
        (ALONE, "ALTER SUBSCRIPTION ours REFRESH PUBLICATION;", "ALTER SUBSCRIPTION"),
        (ALONE, "ALTER SUBSCRIPTION ours SET PUBLICATION p;", "ALTER SUBSCRIPTION"),
        (ALONE, "ALTER SUBSCRIPTION ours SET PUBLICATION p WITH (refresh = false);", ""),
        (ALONE, "ALTER SUBSCRIPTION ours ENABLE;", ""),
        (ALONE, "ALTER SUBSCRIPTION ours SET (slot_name = NONE); DROP SUBSCRIPTION ours;", ""),
        ("connect = false, slot_name = NONE", "DROP SUBSCRIPTION ours; DROP SUBSCRIPTION IF EXISTS ours;", ""),
    ],
)
def test_a_slot_of_the_publisher_stays(
    publisher: Cluster,
    slots: psycopg.Connection,
    database: Conninfo,
    tmp_path: Path,
    words: str,
    then: str,
    refused: str,
) -> None:
    what = step(tmp_path, f"{subscription(publisher, words)}\n{then}")
    with closing(connect(database)) as conn:
        if refused:
            with pytest.raises(DatabaseError) as error:
                run(conn, what)
            (problem,) = error.value.problems
            assert problem.message == f"{refused} would reach the publisher from a scratch server"
            assert problem.place
            assert problem.place.line == (3 if then else 2)
            assert conn.execute("SELECT count(*) FROM pg_subscription").fetchone() == (0,)
        else:
            run(conn, what)
        assert slots.execute(SLOTS).fetchall() == [("ours",)]
        assert slots.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'walsender'"
        ).fetchone() == (0,)


def test_the_server_would_reach_it(publisher: Cluster, slots: psycopg.Connection, database: Conninfo) -> None:
    """What is refused above does something: a slot is made, and one is dropped."""
    with closing(connect(database)) as conn:
        conn.execute(subscription(publisher, "slot_name = 'theirs'").encode())
        assert sorted(slots.execute(SLOTS).fetchall()) == [("ours",), ("theirs",)]
        conn.execute("DROP SUBSCRIPTION ours")
        assert slots.execute(SLOTS).fetchall() == [("ours",)]


def test_a_downgrade_that_would_drop_it(publisher: Cluster, slots: psycopg.Connection, tmp_path: Path) -> None:
    step(tmp_path, subscription(publisher, ALONE), down="DROP SUBSCRIPTION ours;")
    outcome = list(verify(Request(folder=tmp_path / "m", scratch=OPTIONS)))
    told = repr(outcome)
    assert "DROP SUBSCRIPTION would reach the publisher from a scratch server" in told
    assert slots.execute(SLOTS).fetchall() == [("ours",)]
