"""The mark of a database: the same as long as nothing changes, another with each change, on every major."""

from __future__ import annotations

import psycopg
import pytest

from pgproof.catalog.extract import extract
from pgproof.catalog.mark import Mark, look
from pgproof.database.scratch import ScratchServer
from tests.catalog.everything import built, roles_for

pytestmark = pytest.mark.slow
OPTIONS = frozenset({"roles", "positions"})


def marked(conn: psycopg.Connection) -> Mark:
    with conn.transaction():
        found = extract(conn, options=OPTIONS, marks=True)
    assert found.mark
    return found.mark


def test_each_change_is_seen(major_server: ScratchServer) -> None:
    with roles_for(major_server.conninfo) as found, built(found, major_server) as conn:

        def now() -> str:
            with conn.transaction():
                return look(conn, before.others, options=OPTIONS)

        before = marked(conn)
        assert now() == now() == before.digest
        unseen = []
        for change in found.changes(conn.info.dbname):
            conn.execute("BEGIN")
            conn.execute(change.encode())
            unseen += [change] if now() == before.digest else []
            conn.execute("ROLLBACK")
        assert unseen == []
        assert now() == before.digest


def test_the_facts_are_the_same_with_a_mark(major_server: ScratchServer) -> None:
    with roles_for(major_server.conninfo) as found, built(found, major_server) as conn, conn.transaction():
        assert extract(conn, options=OPTIONS, marks=True) == extract(conn, options=OPTIONS)


def test_the_names_of_others_belong_to_it(major_server: ScratchServer) -> None:
    """A role is no row of the database; who is called otherwise owns what it did."""
    with roles_for(major_server.conninfo) as found, built(found, major_server) as conn:
        with conn.transaction():
            mark = extract(conn, marks=True).mark
        assert mark
        conn.execute("BEGIN")
        conn.execute(f"ALTER ROLE {found.roles[0]} RENAME TO {found.roles[0]}_x".encode())
        assert look(conn, mark.others) != mark.digest
        conn.execute("ROLLBACK")
        with conn.transaction():
            assert look(conn, mark.others) == mark.digest
