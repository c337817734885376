"""The way from one schema to another and back, for each file in cases/drift: two scripts, `-- to` between them.

A file that begins with `-- from 15` is for that major and later ones, with `-- until 17` for those up to it. What
stands under `-- plan` is the way there. `-- one way: REASON` if there is none back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from itertools import product
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


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_leads_there_and_back(major_server: ScratchServer, whole: bool, path: Path) -> None:
    """On majors between the first and the last, there beside those who use it, and back in one transaction."""
    text = path.read_text()
    since = re.match(r"-- from (\d+)\n", text)
    until = re.match(r"-- until (\d+)\n", text)
    if (since and major_server.version.major < int(since[1])) or (
        until and major_server.version.major > int(until[1])
    ):
        pytest.skip("of other majors")
    text, _, planned = text.partition("\n-- plan\n")
    one, other = text.split("\n-- to\n")
    ways = ((one, other),) if "\n-- one way: " in text else ((one, other), (other, one))
    states = {each: state(major_server, each) for each in (one, other)}
    every = 3 if is_between(major_server.version.major) and not whole else 1
    for (source, target), online in tuple(product(ways, (True, False)))[::every]:
        with database(major_server, source) as conn:
            wanted = states[target]
            plan = repair(states[source], wanted, online=online)
            assert online or all(each.transaction for each in plan.statements)
            assert plan.impossible == ()
            if planned and online and source == one:
                assert script("here", "there", plan, ["data loss"]).partition("\n\n")[2] == planned
            run(conn, plan)
            there = facts(conn)
            left = [line for each in unlike(wanted, there) for line in lines(each)]
            assert left == [], "\n".join([*(each.sql for each in plan.statements), *left])
            assert repair(there, wanted).statements == ()


@contextmanager
def database(server: ScratchServer, script: str) -> Iterator[psycopg.Connection]:
    with server.database() as found, closing(connect(found)) as conn:
        conn.execute(f"SET client_min_messages = error; {script}".encode())
        yield conn


def state(server: ScratchServer, script: str) -> Facts:
    """What the script makes; of another database of the same server it is the same."""
    with database(server, script) as conn:
        return facts(conn)


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
