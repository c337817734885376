"""The exit code of `status`: nothing to do, something to do, something to look at."""

from __future__ import annotations

import json
import os
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
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
    assert told.out.endswith("1 applied, 1 stopped; next: pgproof upgrade\n")


def test_what_upgrade_refuses(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"01-a.sql": FILES["01-a.sql"], "03-c.sql": "CREATE TABLE c ();\n"})
    pgproof("upgrade")
    assert pgproof("status").code == 0
    write(Path("migrations"), {"01-a.sql": "CREATE TABLE a ( );\n"})
    told = pgproof("status")
    assert (told.code, "01-a  edited" in told.out) == (2, True)
    assert told.out.endswith("; next: pgproof upgrade --dry-run, which says what to do about it\n")
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


def remembered() -> Path:
    """The one file that the cache of `status` holds, made to be believed."""
    (file,) = Path(os.environ["XDG_CACHE_HOME"]).glob("pgproof/status/folders/*")
    later = file.stat().st_mtime_ns + 5_000_000_000
    os.utime(file, ns=(later, later))
    return file


def test_what_looks_as_it_did_is_not_read_again(pgproof: Pgproof) -> None:
    folder = write(Path("migrations"), {"01-a.sql": FILES["01-a.sql"], "02-b.down.sql": "DROP TABLE b;\n"})
    write(folder, {"02-b.sql": "CREATE TABLE b ();\n", "03-c.sql": "CREATE TABLE c ();\n"})
    pgproof("upgrade")
    first, first_json = pgproof("status"), pgproof("status", "--format", "json")
    file = remembered()
    assert (pgproof("status"), pgproof("status", "--format", "json")) == (first, first_json)
    document = json.loads(file.read_text())
    file.write_text(json.dumps({**document, "found": document["found"].replace("-03-c.sql", "+03-seen.sql")}))
    remembered()
    assert "03-seen  applied" in pgproof("status").out  # what is remembered is what is told
    (folder / "03-c.sql").write_text("CREATE TABLE c (d int);\n")
    assert "03-c  edited" in pgproof("status").out


def test_what_is_remembered_is_of_one_history(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), {"01-a.sql": FILES["01-a.sql"], "02-b.sql": "CREATE TABLE b ();\n"})
    pgproof("upgrade")
    pgproof("status")
    remembered()
    with closing(connect(database)) as conn:
        conn.execute("UPDATE pgproof.history SET state = 'reverted' WHERE version = 2")
    assert "02-b  pending" in pgproof("status").out
    with closing(connect(database)) as conn:
        conn.execute("UPDATE pgproof.history SET state = 'applied', checksum = 'x' WHERE version = 2")
    assert "02-b  edited" in pgproof("status").out


@pytest.mark.parametrize(
    "more", [{"R-v.sql": "SELECT 1;\n"}, {"baseline-01.sql": "CREATE TABLE a ();\n"}, {"03-c.sql": "SELECT 1;\n"}]
)
def test_where_there_is_more_nothing_is_remembered(pgproof: Pgproof, more: dict[str, str]) -> None:
    folder = write(Path("migrations"), {"01-a.sql": FILES["01-a.sql"]})
    pgproof("upgrade")
    write(folder, more)
    pgproof("status")
    assert not list(Path(os.environ["XDG_CACHE_HOME"]).glob("pgproof/status/folders/*"))
