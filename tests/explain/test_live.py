"""What a database that is not ours cannot decide by itself, and what a scratch one beside it decides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pgproof.catalog.read import read
from pgproof.contract.promise import Origin, Promise, Query, Word
from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.explain import partition
from pgproof.explain.facts import QueryFacts
from pgproof.explain.isolation import Hiding
from pgproof.explain.service import Bench
from pgproof.explain.study import studies
from pgproof.finding import Verdict
from pgproof.place import Place
from pgproof.sql.source import Source

SCHEMA = """
    CREATE TABLE events (id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);
    CREATE INDEX events_at ON events (at);
    CREATE TABLE guests (id integer PRIMARY KEY);
    CREATE TABLE stays (id integer PRIMARY KEY, guest_id integer, begins date);
    CREATE INDEX stays_guest ON stays (guest_id, begins);
"""
SEEN = "SELECT * FROM guests AS g WHERE EXISTS (SELECT FROM stays AS s WHERE s.guest_id = g.id)"


def asked(bench: Bench, text: str, uses: str, spare: Bench | str) -> QueryFacts:
    at = Place(path="q.sql", line=1)
    query = Query(
        id="q",
        title="q",
        source=Source("q.sql", text),
        origin=Origin.FILE,
        promises=(Promise("uses", Word(uses, at), at),),
    )
    return studies(bench, [query], lambda: spare)[0]


@contextmanager
def benches(server: ScratchServer, database: Conninfo) -> Iterator[tuple[Bench, Bench]]:
    """A bench that only reads, and one that may hide indexes and has been given partitions."""
    with server.database() as fresh, connect(database) as conn, connect(fresh) as other:
        conn.execute(SCHEMA)
        other.execute(SCHEMA)
        partition.fill(other)
        other.execute("BEGIN")
        with read_only(conn):
            yield Bench(conn, read(conn), Hiding.NONE), Bench(other, read(other), Hiding.CATALOG)


def test_what_is_undecided_is_tried_on_scratch(server: ScratchServer, database: Conninfo) -> None:
    with benches(server, database) as (live, scratch):
        for text, index in ((SEEN, "stays_guest"), ("SELECT * FROM events WHERE at > now()", "events_at")):
            facts = asked(live, text, index, "there is none")
            assert [s.verdict for s in facts.services] == [Verdict.UNKNOWN]
            assert facts.contradiction is None
            assert facts.services[0].reason.endswith("it could not be tried either: there is none")
            facts = asked(live, text, index, scratch)
            assert [s.verdict for s in facts.services] == [Verdict.HOLDS]
