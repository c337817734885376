"""What to type next has the options that were given: what is named can be typed as it stands."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import click
import pytest
from psycopg.conninfo import make_conninfo

from pgproof.cli.again import Command
from pgproof.cli.root import COMMANDS, root
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.cli.told import Pgproof
from tests.migrate.case import write

pytestmark = pytest.mark.usefixtures("same_server")

UP_AND_DOWN = "-- migrate:up\nCREATE TABLE {0} ();\n-- migrate:down\nDROP TABLE {0};\n"


def following(error: str) -> str:
    """The last NEXT line."""
    return next(line for line in reversed(error.splitlines()) if line.startswith("NEXT: "))


def test_the_next_command_is_right_as_it_stands(pgproof: Pgproof, database: Conninfo) -> None:
    write(Path("my files"), {"1-a.sql": "CREATE SCHEMA s;", "2-b.sql": "CREATE TABLE t (a nonsense);"})
    options = ["--migrations", "my files", "--schema", "public", "--role", dict(database.parameters)["user"]]
    told = pgproof("upgrade", *options, "--lock-timeout", "2s", "--lock-wait", "5", "--to", "2")
    assert told.code == 3
    mend, _, command = following(told.err).partition(" and run: ")
    assert mend == "NEXT: mend my files/2-b.sql"
    write(Path("my files"), {"2-b.sql": "CREATE TABLE t ();"})
    program, *words = shlex.split(command)
    assert (program, words[0]) == ("pgproof", "upgrade")
    pairs = [*zip(options[::2], options[1::2], strict=True), ("--lock-timeout", "2s"), ("--lock-wait", "5")]
    assert set(zip(words[1::2], words[2::2], strict=True)) == {*pairs, ("--to", "2")}
    told = pgproof(*words)
    assert (told.code, told.out.splitlines()[-1]) == (0, "1 migration applied in T; the database is at 2-b")


def test_what_was_not_typed_is_not_named(pgproof: Pgproof) -> None:
    """The database is DATABASE_URL's, the folder is the settings'."""
    write(Path("db"), {"1-a.sql": "CREATE TABLE t (a nonsense);"})
    write(Path(), {"pyproject.toml": '[tool.pgproof]\nmigrations = "db"\n'})
    assert following(pgproof("upgrade").err) == "NEXT: mend db/1-a.sql and run: pgproof upgrade"


def test_only_as_many_steps_as_were_asked_for(pgproof: Pgproof) -> None:
    write(Path("migrations"), {f"{each}-t.sql": f"CREATE TABLE t{each} ();" for each in (1, 3, 4)})
    write(Path("migrations"), {"2-t.sql": "CREATE TABLE t2 (a nonsense);"})
    told = pgproof("upgrade", "--steps", "3")
    assert following(told.err) == "NEXT: mend migrations/2-t.sql and run: pgproof upgrade --to 3"


def test_status_names_the_upgrade_of_the_same_files(pgproof: Pgproof) -> None:
    write(Path("m"), {"1-a.sql": "CREATE TABLE t ();"})
    told = pgproof("status", "--migrations", "m", "--schema", "public")
    assert told.out.splitlines()[-1] == "1 pending; next: pgproof upgrade --migrations m --schema public"
    write(Path("m"), {"1-a.sql": UP_AND_DOWN.format("t"), "2-b.sql": UP_AND_DOWN.format("u")})
    pgproof("upgrade", "--migrations", "m")
    for words in (["upgrade"], ["upgrade", "--dry-run"], ["plan"]):
        told = pgproof(*words, "--migrations", "m", "--to", "1")
        assert told.out.splitlines()[1].endswith("at 2-b; to go back: pgproof downgrade --migrations m --to 1")


@pytest.mark.parametrize("address", ["postgresql://ann:s3cret@nowhere/shop", "host=nowhere password=s3cret"])
def test_no_password_is_typed_again(pgproof: Pgproof, address: str) -> None:
    write(Path("m"), {"1-a.sql": "CREATE TABEL t ();"})
    told = pgproof("diff", address, "m")
    assert following(told.err).startswith("NEXT: mend m/1-a.sql and run: pgproof diff ")
    assert "nowhere" in following(told.err)
    assert "s3cret" not in told.err


def test_drift_names_the_three_ways_out(pgproof: Pgproof, database: Conninfo) -> None:
    """Each can be typed as it stands, but for what only the person knows."""
    write(Path("m"), {"1-a.sql": "CREATE TABLE t (a int);"})
    pgproof("upgrade", "--migrations", "m")
    given = ["--migrations", "m", "--database", database.secret]
    with closing(connect(database)) as conn:
        conn.execute('ALTER TABLE t ADD COLUMN "B\'s" int')
        told = pgproof("drift", *given, "--positions")
        head, repair, adopt, accept = told.out.partition("1 difference\n")[2].splitlines()
        assert (told.code, head) == (1, "next, one of:")
        for line in (repair, adopt, accept):
            program, name, *words = shlex.split(line, comments=True)
            assert (program, name) == ("pgproof", "drift")
            assert {*given[:3], "--positions"} <= {*words}
        assert "ALTER TABLE public.t DROP COLUMN" in pgproof(*shlex.split(repair, comments=True)[1:]).out
        wrong = pgproof(*shlex.split(accept, comments=True)[1:])
        assert "'YYYY-MM-DD' does not match the format" in wrong.err
        kept = accept.replace("TEXT", "so").replace("YYYY-MM-DD", "9999-12-31")
        assert pgproof(*shlex.split(kept, comments=True)[1:]).code == 0
        accepted = pgproof("drift", *given)
        assert (accepted.code, accepted.out.splitlines()[-1]) == (0, "1 difference, all accepted")
        shutil.rmtree("checks")
        write(Path("m"), {"2-b.sql": "CREATE TABLE u ();"})
        assert "official, when what is pending is applied\n" in pgproof("drift", *given).out
        Path("m/2-b.sql").unlink()
        assert pgproof(*shlex.split(adopt.replace("NAME", "by-hand"), comments=True)[1:]).code == 1
        write(Path("m"), {"1-a.sql": "CREATE TABLE t (a int, b int);"})
        Path("m/2-by-hand.sql").unlink()
        told = pgproof("drift", *given)
        named = [
            shlex.split(line, comments=True)[1] for line in told.out.partition("next, one of:\n")[2].splitlines()
        ]
        assert named == ["upgrade", "drift", "drift"]  # nothing is added to a history that is not in order


UNSERVED = """-- name: never :many
-- uses: t_a
SELECT b FROM t WHERE b = 3;
"""


@pytest.mark.usefixtures("own_server")
def test_check_and_verify_say_how_to_go_on(pgproof: Pgproof) -> None:
    up = "-- migrate:up\nCREATE TABLE t (a int, b int); CREATE INDEX t_a ON t (a);\n"
    write(Path("m"), {"1-a.sql": f"{up}-- migrate:down\nDROP INDEX t_a;\n"})
    write(Path("c"), {"q.sql": UNSERVED})
    told = pgproof("check", "--migrations", "m", "--checks", "c", "--strict")
    explain, check = told.out.partition("\nnext, one of:\n")[2].splitlines()
    assert shlex.split(explain, comments=True) == "pgproof explain --migrations m --checks c never".split()
    words, _, accepted = check.partition("  # ")
    assert words.split() == "pgproof check --migrations m --checks c --strict".split()
    assert (told.code, accepted) == (1, "when it is mended, or accepted in checks/: -- accept: PLN101 never")
    assert pgproof(*shlex.split(explain, comments=True)[1:]).code == 0
    told = pgproof("verify", "--migrations", "m", "--rows", "0")
    last = told.out.splitlines()[-1]
    assert (told.code, last) == (1, "next: mend m/1-a.sql and run: pgproof verify --migrations m --rows 0")
    write(Path("m"), {"1-a.sql": f"{up}-- migrate:down\nDROP TABLE t;\n"})
    told = pgproof("verify", "--migrations", "m", "--rows", "0")
    assert (told.code, told.out.splitlines()[-1]) == (0, "  1 migration: 1 reversible")


@pytest.mark.usefixtures("same_server")
@pytest.mark.parametrize("words", ["check", "snapshot", "explain x"])
def test_a_statement_that_is_refused_is_mended(pgproof: Pgproof, words: str) -> None:
    write(Path("m"), {"1-a.sql": "CREATE TABLE t (a nonsense);"})
    write(Path("checks"), {"q.sql": "-- name: x\nSELECT 1;\n"})
    told = pgproof(*words.split(), "--migrations", "m")
    assert (told.code, following(told.err)) == (3, f"NEXT: mend m/1-a.sql and run: pgproof {words} --migrations m")


def test_a_hint_takes_what_its_command_knows(pgproof: Pgproof) -> None:
    """`history accept` knows no timeouts; options of scratch servers belong to the command that was typed."""
    write(Path("m"), {"1-a.sql": "CREATE TABLE t ();"})
    pgproof("upgrade", "--migrations", "m")
    write(Path("m"), {"1-a.sql": "CREATE TABLE t (); -- so\n"})
    told = pgproof("upgrade", "--migrations", "m", "--lock-timeout", "2s", "--postgres", "17")
    assert "pgproof history accept --migrations m 1\n" in told.err
    program, *words = shlex.split(told.err.partition("take the new one: ")[2].splitlines()[0])
    assert program == "pgproof"
    assert pgproof(*words).code == 0


def test_a_password_is_not_shown(pgproof: Pgproof, database: Conninfo) -> None:
    """The address is, since the next command would go to another database without it."""
    write(Path("migrations"), {"1-a.sql": "CREATE TABLE t (a nonsense);"})
    plain = make_conninfo("", **dict(database.parameters))
    told = pgproof("upgrade", "--database", f"{plain} password=hush")
    assert "hush" not in told.err
    words = shlex.split(following(told.err).partition(" and run: ")[2])
    assert words[:3] == ["pgproof", "upgrade", "--database"]
    assert Conninfo.parse(words[3]).parameters == tuple(
        (name, value) for name, value in database.parameters if name != "password"
    )
    told = pgproof("upgrade", "--var", "shop=a b", "--var", "db_password=hush")
    assert "hush" not in told.err
    assert following(told.err).endswith(": pgproof upgrade --var 'shop=a b' --var db_password=<value>")


def test_programs_are_told_the_same(pgproof: Pgproof) -> None:
    write(Path("m"), {"1-a.sql": "CREATE TABLE t (a nonsense);"})
    told = pgproof("upgrade", "--migrations", "m", "--format", "json")
    (problem,) = json.loads(told.out.splitlines()[-1])["problems"]
    assert problem["context"][-1] == "NEXT: mend m/1-a.sql and run: pgproof upgrade --migrations m"
    assert following(told.err) == problem["context"][-1]


@pytest.mark.parametrize(
    "words",
    [
        ["upgrade", "--migrations", "m", "--allow-late"],
        ["plan", "--migrations", "m", "--sql", "--to", "1"],
        ["downgrade", "--migrations", "m", "--to", "0"],
        ["status", "--migrations", "m"],
        ["sum", "--migrations", "m", "--check"],
        ["history", "accept", "1", "--migrations", "m"],
        ["check", "--migrations", "m"],
    ],
)
def test_an_error_of_syntax_is_mended_and_the_same_is_typed_again(pgproof: Pgproof, words: list[str]) -> None:
    write(Path("m"), {"1-a.sql": "SELECT 1;\nCREATE TABEL t ();\n", "2-b.sql": "SELECT 1;\nSELCT 1;\n"})
    told = pgproof(*words)
    assert told.code == 2
    assert "m/1-a.sql:2:8: error: syntax error" in told.err
    mend, _, command = following(told.err).partition(" and run: ")
    assert mend == "NEXT: mend these files"
    assert told.err.count("NEXT: ") == 1
    assert sorted(shlex.split(command)) == sorted(["pgproof", *words])


def test_a_mistake_in_the_words_themselves_names_no_file(pgproof: Pgproof) -> None:
    assert "NEXT" not in pgproof("upgrade", "--migrations", "nowhere").err
    assert "or begin: pgproof init\n" in pgproof("upgrade", "--migrations", "nowhere").err
    told = pgproof("upgrade", "--database", "postgresql://a:hush@[c/d")
    assert (told.code, "hush" in told.err, "NEXT" in told.err) == (2, False, False)


GROUPS = {"history": "accept", "stats": "export"}
HELP = [[name, *([GROUPS[name]] if name in GROUPS else [])] for name in COMMANDS]


@pytest.mark.parametrize("words", HELP, ids=" ".join)
def test_help_has_exit_codes_and_examples_that_can_be_typed(pgproof: Pgproof, words: list[str]) -> None:
    told = pgproof(*words, "--help")
    assert told.code == 0
    assert "Exit codes: 0 " in " ".join(told.out.split())
    examples = [line.strip() for line in told.out.partition("\nExamples:\n")[2].splitlines()]
    assert examples
    for example in examples:
        program, *typed = shlex.split(example.partition(" > ")[0])
        assert program == "pgproof"
        assert typed[: len(words)] == words
        command: click.Command | None = root
        context = click.Context(root)
        for word in words:
            assert isinstance(command, click.Group)
            command = command.get_command(context, word)
        assert isinstance(command, Command)
        command.make_context(" ".join(words), typed[len(words) :])  # raises where an option is not known


def test_the_first_help_begins_with_the_first_commands(pgproof: Pgproof) -> None:
    told = pgproof("--help")
    begin = told.out.partition("To begin with:\n")[2].partition("\n\n")[0].splitlines()
    words = [line.split()[:2] for line in begin if line.strip().startswith("pgproof")]
    assert words == [["pgproof", each] for each in ("init", "check", "upgrade", "status")]
    assert "pgproof init                  makes migrations/ and checks/, with an example in each" in told.out
    assert pgproof("init").code == 0
    assert any(Path("migrations").glob("*.sql"))
    assert any(Path("checks").glob("*.sql"))


def test_a_module_that_is_run_is_named_as_the_command(tmp_path: Path) -> None:
    write(tmp_path, {"1-a.sql": "CREATE TABLE t (;"})
    words = [sys.executable, "-m", "pgproof", "upgrade", "--migrations", ".", "--database", "dbname=none"]
    ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    expected = "NEXT: mend 1-a.sql and run: pgproof upgrade --database dbname=none --migrations ."
    assert following(ran.stderr) == expected
