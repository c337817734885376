"""Random schemas over nearly all kinds of objects, and random changes: the plan leads from one to the other.

For each pair, `one` and `other`, on a real server:
- nothing leads from `other` to itself;
- what differs is in the parts of the catalog whose digests do, or in none;
- where rows that are newer tell what has changed on the way, they tell all of it;
- the plan runs on a database that holds `one`, as the online one and as the one of a single transaction;
- then nothing differs, and another plan is empty, but for what was said to be impossible (it is counted);
- then pg_dump says the same of both, where there is one and nothing was impossible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pgproof.catalog import fingerprint
from pgproof.catalog.ask import catalogs
from pgproof.catalog.extract import extract, in_parts
from pgproof.catalog.fact import Fact, Facts, Key
from pgproof.database.dump import dump_schema
from pgproof.database.scratch import Binaries, ScratchOptions, ScratchServer, open_cluster
from pgproof.drift import witness
from pgproof.drift.compare import compare
from pgproof.drift.planner.plan import Repair
from pgproof.drift.planner.repair import repair
from pgproof.drift.words import lines
from pgproof.errors import DatabaseError
from tests.catalog.test_newer import Base
from tests.conftest import MAJORS
from tests.drift.random_others import MAKERS, SLOTS
from tests.drift.random_schema import Story, stories
from tests.drift.test_repair import names
from tests.drift.test_ways import database, facts, run, unlike

FEW = 16
pytestmark = pytest.mark.slow


@pytest.fixture
def counted(request: pytest.FixtureRequest) -> Iterator[Counter[str]]:
    """What is told at the end of the run."""
    found: Counter[str] = Counter()
    yield found
    request.node.user_properties += [(f"random schemas, {what}", number) for what, number in found.items()]


@pytest.mark.parametrize("major", MAJORS, ids=lambda major: f"pg{major}")
def test_the_plan_leads_there(
    request: pytest.FixtureRequest,
    major_binaries: dict[int, Binaries],
    scratch_options: ScratchOptions,
    counted: Counter[str],
    major: int,
) -> None:
    wanted = int(request.config.getoption("--schemas", default=0))
    if not wanted and major != max(major_binaries):
        pytest.skip("on the last major; with --schemas on each")
    if major not in major_binaries:
        pytest.skip(f"PostgreSQL {major}: no binaries; set PGPROOF_PG_DIR")
    with open_cluster(major_binaries[major], scratch_options) as server:
        has_icu = knows_icu(server)

        @settings(
            max_examples=wanted or FEW,
            derandomize=not wanted,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink] if wanted else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(story=stories(MAKERS, SLOTS, major, has_icu), online=st.booleans())
        def tell(story: Story, online: bool) -> None:
            wrong = list(gone(server, scratch_options, story, online, counted))
            assert not wrong, "\n".join([*wrong, story.one, "-- to", story.other])

        tell()


def knows_icu(server: ScratchServer) -> bool:
    """Some builds of PostgreSQL are without that library."""
    with database(server, "") as conn:
        return bool(conn.execute("SELECT FROM pg_catalog.pg_collation WHERE collname = 'und-x-icu'").rowcount)


def gone(
    server: ScratchServer, options: ScratchOptions, story: Story, online: bool, counted: Counter[str]
) -> Iterator[str]:
    """Go the way; what is wrong with it."""
    with database(server, story.one) as conn, database(server, story.other) as aim:
        before, wanted = facts(conn), facts(aim)
        yield from (f"unmodelled: {each}" for each in (*before.unmodelled, *wanted.unmodelled))
        if repair(wanted, wanted) != Repair(statements=()) or compare(wanted, wanted):
            yield "something leads from a schema to itself"
        if missed := unlike_elsewhere(conn, aim):
            yield f"in parts that have the same digest: {sorted(missed)}"
        plan = repair(before, wanted, online=online)
        counted["changes made"] += 1
        counted["statements"] += len(plan.statements)
        counted["changes of which a part is impossible"] += bool(plan.impossible)
        base = Base(conn)
        try:
            run(conn, plan)
        except psycopg.Error as error:
            yield "\n".join([*(each.sql for each in plan.statements), str(error)])
            return
        with conn.transaction():
            conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            how = base.told()
        counted[f"told by newer rows: {how}"] += 1
        if how == "wrong":
            yield "rows that are newer do not tell all"
        yield from left(plan, wanted, facts(conn))
        if not plan.impossible:
            counted["compared by pg_dump, too"] += 1
            yield from dumped(server, options, conn, aim)


def unlike_elsewhere(conn: psycopg.Connection, aim: psycopg.Connection) -> set[Key]:
    """What the two do not have alike, and is not seen if only parts are read that have other digests."""
    with aim.transaction():
        wanted, labels = in_parts(aim, frozenset())
        digests = fingerprint.digests(aim, catalogs(aim, frozenset()))
    with conn.transaction():
        found = catalogs(conn, frozenset())
        now = fingerprint.in_parts(conn, found, found.batches)
        assert digests
        parts = {part for name in now for part, _ in now[name].items() ^ digests.parts[name].items()}
        there, whole = extract(conn, parts=parts).facts, extract(conn).facts
    here = {key: fact for key, fact in wanted.facts.items() if labels.get(key) in {None, *parts}}

    def unlike(one: Mapping[Key, Fact], other: Mapping[Key, Fact]) -> set[Key]:
        return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}

    return unlike(wanted.facts, whole) ^ unlike(here, there)


def left(plan: Repair, wanted: Facts, there: Facts) -> Iterator[str]:
    said = {what for what, _ in plan.impossible}
    for each in unlike(wanted, there):
        if not said & set(names(each, wanted, there)):
            yield from (f"left: {line}" for line in lines(each))
    if not plan.impossible:
        yield from (f"again: {each.sql}" for each in repair(there, wanted).statements)


def dumped(server: ScratchServer, options: ScratchOptions, *conns: psycopg.Connection) -> Iterator[str]:
    """What pg_dump says of one and not of the other."""
    texts = []
    for conn in conns:
        address = server.conninfo.with_database(conn.info.dbname)
        try:
            texts.append(dump_schema(address, server.version.major, options))
        except DatabaseError as error:
            if error.problems[0].message.startswith("no pg_dump for "):
                return
            raise
    for each in witness.unlike(*texts):
        yield from (f"pg_dump: {line}" for line in witness.lines(each, "here", "there"))
