"""Plans at production size: what the planner sees is what was meant, on every major."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from pgproof.catalog.read import read as read_catalog
from pgproof.catalog.snapshot import Snapshot
from pgproof.contract import profile
from pgproof.contract.profile import Profile
from pgproof.contract.promise import Size, Values
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.errors import CannotTell, InputError
from pgproof.explain import plan, planner
from pgproof.explain.size import btree, growth, inflate, inject, pages, shape, sweep
from pgproof.explain.size import layout as layouts
from pgproof.explain.size import model as models
from pgproof.explain.size.growth import Growth
from pgproof.explain.size.own import OwnDatabase
from pgproof.explain.size.sweep import Asked, Sweep

EVERYTHING = (Path(__file__).parents[1] / "cases" / "profile" / "everything.sql").read_text()
JOBS = """
CREATE TABLE agents (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    agent_id uuid NOT NULL REFERENCES agents,
    user_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'active', 'completed')),
    is_new boolean,
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX jobs_user ON jobs (user_id, status, made_at DESC);
CREATE INDEX jobs_pending ON jobs (made_at) WHERE status = 'pending';
"""
SOME = UUID(int=2**127)
RECENT = "CREATE INDEX recent ON jobs (user_id, made_at DESC);"


@contextmanager
def own(server: ScratchServer, database: Conninfo, script: str) -> Iterator[tuple[OwnDatabase, Snapshot]]:
    with OwnDatabase(server, database) as opened:
        opened.conn.execute(script.encode())
        yield opened, read_catalog(opened.conn)


def swept(opened: OwnDatabase, snapshot: Snapshot, query: str, *uses: str, text: str = "") -> Sweep:
    with opened.conn.transaction(force_rollback=True):
        prepared = planner.prepare(opened.conn, query)
    indexes = tuple(index for name in uses if (index := snapshot.index(name)) is not None)
    tables = frozenset((table.schema, table.name) for table in snapshot.tables)
    read = profile.read("p.toml", text) if text else Profile()
    return sweep.sweep(opened, read, snapshot, [Asked(prepared, tables, indexes)])


def test_everything_gets_its_size(major_server: ScratchServer, major_database: Conninfo) -> None:
    with own(major_server, major_database, EVERYTHING) as (opened, snapshot):
        there = shape.read(opened.conn)
        model = models.model(Profile(), snapshot, there)
        now = sweep.now(opened.conn)
        for size in range(2):
            layout = layouts.layout(model, there, size, opened.page, now)
            inflate.inflate(opened, layout.relations)
            inject.inject(opened, layout)
            inject.verify(opened, layout)
        rows = {each.relation.name: each.rows for each in layout.relations}
        for table in ("people", "events", "countries", "busy", "tree", '"Odd ""name"'):
            row = opened.conn.execute(f"EXPLAIN (FORMAT JSON) SELECT FROM {table}".encode()).fetchone()
            assert row is not None
            assert plan.read(row[0]).rows == pytest.approx(rows[table.strip('"').replace('""', '"')], rel=0.001)
        opened.conn.execute("SELECT * FROM pg_catalog.pg_stats")  # whatever was written can be read
        moods = opened.conn.execute(
            "SELECT most_common_vals::text, n_distinct FROM pg_catalog.pg_stats WHERE attname = 'feeling'"
        ).fetchone()
        assert moods == ('{calm,"it\'s \\"odd\\"","wild\\\\one"}', 3)


def test_btrees_have_their_height(major_server: ScratchServer, major_database: Conninfo) -> None:
    """The planner counts it, 50 operators a level, and a descent finds its way and no row."""
    with own(major_server, major_database, JOBS) as (opened, snapshot):
        there = shape.read(opened.conn)
        made = models.model(Profile(), snapshot, there)
        costs = []
        for size in (2, 3):
            planned = layouts.layout(made, there, size, opened.page, sweep.now(opened.conn))
            for height in (0, 1, 4):
                relations = tuple(
                    replace(each, height=height if each.relation.method == "btree" else 0)
                    for each in planned.relations
                )
                layout = btree.rooted(opened, replace(planned, relations=relations))
                inflate.inflate(opened, layout.relations)
                inject.inject(opened, layout)
                inject.verify(opened, layout)
                found = opened.conn.execute(b"EXPLAIN (FORMAT JSON) SELECT FROM jobs WHERE id = %s", [SOME])
                costs.append(plan.read(next(found)[0]).cost)
                opened.conn.execute("SET enable_seqscan = off")
                for ends in ("user_id >", "id <", "id ="):
                    assert (
                        opened.conn.execute(f"SELECT FROM jobs WHERE {ends} %s".encode(), [SOME]).fetchall() == []
                    )
                btree.clear(opened, layout)
    for zero, one, four in zip(costs[::3], costs[1::3], costs[2::3], strict=True):
        assert (one - zero, four - zero) == (pytest.approx(0.125, abs=0.01), pytest.approx(0.5, abs=0.01))


def test_the_height_is_that_of_a_loaded_btree(server: ScratchServer, database: Conninfo) -> None:
    with own(server, database, JOBS) as (opened, snapshot):
        opened.conn.execute(
            "INSERT INTO agents SELECT gen_random_uuid(), n::text FROM generate_series(1, 30000) AS n; CHECKPOINT"
        )
        there = shape.read(opened.conn)
        index = next(each for each in there.relations if each.name == "agents_pkey")
        first = (opened.data / index.path).read_bytes()[: opened.page]
        columns = [models.model(Profile(), snapshot, there).columns[index.number, 1]]
        level = int.from_bytes(first[36:40], sys.byteorder)
        assert pages.height(index.bytes // opened.page, columns, 0, opened.page) == level
        root = b"".join(number.to_bytes(4, sys.byteorder) for number in (1, level, 1, level))
        assert btree.first_pages(level, opened.page)[24:48] == first[24:32] + root


def test_what_is_no_longer_as_it_was_made_is_not_planned_on(database: Conninfo, server: ScratchServer) -> None:
    with own(server, database, JOBS) as (opened, snapshot):
        there = shape.read(opened.conn)
        model = models.model(Profile(), snapshot, there)
        layout = layouts.layout(model, there, 1, opened.page, sweep.now(opened.conn))
        with pytest.raises(CannotTell, match="is not of the size"):
            inject.verify(opened, layout)
        inflate.inflate(opened, layout.relations)
        inject.inject(opened, layout)
        inject.verify(opened, layout)
        for harm in ("ANALYZE jobs", "TRUNCATE jobs", "VACUUM jobs", "DELETE FROM pg_catalog.pg_statistic"):
            opened.conn.execute(harm.encode())
            with pytest.raises(CannotTell, match="is not of the size"):
                inject.verify(opened, layout)
            inflate.inflate(opened, layouts.layout(model, there, 1, opened.page, sweep.now(opened.conn)).relations)
            opened.conn.execute("SELECT pg_catalog.pg_relation_filepath('jobs')")
            there = shape.read(opened.conn)  # TRUNCATE has given it another file
            layout = layouts.layout(model, there, 1, opened.page, sweep.now(opened.conn))
            inflate.inflate(opened, layout.relations)
            inject.inject(opened, layout)
            inject.verify(opened, layout)


def test_a_sort_of_all_that_is_one_users_grows(major_server: ScratchServer, major_database: Conninfo) -> None:
    query = "SELECT * FROM jobs WHERE user_id = $1 ORDER BY made_at DESC LIMIT 10"
    with own(major_server, major_database, JOBS) as (opened, snapshot):
        answer = swept(opened, snapshot, query, "jobs_user").answers[0]
        assert growth.of_cost(answer.sizes, Values.HOT) is Growth.LINEAR
        assert growth.of_cost(answer.sizes, Values.RARE) is Growth.CONSTANT
        assert growth.of_rows(answer.sizes, Values.HOT) is Growth.CONSTANT
        assert len(answer.sizes) == 4 * 3 * 3


def test_the_index_for_it_makes_it_constant(server: ScratchServer, database: Conninfo) -> None:
    query = "SELECT * FROM jobs WHERE user_id = $1 ORDER BY made_at DESC LIMIT 10"
    with own(server, database, JOBS + RECENT) as (opened, snapshot):
        answer = swept(opened, snapshot, query, "jobs_user").answers[0]
        assert growth.of_cost(answer.sizes, Values.HOT) is Growth.CONSTANT
        assert growth.of_cost(answer.alone, Values.HOT) is Growth.LINEAR


def test_an_index_that_is_taken_is_not_tried_alone(server: ScratchServer, database: Conninfo) -> None:
    query = "SELECT * FROM jobs WHERE user_id = $1 ORDER BY made_at DESC LIMIT 10"
    with own(server, database, JOBS + RECENT) as (opened, snapshot):
        assert not swept(opened, snapshot, query, "recent").answers[0].alone


def test_figures_of_the_profile_count(server: ScratchServer, database: Conninfo) -> None:
    text = """
        sizes = [1e6]
        [fan_out]
        "jobs.agent_id" = 1000
        "jobs.user_id" = 50
        [hot]
        "jobs.user_id" = 0.2
        [shares."jobs.status"]
        pending = 0.001
        [span]
        "jobs.made_at" = "10 days"
        [settings]
        enable_bitmapscan = false
    """
    with own(server, database, JOBS) as (opened, snapshot):
        found = swept(opened, snapshot, "SELECT * FROM jobs WHERE user_id = $1", text=text)
        by_values = {each.values: each for each in found.answers[0].sizes if each.n_distinct == 1.0}
        assert by_values[Values.HOT].root.rows == pytest.approx(2e5, rel=0.01)
        assert by_values[Values.RARE].root.rows == pytest.approx(40, rel=0.1)
        assert by_values[Values.GENERIC].root.rows == pytest.approx(50, rel=0.1)
        assert all(node.kind != "Bitmap Heap Scan" for each in found.answers[0].sizes for node in each.root.walk())
        assert dict(by_values[Values.HOT].rows) == {"public.agents": 1000, "public.jobs": 1000000}
        pending = swept(opened, snapshot, "SELECT * FROM jobs WHERE status = 'pending'", text=text)
        assert pending.answers[0].sizes[0].root.rows == pytest.approx(1000, rel=0.01)
        day = swept(opened, snapshot, "SELECT FROM jobs WHERE made_at > now() - interval '1 day'", text=text)
        assert day.answers[0].sizes[0].root.rows == pytest.approx(1e5, rel=0.05)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[rows]\njob = 5", ['there is no table "job"', "did you mean jobs?"]),
        ('[hot]\n"jobs.user" = 0.1', ['table jobs has no column "user"', "did you mean jobs.user_id?"]),
        ('[nulls]\n"jobs.user_id" = 0.1', ["jobs.user_id is NOT NULL"]),
        ('[fan_out]\n"jobs.id" = 3', ["jobs.id is unique"]),
        ('[hot]\n"jobs.id" = 0.1', ["jobs.id is unique, and no value of it is hot"]),
        ('[span]\n"jobs.status" = "3 days"', ["which has no span of time"]),
        ('[shares."jobs.is_new"]\nmaybe = 0.1', ['jobs.is_new is never "maybe"']),
        ('[shares."jobs.status"]\npendin = 0.1', ['jobs.status is never "pendin"', 'did you mean "pending"?']),
        (
            'sizes = [1e6]\n[rows]\nagents = 10\n[fan_out]\n"jobs.agent_id" = 100',
            ["1e+06 rows of jobs are more than 10 of agents with 100 each"],
        ),
        ("[settings]\nwork_mem = 'lots'", ['invalid value for parameter "work_mem"']),
    ],
)
def test_impossible_figures_are_refused(
    server: ScratchServer, database: Conninfo, text: str, words: list[str]
) -> None:
    with own(server, database, JOBS) as (opened, snapshot):
        with pytest.raises(InputError) as raised:
            swept(opened, snapshot, "SELECT FROM jobs", text=text)
        assert all(word in str(raised.value) for word in words), raised.value
        assert raised.value.problems[0].place is not None
        assert raised.value.problems[0].place.line > 1


def test_all_impossible_figures_are_told_at_once(server: ScratchServer, database: Conninfo) -> None:
    with own(server, database, JOBS) as (opened, snapshot):
        with pytest.raises(InputError) as raised:
            swept(opened, snapshot, "SELECT FROM jobs", text='[rows]\na1 = 1\nb1 = 2\n[nulls]\n"jobs.id" = 1')
        assert len(raised.value.problems) == 3


def test_sizes_that_promises_name_are_planned_too(server: ScratchServer, database: Conninfo) -> None:
    with own(server, database, JOBS) as (opened, snapshot):
        tables = frozenset((table.schema, table.name) for table in snapshot.tables)
        asked = [Asked(planner.Prepared("SELECT FROM jobs", ()), tables)]
        sizes = (Size("agents", 5e3), Size("public.jobs", 2e7), Size("jobs", 1e8), Size("nothing", 3))
        found = sweep.sweep(opened, Profile(), snapshot, asked, promised=sizes)
        rows = {dict(each.rows)["public.jobs"] for each in found.answers[0].sizes}
        assert rows == {10**4, 5 * 10**5, 10**6, 2 * 10**7, 10**8, 10**10}


def test_too_many_files_are_not_made(server: ScratchServer, database: Conninfo) -> None:
    with own(server, database, JOBS) as (opened, snapshot):
        found = swept(opened, snapshot, "SELECT FROM jobs", text="sizes = [1e6, 1e12]")
        assert {each.size for each in found.answers[0].sizes} == {1e6}
        assert found.said[-1].startswith("nothing was planned at 1e12 rows and more")


def test_a_query_that_cannot_be_planned_leaves_the_others_alone(server: ScratchServer, database: Conninfo) -> None:
    boom = "CREATE FUNCTION boom() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1 / 0';"
    with own(server, database, JOBS + boom) as (opened, snapshot):
        tables = frozenset({("public", "jobs")})
        bad = Asked(planner.Prepared("SELECT boom() FROM jobs", ()), tables)
        good = Asked(planner.Prepared("SELECT FROM jobs", ()), tables)
        found = sweep.sweep(opened, Profile(), snapshot, [bad, good])
        assert "division by zero" in found.answers[0].reason
        assert len(found.answers[1].sizes) == 12


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file may be longer: neither the one of a GiB that is tried first, nor those of large tables."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_without_sparse_files_small_sizes_are_planned_at(server: ScratchServer, database: Conninfo) -> None:
    query = "SELECT * FROM jobs WHERE user_id = $1"
    sizes = [10**4, 10**6, 10**8]
    with own(server, database, JOBS) as (opened, snapshot):
        whole = swept(opened, snapshot, query, text=f"sizes = {sizes[:2]}").answers[0].sizes
    with server.database() as fresh, own(server, fresh, JOBS) as (opened, snapshot):
        with files_of_at_most(20 << 20):
            found = swept(opened, snapshot, query, text=f"sizes = {sizes}")
            with pytest.raises(CannotTell, match="nothing could be planned at production size") as refused:
                swept(opened, snapshot, query, text=f"sizes = {sizes[2:]}")
        assert "That begins with 1e8 rows, whose files would take" in str(refused.value)
        assert (
            "nothing was planned at 1e6 rows and more, whose files cannot be made (File too large)" in found.said
        )
        assert [each.root for each in found.answers[0].sizes] == [each.root for each in whole if each.size == 1e4]
        with files_of_at_most(900 << 20):
            found = swept(opened, snapshot, query, text=f"sizes = {sizes}")
        assert any(line.startswith("nothing was planned at 1e8 rows and more, whose files") for line in found.said)
        assert [each.root for each in found.answers[0].sizes] == [each.root for each in whole]


EVENTS = """
CREATE TABLE events (id bigint NOT NULL, at timestamptz NOT NULL, kind text NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_early PARTITION OF events FOR VALUES FROM (MINVALUE) TO ('2001-01-01');
CREATE TABLE events_later PARTITION OF events FOR VALUES FROM ('2001-01-01') TO ('2002-01-01');
CREATE TABLE visits (id bigint PRIMARY KEY, at timestamptz NOT NULL);
CREATE INDEX visits_at ON visits (at);
"""


def test_the_plan_for_any_values_has_all_partitions(major_server: ScratchServer, major_database: Conninfo) -> None:
    """NULL, which EXECUTE is given, is in none of them."""
    with own(major_server, major_database, EVENTS) as (opened, snapshot):
        for query in (
            "SELECT id FROM events WHERE at = $1",
            "SELECT id FROM events WHERE at > now() AND kind = $1",
        ):
            found = swept(opened, snapshot, query)
            roots = [each.root for each in found.answers[0].sizes if each.values is Values.GENERIC]
            read = {node.relation for root in roots for node in root.walk() if node.relation}
            assert read == {"events_early", "events_later"}, query
            with opened.conn.transaction(force_rollback=True):
                root = planner.explain(opened.conn, planner.prepare(opened.conn, query))
            assert {node.relation for node in root.walk() if node.relation} == read, query


def test_values_that_no_partition_holds_say_nothing(server: ScratchServer, database: Conninfo) -> None:
    with own(server, database, EVENTS) as (opened, snapshot):
        found = swept(opened, snapshot, "SELECT id FROM events WHERE at = $1")
    assert {each.values for each in found.answers[0].sizes} == {Values.GENERIC}
    assert any(each.startswith("no partition holds") for each in found.said)


@pytest.mark.parametrize(
    "query",
    ["SELECT id FROM visits WHERE at >= $1 AND at < $2", "SELECT id FROM visits WHERE $2 > at AND $1 <= at"],
)
def test_both_ends_of_a_range_have_something_between_them(
    server: ScratchServer, database: Conninfo, query: str
) -> None:
    with own(server, database, EVENTS) as (opened, snapshot):
        found = swept(opened, snapshot, query, text="sizes = [1e6]")
    rows = {each.values: each.root.rows for each in found.answers[0].sizes if each.n_distinct == 1}
    assert rows[Values.HOT] == pytest.approx(500_000, rel=0.05)
    assert rows[Values.RARE] == pytest.approx(10_000, rel=0.2)


def test_a_value_that_is_reckoned_with_is_of_its_own_type(server: ScratchServer, database: Conninfo) -> None:
    with own(server, database, EVENTS) as (opened, snapshot):
        found = swept(opened, snapshot, "SELECT id FROM visits WHERE at > now() - $1::interval")
    (answer,) = found.answers
    assert answer.reason == ""
    assert {each.values for each in answer.sizes} == set(Values)
