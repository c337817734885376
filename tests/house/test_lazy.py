"""What costs time is loaded by the commands that need it, and by nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest

from pgproof.cli.root import COMMANDS, root

HEAVY = ("jinja2", "postgast", "psycopg", "rich", "sqlglot", "testcontainers")
RUN = """
import sys
sys.argv = ["pgproof", *sys.argv[1:]]
from pgproof.cli import main
try:
    main()
except SystemExit as exit:
    assert not exit.code, exit.code
"""
REPORT = """
import sys
print("loaded:", *sorted(name for name in sys.modules if "." not in name))
"""


def loaded(program: str, *arguments: str) -> tuple[str, set[str]]:
    """What a fresh interpreter prints, and the packages that it has loaded at the end."""
    command = [sys.executable, "-c", program + REPORT, *arguments]
    result = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"NO_COLOR": "1"}
    )
    assert result.returncode == 0, result.stderr
    output, _, names = result.stdout.rpartition("loaded:")
    return output, set(names.split())


@pytest.mark.parametrize("option", ["--version", "--help", "-h"])
def test_the_first_words_of_the_command_load_nothing_heavy(option: str) -> None:
    output, names = loaded(RUN, option)
    assert "pgproof" in output
    assert "click" in names
    assert names & set(HEAVY) == set()


def test_the_command_alone_loads_nothing_heavy() -> None:
    output, names = loaded(RUN)
    assert "next:" in output
    assert names & set(HEAVY) == set()


def test_what_commands_take_is_known_without_anything_heavy() -> None:
    """Their help and their completion need no more."""
    program = "import click\nfrom pgproof.cli.root import COMMANDS, root\n"
    _, names = loaded(program + "print([root.get_command(click.Context(root), name).params for name in COMMANDS])")
    assert names & set(HEAVY) == set()


def test_importing_the_package_loads_nothing_heavy() -> None:
    _, names = loaded("import pgproof, pgproof.place, pgproof.finding, pgproof.errors")
    assert "pgproof" in names
    assert names & {*HEAVY, "click"} == set()


def test_the_library_loads_a_driver_where_it_connects(tmp_path: Path) -> None:
    """And not where it only has to do with files."""
    program = "import sys, pgproof\nhere = pgproof.init(sys.argv[1]), pgproof.project(sys.argv[1])\n"
    _, names = loaded(program + "pgproof.new('more', here[1])", str(tmp_path))
    assert (tmp_path / "migrations" / "02-more.sql").is_file()
    assert names & {*HEAVY, "click"} == set()


@pytest.mark.parametrize("package", HEAVY)
def test_the_test_sees_what_is_loaded(package: str) -> None:
    if package == "testcontainers":
        pytest.importorskip(package, reason="testcontainers is in the extra containers")
    _, names = loaded(f"import {package}")
    assert package in names


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_of_itself_what_the_list_says(name: str) -> None:
    command = root.get_command(click.Context(root), name)
    assert command is not None
    assert command.name == name
    assert command.get_short_help_str(limit=200) == COMMANDS[name]


def test_the_command_is_installed_as_this_function() -> None:
    (script,) = entry_points(group="console_scripts", name="pgproof")
    assert script.value == "pgproof.cli:main"
