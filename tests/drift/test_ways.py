"""The way from one schema to another and back, for each file in cases/drift: two scripts, `-- to` between them.

A file that begins with `-- from 15` is for that major and later ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
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

CASES = Path(__file__).parent.parent / "cases" / "drift"
FILES = sorted(CASES.glob("*.sql"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_leads_there_and_back(major_server: ScratchServer, path: Path) -> None:
    text = path.read_text()
    since = re.match(r"-- from (\d+)\n", text)
    if since and major_server.major < int(since[1]):
        pytest.skip(f"from PostgreSQL {since[1]}")
    one, other = text.split("\n-- to\n")
    for source, target in ((one, other), (other, one)):
        with database(major_server, source) as conn, database(major_server, target) as wanted_conn:
            wanted = facts(wanted_conn)
            plan = repair(facts(conn), wanted)
            assert plan.impossible == ()
            run(conn, plan)
            left = [line for each in unlike(wanted, facts(conn)) for line in lines(each)]
            assert left == [], "\n".join([*(each.sql for each in plan.statements), *left])
            assert repair(facts(conn), wanted).statements == ()


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
    for each in plan.statements:
        conn.execute(each.sql.encode())
