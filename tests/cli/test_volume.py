"""`--quiet`, `--verbose`, and what a terminal shows while a command is at work."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest

from pgproof.cli.root import COMMANDS, root
from pgproof.database.conninfo import Conninfo
from tests.cli.terminal import screen, terminal
from tests.cli.told import Pgproof
from tests.migrate.case import write

pytestmark = pytest.mark.ends

TABLE = "-- migrate:up\nCREATE TABLE a (b int PRIMARY KEY);\n-- migrate:down\nDROP TABLE a;\n"
STAGES = {
    "verify --rows 0": ["getting ready", "starting a server", "verifying on PostgreSQL N"],
    "check": [
        "getting ready",
        "reading the files",
        "starting a server",
        "building on PostgreSQL N",
        "breaking constraints",
        "asking the planner",
        "planning at production size",
        "judging",
    ],
    "drift --full": [
        "getting ready",
        "reading the database",
        "starting a server",
        "building on PostgreSQL N",
        "reading what was built",
        "comparing",
    ],
    "snapshot": ["getting ready", "starting a server", "building on PostgreSQL N", "reading what was built"],
}
SLOW = "-- migrate:up\nSELECT pg_sleep(1.5);\n-- migrate:down\nSELECT 1;\n"
LATE = "-- migrate:up\nSELECT pg_sleep(0.4);\n-- migrate:down\nSELECT 1;\n"


def every_command() -> list[click.Command]:
    found = []
    for name in COMMANDS:
        command = root.get_command(click.Context(root), name)
        assert command is not None
        found += [command, *(command.commands.values() if isinstance(command, click.Group) else ())]
    return found


def test_every_command_has_the_same_two_options() -> None:
    said = {
        option: {
            (parameter.help, tuple(parameter.opts))
            for command in every_command()
            for parameter in command.params
            if isinstance(parameter, click.Option) and option in parameter.opts
        }
        for option in ("--quiet", "--verbose")
    }
    assert {option: len(found) for option, found in said.items()} == {"--quiet": 1, "--verbose": 1}
    assert all({"-q", "-v"} <= {each for p in command.params for each in p.opts} for command in every_command())


def test_quiet_where_nothing_is_wrong(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1-a.sql": TABLE})
    assert pgproof("status").code == 1
    told = pgproof("status", "--quiet")
    assert (told.code, told.out, told.err) == (1, pgproof("status").out, "")
    for words in (["upgrade"], ["status"], ["drift"], ["verify"], ["history"], ["redo"]):
        told = pgproof(*words, "-q")
        assert (words, told.code, told.out, told.err) == (words, 0, "", "")
    told = pgproof("status", "--quiet", "--format", "json", "--output", "text:a.txt")
    assert (told.code, json.loads(told.out)["pending"]) == (0, 0)
    assert Path("a.txt").read_text().endswith("1 applied\n")
    assert pgproof("plan", "--sql", "--quiet").out == pgproof("plan", "--sql").out != ""
    write(Path("migrations"), {"2-b.sql": "SELECT 1;\nSELECT 1/0;\n"})
    told = pgproof("upgrade", "--quiet")
    assert told.code == 3
    assert "  2-b  failed\n" in told.out
    assert "division by zero" in told.err


def test_a_command_of_a_command_is_quiet_as_well(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1-a.sql": TABLE})
    assert pgproof("upgrade").code == 0
    write(Path("migrations"), {"1-a.sql": TABLE.replace("CREATE", "-- a table\nCREATE")})
    told = pgproof("history", "accept", "1", "--quiet")
    assert (told.code, told.out, told.err) == (0, "", "")


def test_verbose_says_how_long_each_stage_took(pgproof: Pgproof) -> None:
    write(Path("migrations"), {"1-a.sql": TABLE})
    write(Path("checks"), {"q.sql": "-- name: all_of_a\nSELECT b FROM a;\n"})
    for words in ("upgrade", "status", "verify --rows 0", "history", "check", "drift --full", "snapshot"):
        usual, told = pgproof(*words.split()), pgproof(*words.split(), "--verbose")
        assert (told.code, usual.err) == (0, "")
        *stages, last = re.sub(r"\d+(\.\d+)? (ms|s)\b|(?<=PostgreSQL )\d+", "N", told.err).splitlines()
        assert (last, [each.strip().removesuffix(": N") for each in stages]) == ("took N", STAGES.get(words, []))
    told = pgproof("status", "--verbose", "--quiet")
    assert (told.code, "either --quiet or --verbose" in told.err) == (2, True)


@pytest.fixture
def here(database: Conninfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database.secret)


@pytest.mark.usefixtures("here")
def test_a_terminal_shows_that_it_is_at_work() -> None:
    write(Path("migrations"), {"1-a.sql": LATE, "2-b.sql": LATE})
    with terminal("verify", "--rows", "0") as opened:
        opened.until("pgproof verify: ")
        assert opened.end() == 0
    shown = screen(opened.written)
    assert [line.partition("  ")[0] for line in shown if "pgproof verify" in line] == []
    assert shown[0].startswith("on PostgreSQL ")
    assert shown[-2] == "  2 migrations: 2 reversible"
    assert re.fullmatch(r"took \d.*", shown[-1])


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("words", "stage"),
    [("verify --rows 0", "verifying"), ("check", "building"), ("drift", "building"), ("snapshot", "building")],
)
def test_a_terminal_shows_what_is_done_now(pgproof: Pgproof, words: str, stage: str) -> None:
    write(Path("migrations"), {"1-late.sql": SLOW})
    if words == "drift":
        assert pgproof("upgrade").code == 0
    with terminal(*words.split()) as opened:
        opened.until(f"pgproof {words.split()[0]}: {stage} on PostgreSQL ")
        opened.until(": 1-late")
        assert opened.end() == 0
    assert not any("1-late" in line and stage in line for line in screen(opened.written))


@pytest.mark.usefixtures("here")
def test_what_is_done_now_has_the_room_of_a_line() -> None:
    name = "1-" + "long" * 40
    write(Path("migrations"), {f"{name}.sql": SLOW})
    with terminal("check") as opened:
        opened.until("pgproof check: building on PostgreSQL ")
        assert opened.end() == 0
    pictures = re.split(r"\r\x1b\[2K", opened.written)
    shown = [line for line in pictures if line.startswith("pgproof check: building")]
    assert shown and all(len(line) == 79 and "..." in line for line in shown)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("words", [["--quiet"], ["--format", "json"]])
def test_what_is_asked_for_is_whole_on_a_terminal(words: list[str]) -> None:
    write(Path("migrations"), {"1-a.sql": LATE, "2-b.sql": LATE})
    with terminal("verify", "--rows", "0", *words) as opened:
        assert opened.end() == 0
    shown = "\n".join(screen(opened.written))
    if words == ["--quiet"]:
        assert opened.written == ""
    else:
        assert json.loads(shown.rpartition("took ")[0])["servers"]


@pytest.mark.usefixtures("here")
def test_a_dumb_terminal_shows_nothing_of_it() -> None:
    write(Path("migrations"), {"1-a.sql": LATE, "2-b.sql": LATE})
    with terminal("verify", "--rows", "0", TERM="dumb") as opened:
        assert opened.end() == 0
    assert "\x1b" not in opened.written
    assert "pgproof verify" not in opened.written


@pytest.mark.usefixtures("here")
def test_ctrl_c_leaves_no_line() -> None:
    write(Path("migrations"), {"1-a.sql": "SELECT pg_sleep(600);\n"})  # it is not waited for
    with terminal("verify", "--rows", "0") as opened:
        opened.until("pgproof verify: ")
        opened.type("\x03")
        assert opened.end() == 130
    shown = screen(opened.written.replace("^C", ""))
    assert "interrupted" in shown[-1]
    assert not any("pgproof verify" in line for line in shown)
