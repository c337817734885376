"""Commands whose work the server does, on every major: schemas, late files, edits, plans, baselines."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from tests.cli.told import Pgproof
from tests.migrate import psql
from tests.migrate.case import write

FILES = {
    "01-a.sql": "-- migrate:up\nCREATE TABLE a (b int, c text);\n-- migrate:down\nDROP TABLE a;\n",
    "02-i.sql": "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON a (b);\n"
    "-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY i;\n",
    "04-v.sql": "-- migrate:up\nCREATE VIEW v AS SELECT b FROM a;\n-- migrate:down\nDROP VIEW v;\n",
}
LATE = {"03-l.sql": "-- migrate:up\nCREATE TABLE l ();\n-- migrate:down\nDROP TABLE l;\n"}

pytestmark = [pytest.mark.slow, pytest.mark.ends]


@pytest.fixture
def database(major_database: Conninfo) -> Conninfo:
    """The commands are typed at each major in turn."""
    return major_database


@pytest.fixture
def typed(pgproof: Pgproof, major_server: ScratchServer, monkeypatch: pytest.MonkeyPatch) -> Pgproof:
    """The commands; they make their scratch databases on the same server."""
    monkeypatch.setenv("PGPROOF_SCRATCH_URL", major_server.conninfo.secret)
    return pgproof


def done(typed: Pgproof, *words: str) -> str:
    told = typed(*words)
    assert (told.code, told.err) == (0, ""), told.out
    return told.out


def test_schemas_late_files_and_redo(typed: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), FILES)
    with closing(connect(database)) as conn:
        conn.execute("CREATE SCHEMA one")
    in_one = ("--schema", "one")
    assert "02-i" in done(typed, "plan", "--scratch", *in_one)
    done(typed, "upgrade", "--steps", "1", *in_one)
    assert typed("status", *in_one).code == 1
    done(typed, "upgrade", *in_one)
    done(typed, "redo", "--steps", "2", *in_one)
    write(Path("migrations"), LATE)
    assert typed("upgrade", *in_one).code == 2
    done(typed, "upgrade")
    done(typed, "downgrade", "--to", "02")
    Path("migrations", "03-l.sql").unlink()
    done(typed, "upgrade")
    write(Path("migrations"), LATE)
    assert "late, with the same result" in done(typed, "upgrade", "--allow-late")
    done(typed, "status")


def test_edits_baselines_and_scripts(typed: Pgproof, database: Conninfo, tmp_path: Path) -> None:
    write(Path("migrations"), FILES)
    ran = psql.run(done(typed, "plan", "--sql"), database, tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    done(typed, "status")
    write(Path("migrations"), {"01-a.sql": FILES["01-a.sql"].replace("b int, c text", "b integer , c text")})
    assert typed("status").code == 2
    assert "is recorded as it is now" in done(typed, "history", "accept", "01")
    done(typed, "status")
    assert "baseline-02.sql written" in done(typed, "squash", "--to", "2")
    for name in ("01-a.sql", "02-i.sql"):
        Path("migrations", name).unlink()
    done(typed, "status")
    assert "nothing to do" in done(typed, "upgrade")
    assert "04-v" in done(typed, "history")
