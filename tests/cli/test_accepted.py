"""`pgproof drift --accept`: differences that people live with, as long as they are what was accepted."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from tests.cli.told import Pgproof, Told
from tests.migrate.case import write

FILES = {"1-a.sql": "-- migrate:up\nCREATE TABLE a (b int PRIMARY KEY, c text DEFAULT 'x', d int);\n"}
CHECKS = Path("checks/accepted-drift.sql")
WHY = ("--because", "on  trial:\nsee until: 1")


def accept(pgproof: Pgproof, *differences: str, why: tuple[str, ...] = WHY) -> Told:
    words = [word for each in differences for word in ("--accept", each)]
    return pgproof("drift", *words, *why)


@pytest.mark.ends
def test_what_is_accepted_counts_no_more(
    pgproof: Pgproof, major_server: ScratchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with major_server.database() as database:
        monkeypatch.setenv("DATABASE_URL", database.secret)
        monkeypatch.setenv("PGPROOF_SCRATCH_URL", major_server.conninfo.secret)
        _accepted(pgproof, database)


def _accepted(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), FILES)
    assert pgproof("upgrade").code == 0
    with closing(connect(database)) as conn:
        conn.execute(
            "ALTER TABLE a DROP COLUMN d, ALTER c SET NOT NULL, ALTER c TYPE varchar; CREATE INDEX i ON a (b);"
            "COMMENT ON TABLE a IS 'rows'; CREATE TABLE \"t\n-- u\" (v int)"
        )
        changed = "DRF103:column public.a.c: "
        assert accept(pgproof, f"{changed}not null", "drf101:column public.a.d").out == (
            f"{CHECKS}: DRF103 column public.a.c: not null is accepted\n"
            f"{CHECKS}: DRF101 column public.a.d is accepted\n"
        )
        told = pgproof("drift")
        assert told.code == 1
        assert "- column public.a.d is missing [DRF101]\n    accepted: on trial: see until: 1 (checks/" in told.out
        total = int(told.found.splitlines()[-1].split()[0])
        assert told.found.endswith(f"\n{total} differences, 1 accepted\n")  # not null is half of a difference
        document = json.loads(pgproof("drift", "--format", "json").out)
        found = [item for each in document["differences"] for item in each["findings"] if not item["accepted"]]
        rest = [f"{item['code']}:{item['object']}" for item in found]
        assert "DRF102:table public.a: comment" in rest
        assert 'DRF102:table public."t\\000a-- u"' in rest
        assert accept(pgproof, *rest, why=("--because", "all", "--until", "9999-12-31")).code == 0
        told = pgproof("drift")
        assert (told.code, told.err) == (0, "")
        assert "    accepted until 9999-12-31: all (checks/accepted-drift.sql:" in told.out
        assert told.out.endswith(f"\n{total} differences, all accepted\n")
        document = json.loads(pgproof("drift", "--format", "json").out)
        assert (document["verdict"], document["accepted"]) == ("same", total)
        assert pgproof("drift", "--positions").code == 0
        assert pgproof("drift", "--repair").code == 1
        assert pgproof("check").code == 0  # these are no acceptances of its findings

        conn.execute('ALTER TABLE "t\n-- u" ADD w int; DROP INDEX i; CREATE INDEX i ON a (c)')
        told = pgproof("drift")
        assert (told.code, told.found.splitlines()[-1]) == (1, f"{total} differences, {total - 2} accepted")
        assert ": DRF102 index public.i has changed since it was accepted\n" in told.out
        conn.execute("DROP INDEX i; ALTER TABLE a ALTER c DROP NOT NULL")
        assert "note: checks/accepted-drift.sql:1: nothing is found here that DRF103 " in pgproof("drift").out
        CHECKS.write_text(
            '-- accept: DRF102 table public."t\\000a-- u"\n-- because: whatever it becomes\n\n'
            "-- accept: DRF101 column public.a.d\n-- because: once\n-- until: 2026-01-01\n",
            encoding="utf-8",
        )
        told = pgproof("drift")
        ended = "the acceptance of DRF101 column public.a.d ended on 2026-01-01"
        assert f"note: checks/accepted-drift.sql:4: {ended}\n" in told.out
        assert 'u" is there, and no file makes it (with 2 more) [DRF102]\n    accepted: whatever it ' in told.out


def test_what_cannot_be_accepted(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), FILES)
    assert pgproof("upgrade").code == 0
    with closing(connect(database)) as conn:
        conn.execute("ALTER TABLE a DROP COLUMN d")
    column = "DRF101:column public.a.d"
    told = accept(pgproof, "DRF201:1-a.sql", "DRF102:table public.no", "DRF999:x", column)
    assert told.code == 2
    assert "DRF201 is about the history, and cannot be accepted\n" in told.err
    assert "no difference is DRF102:table public.no\n" in told.err
    assert f'  --accept "{column}"\n' in told.err
    assert '"DRF999" is not the code of a difference\n' in told.err
    assert accept(pgproof, column, why=("--because", " ")).code == 2
    assert "--accept is CODE:OBJECT, for example" in accept(pgproof, "column public.a.d").err
    assert "2026-01-01 is over" in accept(pgproof, column, why=("--because", "x", "--until", "2026-01-01")).err
    for words in (("--accept", column), ("--because", "x"), ("--accept", column, *WHY, "--repair")):
        assert pgproof("drift", *words).code == 2
    assert not CHECKS.exists()
    assert accept(pgproof, column).code == 0
    again = accept(pgproof, column)
    assert again.code == 2
    assert "checks/accepted-drift.sql:1:4: error: DRF101 column public.a.d is accepted already\n" in again.err
    CHECKS.write_text("-- accept: DRF203 1-a.sql\n-- because: no\n", encoding="utf-8")
    assert "checks/accepted-drift.sql:1:4: error: DRF203 is about the history" in pgproof("drift").err
    assert pgproof("check").code == 1  # it accepts nothing there either


def test_what_counts_no_more_gives_way(pgproof: Pgproof, database: Conninfo) -> None:
    """One that has ended, or is of what was there before, is replaced where it stands; all else there is kept."""
    write(Path("migrations"), FILES)
    assert pgproof("upgrade").code == 0
    ended = "-- accept: DRF101 column public.a.d\n-- because: for\n--   a while\n-- until: 2026-01-01\n"
    other = "-- what we live with\n\n"
    rest = "-- accept: DRF102 index public.j\n-- because: some have it\n"
    write(Path("checks"), {"ours.sql": f"{other}{ended}{rest}\n-- name: one\nSELECT 1;\n"})
    with closing(connect(database)) as conn:
        conn.execute("ALTER TABLE a DROP COLUMN d; CREATE INDEX i ON a (b)")
        until = ("--because", "longer", "--until", "9998-12-31")
        told = accept(pgproof, "DRF101:column public.a.d", "DRF102:index public.i", why=until)
        assert told.err == ""
        assert told.out == (
            "checks/ours.sql: DRF101 column public.a.d is accepted until 9998-12-31\n"
            "    instead of what accepted until 2026-01-01: for a while (checks/ours.sql:3)\n"
            f"{CHECKS}: DRF102 index public.i is accepted until 9998-12-31\n"
        )
        renewed = "-- accept: DRF101 column public.a.d\n-- because: longer\n-- until: 9998-12-31\n"
        assert Path("checks/ours.sql").read_text() == f"{other}{renewed}{rest}\n-- name: one\nSELECT 1;\n"
        assert pgproof("drift").code == 0

        conn.execute("DROP INDEX i; CREATE INDEX i ON a (c)")
        assert pgproof("drift").code == 1
        assert "\n    instead of what accepted until 9998-12-31: longer (checks/accepted-drift.sql:1)\n" in (
            accept(pgproof, "DRF102:index public.i").out
        )
        assert CHECKS.read_text().count("accept:") == 1
        told = pgproof("drift")
        assert (told.code, "note" in told.out) == (0, True)  # index j is not here
        refused = accept(pgproof, "DRF102:index public.i")
        assert (refused.code, "is accepted already" in refused.err) == (2, True)


def test_with_other_options(pgproof: Pgproof, database: Conninfo) -> None:
    """Of some schemas alone, what is elsewhere cannot be accepted by its name; pg_dump may be asked besides."""
    write(Path("migrations"), FILES)
    assert pgproof("upgrade").code == 0
    with closing(connect(database)) as conn:
        conn.execute("CREATE SCHEMA s; CREATE TABLE s.t (); CREATE INDEX i ON a (b)")
    words = ("--accept", "DRF102:index public.i", "--because", "why not")
    refused = pgproof("drift", "--schema", "s", *words)
    assert (refused.code, "no difference is DRF102:index public.i\n" in refused.err) == (2, True)
    assert pgproof("drift", "--schema", "public", *words).code == 0
    told = pgproof("drift", "--schema", "public")
    assert (told.code, told.out.splitlines()[-1]) == (0, "1 difference, all accepted")
    told = pgproof("drift", "--witness", "pg_dump", "--accept", "DRF102:schema s", "--because", "theirs")
    assert told.out == f"{CHECKS}: DRF102 schema s is accepted\n"
    assert pgproof("drift").out.splitlines()[-1] == "2 differences, all accepted"
