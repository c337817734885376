"""`pgproof snapshot`: what the files build, as a file; and `pgproof drift`, which need not build it then."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.migrate import library
from tests.cli.told import Pgproof, Told
from tests.migrate.case import write

FILES = {
    "1-a.sql": "CREATE TABLE a (b int PRIMARY KEY, c text);\n",
    "2-i.sql": "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON a (c);\n",
    "R-v.sql": "CREATE OR REPLACE VIEW v AS SELECT b FROM a;\n",
}
SNAPSHOT = Path("migrations/schema.json")
Snapshot = Callable[..., Told]


@pytest.fixture
def snapshot(pgproof: Pgproof, database: Conninfo, server: ScratchServer) -> Snapshot:
    """`pgproof snapshot` of the files, run by the role that the tests are, on a server like the tests' own."""
    write(Path("migrations"), FILES)
    with closing(connect(database)) as conn:
        row = conn.execute("SELECT current_user").fetchone()
    assert row

    def told(*words: str, role: str = row[0]) -> Told:
        return pgproof("snapshot", "--role", role, "--postgres", str(server.version.major), *words)

    return told


def second(told: Told) -> str:
    """The line that says what the database was compared with."""
    return told.out.splitlines()[1]


def test_it_is_written_once(snapshot: Snapshot) -> None:
    told = snapshot()
    assert (told.code, told.out, told.err) == (0, "migrations/schema.json written\n", "")
    text = SNAPSHOT.read_text()
    assert snapshot().out == "migrations/schema.json is up to date\n"
    assert SNAPSHOT.read_text() == text
    assert snapshot("--file", "-").out == re.sub(r"\b\d+(\.\d+)? m?s\b", "T", text)
    assert snapshot("--check").out == "migrations/schema.json is what the files build\n"
    names = [tuple(name) for catalog, name, *_ in json.loads(text)["facts"] if catalog == "pg_class"]
    assert names == [("public", name) for name in ("a", "a_pkey", "i", "v")]


def test_up_to_a_version(snapshot: Snapshot) -> None:
    facts = json.loads(snapshot("--to", "1", "--file", "-").out)["facts"]
    assert [name[1] for catalog, name, *_ in facts if catalog == "pg_class"] == ["a", "a_pkey"]
    told = snapshot("--to", "3")
    said = 'pgproof: error: no migration of version "3" in migrations\nHINT: did you mean '
    assert (told.code, told.err[: len(said)]) == (2, said)


def test_what_is_not_as_the_files_have_it(snapshot: Snapshot) -> None:
    assert snapshot().code == 0
    write(Path("migrations"), {"3-t.sql": "CREATE TABLE t (); ALTER TABLE a ALTER c SET NOT NULL;\n"})
    told = snapshot("--check")
    assert told.code == 1
    assert told.out.splitlines() == [
        "- table public.t is missing",
        "~ column public.a.c: not null is no, the files say yes",
        "note: the files, their order or the variables are others than those that it was written from",
        "migrations/schema.json is not what the files build: 2 differences",
        "HINT: write it anew: pgproof snapshot",
    ]


def test_files_that_build_the_same_are_others_all_the_same(snapshot: Snapshot) -> None:
    assert snapshot().code == 0
    write(Path("migrations"), {"1-a.sql": f"-- why\n{FILES['1-a.sql']}"})
    told = snapshot("--check")
    assert told.code == 1
    assert told.out.endswith(
        "migrations/schema.json is not what the files build\nHINT: write it anew: pgproof snapshot\n"
    )


def test_the_role_stays_until_another_is_named(snapshot: Snapshot, pgproof: Pgproof) -> None:
    if "as the user of its address" in snapshot(role="pgproof_somebody").err:
        pytest.skip("on a server of somebody else's, files are run as its user")
    assert json.loads(SNAPSHOT.read_text())["role"] == "pgproof_somebody"
    SNAPSHOT.write_text(SNAPSHOT.read_text().replace('"p"', '"u"'))
    assert pgproof("snapshot").out == "migrations/schema.json written\n"
    assert json.loads(SNAPSHOT.read_text())["role"] == "pgproof_somebody"
    assert pgproof("snapshot", "--check").code == 0


