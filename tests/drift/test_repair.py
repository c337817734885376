"""The way from one database to another: it runs, and leads there, on every major."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest

from pgproof.catalog.extract import extract
from pgproof.catalog.fact import Facts
from pgproof.database.connection import connect
from pgproof.database.scratch import ScratchServer
from pgproof.drift.compare import Difference, compare
from pgproof.drift.planner.plan import Repair
from pgproof.drift.planner.repair import repair
from pgproof.drift.words import label
from pgproof.flows.reworded import reworded
from tests.catalog.everything import built, roles_for
from tests.conftest import majors

pytestmark = pytest.mark.slow
OPTIONS = frozenset({"definitions", "dependencies", "positions"})
# what a statement cannot bring about by itself, or only by whoever may do more than a test's role
BEYOND = ("UPDATE pg_catalog", "INSERT INTO pg_catalog", "ALTER ROLE writer")
ON_LAST, BEFORE = 12, 24
"""Every so manieth change is gone through, on the last major and on those before it; other ones on each."""


def facts(conn: psycopg.Connection) -> Facts:
    return extract(conn, options=OPTIONS)


def left(wanted: Facts, conn: psycopg.Connection, plan: Repair) -> list[Difference]:
    """What is not as wanted, and was not said to be impossible; other words, the server says, and order aside."""
    impossible = {what for what, _ in plan.impossible}
    there = facts(conn)
    same = reworded(conn, compare(there, wanted))  # to be tried where the one is, which is expected
    return [
        each
        for each in same.without(compare(wanted, there))
        if each.values.keys() != {"position"} and not impossible & set(names(each, wanted, there))
    ]


def names(difference: Difference, *sides: Facts) -> Iterator[str]:
    """What the object, what goes with it, and what it belongs to are called."""
    yield from map(label, (difference.fact, *difference.along))
    for side in sides:
        if difference.fact.of and (above := side.facts.get(difference.fact.of)):
            yield label(above)


@contextmanager
def empty(server: ScratchServer) -> Iterator[psycopg.Connection]:
    with server.database() as database, closing(connect(database)) as conn:
        yield conn


def test_from_nothing_to_everything_and_back(major_server: ScratchServer) -> None:
    with (
        roles_for(major_server.conninfo) as found,
        built(found, major_server) as full,
        empty(major_server) as bare,
    ):
        everything, nothing = in_one(full), in_one(bare)
        for conn, current, wanted in ((bare, nothing, everything), (full, everything, nothing)):
            plan = repair(current, wanted)
            conn.execute("SET client_min_messages = error")
            for each in plan.statements:
                conn.execute(each.sql.encode())
            with conn.transaction():
                assert left(wanted, conn, plan) == []
        bare.execute(f"DROP OWNED BY {', '.join(found.roles)} CASCADE".encode())


def in_one(conn: psycopg.Connection) -> Facts:
    with conn.transaction():
        return facts(conn)


def test_nothing_leads_to_the_same(major_server: ScratchServer) -> None:
    with roles_for(major_server.conninfo) as found, built(found, major_server) as conn:
        same = in_one(conn)
        assert repair(same, same) == Repair(statements=())


def test_each_change_is_made_and_taken_back(
    major_server: ScratchServer, whole: bool, record_testsuite_property: Callable[[str, object], None]
) -> None:
    """Changes of changes.sql, from the database that has it not to the one that has it, and back."""
    with roles_for(major_server.conninfo) as found, built(found, major_server) as conn:
        base = in_one(conn)
        step = 1 if whole else ON_LAST if found.major == max(majors()) else BEFORE
        some = found.changes(conn.info.dbname, every=step, turn=found.major)
        changes = [each for each in some if not any(words in each for words in BEYOND)]
        bad = []
        for change in changes:
            conn.execute("BEGIN; SAVEPOINT before")
            conn.execute(change.encode())
            changed = facts(conn)
            bad += [f"back from {change}: {why}" for why in tried(conn, changed, base)]
            conn.execute("ROLLBACK TO before")
            bad += [f"to {change}: {why}" for why in tried(conn, base, changed)]
            conn.execute("ROLLBACK")
    told = f"{2 * len(changes) - len(bad)} of {2 * len(changes)} ways"
    record_testsuite_property(f"repair on PostgreSQL {found.major}", told)
    assert bad == [], "\n".join(bad)


def tried(conn: psycopg.Connection, current: Facts, wanted: Facts) -> Iterator[str]:
    """Go the way in the transaction that is open; what is wrong with it."""
    plan = repair(current, wanted, online=False)
    for each in plan.statements:
        try:
            conn.execute(each.sql.encode())
        except psycopg.Error as error:
            yield f"{each.sql}: {error}"
            return
    for difference in left(wanted, conn, plan):
        yield f"left: {label(difference.fact)} {dict(difference.values)}"
