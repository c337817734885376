"""Completion in the shells themselves: what is typed, and what they make of it when TAB is pressed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal, program
from tests.cli.told import Pgproof
from tests.house.test_lazy import HEAVY, RUN, loaded
from tests.migrate.case import write

HERE = Path(sys.executable).parent
READY = "ready."
CASES = (
    # typed, and what stands there behind the TAB
    ("pgproof expl", "pgproof explain "),
    ("pgproof check --str", "pgproof check --strict "),
    ("pgproof upgrade --to 0", "pgproof upgrade --to 07 "),
    ("pgproof upgrade --migrations other --to 4", "pgproof upgrade --migrations other --to 42 "),
    ("pgproof sum --migrations oth", "pgproof sum --migrations other"),
    ("pgproof explain jobs_of_u", "pgproof explain jobs_of_user "),
    ("pgproof check --format sar", "pgproof check --format sarif "),
    ("pgproof history acc", "pgproof history accept "),
)
FEW = 5
"""So many of them where each is typed into a terminal."""


@pytest.fixture
def project(pgproof: Pgproof, tmp_path: Path) -> Path:
    """Two folders of migrations, and a promise."""
    write(tmp_path / "migrations", {"07-jobs.sql": "CREATE TABLE jobs ();\n"})
    write(tmp_path / "other", {"V5__a.sql": "CREATE TABLE a ();\n", "V42__b.sql": "CREATE TABLE b ();\n"})
    write(tmp_path / "checks", {"jobs.sql": "-- name: jobs_of_user :many\nSELECT 1;\n"})
    return tmp_path


def shell(name: str) -> str:
    """The program of that name."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def environment(project: Path, **more: str) -> dict[str, str]:
    """One in which `pgproof` is this one, and the shell reads no files of the person's."""
    return {
        "PATH": f"{HERE}:{os.environ['PATH']}",
        "HOME": str(project),
        "XDG_CONFIG_HOME": str(project),
        "XDG_DATA_HOME": str(project),
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        **more,
    }


def completed(terminal: Terminal, typed: str, wanted: str) -> None:
    """Type it and a TAB; what is wanted has to stand in the line, which is given up then."""
    before = len(terminal.written)
    terminal.type(typed)
    terminal.until(typed, before)
    terminal.type("\t")
    terminal.until(wanted, before)
    terminal.type("\x15echo nex''t\n")  # the line goes, and another one comes
    terminal.until(READY, terminal.until("next", before))


def test_bash(project: Path) -> None:
    given = environment(project, PS1=READY, INPUTRC="/dev/null", TERM="dumb", COLUMNS="200")
    with program(shell("bash"), "--norc", "--noprofile", "-i", **given) as terminal:
        terminal.until(READY)
        at = len(terminal.written)
        terminal.type("bind 'set enable-bracketed-paste off'; eval \"$(pgproof completion bash)\"; echo do''ne\n")
        terminal.until(READY, terminal.until("done", at))
        for typed, wanted in CASES[:FEW]:
            completed(terminal, typed, wanted)


def test_zsh(project: Path) -> None:
    given = environment(project, PS1=READY, TERM="dumb", COLUMNS="200")
    with program(shell("zsh"), "-f", "-i", **given) as terminal:
        terminal.until(READY)
        at = len(terminal.written)
        setup = 'autoload -Uz compinit; compinit -u -D; eval "$(pgproof completion zsh)"; PS1=' + READY
        terminal.type(f"unsetopt prompt_cr prompt_sp; {setup}; echo do''ne\n")
        terminal.until(READY, terminal.until("done", at))
        for typed, wanted in CASES[:FEW]:
            completed(terminal, typed, wanted)


def test_fish(project: Path) -> None:
    """It says itself what it would complete."""
    fish = shell("fish")
    ask = "; ".join(
        ["pgproof completion fish | source", *(f"complete -C {typed!r}; echo ==" for typed, _ in CASES)]
    )
    ran = subprocess.run(
        [fish, "--no-config", "-c", ask],
        cwd=project,
        env={**os.environ, **environment(project)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    answers = ran.stdout.split("==\n")[:-1]
    assert len(answers) == len(CASES)
    for answer, (typed, wanted) in zip(answers, CASES, strict=True):
        words = [line.partition("\t")[0] for line in answer.splitlines()]
        assert [word.rstrip("/") for word in words] == [wanted.split()[-1]], typed
    assert "Tell in words how PostgreSQL answers a query" in answers[0]


@pytest.mark.parametrize("line", ["", "check --", "upgrade --to ", "explain ", "nonsense --", "stats "])
def test_it_loads_nothing_heavy(project: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    words = ["pgproof", *line.split()]
    monkeypatch.setenv("_PGPROOF_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", f"pgproof {line}")
    monkeypatch.setenv("COMP_CWORD", str(len(words) - (not line.endswith(" ") and line != "")))
    output, names = loaded(RUN)
    assert output.startswith("plain,"), output
    assert names & set(HEAVY) == set()


def test_settings_that_are_wrong_offer_nothing_and_say_nothing(project: Path, pgproof: Pgproof) -> None:
    write(project, {"pgproof.toml": "migratons = 1\n"})
    given = {**os.environ, **environment(project), "_PGPROOF_COMPLETE": "bash_complete"}
    asked = {"COMP_WORDS": "pgproof upgrade --to ", "COMP_CWORD": "3"}
    ran = subprocess.run(["pgproof"], env={**given, **asked}, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.strip(), ran.stderr) == (0, "", "")
    assert pgproof("completion", "tcsh").code == 2