def test_another_file_is_not_overwritten(snapshot: Snapshot) -> None:
    Path("notes.txt").write_text("mine")
    told = snapshot("--file", "notes.txt")
    assert (told.code, Path("notes.txt").read_text()) == (2, "mine")
    assert "notes.txt is there, and no snapshot of pgproof\n" in told.err


def test_there_is_nothing_to_check(snapshot: Snapshot) -> None:
    told = snapshot("--check")
    assert told.code == 2
    assert told.err.startswith(
        "pgproof: error: there is no migrations/schema.json\nHINT: write it: pgproof snapshot"
    )


def test_a_full_one_is_a_side_of_diff(snapshot: Snapshot, pgproof: Pgproof) -> None:
    assert snapshot("--file", "brief.json").code == 0
    told = pgproof("diff", "brief.json", "migrations")
    assert told.code == 2
    assert told.err == (
        "pgproof: error: brief.json does not say all that diff has to know\n"
        "DETAIL: It has neither the definitions of objects nor what they depend on.\n"
        "HINT: write them down too: pgproof snapshot --full --file brief.json\n"
    )
    assert snapshot("--full").code == 0
    assert snapshot("--check").code == 0
    text = SNAPSHOT.read_text()
    assert snapshot().out == "migrations/schema.json is up to date\n"
    assert pgproof("diff", "migrations/schema.json", "migrations").code == 0
    write(Path("migrations"), {"3-a.sql": "ALTER TABLE a ADD d int;\nCREATE INDEX more ON a (d);\n"})
    there = pgproof("diff", "migrations/schema.json", "migrations", "--prove")
    assert "ALTER TABLE public.a ADD COLUMN d integer;" in there.out
    assert (there.code, "they lead there" in there.err, "not all that the source is" in there.err) == (
        1,
        True,
        False,
    )
    back = pgproof("diff", "migrations", "migrations/schema.json", "--allow", "data-loss")
    assert "ALTER TABLE public.a DROP COLUMN d;" in back.out
    Path("migrations/3-a.sql").unlink()
    assert pgproof("upgrade").code == 0
    assert second(pgproof("drift")).endswith("compared with what migrations/schema.json says that the files build")
    assert snapshot("--no-full").code == 0
    assert len(SNAPSHOT.read_text()) < len(text)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "migrations/schema.json:1:1: error: cannot read the file: Is a directory\n"),
        (b"\xff\xfe{}", "migrations/schema.json:1:1: error: the file is not in UTF-8 but in UTF-16"),
        (b'{"a": "\xe4"}', "error: the file is not in UTF-8 (byte 0xe4)"),
        (b"", "migrations/schema.json:1:1: error: schema.json ends in the middle\n"),
        (b'{"format": "pgproof.schema/2"}', "schema.json is of the format pgproof.schema/2\n"),
    ],
)
def test_one_that_cannot_be_read(snapshot: Snapshot, pgproof: Pgproof, content: bytes | None, said: str) -> None:
    if content is None:
        SNAPSHOT.mkdir()
    else:
        SNAPSHOT.write_bytes(content)
    for told in (snapshot("--check"), pgproof("diff", "migrations/schema.json", "migrations")):
        assert (told.code, told.out) == (2, "")
        assert said in told.err
        assert "HINT: " in told.err
    assert pgproof("upgrade").code == 0
    assert pgproof("drift").code == 0


def test_a_large_one_that_was_changed_in_its_middle(snapshot: Snapshot, pgproof: Pgproof) -> None:
    tables = "".join(
        f"CREATE TABLE t{n} (id int PRIMARY KEY, name text CHECK (name <> ''));\n" for n in range(200)
    )
    write(Path("migrations"), {"3-t.sql": tables})
    assert snapshot().code == 0
    text = SNAPSHOT.read_text()
    line = next(number for number, line in enumerate(text.split("\n"), 1) if '["public", "t100", "name"]' in line)
    at = text.index('"text"', text.index('["public", "t100", "name"]'))
    column = at - text.rindex("\n", 0, at)
    place = f"migrations/schema.json:{line}"
    for changed, said in {
        f'{text[:at]}"int4"{text[at + 6 :]}': f"{place}:{column + 1}: error: schema.json was changed since ",
        f'{text[:at]}"te\n{text[at + 6 :]}': f"{place}:{column + 3}: error: schema.json is not JSON: ",
        text[:at]: f"{place}:{column - 1}: error: schema.json ends in the middle\n",
        f"{text[:at]}{text[at:].partition(chr(10))[2]}": "error: schema.json is not JSON: ",
        text.replace('"digest": "', '"digest": "0'): "schema.json:8:1: error: schema.json was changed",
    }.items():
        SNAPSHOT.write_text(changed)
        told = snapshot("--check")
        assert (told.code, said in told.err) == (2, True), told.err
    SNAPSHOT.write_text(text)
    assert snapshot("--check").code == 0
    assert pgproof("upgrade").code == 0
    assert second(pgproof("drift")).endswith("migrations/schema.json says that the files build")


