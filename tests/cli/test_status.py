"""The exit code of `status`: nothing to do, something to do, something to look at."""

from __future__ import annotations

from pathlib import Path

from tests.cli.told import Pgproof
from tests.migrate.case import write

FILES = {
    "01-a.sql": "-- migrate:up\nCREATE TABLE a ();\n-- migrate:down\nDROP TABLE a;\n",
    "02-b.sql": "-- migrate:up transaction:false\nCREATE TABLE b ();\nSELECT 1/(SELECT count(*) FROM c);\n"
    "-- migrate:down transaction:false\nDROP TABLE b;\nSELECT 1/(SELECT count(*) FROM c);\n",
}


def test_pending_applied_stopped(pgproof: Pgproof) -> None:
    write(Path("migrations"), FILES | {"01-a.sql": "CREATE TABLE c ();\n"})
    assert pgproof("status").code == 1
    assert pgproof("upgrade").code == 3
    told = pgproof("status")
    assert (told.code, "02-b  stopped" in told.out) == (1, True)


def test_what_upgrade_refuses(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"01-a.sql": FILES["01-a.sql"], "03-c.sql": "CREATE TABLE c ();\n"})
    pgproof("upgrade")
    assert pgproof("status").code == 0
    write(Path("migrations"), {"01-a.sql": "CREATE TABLE a ( );\n"})
    told = pgproof("status")
    assert (told.code, "01-a  edited" in told.out) == (2, True)
    write(Path("migrations"), {"01-a.sql": FILES["01-a.sql"], "02-b.sql": "SELECT 1;\n"})
    told = pgproof("status")
    assert (told.code, "02-b  late" in told.out) == (2, True)
    for name in ("02-b.sql", "03-c.sql"):
        Path("migrations", name).unlink()
    told = pgproof("status")
    assert (told.code, "03-c  missing" in told.out) == (2, True)


def test_a_half_reverted_one_is_to_be_looked_at(pgproof: Pgproof) -> None:
    down = FILES["02-b.sql"].replace("SELECT 1/(SELECT count(*) FROM c);\n-- migrate", "-- migrate", 1)
    write(Path("migrations"), {"01-c.sql": "CREATE TABLE c ();\n", "02-b.sql": down})
    assert pgproof("upgrade").code == 0
    assert pgproof("downgrade", "--steps", "1").code == 3
    assert pgproof("status").code == 2
