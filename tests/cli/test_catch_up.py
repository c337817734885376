"""`pgproof drift --adopt`: what was changed by hand becomes a migration, and its database enters it as applied."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from tests.cli.told import Pgproof
from tests.migrate.case import write

# the folders of other tools: what is there, and what a new migration is called
TOOLS = {
    "goose": ({"20240101120000_a.sql": "-- +goose Up\n{up}\n-- +goose Down\n{down}\n"}, ["{now}_by_hand.sql"]),
    "golang-migrate": (
        {"000001_a.up.sql": "{up}\n", "000001_a.down.sql": "{down}\n"},
        ["000002_by_hand.down.sql", "000002_by_hand.up.sql"],
    ),
    "flyway": (
        {
            "V1.1__a.sql": "{up}\n",
            "U1.1__a.sql": "{down}\n",
            "R__r.sql": "CREATE OR REPLACE VIEW r AS SELECT 1;\n",
        },
        ["U2__by_hand.sql", "V2__by_hand.sql"],
    ),
    "dbmate": ({"20240101120000_a.sql": "-- migrate:up\n{up}\n-- migrate:down\n{down}\n"}, ["{now}_by_hand.sql"]),
}
FILES = {"1-a.sql": "-- migrate:up\nCREATE TABLE a (b int PRIMARY KEY, c text);\n-- migrate:down\nDROP TABLE a;\n"}
BY_HAND = """
ALTER TABLE a ADD COLUMN e int NOT NULL DEFAULT 3;
COMMENT ON COLUMN a.e IS 'how often';
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE VIEW v AS SELECT b, e FROM a WHERE e > f();
"""


@pytest.fixture(autouse=True)
def _same_server(server: ScratchServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proofs are made on the server of the tests."""
    monkeypatch.setenv("PGPROOF_SCRATCH_URL", server.conninfo.secret)


@pytest.fixture
def conn(pgproof: Pgproof, database: Conninfo) -> Iterator[psycopg.Connection]:
    """The database, as the files build it."""
    write(Path("migrations"), FILES)
    assert pgproof("upgrade").code == 0
    with closing(connect(database)) as opened:
        yield opened


def test_from_end_to_end(pgproof: Pgproof, conn: psycopg.Connection, server: ScratchServer) -> None:
    conn.execute(BY_HAND.encode())
    told = pgproof("drift", "--adopt", "by hand")
    path = Path("migrations/2-by-hand.sql")
    assert (told.code, told.err) == (1, "")
    assert told.out.splitlines()[-4:] == [
        f"written: {path}",
        "its way back loses column public.a.e",
        "next: read it, and enter it where the change is made already:",
        "pgproof adopt --to 2",
    ]
    assert "-- migrate:down" in path.read_text()
    assert "OWNER TO" not in path.read_text()  # whoever runs it owns what it makes, as here
    assert "2-by-hand" in pgproof("status").out

    entered = pgproof("adopt", "--to", "2")
    assert (entered.code, entered.err) == (0, "")
    assert "  2-by-hand\nproved: these files build just this catalog" in entered.out
    assert entered.out.endswith("1 migration adopted, 0 pending; next: pgproof status\n")
    assert "1-a" not in entered.out
    same = pgproof("drift")
    assert (same.code, same.out.splitlines()[-1]) == (0, "no drift: the database is what the files say")
    assert pgproof("adopt", "--to", "2").code == 2

    for word in ("upgrade", "adopt --to 2"):  # a version that was reverted may be entered again
        assert pgproof("downgrade", "--steps", "1").code == 0
        assert pgproof("drift").code == 0
        if word != "upgrade":
            conn.execute(BY_HAND.encode())
        assert pgproof(*word.split()).code == 0
        assert pgproof("drift").code == 0

    with server.database() as fresh:  # another one gets the change by an upgrade
        assert pgproof("upgrade", "--database", fresh.secret).code == 0
        assert pgproof("drift", "--database", fresh.secret).code == 0


