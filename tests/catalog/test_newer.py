"""What the rows that are newer than a mark tell: where there is nothing to read, all is as it was."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from pgproof.catalog.ask import catalogs
from pgproof.catalog.extract import extract, in_parts
from pgproof.catalog.fact import Fact, Facts, Key
from pgproof.catalog.fingerprint import digests
from pgproof.catalog.mark import Mark, mark, pulse
from pgproof.catalog.newer import parts
from pgproof.catalog.packed import Digests
from pgproof.database.scratch import ScratchServer
from tests.catalog.everything import built, roles_for

pytestmark = pytest.mark.slow
OPTIONS = frozenset({"positions"})
EVERY = 12
"""One of so many changes is made, others on each major; with --whole all are. Those of this file always are."""
SPOKEN_OF = """
CREATE TABLE a_of (a int PRIMARY KEY, c text, m int UNIQUE);
CREATE TABLE m_of (a int UNIQUE, c text, m int UNIQUE);
CREATE SEQUENCE n_of;
CREATE TABLE o_of (a int DEFAULT nextval('n_of'), r a_of, rs m_of[]);
CREATE VIEW p_of AS SELECT o_of, (r).c, (rs[1]).m FROM o_of;
CREATE TABLE b_of (b int REFERENCES a_of (a), c text, note text);
CREATE VIEW c_of AS SELECT a_of.a, b_of.c FROM a_of JOIN b_of ON b = a;
CREATE VIEW d_of AS SELECT * FROM a_of JOIN b_of USING (c);
CREATE TYPE e_of AS ENUM ('x');
CREATE TABLE f_of (e e_of, s e_of[] DEFAULT '{x}', t text);
CREATE FUNCTION g_of(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1';
CREATE INDEX h_of ON b_of (g_of(b));
CREATE TABLE q_of (a int);
ALTER EXTENSION plpgsql ADD TABLE q_of;
CREATE SCHEMA i_of CREATE TABLE j_of (a int REFERENCES public.a_of (a))
"""
OTHERS_SPEAK_OF_IT = (
    "ALTER TABLE a_of RENAME a TO l_of",
    "ALTER TABLE a_of RENAME TO l_of",
    "ALTER TABLE a_of ADD note text",
    "ALTER TABLE a_of ADD b int",
    "ALTER TYPE e_of RENAME TO l_of",
    "ALTER TYPE e_of RENAME VALUE 'x' TO 'y'",
    "ALTER FUNCTION g_of(int) RENAME TO l_of",
    "ALTER SCHEMA i_of RENAME TO l_of",
    "ALTER TABLE a_of SET SCHEMA i_of",
    "ALTER TABLE f_of DROP s; ALTER TABLE f_of ADD s e_of[] DEFAULT '{x}'",
    "ALTER TABLE a_of RENAME a TO z; ALTER TABLE a_of RENAME m TO a; ALTER TABLE a_of RENAME z TO m",
    "ALTER TABLE a_of RENAME TO z; ALTER TABLE m_of RENAME TO a_of; ALTER TABLE z RENAME TO m_of",
    "ALTER INDEX m_of_a_key RENAME TO z; ALTER INDEX m_of_m_key RENAME TO m_of_a_key",
    "ALTER TABLE m_of RENAME CONSTRAINT m_of_a_key TO z",
    "ALTER SEQUENCE n_of RENAME TO z",
    "DROP TABLE f_of; CREATE TABLE f_of (e e_of, s e_of[])",
    "ALTER EXTENSION plpgsql ADD TABLE m_of",
    "ALTER EXTENSION plpgsql DROP TABLE q_of",
    "ALTER EXTENSION plpgsql ADD TABLE m_of; ALTER EXTENSION plpgsql DROP TABLE q_of",
)
SEEN_BY_ROWS = (
    "CREATE INDEX ON b_of (c)",
    "DROP INDEX h_of",
    "ALTER TABLE f_of ALTER s DROP DEFAULT",
    "ALTER TABLE b_of DROP CONSTRAINT b_of_b_fkey",
    "ALTER TABLE f_of ALTER t TYPE varchar(9)",
    "COMMENT ON COLUMN a_of.c IS 'said'",
    "CREATE TABLE k_of (a int PRIMARY KEY, b text DEFAULT 'x')",
    "DROP TABLE f_of",
    "GRANT SELECT ON a_of TO public",
    "CREATE VIEW k_of AS SELECT a FROM a_of",
)


def test_what_is_not_read_is_as_it_was(
    major_server: ScratchServer, whole: bool, record_testsuite_property: Callable[[str, object], None]
) -> None:
    """Of each change that the rows tell of, all that it does to facts is in these parts, or in none."""
    with roles_for(major_server.conninfo) as found, built(found, major_server) as conn:
        conn.execute(SPOKEN_OF.encode())
        base = Base(conn)
        changes = found.changes(conn.info.dbname, every=1 if whole else EVERY, turn=found.major)
        told = {change: base.tells(change) for change in (*OTHERS_SPEAK_OF_IT, *SEEN_BY_ROWS, *changes)}
    assert [change for change, how in told.items() if how == "wrong"] == []
    assert [change for change in SEEN_BY_ROWS if told[change] != "by rows"] == []
    seen = sum(how == "by rows" for how in told.values())
    record_testsuite_property(f"seen by newer rows on PostgreSQL {found.major}", f"{seen} of {len(told)} changes")


class Base:
    """A database before a change."""

    def __init__(self, conn: psycopg.Connection) -> None:
        self._conn = conn
        with conn.transaction():
            conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            found = mark(pulse(conn, options=OPTIONS))
            self._facts, self._labels = in_parts(conn, OPTIONS)
            before = digests(conn, catalogs(conn, OPTIONS))
        assert found
        assert before
        self._mark: Mark = found
        self._digests: Digests = before

    def tells(self, change: str) -> str:
        """Make the change: whether what is read "by rows" tells all of it, or that is not told: "not", "wrong"."""
        self._conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        try:
            self._conn.execute(change.encode())
            return self.told()
        finally:
            self._conn.execute("ROLLBACK")

    def told(self) -> str:
        """The same of what there is now, in a REPEATABLE READ transaction."""
        conn = self._conn
        now = pulse(conn, options=OPTIONS)
        newer = parts(conn, catalogs(conn, OPTIONS), self._mark, now, self._digests)
        if newer is None:
            return "not"
        there, every = (extract(conn, options=OPTIONS, parts=each) for each in (newer, None))
        here = self._in(newer)
        return "by rows" if unlike(here, there) == unlike(self._facts, every) else "wrong"

    def _in(self, parts: frozenset[int]) -> Facts:
        wanted = {None, *parts}
        facts = {key: fact for key, fact in self._facts.facts.items() if self._labels.get(key) in wanted}
        return Facts(major=self._facts.major, words=self._facts.words, facts=facts)


def unlike(one: Facts, other: Facts) -> set[Key]:
    keys = one.facts.keys() | other.facts.keys()
    found: dict[Key, tuple[Fact | None, Fact | None]] = {k: (one.facts.get(k), other.facts.get(k)) for k in keys}
    return {key for key, (was, now) in found.items() if was != now}
