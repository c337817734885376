"""The library: its examples are run, on real servers, and all of it is typed, documented and lazy."""

from __future__ import annotations

import doctest
import inspect
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import pgproof
from pgproof import api
from pgproof.cli.root import COMMANDS
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from tests.house.repository import TOP

PAGE = TOP / "toolkit" / "docs" / "reference" / "python.md"
USER = TOP / "tests" / "cases" / "api" / "user.py"
AT_SIZE = {"explain_query"}
"""What plans at production size, in a cluster of its own; the others take the server that there is."""
OFFERED = sorted({*pgproof.__all__} - {"__version__", *api.ERRORS, *api.TYPES})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the migrations and the checks of this repository."""
    for name in ("migrations", "checks"):
        shutil.copytree(TOP / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def examples(name: str) -> doctest.DocTest | None:
    """The example in the docstring of a name, if it has one."""
    thing = getattr(pgproof, name)
    (found,) = doctest.DocTestFinder(recurse=False).find(
        thing, name, globs={"pathlib": pathlib, "pgproof": pgproof, "psycopg": psycopg}
    )
    return found if found.examples else None


@pytest.mark.parametrize("name", [each for each in OFFERED if examples(each)])
def test_examples_do_what_they_say(
    name: str,
    home: Path,
    database: Conninfo,
    server: ScratchServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if name not in AT_SIZE:
        monkeypatch.setenv("PGPROOF_SCRATCH_URL", server.conninfo.secret)
    test = examples(name)
    assert test is not None
    if name.startswith("assert"):
        pgproof.upgrade(database)
    test.globs["database"] = database.secret
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    assert runner.run(test, out=told.append).failed == 0, "".join(told)
    assert capsys.readouterr().err == ""


def test_what_returns_something_of_its_own_has_an_example() -> None:
    without = {each for each in OFFERED if not examples(each)}
    classes = {"Migrated", "Page", "Rehearsal", "Remedy", "Verified", "Written"}
    assert without == {*classes, "assert_uses_index_async", "script"}


@pytest.mark.parametrize("name", OFFERED)
def test_all_of_it_is_documented_and_lives_where_it_is_said_to(name: str) -> None:
    thing = getattr(pgproof, name)
    assert inspect.getdoc(thing)
    assert thing.__module__ == next(f"pgproof.api.{home}" for home, names in api.HOMES.items() if name in names)


def test_nothing_is_offered_that_is_not_said() -> None:
    homes = {each for names in api.HOMES.values() for each in names}
    assert homes | {*api.ERRORS, *api.TYPES, "__version__"} == {*pgproof.__all__}
    assert {*pgproof.__all__} <= {*dir(pgproof)}
    rooms = {path.stem for path in (TOP / "toolkit" / "pgproof").iterdir()}
    assert not rooms & {*pgproof.__all__}, "a room that is imported takes the place of a function of its name"
    with pytest.raises(AttributeError):
        api.nothing  # noqa: B018


def test_errors_are_those_of_the_package(home: Path, database: Conninfo) -> None:
    with pytest.raises(pgproof.InputError, match="no such folder: nowhere"):
        pgproof.check("nowhere")
    with pytest.raises(pgproof.InputError, match="no such folder: nowhere"):
        pgproof.check("migrations", "nowhere")
    with pytest.raises(pgproof.PgproofError, match="has no history"):
        pgproof.find_drift(database)
    with pytest.raises(pgproof.InputError):
        pgproof.scratch(url="mysql://h/d")
    with pytest.raises(pgproof.InputError, match="jobs_of_agnt"):
        pgproof.explain_query("jobs_of_agnt")


@pytest.mark.slow
def test_types_reach_whoever_installs_it(tmp_path: Path) -> None:
    """mypy --strict finds nothing in a program that uses all of it, and what is wrong in one that misuses it."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    (site,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    (site / "pgproof.pth").write_text("".join(f"{each}\n" for each in (TOP / "toolkit", *_sites())))
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(USER.read_text(encoding="utf-8"))
    wrong.write_text(
        "import pgproof\nreveal_type(pgproof.check().summary.open)\npgproof.upgrade(1)\npgproof.verify(row=2)\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(tmp_path / "venv/bin/python")]
    done = subprocess.run(
        [*command, "right.py", "wrong.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    told = done.stdout.splitlines()
    assert [line for line in told if not line.startswith(("wrong.py", "Found "))] == [], done.stdout
    assert 'wrong.py:2: note: Revealed type is "int"' in done.stdout.replace("builtins.", "")
    assert 'wrong.py:3: error: Argument 1 to "upgrade" has incompatible type "int"' in done.stdout
    assert 'wrong.py:4: error: Unexpected keyword argument "row" for "verify"' in done.stdout


def _sites() -> Iterator[str]:
    yield from (each for each in sys.path if each.endswith("site-packages"))


def test_the_page_does_what_it_says(
    home: Path, database: Conninfo, server: ScratchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPROOF_SCRATCH_URL", server.conninfo.secret)
    written = PAGE.read_text(encoding="utf-8").partition("<!-- generated")[0]
    blocks = "\n".join(re.findall(r"^```python\n(.*?)^```$", written, re.DOTALL | re.MULTILINE))
    test = doctest.DocTestParser().get_doctest(blocks, {"database": database.secret}, PAGE.name, str(PAGE), 0)
    told: list[str] = []
    assert doctest.DocTestRunner().run(test, out=told.append).failed == 0, "".join(told)
    assert len(test.examples) > 5


def test_the_page_says_what_there_is_for_each_command() -> None:
    """Or why there is nothing; and every function is one of those."""
    text = PAGE.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", text, re.MULTILINE))
    assert {*COMMANDS} == {*rows}
    told = {name for row in rows.values() for name in re.findall(r"`(\w+)`", row)}
    others = {"assert_uses_index", "assert_uses_index_async", "scratch"}
    functions = {each for each in OFFERED if inspect.isfunction(getattr(pgproof, each))}
    assert functions - told == others
    for command, row in rows.items():
        assert row.startswith("none: ") or set(re.findall(r"`(\w+)`", row)) & functions, command