@pytest.mark.parametrize("tool", TOOLS)
def test_in_the_folder_of_another_tool(
    pgproof: Pgproof, database: Conninfo, server: ScratchServer, tool: str
) -> None:
    """It is written as that tool has it, entered, and taken back; another database gets it by an upgrade."""
    files, called = TOOLS[tool]
    up, down = "CREATE TABLE a (b int PRIMARY KEY, c text);", "DROP TABLE a CASCADE;"
    write(Path("migrations"), {name: text.format(up=up, down=down) for name, text in files.items()})
    assert pgproof("upgrade").code == 0
    with closing(connect(database)) as conn:
        conn.execute(BY_HAND.encode())
        conn.execute(b"CREATE INDEX by_hand ON a (c)")
    told = pgproof("drift", "--adopt", "By hand")
    assert (told.code, told.err) == (1, "")
    new = sorted({path.name for path in Path("migrations").iterdir()} - files.keys())
    assert [re.sub(r"\d{14}", "{now}", name) for name in new] == called
    assert pgproof(*told.out.splitlines()[-1].split()[1:]).code == 0
    assert pgproof("drift").code == 0
    with server.database() as fresh:
        assert pgproof("upgrade", "--database", fresh.secret).code == 0
        assert pgproof("drift", "--database", fresh.secret).code == 0
    assert pgproof("downgrade", "--steps", "1").code == 0
    assert pgproof("drift").out.splitlines()[-1] == "no drift: the database is what the files say; 1 pending"


def test_where_nothing_can_be_written(pgproof: Pgproof, database: Conninfo) -> None:
    """Sqitch has a plan of its own; a word that Flyway replaces cannot be kept from it."""
    sqitch = {"sqitch.plan": "%syntax-version=1.0.0\n%project=x\n\na 2024-01-01T12:00:00Z A <a@x> # a\n"}
    write(Path("migrations"), sqitch)
    write(Path("migrations/deploy"), {"a.sql": "BEGIN;\nCREATE TABLE a (b int);\nCOMMIT;\n"})
    assert pgproof("upgrade").code == 0
    with closing(connect(database)) as conn:
        conn.execute(b"ALTER TABLE a ADD c text DEFAULT '${c}'")
    refused = pgproof("drift", "--adopt", "By hand")
    assert (refused.code, refused.out) == (2, "")
    assert "folder of Sqitch's" in refused.err
    assert "`pgproof diff FOLDER DATABASE` for the way there" in refused.err
    assert "HINT: let Sqitch add it: sqitch add by_hand\n" in refused.err

    write(Path("flyway"), {"V1__a.sql": "CREATE TABLE a (b int);\n"})
    with closing(connect(database)) as conn:
        conn.execute(b"DROP SCHEMA pgproof CASCADE")
    assert pgproof("adopt", "--migrations", "flyway", "--to", "1", "--trust").code == 0
    refused = pgproof("drift", "--migrations", "flyway", "--adopt", "By hand", "--var", "c=1")
    assert (refused.code, refused.out) == (2, "")
    assert "\n  ALTER TABLE public.a ADD COLUMN c text DEFAULT '${c}'::text\n" in refused.err
    assert [path.name for path in Path("flyway").iterdir()] == ["V1__a.sql"]


def test_the_version_is_proved(pgproof: Pgproof, conn: psycopg.Connection) -> None:
    """What was written is not believed of a database that holds something else by then."""
    conn.execute(BY_HAND.encode())
    assert pgproof("drift", "--adopt", "by hand").code == 1
    conn.execute(b"ALTER TABLE a ALTER e DROP DEFAULT")
    told = pgproof("adopt", "--to", "2")
    assert told.code == 1
    assert "  - column public.a.e: default 3 is missing\n" in told.out
    assert "pending" in pgproof("status").out
    assert pgproof("adopt", "--to", "1").code == 2
    assert pgproof("adopt", "--to", "2", "--trust").code == 0
    assert pgproof("drift").code == 1


