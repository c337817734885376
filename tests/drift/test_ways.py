"""The way from one schema to another and back, for each file in cases/drift: two scripts, `-- to` between them.

A file that begins with `-- from 15` is for that major and later ones, with `-- until 17` for those up to it. What
stands under `-- plan` is the way there. `-- one way: REASON` if there is none back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

import psycopg
import pytest

from pgproof.catalog.extract import extract
from pgproof.catalog.fact import Facts
from pgproof.database.connection import connect
from pgproof.database.scratch import ScratchServer
from pgproof.drift.compare import Difference, compare
from pgproof.drift.planner.plan import Repair
from pgproof.drift.planner.repair import NEEDED, repair
from pgproof.drift.words import lines
from pgproof.report.diff import script
from tests.conftest import is_between

CASES = Path(__file__).parent.parent / "cases" / "drift"
FILES = sorted(CASES.glob("*.sql"))


@pytest.mark.turns
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_leads_there_and_back(major_server: ScratchServer, whole: bool, path: Path) -> None:
    """There beside those who use it, and back in one transaction; on the first major and the last, and with
    --whole, the other way round as well, from where that has led.
    """
    text = path.read_text()
    since = re.match(r"-- from (\d+)\n", text)
    until = re.match(r"-- until (\d+)\n", text)
    if (since and major_server.version.major < int(since[1])) or (
        until and major_server.version.major > int(until[1])
    ):
        pytest.skip("of other majors")
    text, _, planned = text.partition("\n-- plan\n")
    one, other = text.split("\n-- to\n")
    is_one_way = "\n-- one way: " in text
    is_all = whole or not is_between(major_server.version.major)
    with database(major_server, one) as here, database(major_server, other) as there:
        before, wanted = facts(here), facts(there)
        plan, after = gone(here, before, wanted, online=True)
        if planned:
            assert script("here", "there", plan, ["data loss"]).partition("\n\n")[2] == planned
        if not is_one_way:
            _, back = gone(there, wanted, before, online=False)
            if is_all:
                gone(here, after, before, online=True)
                gone(there, back, wanted, online=False)
    if is_one_way and is_all:
        with database(major_server, one) as here:
            gone(here, before, wanted, online=False)


def gone(conn: psycopg.Connection, current: Facts, wanted: Facts, *, online: bool) -> tuple[Repair, Facts]:
    """Go the way; what was planned, and what is there now."""
    plan = repair(current, wanted, online=online)
    assert online or all(each.transaction for each in plan.statements)
    assert plan.impossible == ()
    run(conn, plan)
    there = facts(conn)
    left = [line for each in unlike(wanted, there) for line in lines(each)]
    assert left == [], "\n".join([*(each.sql for each in plan.statements), *left])
    assert repair(there, wanted).statements == ()
    return plan, there


@contextmanager
def database(server: ScratchServer, script: str) -> Iterator[psycopg.Connection]:
    with server.database() as found, closing(connect(found)) as conn:
        conn.execute(f"SET client_min_messages = error; {script}".encode())
        yield conn


def facts(conn: psycopg.Connection) -> Facts:
    with conn.transaction():
        return extract(conn, options=NEEDED)


def unlike(wanted: Facts, found: Facts) -> list[Difference]:
    """The differences, the order of columns aside."""
    return [each for each in compare(wanted, found) if each.values.keys() != {"position"}]


def run(conn: psycopg.Connection, plan: Repair) -> None:
    for group in plan.transactions():
        with nullcontext() if group[0].transaction is None else conn.transaction():
            for each in group:
                conn.execute(each.sql.encode())
