"""`pgproof diff`: the SQL from one schema to another, proved on a clone."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.cli.told import Pgproof
from tests.migrate.case import write

OLD = (
    "CREATE TABLE t (id int PRIMARY KEY, x text, y int);\n"
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n"
)
NEW = "CREATE TABLE t (id bigint PRIMARY KEY, x text, z int DEFAULT 3);\nCREATE INDEX i ON t (x);\n"
WHILE = "-- blocks reads and writes of public.t while it rewrites all rows"
SCRIPT = f"""-- to   new.sql
-- only another name? --rename public.t.y=z

BEGIN;
ALTER TABLE public.t ALTER COLUMN id TYPE bigint;  {WHILE}
ALTER TABLE public.t ADD COLUMN z integer DEFAULT 3;  -- blocks reads and writes of public.t
COMMIT;

CREATE INDEX CONCURRENTLY i ON public.t USING btree (x);

BEGIN;
-- ALTER TABLE public.t DROP COLUMN y;  -- data loss; blocks reads and writes of public.t
DROP FUNCTION public.f();
COMMIT;
"""

# on a server of their own: test_sides_of_two_majors, and what the pages and README type
pytestmark = pytest.mark.usefixtures("same_server")


@pytest.fixture
def files(pgproof: Pgproof) -> Pgproof:
    write(Path(), {"old.sql": OLD, "new.sql": NEW})
    return pgproof


def test_from_file_to_file(files: Pgproof) -> None:
    told = files("diff", "old.sql", "new.sql", "--prove")
    assert told.code == 1
    head, _, rest = told.out.partition("\n")
    assert re.fullmatch(r"-- from old\.sql, state [0-9a-f]{16}", head)
    assert rest == SCRIPT
    first, second, third, last = told.err.splitlines()
    assert third == "3 rows put in before: nothing is lost that is not said"
    assert first.endswith("; 5 statements; 1 of them loses data and stands in a comment: --allow data-loss")
    assert second.startswith("proved on a clone, PostgreSQL ")
    assert last == "next: read it, and run it with psql; or make it a migration: --write NAME"


def test_what_loses_data_is_there_if_it_is_allowed(files: Pgproof) -> None:
    told = files("diff", "old.sql", "new.sql", "--allow", "data-loss")
    assert told.code == 2
    assert "what would be dropped may only have another name" in told.err
    assert "--rename public.t.y=z\n" in told.err
    told = files("diff", "old.sql", "new.sql", "--allow", "data-loss", "--renames-all")
    assert "\nALTER TABLE public.t DROP COLUMN y;  -- data loss; blocks" in told.out


BEFORE = (
    "CREATE TABLE t (id int PRIMARY KEY, x text, y int);\n"
    "CREATE TABLE u (id int PRIMARY KEY, t int, state text NOT NULL, e text);\n"
    "CREATE TYPE mood AS ENUM ('sad', 'happy');\nCREATE VIEW v AS SELECT id, x FROM t;\n"
)
AFTER = (
    "CREATE TABLE t2 (id int PRIMARY KEY, x text, z int);\nCREATE INDEX i ON t2 (x);\n"
    "CREATE TABLE u (id int PRIMARY KEY, t int NOT NULL REFERENCES t2, status text NOT NULL, e text);\n"
    "CREATE TYPE mood AS ENUM ('sad', 'glad');\nCREATE VIEW v AS SELECT id, x FROM t2;\n"
)
RENAMES = ("--rename", "t=t2", "--rename", "u.state=status", "--rename", "mood.happy=glad", "--rename", "t.y=z")


def test_what_has_another_name_is_renamed(pgproof: Pgproof) -> None:
    write(Path(), {"old.sql": BEFORE, "new.sql": AFTER})
    told = pgproof("diff", "old.sql", "new.sql", *RENAMES, "--prove")
    assert "proved on a clone" in told.err
    assert "data loss" not in told.out
    for each in (
        "ALTER TABLE public.t RENAME TO t2;",
        "ALTER TABLE public.u RENAME COLUMN state TO status;",
        "ALTER TABLE public.t2 RENAME COLUMN y TO z;",
        "ALTER TYPE public.mood RENAME VALUE 'happy' TO 'glad';",
        "ALTER TABLE public.t2 RENAME CONSTRAINT t_pkey TO t2_pkey;",
        "CREATE INDEX CONCURRENTLY i ON public.t2 USING btree (x);",
    ):
        assert f"\n{each}" in told.out
    assert "VIEW" not in told.out


def test_rows_that_do_not_fit_are_told(pgproof: Pgproof) -> None:
    write(Path(), {"old.sql": "CREATE TABLE a (b int);\n", "new.sql": "CREATE TABLE a (b int, c int NOT NULL);\n"})
    told = pgproof("diff", "old.sql", "new.sql", "--prove")
    assert told.code == 1
    assert "ADD COLUMN c integer NOT NULL;  -- fails if the table has rows; " in told.out
    assert "rows that are there may not fit: ALTER TABLE public.a ADD COLUMN c integer NOT NULL: " in told.err


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("t", '"t" is no renaming'),
        ("t=", '"t=" is no renaming'),
        ("nothing=u", 'FROM has nothing that is called "nothing".'),
        ("u=w", "TO has the table public.u as well."),
        ("t=w", 'TO has no table "w" in its place.'),
    ],
)
def test_a_renaming_that_does_not_fit(pgproof: Pgproof, word: str, why: str) -> None:
    write(Path(), {"old.sql": BEFORE, "new.sql": AFTER})
    told = pgproof("diff", "old.sql", "new.sql", "--rename", word)
    assert told.code == 2
    assert why in told.err


def test_a_plan_becomes_a_migration(pgproof: Pgproof) -> None:
    write(Path(), {"new.sql": AFTER})
    write(Path("migrations"), {"01-old.sql": f"-- migrate:up\n{BEFORE}"})
    told = pgproof("diff", "migrations", "new.sql", *RENAMES, "--write", "new names")
    assert told.code == 1, told.err
    assert told.err.endswith("written: migrations/02-new-names.sql\n")
    assert pgproof("diff", "migrations", "new.sql").code == 0
    back = pgproof("diff", "migrations", "migrations@1")
    assert back.code == 1
    assert pgproof("upgrade").code == 0
    assert pgproof("downgrade", "--to", "1").code == 0
    assert pgproof("drift").code == 0


def test_nothing_in_a_migration_names_a_machine(pgproof: Pgproof, database: Conninfo, tmp_path: Path) -> None:
    write(Path("migrations"), {"01-old.sql": "CREATE TABLE a (b int);\n"})
    write(tmp_path, {"new.sql": "CREATE TABLE a (b int);\nCREATE TABLE c ();\n"})
    address = Conninfo.of(**{**dict(database.parameters), "password": "unsaid"}).secret
    for source, target, first in (
        (address, str(tmp_path / "new.sql"), f'-- from database "{database.database}", state '),
        (str(tmp_path / "new.sql"), address, "-- from new.sql, state "),
    ):
        told = pgproof("diff", source, target, "--allow", "data-loss", "--renames-all", "--write", "it")
        assert told.code == 1, told
        (path,) = Path("migrations").glob("02-*")
        text = path.read_text()
        assert text.startswith(first)
        assert [
            each for each in ("unsaid", dict(database.parameters)["host"], str(tmp_path)) if each in text
        ] == []
        path.unlink()


def test_a_migration_that_loses_data_is_written_only_if_that_is_allowed(files: Pgproof) -> None:
    write(Path("migrations"), {"01-old.sql": f"-- migrate:up\n{OLD}"})
    told = files("diff", "migrations", "new.sql", "--renames-all", "--write", "new")
    assert told.code == 2
    assert "the migration would lose data" in told.err
    assert "ALTER TABLE public.t DROP COLUMN y" in told.err
    told = files("diff", "migrations", "new.sql", "--renames-all", "--write", "new", "--allow", "data-loss")
    assert told.code == 1, told.err
    text = Path("migrations/02-new.sql").read_text()
    assert "-- the way back loses column public.t.z\n" in text
    assert files("diff", "migrations", "new.sql").code == 0


def test_as_data(files: Pgproof) -> None:
    told = files("diff", "old.sql", "new.sql", "--prove", "--format", "json")
    data = json.loads(told.out)
    assert data["schema"] == "pgproof.diff/1"
    assert data["proof"]["holds"]
    assert data["renames"] == ["public.t.y=z"]
    by = {each["sql"]: each for each in data["statements"]}
    retyped = by["ALTER TABLE public.t ALTER COLUMN id TYPE bigint"]
    assert retyped["rewrites"] == ["public.t"]
    assert {"relation": "public.t", "mode": "AccessExclusiveLock", "blocks": "reads and writes"} in retyped[
        "locks"
    ]
    assert retyped["transaction"] == 1
    built = by["CREATE INDEX CONCURRENTLY i ON public.t USING btree (x)"]
    assert (built["transaction"], built["locks"]) == (None, [])
    dropped = by["ALTER TABLE public.t DROP COLUMN y"]
    assert (dropped["hazards"], dropped["allowed"]) == (["data loss"], False)


def test_no_difference(files: Pgproof) -> None:
    told = files("diff", "old.sql", "old.sql")
    assert (told.code, told.err) == (0, "no difference\n")


A = "CREATE TABLE a (b int, s varchar(3) CHECK (s IN ('x', 'y')));\n"


def test_from_a_database_to_a_folder(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), {"1-a.sql": A, "2-c.sql": "CREATE INDEX i ON a (b);\n"})
    assert pgproof("upgrade").code == 0
    assert pgproof("diff", database.secret, "migrations").code == 0
    with closing(connect(database)) as conn:
        conn.execute("DROP INDEX i; COMMENT ON TABLE a IS 'hm'")
    told = pgproof("diff", database.secret, "migrations", "--prove")
    assert told.code == 1
    assert told.out.splitlines()[3:] == [
        "BEGIN;",
        "COMMENT ON TABLE public.a IS NULL;",
        "COMMIT;",
        "",
        "CREATE INDEX CONCURRENTLY i ON public.a USING btree (b);",
    ]
    assert "they lead there, and pg_dump says so, too" in told.err
    with closing(connect(database)) as conn:
        for each in told.out.split("\n\n"):
            conn.execute(each.encode())
    assert pgproof("diff", database.secret, "migrations").code == 0
    assert pgproof("diff", "migrations@1", "migrations").out.splitlines()[3:] == [
        "CREATE INDEX CONCURRENTLY i ON public.a USING btree (b);"
    ]


def test_from_a_revision_of_git(pgproof: Pgproof) -> None:
    def git(*words: str) -> None:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words]
        subprocess.run(command, check=True, capture_output=True)

    write(Path("migrations"), {"1-a.sql": "CREATE TABLE a (b int);\n"})
    git("init", "-b", "trunk")
    git("add", ".")
    git("commit", "-m", "one")
    write(Path("migrations"), {"2-c.sql": "CREATE INDEX i ON a (b);\n"})
    told = pgproof("diff", "git:trunk", "migrations")
    assert told.out.splitlines()[3:] == ["CREATE INDEX CONCURRENTLY i ON public.a USING btree (b);"]
    told = pgproof("diff", "git:nowhere", "migrations")
    assert told.code == 2
    assert told.err.startswith('pgproof: error: cannot read the revision "nowhere" of migrations\nDETAIL: git: ')


def test_owners_are_compared_where_files_name_one(pgproof: Pgproof, database: Conninfo) -> None:
    """What they give to nobody belongs to whoever runs them, in each cluster somebody else."""
    name, live = f"owner_{database.database[-8:]}", database.secret
    write(Path(), {"a.sql": "CREATE TABLE t ();\nCREATE TABLE u ();\nCREATE TABLE v ();\n"})
    write(Path(), {"b.sql": f"{Path('a.sql').read_text()}ALTER TABLE t OWNER TO {name};\n"})
    with closing(connect(database)) as conn:
        conn.execute(f"CREATE ROLE {name}; {Path('a.sql').read_text()} ALTER TABLE u OWNER TO {name}".encode())
        try:
            for source, target, owner in (
                ("a.sql", "b.sql", name),
                ("b.sql", "a.sql", "CURRENT_USER"),
                (live, "b.sql", name),
            ):
                told = pgproof("diff", source, target, "--prove")
                plan = [line.partition(";")[0] for line in told.out.splitlines() if line.startswith("ALTER")]
                assert (told.code, plan) == (1, [f"ALTER TABLE public.t OWNER TO {owner}"]), told
            assert pgproof("diff", live, "a.sql").code == 0
            _snapshots(pgproof, name, live)
        finally:
            conn.execute(f"DROP OWNED BY {name}; DROP ROLE {name}".encode())


def _snapshots(pgproof: Pgproof, name: str, live: str) -> None:
    """A snapshot says who has run the files, and so what they give to nobody."""
    for side in "ab":
        write(Path(f"of-{side}"), {"1-it.sql": Path(f"{side}.sql").read_text()})
        told = pgproof("snapshot", "--full", "--migrations", f"of-{side}", "--file", f"{side}.json")
        assert told.code == 0, told
    for source, target, owner in ((live, "b.json", name), ("b.json", "a.sql", "CURRENT_USER")):
        told = pgproof("diff", source, target, "--prove")
        plan = [line.partition(";")[0] for line in told.out.splitlines() if line.startswith("ALTER")]
        assert (told.code, plan) == (1, [f"ALTER TABLE public.t OWNER TO {owner}"]), told
        assert "they lead there, and pg_dump says so, too" in told.err
    for source, target in (("a.json", live), ("b.json", "b.sql")):
        assert pgproof("diff", source, target).code == 0


def test_what_cannot_be_done_is_said(pgproof: Pgproof) -> None:
    views = "CREATE VIEW v AS SELECT 1 AS x; CREATE VIEW w AS TABLE v; CREATE OR REPLACE VIEW v AS TABLE w;\n"
    write(Path(), {"a.sql": "CREATE TABLE t (x int);\n", "b.sql": f"CREATE TABLE t (x int);\n{views}"})
    told = pgproof("diff", "a.sql", "b.sql", "--prove")
    assert told.code == 4
    assert told.out.splitlines()[3:] == [
        "-- cannot be done: view public.v: it and other views select from each other",
        "-- cannot be done: view public.w: it and other views select from each other",
    ]
    assert "not proved, on a clone" in told.err


def test_what_is_nothing(pgproof: Pgproof) -> None:
    told = pgproof("diff", "nothing", "nowhere")
    assert told.code == 2
    assert '"nothing" is no folder, no file and no address of a database\n' in told.err


def test_what_tools_keep_of_their_own_is_left_alone(pgproof: Pgproof, database: Conninfo) -> None:
    """pgproof's schema, and the table of another tool; a table of that name that is none of theirs is a table."""
    write(Path("migrations"), {"1-a.sql": "CREATE TABLE a ();\n"})
    assert pgproof("upgrade").code == 0
    with closing(connect(database)) as conn:
        conn.execute(
            b"CREATE TABLE goose_db_version (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,"
            b" version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp NOT NULL DEFAULT now());"
            b"CREATE TABLE alembic_version ()"
        )
    told = pgproof("diff", database.secret, "migrations", "--prove")
    assert [line for line in told.out.splitlines() if "DROP" in line] == [
        "-- DROP TABLE public.alembic_version;  -- data loss; blocks reads and writes of public.alembic_version"
    ]
    assert (told.code, "\nproved on a clone, " in told.err) == (1, True)
    told = pgproof("diff", "migrations", database.secret, "--prove")
    assert (told.code, told.out.count("CREATE"), "\nproved on a clone, " in told.err) == (1, 1, True)