def test_what_is_outside_of_a_transaction(pgproof: Pgproof, conn: psycopg.Connection) -> None:
    conn.execute(b"CREATE INDEX by_hand ON a (c)")
    found = json.loads(pgproof("drift", "--adopt", "by hand", "--format", "json").out)
    assert found["written"] == ["migrations/2-by-hand.sql"]
    text = Path("migrations/2-by-hand.sql").read_text()
    assert "-- migrate:up transaction:false" in text
    assert "CREATE INDEX CONCURRENTLY" in text
    assert pgproof("adopt", "--to", "2").code == 0
    assert pgproof("drift").code == 0


def test_nothing_is_written_where_it_would_not_hold(pgproof: Pgproof, conn: psycopg.Connection) -> None:
    folder = Path("migrations")
    same = pgproof("drift", "--adopt", "nothing")
    assert (same.code, same.out.splitlines()[-1]) == (0, "no drift: the database is what the files say")

    conn.execute(b"ALTER TABLE a DROP COLUMN c")
    loses = pgproof("drift", "--adopt", "loses")
    assert loses.code == 2
    assert "would lose data in every database" in loses.err
    assert "DROP COLUMN c" in loses.err

    write(folder, {"2-t.sql": "CREATE TABLE t ();\n"})
    pending = pgproof("drift", "--adopt", "late", "--allow", "data-loss")
    assert (pending.code, "1 file is pending" in pending.err) == (2, True)
    (folder / "2-t.sql").unlink()

    write(folder, {"1-a.sql": FILES["1-a.sql"].replace("c text", "c varchar")})
    edited = pgproof("drift", "--adopt", "late", "--allow", "data-loss")
    assert (edited.code, "the history is not in order" in edited.err) == (2, True)
    assert [each.name for each in folder.glob("*.sql")] == ["1-a.sql"]

    write(folder, FILES)
    assert pgproof("drift", "--adopt", "loses", "--allow", "data-loss").code == 1
    assert pgproof("adopt", "--to", "2").code == 0
    assert pgproof("drift", "--repair", "--adopt", "both").code == 2


def test_what_only_has_another_name(pgproof: Pgproof, conn: psycopg.Connection) -> None:
    conn.execute(b"ALTER TABLE a RENAME c TO d; CREATE INDEX by_hand ON a (d)")
    refused = pgproof("drift", "--adopt", "renamed")
    assert refused.code == 2
    assert "would lose data in every database" in refused.err
    assert "\n  --rename public.a.c=d\n" in refused.err
    assert "HINT: --rename what only has another name; or --allow data-loss" in refused.err
    told = pgproof("drift", "--adopt", "renamed", "--rename", "a.c=d", "--prove", "--offline")
    assert told.code == 1
    assert told.err.startswith("proved on a clone, PostgreSQL ")
    text = Path("migrations/2-renamed.sql").read_text()
    assert [line for line in text.splitlines() if line and not line.startswith("-- adopted")] == [
        "-- migrate:up",
        "ALTER TABLE public.a RENAME COLUMN c TO d;",
        "CREATE INDEX by_hand ON public.a USING btree (d);",
        "-- migrate:down",
        "-- index public.by_hand: no other index begins with its columns",
        "DROP INDEX public.by_hand;",
        "ALTER TABLE public.a RENAME COLUMN d TO c;",
    ]
    assert pgproof("adopt", "--to", "2").code == 0
    assert pgproof("drift").code == 0


def test_what_is_not_proved_is_not_written(pgproof: Pgproof, conn: psycopg.Connection) -> None:
    """No statement makes views that select from each other, and the proof sees that they are not there."""
    conn.execute(b"CREATE VIEW v AS SELECT 1 AS x; CREATE VIEW w AS TABLE v; CREATE OR REPLACE VIEW v AS TABLE w")
    conn.execute(b"CREATE INDEX by_hand ON a (c)")
    told = pgproof("drift", "--adopt", "by hand", "--prove")
    assert told.code == 4
    assert "\nnothing is written: it is not proved\nit cannot do: view public.v: " in told.out
    assert told.err.startswith("not proved, on a clone, PostgreSQL ")
    again = pgproof("diff", "migrations", os.environ["DATABASE_URL"], "--write", "by hand", "--prove")
    assert (again.code, "written" in again.err) == (4, False)
    assert {path.name for path in Path("migrations").iterdir()} == {"1-a.sql"}
