"""What initdb has made and is altered: all that it makes is known on every major, what comes back is not told."""

from __future__ import annotations

from contextlib import closing

import pytest

from pgproof.catalog import initdb
from pgproof.catalog.extract import extract
from pgproof.catalog.fact import ALTERED, Value
from pgproof.database.connection import Connection, connect
from pgproof.database.conninfo import Conninfo
from tests.catalog.initdb import rows

AND_BACK = """
GRANT EXECUTE ON FUNCTION pg_catalog.now() TO pg_monitor
REVOKE EXECUTE ON FUNCTION pg_catalog.now() FROM pg_monitor
ALTER FUNCTION pg_catalog.now() COST 7; ALTER FUNCTION pg_catalog.now() COST 1
ALTER TEXT SEARCH CONFIGURATION english DROP MAPPING FOR word
ALTER TEXT SEARCH CONFIGURATION english ADD MAPPING FOR word WITH english_stem
GRANT SELECT (relname) ON pg_catalog.pg_class TO pg_monitor
ALTER VIEW information_schema.tables OWNER TO pg_monitor
DROP EXTENSION plpgsql; CREATE EXTENSION plpgsql
COMMENT ON FUNCTION pg_catalog.now() IS 'the time'
VACUUM (FULL, FREEZE) pg_catalog.pg_class
VACUUM (FREEZE) pg_catalog.pg_proc
REINDEX TABLE pg_catalog.pg_class
ANALYZE
"""


def changed(conn: Connection) -> dict[tuple[str, ...], tuple[Value, ...]]:
    """What is said to be changed: objects, and what they are now."""
    with conn.transaction():
        return {fact.name: fact.values for fact in extract(conn) if fact.catalog == ALTERED}


def test_all_that_it_makes_is_known(major_database: Conninfo) -> None:
    """`python -m tests.catalog.initdb` writes what is not."""
    with closing(connect(major_database)) as conn:
        found = rows(conn)
        assert len(found) > 9000
        assert [each for each in found if each.digest not in initdb.known()] == []
        assert changed(conn) == {}


@pytest.mark.ends
def test_what_is_as_it_was_is_not_told(major_database: Conninfo) -> None:
    """Whatever has written its row."""
    with closing(connect(major_database)) as conn:
        for text in AND_BACK.strip().splitlines():
            for statement in text.split("; "):
                conn.execute(statement.encode())
            assert changed(conn) == {}, text


@pytest.mark.ends
def test_what_was_altered_is_said_as_it_is_now(major_database: Conninfo) -> None:
    with closing(connect(major_database)) as conn:
        conn.execute("ALTER FUNCTION pg_catalog.pi() COST 9 VOLATILE")
        ((state,),) = changed(conn).values()
        assert isinstance(state, tuple)
        assert {"cost: 9", "volatility: v"} <= set(state)