def test_what_a_user_is_not_shown(pgproof: Pgproof, database: Conninfo) -> None:
    """Where nothing differs that could be seen, nobody can tell."""
    name = f"reader_{database.database[-8:]}"
    write(Path(), {"new.sql": "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;\n"})
    with closing(connect(database)) as conn:
        conn.execute(b"CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w")
        conn.execute(f"CREATE ROLE {name} LOGIN; CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (a 'b')".encode())
        try:
            reader = Conninfo.of(**{**dict(database.parameters), "user": name}).secret
            told = pgproof("diff", reader, reader)
            assert (told.code, "no difference" in told.err) == (4, True)
            assert "cannot tell: " in told.err
            assert json.loads(pgproof("diff", reader, "new.sql", "--format", "json").out)["reasons"]
        finally:
            conn.execute(f"DROP USER MAPPING FOR PUBLIC SERVER s; DROP ROLE {name}".encode())


@pytest.mark.slow
def test_sides_of_two_majors(
    pgproof: Pgproof, major_binaries: dict[int, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Snapshots of two majors, and one with files, which are built on its major; what cannot be had is told."""
    if not {14, 18} <= major_binaries.keys():
        pytest.skip("from 14 to 18")
    monkeypatch.delenv("PGPROOF_SCRATCH_URL")
    write(Path("migrations"), {"01-t.sql": "-- migrate:up\nCREATE TABLE t (a int NOT NULL CHECK (a > 0));\n"})
    for major in ("14", "18"):
        assert pgproof("snapshot", "--full", "--file", f"{major}.json", "--postgres", major).code == 0
        assert pgproof("diff", f"{major}.json", "migrations").code == 0
    for one, other in (("14.json", "18.json"), ("18.json", "14.json")):
        told = pgproof("diff", one, other, "--prove")
        assert told.code == 0, told.err
        assert "PostgreSQL 18 does so by itself: NOT NULL of a column is kept as a constraint (1)\n" in told.err
        assert "\nno difference\n" in told.err
    write(
        Path(), {"new.sql": "CREATE TABLE t (a int NOT NULL CHECK (a > 0), b int, CHECK (b > 0) NOT ENFORCED);\n"}
    )
    write(Path("new"), {"01-t.sql": f"-- migrate:up\n{Path('new.sql').read_text()}"})
    assert pgproof("snapshot", "--full", "--migrations", "new", "--file", "new.json", "--postgres", "18").code == 0
    told = pgproof("diff", "14.json", "new.json", "--format", "json")
    assert told.code == 1
    data = json.loads(told.out)
    assert [each["sql"] for each in data["statements"]] == ["ALTER TABLE public.t ADD COLUMN b integer"]
    assert data["impossible"] == [
        {
            "object": "constraint public.t.t_b_check",
            "reason": "NOT ENFORCED: new in 18, and this is PostgreSQL 14",
        }
    ]
    assert {each["since"] for each in data["made"]} == {15, 18}
    assert [each["label"] for each in data["differences"]] == [
        "column public.t.b",
        "constraint public.t.t_b_check",
    ]
    told = pgproof("diff", "14.json", "new.sql")  # built on 14
    assert told.code == 3
    assert "new.sql:1:" in told.err


def test_a_proposed_renaming_can_be_typed_in_a_shell(pgproof: Pgproof, tmp_path: Path) -> None:
    (tmp_path / "old.sql").write_text('CREATE TABLE t (id int, "a.b c" int);')
    (tmp_path / "new.sql").write_text('CREATE TABLE t (id int, "it\'s" int);')
    command = ("diff", str(tmp_path / "old.sql"), str(tmp_path / "new.sql"))
    (proposed,) = re.findall(r"^-- only another name\? (.*)$", pgproof(*command).out, re.MULTILINE)
    assert "RENAME COLUMN" in pgproof(*command, *shlex.split(proposed)).out
