"""A catalog read in parts: together they are the whole, and where parts differ is told by their digests."""

from __future__ import annotations

import psycopg
import pytest

from pgproof.catalog.ask import catalogs
from pgproof.catalog.extract import extract, in_parts
from pgproof.catalog.fact import Fact, Key
from pgproof.catalog.fingerprint import fingerprint
from pgproof.catalog.fingerprint import in_parts as digests
from pgproof.catalog.parts import COUNT
from pgproof.database.scratch import ScratchServer
from tests.catalog.everything import built, roles_for

pytestmark = pytest.mark.slow
OPTIONS = frozenset({"positions"})


def of_parts(conn: psycopg.Connection, labels: dict[Key, int]) -> dict[str, dict[int, str]]:
    with conn.transaction():
        found = catalogs(conn, OPTIONS)
        return digests(conn, found, found.batches)


def test_the_parts_are_the_whole(major_server: ScratchServer) -> None:
    """Read one by one: each fact of a part is just what it is in the whole, and none is missing."""
    with roles_for(major_server.conninfo) as found, built(found, major_server) as conn:
        with conn.transaction():
            whole, labels = in_parts(conn, OPTIONS)
        assert len(set(labels.values())) >= 15
        assert {"pg_class", "pg_attribute", "pg_constraint", "pg_index", "pg_trigger"} <= {
            name for name, _ in labels
        }
        every: dict[Key, Fact] = {}
        for part in {-1, *labels.values()}:
            with conn.transaction():
                facts = extract(conn, options=OPTIONS, parts=[part])
            assert facts.words == whole.words
            assert facts.unmodelled == ()
            assert {key: whole.facts.get(key) for key in facts.facts} == facts.facts
            assert {labels.get(key, part) for key in facts.facts} <= {part}
            every |= facts.facts
        assert every == whole.facts
        with conn.transaction():
            assert extract(conn, options=OPTIONS, parts=range(COUNT)) == whole


def test_a_change_is_in_its_part(major_server: ScratchServer) -> None:
    """A change that the digests of catalogs show is in the parts whose digests show it, or in none."""
    with roles_for(major_server.conninfo) as found, built(found, major_server) as conn:
        with conn.transaction():
            whole, labels = in_parts(conn, OPTIONS)
            asked = catalogs(conn, OPTIONS)
            before, parts = fingerprint(conn, asked), digests(conn, asked, asked.batches)
        assert before
        unseen = []
        for change in list(found.changes(conn.info.dbname))[found.major % 7 :: 7]:
            conn.execute("BEGIN")
            conn.execute(change.encode())
            now = fingerprint(conn, asked)
            assert now
            names = {name for name in asked.batches if now.catalogs[name] != before.catalogs[name]}
            told = digests(conn, asked, names)
            differing = {
                part
                for name in told
                for part in told[name].keys() | parts[name].keys()
                if told[name].get(part) != parts[name].get(part)
            }
            there = extract(conn, options=OPTIONS, parts=differing).facts
            here = {key: fact for key, fact in whole.facts.items() if labels.get(key) in {None, *differing}}
            all_of_it = extract(conn, options=OPTIONS).facts
            unlike = {key for key in all_of_it.keys() | whole.facts if all_of_it.get(key) != whole.facts.get(key)}
            if {key for key in there.keys() | here if there.get(key) != here.get(key)} != unlike:
                unseen.append(change)
            conn.execute("ROLLBACK")
        assert unseen == []
