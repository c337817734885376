"""A database that was dumped and restored has expressions in other words, and is the same all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.dump import dump_schema
from pgproof.database.scratch import ScratchOptions, ScratchServer
from pgproof.errors import DatabaseError
from tests.cli.told import Pgproof
from tests.conftest import MAJORS
from tests.migrate.case import write

pytestmark = pytest.mark.usefixtures("same_server")

FILES = {
    "1-t.sql": """
CREATE TABLE t (id int PRIMARY KEY, s varchar(9) DEFAULT 'a' || 'b' CHECK (s IN ('a', 'b')), n int);
ALTER TABLE t ADD g boolean GENERATED ALWAYS AS (s IN ('x', 'y')) STORED;
CREATE INDEX i ON t (n) WHERE s IN ('a', 'b');
CREATE VIEW v AS SELECT * FROM t WHERE s IN ('a', 'b');
CREATE MATERIALIZED VIEW m AS SELECT * FROM t WHERE s NOT IN ('a', 'b');
CREATE RULE r AS ON INSERT TO v WHERE NEW.s IN ('a', 'b') DO INSTEAD NOTHING;
CREATE POLICY p ON t USING (s IN ('q', 'r'));
CREATE STATISTICS st ON (s IN ('1', '2')), n FROM t;
CREATE DOMAIN d AS varchar CHECK (VALUE IN ('a', 'b'));
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW WHEN (NEW.s IN ('a', 'b')) EXECUTE FUNCTION f();
CREATE FUNCTION b(x varchar) RETURNS boolean LANGUAGE sql BEGIN ATOMIC SELECT x IN ('a', 'b'); END;
"""
}
SAME = "no drift: the database is what the files say"


@contextmanager
def reloaded(server: ScratchServer, options: ScratchOptions, database: Conninfo) -> Iterator[Conninfo]:
    """A database that pg_dump has rebuilt. Skips where no pg_dump is new enough."""
    try:
        text = dump_schema(database, server.version.major, options)
    except DatabaseError as error:
        pytest.skip(error.problems[0].message)
    lines = [each for each in text.splitlines() if not each.startswith("\\")]  # what psql alone understands
    script = "\n".join(lines).replace("SET transaction_timeout = 0;", "")
    with server.database() as other, closing(connect(other)) as conn:
        conn.execute(script.encode())
        conn.execute(b"RESET search_path")
        yield other


@pytest.mark.turns
def test_what_a_dump_rebuilds(
    pgproof: Pgproof,
    major_server: ScratchServer,
    scratch_options: ScratchOptions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In both directions, for all commands that compare; what is changed by hand is seen beside it."""
    monkeypatch.setenv("PGPROOF_SCRATCH_URL", major_server.conninfo.secret)
    write(Path("migrations"), FILES)
    with ExitStack() as stack:
        first = stack.enter_context(major_server.database())
        with closing(connect(first)) as conn:
            conn.execute(FILES["1-t.sql"].encode())
        second = stack.enter_context(reloaded(major_server, scratch_options, first))
        one, other = first.secret, second.secret
        is_first_or_last = major_server.version.major in (MAJORS[0], MAJORS[-1])
        sides = [(one, other), (other, one), (other, "migrations"), ("migrations", other)]
        for pair in sides if is_first_or_last else sides[2:3]:
            assert pgproof("diff", *pair).err == "no difference\n"
        adopted = pgproof("adopt", "--database", other)
        assert (adopted.code, adopted.err) == (0, "")

        monkeypatch.setenv("DATABASE_URL", other)
        assert pgproof("drift").out.splitlines()[-1] == SAME
        assert "unchanged since" in pgproof("drift").out
        with closing(connect(second)) as conn:
            conn.execute(b"ALTER TABLE t ALTER n SET STATISTICS 7")
        if not is_first_or_last:
            return
        told = pgproof("drift", "--repair", "--prove")
        assert told.err.startswith("1 difference; 1 statement\nproved on a clone, ")
        assert "note: pg_dump sees no other difference\n" in pgproof("drift", "--witness", "pg_dump").out


def test_other_words_that_are_something_else(
    pgproof: Pgproof, database: Conninfo, server: ScratchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Casts and parentheses alone may differ, and yet it is not the same. Files may be in the words of a dump."""
    monkeypatch.setenv("PGPROOF_SCRATCH_URL", server.conninfo.secret)
    files = (
        "CREATE TABLE t (s text, n int, CONSTRAINT {}, CONSTRAINT {}, CONSTRAINT {});\n"
        "CREATE MATERIALIZED VIEW m AS SELECT n FROM t WHERE s::varchar IN ('a', 'b');\n"
    )
    same = "u CHECK (s::varchar IN ('a', 'b'))"
    texts = files.format("k CHECK (s::int > 1)", "l CHECK ((n - 1) - 2 > 0)", same)
    write(Path("migrations"), {"1-t.sql": texts})
    assert pgproof("upgrade").code == 0
    with closing(connect(database)) as conn:
        read = "SELECT pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint WHERE conname = 'u'"
        ((before,),) = conn.execute(read).fetchall()
        conn.execute(b"ALTER TABLE t DROP CONSTRAINT k, DROP CONSTRAINT l, DROP CONSTRAINT u")
        conn.execute(
            b"ALTER TABLE t ADD CONSTRAINT k CHECK (s::numeric > 1), ADD CONSTRAINT l CHECK (n - (1 - 2) > 0)"
        )
        conn.execute(f"ALTER TABLE t ADD CONSTRAINT u {before}".encode())
        ((after,),) = conn.execute(read).fetchall()
        assert before != after
        told = pgproof("drift")
        assert [line.split(":")[0] for line in told.found.splitlines()[2:]] == [
            "~ constraint public.t.k",
            "~ constraint public.t.l",
            "2 differences",
        ]
        told = pgproof("drift", "--repair", "--prove")  # on the clone, m is in other words
        assert told.out.count("ADD CONSTRAINT") == 2
        assert "\nproved on a clone, " in told.err

        write(Path("migrations"), {"1-t.sql": texts.replace(same, f"u {after}")})  # as a dump would have it
        conn.execute(b"ALTER TABLE t DROP CONSTRAINT u")
        conn.execute(f"ALTER TABLE t ADD CONSTRAINT {same}".encode())
        assert pgproof("drift").found.splitlines()[-1] == "3 differences"  # and a file that was edited
