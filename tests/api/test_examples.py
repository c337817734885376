"""The library: its examples are run, on real servers, and all of it is typed, documented and lazy."""

from __future__ import annotations

import doctest
import inspect
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import pgproof
from pgproof import api
from pgproof.database.conninfo import Conninfo
from tests.house.repository import TOP

USER = TOP / "tests" / "cases" / "api" / "user.py"
OFFERED = sorted({*pgproof.__all__} - {"__version__", *api.ERRORS})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the migrations and the checks of this repository."""
    for name in ("migrations", "checks"):
        shutil.copytree(TOP / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def examples(name: str) -> doctest.DocTest | None:
    """The example in the docstring of a name, if it has one."""
    thing = getattr(pgproof, name)
    (found,) = doctest.DocTestFinder(recurse=False).find(
        thing, name, globs={"pgproof": pgproof, "psycopg": psycopg}
    )
    return found if found.examples else None


@pytest.mark.parametrize("name", [each for each in OFFERED if examples(each)])
def test_examples_do_what_they_say(name: str, home: Path, database: Conninfo) -> None:
    test = examples(name)
    assert test is not None
    if name.startswith("assert"):
        pgproof.upgrade(database)
    test.globs["database"] = database.secret
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    assert runner.run(test, out=told.append).failed == 0, "".join(told)


def test_what_returns_something_of_its_own_has_an_example() -> None:
    without = {each for each in OFFERED if not examples(each)}
    assert without == {"Migrated", "Verified", "assert_uses_index_async", "script"}


@pytest.mark.parametrize("name", OFFERED)
def test_all_of_it_is_documented_and_lives_where_it_is_said_to(name: str) -> None:
    thing = getattr(pgproof, name)
    assert inspect.getdoc(thing)
    assert thing.__module__ == next(f"pgproof.api.{home}" for home, names in api.HOMES.items() if name in names)


def test_nothing_is_offered_that_is_not_said() -> None:
    assert {each for names in api.HOMES.values() for each in names} | {*api.ERRORS, "__version__"} == {
        *pgproof.__all__
    }
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
