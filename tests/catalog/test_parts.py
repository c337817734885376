"""A catalog read in parts: together they are the whole, and where parts differ is told by their digests."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
import pytest

from pgproof.catalog.ask import catalogs
from pgproof.catalog.extract import extract, in_parts
from pgproof.catalog.fact import ALTERED, GIVEN, MISSING, Fact, Key
from pgproof.catalog.fingerprint import digests, fingerprint
from pgproof.catalog.fingerprint import in_parts as of_parts
from pgproof.catalog.packed import Digests
from pgproof.catalog.parts import COUNT
from pgproof.catalog.strangers import read_strange
from pgproof.database.scratch import ScratchServer
from tests.catalog.everything import built, roles_for

pytestmark = pytest.mark.slow
OPTIONS = frozenset({"positions"})
EVERY = 30
"""One of so many changes is made, others on each major; with --whole all are."""


@pytest.mark.ends
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
            conn.execute("REVOKE EXECUTE ON FUNCTION pg_catalog.lower(text) FROM public")
            conn.execute("DROP VIEW information_schema.tables CASCADE; ALTER FUNCTION pg_catalog.sinh VOLATILE")
            one = extract(conn, options=OPTIONS, parts=[7])
            strange = read_strange(conn, OPTIONS)
            assert {key[0] for key in one.facts} >= {GIVEN, MISSING, ALTERED}
            assert extract(conn, options=OPTIONS, parts=[7], strange=lambda: strange) == one


def test_a_change_is_in_its_part(major_server: ScratchServer, whole: bool) -> None:
    """All that a change does to facts is in parts whose digests it changes, or in none."""
    with roles_for(major_server.conninfo) as found, built(found, major_server) as conn:
        conn.execute("CREATE TABLE a_of (a serial PRIMARY KEY); CREATE TABLE b_of (b int REFERENCES a_of (a))")
        with conn.transaction():
            there_was, labels = in_parts(conn, OPTIONS)
            before = digests(conn, catalogs(conn, OPTIONS))
        assert before
        unseen = []
        changes = found.changes(conn.info.dbname, every=1 if whole else EVERY, turn=found.major)
        for change in ("ALTER TABLE a_of RENAME a TO other", *changes):
            conn.execute("BEGIN")
            conn.execute(change.encode())
            parts = differing(conn, before)
            there = extract(conn, options=OPTIONS, parts=parts).facts
            here = {key: fact for key, fact in there_was.facts.items() if labels.get(key) in {None, *parts}}
            if unlike(here, there) != unlike(there_was.facts, extract(conn, options=OPTIONS).facts):
                unseen.append(change)
            conn.execute("ROLLBACK")
        assert unseen == []


def differing(conn: psycopg.Connection, before: Digests) -> set[int]:
    """The parts that have other digests now."""
    asked = catalogs(conn, OPTIONS)
    now = fingerprint(conn, asked)
    assert now
    names = {name for name in asked.batches if now.catalogs[name] != before.catalogs[name]}
    told = of_parts(conn, asked, names)
    return {part for name in told for part, _ in told[name].items() ^ before.parts[name].items()}


def unlike(one: Mapping[Key, Fact], other: Mapping[Key, Fact]) -> set[Key]:
    return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}