def test_what_the_server_refuses(snapshot: Snapshot) -> None:
    write(Path("migrations"), {"3-t.sql": "ALTER TABLE nobody ADD c int;\n"})
    told = snapshot()
    assert told.code == 3
    assert (
        '3-t.sql:1:1: error: cannot build what the files say on an empty database: relation "nobody" ' in told.err
    )
    assert not SNAPSHOT.exists()


def test_nothing_else_looks_at_it(snapshot: Snapshot, pgproof: Pgproof) -> None:
    assert pgproof("sum").code == 0
    assert pgproof("upgrade").code == 0
    before = pgproof("status").out
    SNAPSHOT.write_text("no JSON")
    assert pgproof("status").out == before
    assert pgproof("sum", "--check").code == 0
    assert "nothing to do" in pgproof("upgrade").out
    assert pgproof("snapshot", "--file", "other.json").code == 0


def test_drift_believes_it(snapshot: Snapshot, pgproof: Pgproof, database: Conninfo) -> None:
    snapshot()
    assert pgproof("upgrade").code == 0
    told = pgproof("drift")
    assert told.code == 0
    assert second(told) == "at R-v, compared with what migrations/schema.json says that the files build"
    assert json.loads(pgproof("drift", "--format", "json").out)["origin"] == "snapshot"
    with closing(connect(database)) as conn:
        conn.execute("ALTER TABLE a ADD d int")
    told = pgproof("drift")
    assert (told.code, told.out.splitlines()[2]) == (
        1,
        "+ column public.a.d is there, and no file makes it [DRF102]",
    )
    full = pgproof("drift", "--full")
    assert (full.code, full.out.splitlines()[2:]) == (1, told.out.splitlines()[2:])
    assert "what the files build on PostgreSQL " in second(full)


def test_drift_does_not_believe_one_of_other_files(snapshot: Snapshot, pgproof: Pgproof) -> None:
    snapshot("--to", "1")
    assert pgproof("upgrade").code == 0
    assert "what the files build on PostgreSQL " in second(pgproof("drift"))


def test_drift_does_not_believe_one_of_another_role(snapshot: Snapshot, pgproof: Pgproof) -> None:
    if "as the user of its address" in snapshot(role="pgproof_somebody").err:
        pytest.skip("on a server of somebody else's, files are run as its user")
    assert pgproof("upgrade").code == 0
    told = pgproof("drift")
    assert (told.code, "what the files build on PostgreSQL " in second(told)) == (0, True)


@pytest.mark.parametrize("asks", ["pg_roles", "PG_AUTHID", "pg_has_role", "current_user", "regrole"])
def test_drift_does_not_believe_one_of_files_that_ask_for_roles(
    snapshot: Snapshot, pgproof: Pgproof, asks: str
) -> None:
    write(Path("migrations"), {"3-r.sql": f"DO $$ BEGIN PERFORM 1; -- {asks}\nEND $$;\n"})
    snapshot()
    assert json.loads(SNAPSHOT.read_text())["depends"] == ["roles"]
    assert pgproof("upgrade").code == 0
    assert "what the files build on PostgreSQL " in second(pgproof("drift"))


def test_drift_says_that_it_does_not_believe_one_that_was_changed(snapshot: Snapshot, pgproof: Pgproof) -> None:
    snapshot()
    assert pgproof("upgrade").code == 0
    SNAPSHOT.write_text(SNAPSHOT.read_text().replace('"p"', '"u"', 1))
    told = pgproof("drift")
    assert told.code == 0
    assert (
        "note: migrations/schema.json:8:1: schema.json was changed since pgproof wrote it; it is not used"
        in told.out
    )


def test_drift_remembers_what_was_built(pgproof: Pgproof, database: Conninfo, server: ScratchServer) -> None:
    if not server.is_own_cluster:
        pytest.skip("of a server of somebody else's nothing is remembered")
    write(Path("migrations"), FILES)
    assert pgproof("upgrade").code == 0
    first = pgproof("drift")
    with closing(connect(database)) as conn:
        conn.execute("ALTER TABLE a ALTER c SET NOT NULL")
        again = pgproof("drift")
        built = second(first).replace("build on", "built on")
        how = built.replace("compared", "compared, where its catalog has newer rows,")
        assert second(again) == f"{how}, as remembered"
        assert again.found.splitlines()[2:] == [
            "~ column public.a.c: not null is yes, the files say no [DRF103]",
            "1 difference",
        ]
        assert pgproof("drift").out == again.out
        conn.execute("ALTER TABLE a ALTER c DROP NOT NULL")
    assert pgproof("drift").code == 0
    assert "what the files build on PostgreSQL " in second(pgproof("drift", "--full"))
    write(Path("migrations"), {"3-t.sql": "CREATE TABLE t ();\n"})
    assert "unchanged" in second(pgproof("drift"))  # what is pending is not built
    assert pgproof("upgrade").code == 0
    assert "at R-v, compared with what the files build on " in second(pgproof("drift"))
    write(Path("migrations"), {"1-a.sql": FILES["1-a.sql"].replace("c text", "c varchar")})
    told = pgproof("drift")
    assert "~ column public.a.c: type is text, the files say character varying [DRF103]\n" in told.out
    assert pgproof("drift").out.splitlines()[2:] == told.out.splitlines()[2:]


def test_drift_sees_that_nothing_has_changed(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("migrations"), FILES)
    assert pgproof("upgrade").code == 0
    first, again = pgproof("drift"), pgproof("drift")
    assert second(again) == second(first).replace("R-v, ", "R-v, unchanged since it was ")
    assert (again.code, again.out.splitlines()[2:]) == (0, first.out.splitlines()[2:])
    assert json.loads(pgproof("drift", "--format", "json").out)["unchanged"] is True
    assert "unchanged" not in second(pgproof("drift", "--full"))
    assert "unchanged" not in second(pgproof("drift", "--positions"))
    with closing(connect(database)) as conn:
        conn.execute("CREATE TEMPORARY TABLE mine ()")
        told = pgproof("drift")
        assert (told.code, "unchanged" in second(told)) == (0, False)
        conn.execute("DROP TABLE mine; COMMENT ON COLUMN a.b IS 'it'")
        assert pgproof("drift").code == pgproof("drift").code == 1
        conn.execute("COMMENT ON COLUMN a.b IS NULL")
        assert pgproof("drift").code == 0
        assert "unchanged" in second(pgproof("drift"))


def test_what_a_program_builds_is_not_remembered(pgproof: Pgproof) -> None:
    program = (
        "import os\ndef upgrade(conn):\n    conn.execute('CREATE TABLE ' + os.environ.get('NAME', 't') + ' ()')\n"
    )
    write(Path("migrations"), {"1-a.py": program})
    assert pgproof("upgrade").code == 0
    for _ in range(2):
        told = pgproof("drift")
        assert (told.code, told.err) == (0, "")
        assert "at 1-a, compared with what the files build on PostgreSQL " in second(told)


def test_drift_does_not_read_files_that_look_as_they_did(
    pgproof: Pgproof, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(Path("migrations"), {name: text for name, text in FILES.items() if name != "R-v.sql"})
    assert pgproof("upgrade").code == 0
    first = pgproof("drift")
    for path in Path(".cache/pgproof/status/folders").iterdir():  # believed two seconds after the last change
        stat = path.stat()
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 10**10))
    with monkeypatch.context() as patch:
        patch.setattr(library, "load", None)
        again = pgproof("drift")
        assert (again.code, again.err) == (0, "")
    assert second(again) == second(first).replace("2-i, ", "2-i, unchanged since it was ")
    write(Path("migrations"), {"1-a.sql": FILES["1-a.sql"].replace("c text", "c varchar")})
    told = pgproof("drift")
    assert told.code == 1
    assert "1-a.sql edited" in told.out
